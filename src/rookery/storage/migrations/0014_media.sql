-- Photos, videos and audio: uploads, the files they became, and the objects these lie in. Expands.

CREATE TABLE media (
    id BIGINT PRIMARY KEY,
    owner_id BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    tweet_id BIGINT,
    place BIGINT,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    description TEXT NOT NULL,
    focus_x DOUBLE PRECISION NOT NULL,
    focus_y DOUBLE PRECISION NOT NULL,
    blurhash TEXT,
    progress_percent BIGINT NOT NULL,
    failure TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    created_ms BIGINT NOT NULL
);
CREATE INDEX media_by_owner ON media (owner_id, id);
CREATE INDEX media_by_tweet ON media (tweet_id, place) WHERE tweet_id IS NOT NULL;
CREATE INDEX media_loose ON media (id) WHERE tweet_id IS NULL AND purpose = 'tweet';

CREATE TABLE media_files (
    media_id BIGINT NOT NULL,
    role TEXT NOT NULL,
    key TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    width BIGINT,
    height BIGINT,
    duration_ms BIGINT,
    frame_rate TEXT,
    bitrate_bps BIGINT,
    PRIMARY KEY (media_id, role)
);
CREATE INDEX media_files_by_key ON media_files (key);

CREATE TABLE media_holds (
    media_id BIGINT NOT NULL,
    holder_id BIGINT NOT NULL,
    PRIMARY KEY (media_id, holder_id)
);
CREATE INDEX media_holds_by_holder ON media_holds (holder_id);

CREATE TABLE media_objects (
    key TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    is_cold BOOLEAN NOT NULL,
    created_ms BIGINT NOT NULL,
    claim_id BIGINT NOT NULL,
    read_ms BIGINT NOT NULL,
    reads BIGINT NOT NULL,
    removing_ms BIGINT,
    PRIMARY KEY (key)
);
CREATE INDEX media_objects_unread ON media_objects (is_cold, read_ms);
CREATE INDEX media_objects_removing ON media_objects (removing_ms) WHERE removing_ms IS NOT NULL;

ALTER TABLE tweets ADD COLUMN media_count BIGINT NOT NULL DEFAULT 0;
CREATE INDEX tweets_media ON tweets (author_id, id) WHERE media_count > 0;
CREATE INDEX tweets_public_media ON tweets (id)
    WHERE media_count > 0 AND visibility = 0 AND retweet_of_id IS NULL;
ALTER TABLE tweet_versions ADD COLUMN media TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN avatar TEXT NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN header TEXT NOT NULL DEFAULT '';

-- Lists of people, and hashtags that people follow or feature. Expands.

ALTER TABLE users ADD COLUMN followed_hashtags BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN exclusive_lists BIGINT NOT NULL DEFAULT 0;

CREATE TABLE lists (
    id BIGINT PRIMARY KEY,
    user_id BIGINT NOT NULL,
    title TEXT NOT NULL,
    replies TEXT NOT NULL,
    exclusive BOOLEAN NOT NULL
);
CREATE INDEX lists_by_user ON lists (user_id, id);

CREATE TABLE list_members (
    list_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    owner_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (list_id, user_id)
);
CREATE INDEX list_members_by_time ON list_members (list_id, id, user_id);
CREATE INDEX list_members_by_owner ON list_members (owner_id, user_id, list_id);
CREATE INDEX list_members_by_user ON list_members (user_id, list_id);

CREATE TABLE followed_hashtags (
    user_id BIGINT NOT NULL,
    hashtag_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (user_id, hashtag_id)
);
CREATE INDEX followed_hashtags_by_time ON followed_hashtags (user_id, id, hashtag_id);
CREATE INDEX followed_hashtags_by_hashtag ON followed_hashtags (hashtag_id, user_id);

CREATE TABLE featured_hashtags (
    user_id BIGINT NOT NULL,
    hashtag_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (user_id, hashtag_id)
);

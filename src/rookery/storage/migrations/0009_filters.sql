-- Filters: what people do not want to see; and what they note of, recommend to and keep from one another. Expands.

ALTER TABLE users ADD COLUMN filters_version BIGINT NOT NULL DEFAULT 0;

CREATE TABLE filters (
    id BIGINT PRIMARY KEY,
    user_id BIGINT NOT NULL,
    title TEXT NOT NULL,
    contexts TEXT NOT NULL,
    action TEXT NOT NULL,
    expires_ms BIGINT
);
CREATE INDEX filters_by_user ON filters (user_id, id);

CREATE TABLE filter_keywords (
    id BIGINT PRIMARY KEY,
    filter_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    text TEXT NOT NULL,
    whole_word BOOLEAN NOT NULL
);
CREATE INDEX filter_keywords_by_user ON filter_keywords (user_id, filter_id, id);

CREATE TABLE filter_tweets (
    id BIGINT PRIMARY KEY,
    filter_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    tweet_id BIGINT NOT NULL
);
CREATE UNIQUE INDEX filter_tweets_by_user ON filter_tweets (user_id, filter_id, tweet_id);
CREATE INDEX filter_tweets_by_tweet ON filter_tweets (tweet_id);

CREATE TABLE notes (
    user_id BIGINT NOT NULL,
    target_id BIGINT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (user_id, target_id)
);
CREATE INDEX notes_by_target ON notes (target_id, user_id);

CREATE TABLE endorsements (
    user_id BIGINT NOT NULL,
    target_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (user_id, target_id)
);
CREATE INDEX endorsements_by_time ON endorsements (user_id, id, target_id);
CREATE INDEX endorsements_by_target ON endorsements (target_id, user_id);

CREATE TABLE dismissed_suggestions (
    user_id BIGINT NOT NULL,
    target_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (user_id, target_id)
);
CREATE INDEX dismissed_suggestions_by_time ON dismissed_suggestions (user_id, id, target_id);
CREATE INDEX dismissed_suggestions_by_target ON dismissed_suggestions (target_id, user_id);

CREATE TABLE domain_blocks (
    user_id BIGINT NOT NULL,
    domain TEXT NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (user_id, domain)
);
CREATE INDEX domain_blocks_by_time ON domain_blocks (user_id, id, domain);

CREATE TABLE collections (
    id BIGINT PRIMARY KEY,
    user_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    language TEXT,
    hashtag TEXT NOT NULL,
    sensitive BOOLEAN NOT NULL,
    discoverable BOOLEAN NOT NULL,
    created_ms BIGINT NOT NULL,
    changed_ms BIGINT NOT NULL
);
CREATE INDEX collections_by_user ON collections (user_id, id);

CREATE TABLE collection_items (
    id BIGINT PRIMARY KEY,
    collection_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    state TEXT NOT NULL,
    created_ms BIGINT NOT NULL
);
CREATE UNIQUE INDEX collection_items_by_collection ON collection_items (collection_id, user_id);
CREATE INDEX collection_items_by_user ON collection_items (user_id, id);

CREATE TABLE annual_reports (
    user_id BIGINT NOT NULL,
    year BIGINT NOT NULL,
    figures TEXT NOT NULL,
    counted_from BIGINT NOT NULL,
    finished BOOLEAN NOT NULL,
    viewed_ms BIGINT,
    PRIMARY KEY (user_id, year)
);

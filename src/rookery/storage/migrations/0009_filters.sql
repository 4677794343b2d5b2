-- Filters: what people do not want to see. Expands.

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

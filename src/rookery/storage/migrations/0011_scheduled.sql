-- Tweets that wait for their time. Expands.

CREATE TABLE scheduled_tweets (
    id BIGINT PRIMARY KEY,
    user_id BIGINT NOT NULL,
    post_at_ms BIGINT NOT NULL,
    manuscript TEXT NOT NULL,
    failure TEXT
);
CREATE INDEX scheduled_tweets_by_user ON scheduled_tweets (user_id, id);

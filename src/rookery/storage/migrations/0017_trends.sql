-- Trends: what is used more than usual, the links that tweets carry, and what is known of those. Expands.

CREATE TABLE links (
    id BIGINT PRIMARY KEY,
    url TEXT NOT NULL UNIQUE
);

CREATE TABLE tweet_links (
    tweet_id BIGINT PRIMARY KEY,
    link_id BIGINT NOT NULL,
    author_id BIGINT NOT NULL
);
CREATE INDEX tweet_links_by_link ON tweet_links (link_id, tweet_id);

CREATE TABLE trend_log (
    id BIGINT PRIMARY KEY,
    tweet_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL
);
CREATE INDEX trend_log_by_user ON trend_log (user_id);

CREATE TABLE trend_users (
    kind BIGINT NOT NULL,
    subject_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    counted_ms BIGINT NOT NULL,
    PRIMARY KEY (kind, subject_id, user_id)
);
CREATE INDEX trend_users_by_user ON trend_users (user_id, counted_ms);
CREATE INDEX trend_users_by_time ON trend_users (counted_ms);

CREATE TABLE trend_hours (
    kind BIGINT NOT NULL,
    subject_id BIGINT NOT NULL,
    hour BIGINT NOT NULL,
    scope TEXT NOT NULL,
    weight DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (kind, subject_id, hour, scope)
);
CREATE INDEX trend_hours_by_time ON trend_hours (hour);

CREATE TABLE trend_scores (
    kind BIGINT NOT NULL,
    subject_id BIGINT NOT NULL,
    scope TEXT NOT NULL,
    score DOUBLE PRECISION NOT NULL,
    scored_ms BIGINT NOT NULL,
    rank DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (kind, subject_id, scope)
);
CREATE INDEX trend_scores_by_rank ON trend_scores (kind, scope, rank);
CREATE INDEX trend_scores_by_time ON trend_scores (scored_ms);

CREATE TABLE trends_hidden (
    kind BIGINT NOT NULL,
    subject_id BIGINT NOT NULL,
    hidden_ms BIGINT NOT NULL,
    PRIMARY KEY (kind, subject_id)
);

CREATE TABLE link_previews (
    link_id BIGINT PRIMARY KEY,
    fetched_ms BIGINT NOT NULL,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    author_name TEXT NOT NULL,
    author_url TEXT NOT NULL,
    provider_name TEXT NOT NULL,
    language TEXT NOT NULL
);

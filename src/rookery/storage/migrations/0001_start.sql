-- The first schema: people, tweets, timelines, sign-in, tasks. Expands.
-- Written in PostgreSQL's plain dialect; `sql.schema_for_sqlite` turns it into SQLite's.

CREATE TABLE users (
    id BIGINT PRIMARY KEY,
    username TEXT NOT NULL,
    username_key TEXT COLLATE "C" NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    bio TEXT NOT NULL,
    fields TEXT NOT NULL,
    locked BOOLEAN NOT NULL,
    bot BOOLEAN NOT NULL,
    discoverable BOOLEAN NOT NULL,
    indexable BOOLEAN NOT NULL,
    hides_follows BOOLEAN NOT NULL,
    default_visibility BIGINT NOT NULL,
    default_sensitive BOOLEAN NOT NULL,
    default_language TEXT,
    state TEXT NOT NULL,
    role TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    changed_ms BIGINT NOT NULL,
    home_version BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX users_discoverable ON users (id) WHERE discoverable AND state = 'active';
CREATE INDEX users_waiting ON users (id) WHERE state IN ('unconfirmed', 'pending');
CREATE INDEX users_admins ON users (id) WHERE role = 'admin' AND state = 'active';

CREATE TABLE retired_usernames (
    name_hash BYTEA NOT NULL,
    PRIMARY KEY (name_hash)
);

CREATE TABLE people (
    user_id BIGINT PRIMARY KEY,
    email TEXT NOT NULL,
    email_key TEXT UNIQUE,
    password_hash TEXT,
    born_on TEXT NOT NULL,
    sign_up_reason TEXT NOT NULL,
    confirmed_ms BIGINT,
    last_login_ms BIGINT,
    last_seen_ms BIGINT
);

CREATE TABLE user_counts (
    user_id BIGINT PRIMARY KEY,
    tweets BIGINT NOT NULL,
    followers BIGINT NOT NULL,
    following BIGINT NOT NULL,
    last_tweet_ms BIGINT
);

CREATE TABLE tweets (
    id BIGINT PRIMARY KEY,
    author_id BIGINT NOT NULL,
    text TEXT NOT NULL,
    spoiler TEXT NOT NULL,
    language TEXT,
    visibility BIGINT NOT NULL,
    sensitive BOOLEAN NOT NULL,
    reply_to_id BIGINT,
    reply_to_author_id BIGINT,
    thread_id BIGINT NOT NULL,
    retweet_of_id BIGINT,
    mentions TEXT NOT NULL,
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    place_name TEXT,
    app_id BIGINT,
    created_ms BIGINT NOT NULL,
    edited_ms BIGINT,
    revision BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX tweets_by_author ON tweets (author_id, id);
CREATE INDEX tweets_own ON tweets (author_id, id)
    WHERE retweet_of_id IS NULL AND (reply_to_id IS NULL OR reply_to_author_id = author_id);
CREATE INDEX tweets_answers ON tweets (author_id, id)
    WHERE reply_to_id IS NOT NULL AND (reply_to_author_id IS NULL OR reply_to_author_id <> author_id);
CREATE INDEX tweets_retweets ON tweets (author_id, id) WHERE retweet_of_id IS NOT NULL;
CREATE INDEX tweets_public ON tweets (id) WHERE visibility = 0 AND retweet_of_id IS NULL;
CREATE INDEX tweets_by_reply ON tweets (reply_to_id, id) WHERE reply_to_id IS NOT NULL;
CREATE INDEX tweets_by_answered ON tweets (reply_to_author_id, id) WHERE reply_to_author_id IS NOT NULL;
CREATE UNIQUE INDEX tweets_by_retweet ON tweets (retweet_of_id, author_id) WHERE retweet_of_id IS NOT NULL;
CREATE INDEX tweets_by_retweet_time ON tweets (retweet_of_id, id, author_id) WHERE retweet_of_id IS NOT NULL;

CREATE TABLE tweet_counts (
    tweet_id BIGINT PRIMARY KEY,
    replies BIGINT NOT NULL,
    retweets BIGINT NOT NULL,
    favorites BIGINT NOT NULL
);

CREATE TABLE mentions (
    user_id BIGINT NOT NULL,
    tweet_id BIGINT NOT NULL,
    PRIMARY KEY (user_id, tweet_id)
);

CREATE TABLE hashtags (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE hashtag_tweets (
    hashtag_id BIGINT NOT NULL,
    tweet_id BIGINT NOT NULL,
    author_id BIGINT NOT NULL,
    PRIMARY KEY (hashtag_id, tweet_id)
);
CREATE INDEX hashtag_tweets_by_author ON hashtag_tweets (author_id, hashtag_id, tweet_id);

CREATE TABLE idempotency_keys (
    user_id BIGINT NOT NULL,
    key TEXT NOT NULL,
    tweet_id BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (created_ms);

CREATE TABLE favorites (
    user_id BIGINT NOT NULL,
    tweet_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (user_id, tweet_id)
);
CREATE INDEX favorites_by_tweet ON favorites (tweet_id, id, user_id);
CREATE INDEX favorites_by_time ON favorites (user_id, id, tweet_id);

CREATE TABLE bookmarks (
    user_id BIGINT NOT NULL,
    tweet_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (user_id, tweet_id)
);
CREATE INDEX bookmarks_by_time ON bookmarks (user_id, id, tweet_id);
CREATE INDEX bookmarks_by_tweet ON bookmarks (tweet_id, user_id);

CREATE TABLE pins (
    user_id BIGINT NOT NULL,
    tweet_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (user_id, tweet_id)
);

CREATE TABLE thread_mutes (
    user_id BIGINT NOT NULL,
    thread_id BIGINT NOT NULL,
    PRIMARY KEY (user_id, thread_id)
);

CREATE TABLE follows (
    follower_id BIGINT NOT NULL,
    followee_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    shows_retweets BOOLEAN NOT NULL,
    notifies BOOLEAN NOT NULL,
    languages TEXT NOT NULL,
    PRIMARY KEY (follower_id, followee_id)
);
CREATE INDEX follows_by_follower ON follows (follower_id, id, followee_id);
CREATE INDEX follows_by_followee ON follows (followee_id, id, follower_id);

CREATE TABLE follow_requests (
    follower_id BIGINT NOT NULL,
    followee_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    shows_retweets BOOLEAN NOT NULL,
    notifies BOOLEAN NOT NULL,
    languages TEXT NOT NULL,
    PRIMARY KEY (follower_id, followee_id)
);
CREATE INDEX follow_requests_by_followee ON follow_requests (followee_id, id, follower_id);

CREATE TABLE blocks (
    user_id BIGINT NOT NULL,
    target_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (user_id, target_id)
);
CREATE INDEX blocks_by_time ON blocks (user_id, id, target_id);
CREATE INDEX blocks_by_target ON blocks (target_id, user_id);

CREATE TABLE mutes (
    user_id BIGINT NOT NULL,
    target_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    hides_notifications BOOLEAN NOT NULL,
    until_ms BIGINT,
    PRIMARY KEY (user_id, target_id)
);
CREATE INDEX mutes_by_time ON mutes (user_id, id, target_id);
CREATE INDEX mutes_by_target ON mutes (target_id, user_id);
CREATE INDEX mutes_by_end ON mutes (until_ms) WHERE until_ms IS NOT NULL;

CREATE TABLE hot_users (
    user_id BIGINT PRIMARY KEY,
    since_ms BIGINT NOT NULL
);

CREATE TABLE deliveries (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tweet_id BIGINT NOT NULL,
    user_ids BYTEA NOT NULL,
    created_ms BIGINT NOT NULL
);

CREATE TABLE apps (
    id BIGINT PRIMARY KEY,
    client_id TEXT NOT NULL UNIQUE,
    secret_hash BYTEA NOT NULL,
    name TEXT NOT NULL,
    website TEXT,
    redirect_uris TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_ms BIGINT NOT NULL
);

CREATE TABLE authorization_codes (
    code_hash BYTEA NOT NULL,
    app_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    redirect_uri TEXT NOT NULL,
    scopes TEXT NOT NULL,
    challenge TEXT,
    expires_ms BIGINT NOT NULL,
    used_ms BIGINT,
    PRIMARY KEY (code_hash)
);
CREATE INDEX authorization_codes_by_user ON authorization_codes (user_id);
CREATE INDEX authorization_codes_by_end ON authorization_codes (expires_ms);

CREATE TABLE tokens (
    id BIGINT PRIMARY KEY,
    token_hash BYTEA NOT NULL UNIQUE,
    app_id BIGINT NOT NULL,
    user_id BIGINT,
    scopes TEXT NOT NULL,
    code_hash BYTEA,
    created_ms BIGINT NOT NULL,
    last_used_ms BIGINT
);
CREATE INDEX tokens_by_user ON tokens (user_id);
CREATE INDEX tokens_by_code ON tokens (code_hash) WHERE code_hash IS NOT NULL;

CREATE TABLE sessions (
    session_hash BYTEA NOT NULL,
    user_id BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    PRIMARY KEY (session_hash)
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_end ON sessions (expires_ms);

CREATE TABLE confirmations (
    code_hash BYTEA NOT NULL,
    user_id BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    expires_ms BIGINT NOT NULL,
    PRIMARY KEY (code_hash)
);
CREATE INDEX confirmations_by_user ON confirmations (user_id);
CREATE INDEX confirmations_by_end ON confirmations (expires_ms);

CREATE TABLE sign_in_failures (
    key TEXT NOT NULL,
    failures BIGINT NOT NULL,
    window_end_ms BIGINT NOT NULL,
    PRIMARY KEY (key)
);
CREATE INDEX sign_in_failures_by_end ON sign_in_failures (window_end_ms);

CREATE TABLE markers (
    user_id BIGINT NOT NULL,
    timeline TEXT NOT NULL,
    last_read_id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    PRIMARY KEY (user_id, timeline)
);

CREATE TABLE reports (
    id BIGINT PRIMARY KEY,
    reporter_id BIGINT NOT NULL,
    target_id BIGINT NOT NULL,
    tweet_ids TEXT NOT NULL,
    comment TEXT NOT NULL,
    category TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    resolved_ms BIGINT
);
CREATE INDEX reports_by_reporter ON reports (reporter_id);
CREATE INDEX reports_by_target ON reports (target_id);

CREATE TABLE tasks (
    id BIGINT PRIMARY KEY,
    queue TEXT NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    run_at_ms BIGINT NOT NULL,
    lease_until_ms BIGINT,
    attempts BIGINT NOT NULL,
    error TEXT,
    failed_ms BIGINT,
    period_key TEXT UNIQUE
);
CREATE INDEX tasks_ready ON tasks (run_at_ms, id) WHERE failed_ms IS NULL;
CREATE INDEX tasks_failed ON tasks (failed_ms) WHERE failed_ms IS NOT NULL;

CREATE TABLE statistics (
    id BIGINT PRIMARY KEY,
    users BIGINT NOT NULL,
    tweets BIGINT NOT NULL,
    users_active_month BIGINT NOT NULL,
    users_active_half_year BIGINT NOT NULL
);

CREATE TABLE nodes (
    node BIGINT PRIMARY KEY,
    owner TEXT NOT NULL,
    lease_until_ms BIGINT NOT NULL
);

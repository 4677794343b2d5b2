-- What all migrations together make on SQLite: for reading, never run. Written by `make docs`.

CREATE TABLE apps (
    id INTEGER PRIMARY KEY,
    client_id TEXT NOT NULL UNIQUE,
    secret_hash BLOB NOT NULL,
    name TEXT NOT NULL,
    website TEXT,
    redirect_uris TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE authorization_codes (
    code_hash BLOB NOT NULL,
    app_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    redirect_uri TEXT NOT NULL,
    scopes TEXT NOT NULL,
    challenge TEXT,
    expires_ms INTEGER NOT NULL,
    used_ms INTEGER,
    PRIMARY KEY (code_hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX authorization_codes_by_end ON authorization_codes (expires_ms);

CREATE INDEX authorization_codes_by_user ON authorization_codes (user_id);

CREATE TABLE blocks (
    user_id INTEGER NOT NULL,
    target_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (user_id, target_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX blocks_by_target ON blocks (target_id, user_id);

CREATE INDEX blocks_by_time ON blocks (user_id, id, target_id);

CREATE TABLE bookmarks (
    user_id INTEGER NOT NULL,
    tweet_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (user_id, tweet_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX bookmarks_by_time ON bookmarks (user_id, id, tweet_id);

CREATE INDEX bookmarks_by_tweet ON bookmarks (tweet_id, user_id);

CREATE TABLE confirmations (
    code_hash BLOB NOT NULL,
    user_id INTEGER NOT NULL,
    purpose TEXT NOT NULL,
    expires_ms INTEGER NOT NULL,
    PRIMARY KEY (code_hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX confirmations_by_end ON confirmations (expires_ms);

CREATE INDEX confirmations_by_user ON confirmations (user_id);

CREATE TABLE deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    tweet_id INTEGER NOT NULL,
    user_ids BLOB NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE favorites (
    user_id INTEGER NOT NULL,
    tweet_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (user_id, tweet_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX favorites_by_time ON favorites (user_id, id, tweet_id);

CREATE INDEX favorites_by_tweet ON favorites (tweet_id, id, user_id);

CREATE TABLE follow_requests (
    follower_id INTEGER NOT NULL,
    followee_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    shows_retweets INTEGER NOT NULL,
    notifies INTEGER NOT NULL,
    languages TEXT NOT NULL,
    PRIMARY KEY (follower_id, followee_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX follow_requests_by_followee ON follow_requests (followee_id, id, follower_id);

CREATE TABLE follows (
    follower_id INTEGER NOT NULL,
    followee_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    shows_retweets INTEGER NOT NULL,
    notifies INTEGER NOT NULL,
    languages TEXT NOT NULL,
    PRIMARY KEY (follower_id, followee_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX follows_by_followee ON follows (followee_id, id, follower_id);

CREATE INDEX follows_by_follower ON follows (follower_id, id, followee_id);

CREATE TABLE hashtag_tweets (
    hashtag_id INTEGER NOT NULL,
    tweet_id INTEGER NOT NULL,
    author_id INTEGER NOT NULL,
    PRIMARY KEY (hashtag_id, tweet_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX hashtag_tweets_by_author ON hashtag_tweets (author_id, hashtag_id, tweet_id);

CREATE TABLE hashtags (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE hot_users (
    user_id INTEGER PRIMARY KEY,
    since_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE idempotency_keys (
    user_id INTEGER NOT NULL,
    key TEXT NOT NULL,
    tweet_id INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    PRIMARY KEY (user_id, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_keys_by_time ON idempotency_keys (created_ms);

CREATE TABLE markers (
    user_id INTEGER NOT NULL,
    timeline TEXT NOT NULL,
    last_read_id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    PRIMARY KEY (user_id, timeline)
) STRICT, WITHOUT ROWID;

CREATE TABLE mentions (
    user_id INTEGER NOT NULL,
    tweet_id INTEGER NOT NULL,
    PRIMARY KEY (user_id, tweet_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE mutes (
    user_id INTEGER NOT NULL,
    target_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    hides_notifications INTEGER NOT NULL,
    until_ms INTEGER,
    PRIMARY KEY (user_id, target_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX mutes_by_end ON mutes (until_ms) WHERE until_ms IS NOT NULL;

CREATE INDEX mutes_by_target ON mutes (target_id, user_id);

CREATE INDEX mutes_by_time ON mutes (user_id, id, target_id);

CREATE TABLE nodes (
    node INTEGER PRIMARY KEY,
    owner TEXT NOT NULL,
    lease_until_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE people (
    user_id INTEGER PRIMARY KEY,
    email TEXT NOT NULL,
    email_key TEXT UNIQUE,
    password_hash TEXT,
    born_on TEXT NOT NULL,
    sign_up_reason TEXT NOT NULL,
    confirmed_ms INTEGER,
    last_login_ms INTEGER,
    last_seen_ms INTEGER
) STRICT;

CREATE TABLE pins (
    user_id INTEGER NOT NULL,
    tweet_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (user_id, tweet_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE reports (
    id INTEGER PRIMARY KEY,
    reporter_id INTEGER NOT NULL,
    target_id INTEGER NOT NULL,
    tweet_ids TEXT NOT NULL,
    comment TEXT NOT NULL,
    category TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    resolved_ms INTEGER
) STRICT;

CREATE INDEX reports_by_reporter ON reports (reporter_id);

CREATE INDEX reports_by_target ON reports (target_id);

CREATE TABLE retired_usernames (
    name_hash BLOB NOT NULL,
    PRIMARY KEY (name_hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE schema_version (version BIGINT PRIMARY KEY);

CREATE TABLE sessions (
    session_hash BLOB NOT NULL,
    user_id INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    PRIMARY KEY (session_hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX sessions_by_end ON sessions (expires_ms);

CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE sign_in_failures (
    key TEXT NOT NULL,
    failures INTEGER NOT NULL,
    window_end_ms INTEGER NOT NULL,
    PRIMARY KEY (key)
) STRICT, WITHOUT ROWID;

CREATE INDEX sign_in_failures_by_end ON sign_in_failures (window_end_ms);

CREATE TABLE statistics (
    id INTEGER PRIMARY KEY,
    users INTEGER NOT NULL,
    tweets INTEGER NOT NULL,
    users_active_month INTEGER NOT NULL,
    users_active_half_year INTEGER NOT NULL
) STRICT;

CREATE TABLE tasks (
    id INTEGER PRIMARY KEY,
    queue TEXT NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    run_at_ms INTEGER NOT NULL,
    lease_until_ms INTEGER,
    attempts INTEGER NOT NULL,
    error TEXT,
    failed_ms INTEGER,
    period_key TEXT UNIQUE
) STRICT;

CREATE INDEX tasks_failed ON tasks (failed_ms) WHERE failed_ms IS NOT NULL;

CREATE INDEX tasks_ready ON tasks (run_at_ms, id) WHERE failed_ms IS NULL;

CREATE TABLE thread_mutes (
    user_id INTEGER NOT NULL,
    thread_id INTEGER NOT NULL,
    PRIMARY KEY (user_id, thread_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE tokens (
    id INTEGER PRIMARY KEY,
    token_hash BLOB NOT NULL UNIQUE,
    app_id INTEGER NOT NULL,
    user_id INTEGER,
    scopes TEXT NOT NULL,
    code_hash BLOB,
    created_ms INTEGER NOT NULL,
    last_used_ms INTEGER
) STRICT;

CREATE INDEX tokens_by_code ON tokens (code_hash) WHERE code_hash IS NOT NULL;

CREATE INDEX tokens_by_user ON tokens (user_id);

CREATE TABLE tweet_counts (
    tweet_id INTEGER PRIMARY KEY,
    replies INTEGER NOT NULL,
    retweets INTEGER NOT NULL,
    favorites INTEGER NOT NULL
) STRICT;

CREATE TABLE tweets (
    id INTEGER PRIMARY KEY,
    author_id INTEGER NOT NULL,
    text TEXT NOT NULL,
    spoiler TEXT NOT NULL,
    language TEXT,
    visibility INTEGER NOT NULL,
    sensitive INTEGER NOT NULL,
    reply_to_id INTEGER,
    reply_to_author_id INTEGER,
    thread_id INTEGER NOT NULL,
    retweet_of_id INTEGER,
    mentions TEXT NOT NULL,
    latitude REAL,
    longitude REAL,
    place_name TEXT,
    app_id INTEGER,
    created_ms INTEGER NOT NULL,
    edited_ms INTEGER,
    revision INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX tweets_answers ON tweets (author_id, id)
    WHERE reply_to_id IS NOT NULL AND (reply_to_author_id IS NULL OR reply_to_author_id <> author_id);

CREATE INDEX tweets_by_answered ON tweets (reply_to_author_id, id) WHERE reply_to_author_id IS NOT NULL;

CREATE INDEX tweets_by_author ON tweets (author_id, id);

CREATE INDEX tweets_by_reply ON tweets (reply_to_id, id) WHERE reply_to_id IS NOT NULL;

CREATE UNIQUE INDEX tweets_by_retweet ON tweets (retweet_of_id, author_id) WHERE retweet_of_id IS NOT NULL;

CREATE INDEX tweets_by_retweet_time ON tweets (retweet_of_id, id, author_id) WHERE retweet_of_id IS NOT NULL;

CREATE INDEX tweets_own ON tweets (author_id, id)
    WHERE retweet_of_id IS NULL AND (reply_to_id IS NULL OR reply_to_author_id = author_id);

CREATE INDEX tweets_public ON tweets (id) WHERE visibility = 0 AND retweet_of_id IS NULL;

CREATE INDEX tweets_retweets ON tweets (author_id, id) WHERE retweet_of_id IS NOT NULL;

CREATE TABLE user_counts (
    user_id INTEGER PRIMARY KEY,
    tweets INTEGER NOT NULL,
    followers INTEGER NOT NULL,
    following INTEGER NOT NULL,
    last_tweet_ms INTEGER
) STRICT;

CREATE TABLE users (
    id INTEGER PRIMARY KEY,
    username TEXT NOT NULL,
    username_key TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    bio TEXT NOT NULL,
    fields TEXT NOT NULL,
    locked INTEGER NOT NULL,
    bot INTEGER NOT NULL,
    discoverable INTEGER NOT NULL,
    indexable INTEGER NOT NULL,
    hides_follows INTEGER NOT NULL,
    default_visibility INTEGER NOT NULL,
    default_sensitive INTEGER NOT NULL,
    default_language TEXT,
    state TEXT NOT NULL,
    role TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL,
    home_version INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX users_admins ON users (id) WHERE role = 'admin' AND state = 'active';

CREATE INDEX users_discoverable ON users (id) WHERE discoverable AND state = 'active';

CREATE INDEX users_waiting ON users (id) WHERE state IN ('unconfirmed', 'pending');

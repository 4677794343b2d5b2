-- What all migrations together make on SQLite: for reading, never run. Written by `make docs`.

CREATE TABLE announcement_dismissals (
    user_id INTEGER NOT NULL,
    announcement_id INTEGER NOT NULL,
    PRIMARY KEY (user_id, announcement_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX announcement_dismissals_by_announcement ON announcement_dismissals (announcement_id, user_id);

CREATE TABLE announcement_reaction_counts (
    announcement_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    users INTEGER NOT NULL,
    first_ms INTEGER NOT NULL,
    PRIMARY KEY (announcement_id, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE announcement_reactions (
    announcement_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (announcement_id, user_id, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX announcement_reactions_by_user ON announcement_reactions (user_id, announcement_id, name);

CREATE TABLE announcements (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL,
    starts_ms INTEGER,
    ends_ms INTEGER,
    all_day INTEGER NOT NULL,
    publish_ms INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX announcements_by_publication ON announcements (publish_ms, id);

CREATE TABLE annual_reports (
    user_id INTEGER NOT NULL,
    year INTEGER NOT NULL,
    figures TEXT NOT NULL,
    counted_from INTEGER NOT NULL,
    finished INTEGER NOT NULL,
    viewed_ms INTEGER,
    PRIMARY KEY (user_id, year)
) STRICT, WITHOUT ROWID;

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

CREATE TABLE archives (
    user_id INTEGER NOT NULL PRIMARY KEY,
    object_key TEXT NOT NULL,
    state TEXT NOT NULL,
    asked_ms INTEGER NOT NULL,
    ready_ms INTEGER,
    size_bytes INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX archives_by_key ON archives (object_key);

CREATE TABLE authorization_codes (
    code_hash BLOB NOT NULL,
    app_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    redirect_uri TEXT NOT NULL,
    scopes TEXT NOT NULL,
    challenge TEXT,
    expires_ms INTEGER NOT NULL,
    used_ms INTEGER, session_hash BLOB,
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

CREATE TABLE collection_items (
    id INTEGER PRIMARY KEY,
    collection_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    state TEXT NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX collection_items_by_collection ON collection_items (collection_id, user_id);

CREATE INDEX collection_items_by_user ON collection_items (user_id, id);

CREATE TABLE collections (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    language TEXT,
    hashtag TEXT NOT NULL,
    sensitive INTEGER NOT NULL,
    discoverable INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX collections_by_user ON collections (user_id, id);

CREATE TABLE confirmations (
    code_hash BLOB NOT NULL,
    user_id INTEGER NOT NULL,
    purpose TEXT NOT NULL,
    expires_ms INTEGER NOT NULL,
    PRIMARY KEY (code_hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX confirmations_by_end ON confirmations (expires_ms);

CREATE INDEX confirmations_by_user ON confirmations (user_id);

CREATE TABLE conversations (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL,
    thread_id INTEGER NOT NULL,
    members_hash BLOB NOT NULL,
    last_tweet_id INTEGER NOT NULL,
    unread INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX conversations_by_thread ON conversations (user_id, thread_id, members_hash);

CREATE INDEX conversations_by_time ON conversations (user_id, last_tweet_id);

CREATE TABLE deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    tweet_id INTEGER NOT NULL,
    user_ids BLOB NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE direct_tweets (
    user_id INTEGER NOT NULL,
    tweet_id INTEGER NOT NULL,
    conversation_id INTEGER NOT NULL,
    PRIMARY KEY (user_id, tweet_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX direct_tweets_by_conversation ON direct_tweets (conversation_id, tweet_id);

CREATE TABLE dismissed_suggestions (
    user_id INTEGER NOT NULL,
    target_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (user_id, target_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX dismissed_suggestions_by_target ON dismissed_suggestions (target_id, user_id);

CREATE INDEX dismissed_suggestions_by_time ON dismissed_suggestions (user_id, id, target_id);

CREATE TABLE domain_blocks (
    user_id INTEGER NOT NULL,
    domain TEXT NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (user_id, domain)
) STRICT, WITHOUT ROWID;

CREATE INDEX domain_blocks_by_time ON domain_blocks (user_id, id, domain);

CREATE TABLE drafts (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL,
    manuscript TEXT NOT NULL,
    revision INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX drafts_by_user ON drafts (user_id, id);

CREATE TABLE email_changes (
    user_id INTEGER NOT NULL PRIMARY KEY,
    wish TEXT NOT NULL,
    sent_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX email_changes_by_end ON email_changes (expires_ms);

CREATE TABLE email_hashes (
    email_hash BLOB NOT NULL,
    user_id INTEGER NOT NULL,
    key_id TEXT NOT NULL,
    PRIMARY KEY (email_hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX email_hashes_by_key ON email_hashes (key_id, email_hash);

CREATE INDEX email_hashes_by_user ON email_hashes (user_id);

CREATE TABLE endorsements (
    user_id INTEGER NOT NULL,
    target_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (user_id, target_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX endorsements_by_target ON endorsements (target_id, user_id);

CREATE INDEX endorsements_by_time ON endorsements (user_id, id, target_id);

CREATE TABLE favorites (
    user_id INTEGER NOT NULL,
    tweet_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (user_id, tweet_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX favorites_by_time ON favorites (user_id, id, tweet_id);

CREATE INDEX favorites_by_tweet ON favorites (tweet_id, id, user_id);

CREATE TABLE featured_hashtags (
    user_id INTEGER NOT NULL,
    hashtag_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (user_id, hashtag_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE filter_keywords (
    id INTEGER PRIMARY KEY,
    filter_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    text TEXT NOT NULL,
    whole_word INTEGER NOT NULL
) STRICT;

CREATE INDEX filter_keywords_by_user ON filter_keywords (user_id, filter_id, id);

CREATE TABLE filter_tweets (
    id INTEGER PRIMARY KEY,
    filter_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    tweet_id INTEGER NOT NULL
) STRICT;

CREATE INDEX filter_tweets_by_tweet ON filter_tweets (tweet_id);

CREATE UNIQUE INDEX filter_tweets_by_user ON filter_tweets (user_id, filter_id, tweet_id);

CREATE TABLE filters (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL,
    title TEXT NOT NULL,
    contexts TEXT NOT NULL,
    action TEXT NOT NULL,
    expires_ms INTEGER
) STRICT;

CREATE INDEX filters_by_user ON filters (user_id, id);

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

CREATE TABLE followed_hashtags (
    user_id INTEGER NOT NULL,
    hashtag_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (user_id, hashtag_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX followed_hashtags_by_hashtag ON followed_hashtags (hashtag_id, user_id);

CREATE INDEX followed_hashtags_by_time ON followed_hashtags (user_id, id, hashtag_id);

CREATE TABLE follows (
    follower_id INTEGER NOT NULL,
    followee_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    shows_retweets INTEGER NOT NULL,
    notifies INTEGER NOT NULL,
    languages TEXT NOT NULL,
    PRIMARY KEY (follower_id, followee_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX follows_bells ON follows (followee_id, id) WHERE notifies;

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

CREATE TABLE instance_keys (
    name TEXT NOT NULL,
    secret TEXT NOT NULL,
    PRIMARY KEY (name)
) STRICT, WITHOUT ROWID;

CREATE TABLE instance_texts (
    kind TEXT NOT NULL,
    effective_on TEXT NOT NULL,
    text TEXT NOT NULL,
    changed_ms INTEGER NOT NULL,
    PRIMARY KEY (kind, effective_on)
) STRICT, WITHOUT ROWID;

CREATE TABLE link_previews (
    link_id INTEGER PRIMARY KEY,
    fetched_ms INTEGER NOT NULL,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    author_name TEXT NOT NULL,
    author_url TEXT NOT NULL,
    provider_name TEXT NOT NULL,
    language TEXT NOT NULL
) STRICT;

CREATE TABLE links (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE list_members (
    list_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    owner_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (list_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX list_members_by_owner ON list_members (owner_id, user_id, list_id);

CREATE INDEX list_members_by_time ON list_members (list_id, id, user_id);

CREATE INDEX list_members_by_user ON list_members (user_id, list_id);

CREATE TABLE lists (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL,
    title TEXT NOT NULL,
    replies TEXT NOT NULL,
    exclusive INTEGER NOT NULL
) STRICT;

CREATE INDEX lists_by_user ON lists (user_id, id);

CREATE TABLE live_events (
    id INTEGER PRIMARY KEY,
    event TEXT NOT NULL
) STRICT;

CREATE TABLE markers (
    user_id INTEGER NOT NULL,
    timeline TEXT NOT NULL,
    last_read_id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    PRIMARY KEY (user_id, timeline)
) STRICT, WITHOUT ROWID;

CREATE TABLE media (
    id INTEGER PRIMARY KEY,
    owner_id INTEGER NOT NULL,
    purpose TEXT NOT NULL,
    tweet_id INTEGER,
    place INTEGER,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    description TEXT NOT NULL,
    focus_x REAL NOT NULL,
    focus_y REAL NOT NULL,
    blurhash TEXT,
    progress_percent INTEGER NOT NULL,
    failure TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    created_ms INTEGER NOT NULL
, held INTEGER NOT NULL DEFAULT 0, loose_ms INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE INDEX media_by_owner ON media (owner_id, id);

CREATE INDEX media_by_tweet ON media (tweet_id, place) WHERE tweet_id IS NOT NULL;

CREATE INDEX media_loose ON media (id) WHERE tweet_id IS NULL AND purpose = 'tweet';

CREATE INDEX media_loose_since ON media (loose_ms, id)
    WHERE tweet_id IS NULL AND purpose = 'tweet' AND held = FALSE;

CREATE INDEX media_processing ON media (owner_id) WHERE state = 'processing';

CREATE TABLE media_files (
    media_id INTEGER NOT NULL,
    role TEXT NOT NULL,
    key TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    width INTEGER,
    height INTEGER,
    duration_ms INTEGER,
    frame_rate TEXT,
    bitrate_bps INTEGER,
    PRIMARY KEY (media_id, role)
) STRICT, WITHOUT ROWID;

CREATE INDEX media_files_by_key ON media_files (key);

CREATE TABLE media_holds (
    media_id INTEGER NOT NULL,
    holder_id INTEGER NOT NULL,
    PRIMARY KEY (media_id, holder_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX media_holds_by_holder ON media_holds (holder_id);

CREATE TABLE media_objects (
    key TEXT NOT NULL,
    content_type TEXT NOT NULL,
    size_bytes INTEGER NOT NULL,
    is_cold INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    claim_id INTEGER NOT NULL,
    read_ms INTEGER NOT NULL,
    reads INTEGER NOT NULL,
    removing_ms INTEGER, moving_ms INTEGER, check_ms INTEGER,
    PRIMARY KEY (key)
) STRICT, WITHOUT ROWID;

CREATE INDEX media_objects_moving ON media_objects (moving_ms) WHERE moving_ms IS NOT NULL;

CREATE INDEX media_objects_removing ON media_objects (removing_ms) WHERE removing_ms IS NOT NULL;

CREATE INDEX media_objects_to_check ON media_objects (check_ms) WHERE check_ms IS NOT NULL;

CREATE INDEX media_objects_unread ON media_objects (is_cold, read_ms);

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
, key_id TEXT NOT NULL DEFAULT '') STRICT;

CREATE TABLE notes (
    user_id INTEGER NOT NULL,
    target_id INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (user_id, target_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX notes_by_target ON notes (target_id, user_id);

CREATE TABLE notification_groups (
    user_id INTEGER NOT NULL,
    group_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    tweet_id INTEGER,
    newest_id INTEGER NOT NULL,
    members INTEGER NOT NULL,
    latest TEXT NOT NULL,
    PRIMARY KEY (user_id, group_key)
) STRICT, WITHOUT ROWID;

CREATE INDEX notification_groups_by_age ON notification_groups (newest_id);

CREATE INDEX notification_groups_by_newest ON notification_groups (user_id, newest_id);

CREATE INDEX notification_groups_by_tweet ON notification_groups (tweet_id) WHERE tweet_id IS NOT NULL;

CREATE TABLE notification_permissions (
    user_id INTEGER NOT NULL,
    from_id INTEGER NOT NULL,
    PRIMARY KEY (user_id, from_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX notification_permissions_by_sender ON notification_permissions (from_id);

CREATE TABLE notification_policies (
    user_id INTEGER PRIMARY KEY,
    not_following TEXT NOT NULL,
    not_followers TEXT NOT NULL,
    new_users TEXT NOT NULL,
    private_mentions TEXT NOT NULL,
    limited_users TEXT NOT NULL,
    bots TEXT NOT NULL
) STRICT;

CREATE TABLE notification_requests (
    user_id INTEGER NOT NULL,
    from_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    notifications INTEGER NOT NULL,
    last_tweet_id INTEGER,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    PRIMARY KEY (user_id, from_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX notification_requests_by_id ON notification_requests (user_id, id);

CREATE INDEX notification_requests_by_sender ON notification_requests (from_id);

CREATE TABLE notifications (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL,
    kind TEXT NOT NULL,
    group_key TEXT NOT NULL,
    from_id INTEGER NOT NULL,
    tweet_id INTEGER,
    report_id INTEGER,
    filtered INTEGER NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX notifications_by_group ON notifications (user_id, group_key, id);

CREATE INDEX notifications_by_sender ON notifications (from_id, user_id, id);

CREATE INDEX notifications_by_user ON notifications (user_id, id);

CREATE UNIQUE INDEX notifications_of_tweet ON notifications (tweet_id, user_id, kind, from_id)
    WHERE tweet_id IS NOT NULL;

CREATE TABLE passkey_challenges (
    challenge_hash BLOB NOT NULL,
    purpose TEXT NOT NULL,
    user_id INTEGER,
    user_handle BLOB,
    expires_ms INTEGER NOT NULL,
    PRIMARY KEY (challenge_hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX passkey_challenges_by_end ON passkey_challenges (expires_ms);

CREATE INDEX passkey_challenges_by_user ON passkey_challenges (user_id) WHERE user_id IS NOT NULL;

CREATE TABLE passkeys (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL,
    credential_id BLOB NOT NULL UNIQUE,
    public_key BLOB NOT NULL,
    user_handle BLOB NOT NULL,
    sign_count INTEGER NOT NULL,
    transports TEXT NOT NULL,
    name TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    last_used_ms INTEGER
) STRICT;

CREATE INDEX passkeys_by_user ON passkeys (user_id, id);

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
, key_id TEXT NOT NULL DEFAULT '') STRICT;

CREATE INDEX people_by_key ON people (key_id, user_id);

CREATE TABLE pins (
    user_id INTEGER NOT NULL,
    tweet_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (user_id, tweet_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE poll_options (
    tweet_id INTEGER NOT NULL,
    place INTEGER NOT NULL,
    votes INTEGER NOT NULL,
    PRIMARY KEY (tweet_id, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE poll_votes (
    tweet_id INTEGER NOT NULL,
    round INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    place INTEGER NOT NULL,
    PRIMARY KEY (tweet_id, round, user_id, place)
) STRICT, WITHOUT ROWID;

CREATE INDEX poll_votes_by_user ON poll_votes (user_id, tweet_id, round, place);

CREATE TABLE polls (
    tweet_id INTEGER PRIMARY KEY,
    options TEXT NOT NULL,
    multiple INTEGER NOT NULL,
    hides_totals INTEGER NOT NULL,
    ends_ms INTEGER NOT NULL,
    voters INTEGER NOT NULL,
    round INTEGER NOT NULL,
    told_at_ms INTEGER
) STRICT;

CREATE TABLE push_subscriptions (
    token_id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    endpoint TEXT NOT NULL,
    client_key TEXT NOT NULL,
    client_secret TEXT NOT NULL,
    kinds TEXT NOT NULL,
    senders TEXT NOT NULL,
    standard INTEGER NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX push_subscriptions_by_user ON push_subscriptions (user_id, id);

CREATE TABLE quotes (
    tweet_id INTEGER PRIMARY KEY,
    quoted_id INTEGER,
    revoked INTEGER NOT NULL
) STRICT;

CREATE INDEX quotes_by_quoted ON quotes (quoted_id, tweet_id);

CREATE TABLE ranking_facts (
    ranking_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    facts BLOB NOT NULL,
    PRIMARY KEY (user_id, ranking_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE rankings (
    user_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    home_version INTEGER NOT NULL,
    floor_id INTEGER NOT NULL,
    ends TEXT NOT NULL,
    tweet_ids BLOB NOT NULL,
    sources BLOB NOT NULL,
    PRIMARY KEY (user_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX rankings_by_time ON rankings (id);

CREATE TABLE reading_preferences (
    user_id INTEGER PRIMARY KEY,
    media TEXT NOT NULL,
    spoilers INTEGER NOT NULL,
    autoplay INTEGER NOT NULL
) STRICT;

CREATE TABLE recovery_codes (
    user_id INTEGER NOT NULL,
    code_hash BLOB NOT NULL,
    PRIMARY KEY (user_id, code_hash)
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
, rule_ids TEXT NOT NULL DEFAULT '') STRICT;

CREATE INDEX reports_by_reporter ON reports (reporter_id);

CREATE INDEX reports_by_target ON reports (target_id);

CREATE TABLE retired_usernames (
    name_hash BLOB NOT NULL,
    PRIMARY KEY (name_hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE rules (
    id INTEGER PRIMARY KEY,
    position INTEGER NOT NULL,
    text TEXT NOT NULL,
    hint TEXT NOT NULL
) STRICT;

CREATE TABLE scheduled_tweets (
    id INTEGER PRIMARY KEY,
    user_id INTEGER NOT NULL,
    post_at_ms INTEGER NOT NULL,
    manuscript TEXT NOT NULL,
    failure TEXT
) STRICT;

CREATE INDEX scheduled_tweets_by_user ON scheduled_tweets (user_id, id);

CREATE TABLE schema_version (version BIGINT PRIMARY KEY);

CREATE VIEW search_entries AS SELECT n, tweet_id, norm_version, norm FROM search_tweets;

CREATE TRIGGER search_entries_enter INSTEAD OF INSERT ON search_entries BEGIN
    INSERT INTO search_tweets (n, tweet_id, norm_version, norm) VALUES (new.n, new.tweet_id, new.norm_version, ''); INSERT INTO search_tokens (rowid, tokens) VALUES (last_insert_rowid(), new.norm); END;

CREATE TABLE search_state (
    part TEXT PRIMARY KEY,
    norm_version TEXT NOT NULL,
    below_id INTEGER NOT NULL
) STRICT;

CREATE VIRTUAL TABLE search_tokens USING fts5(tokens, content='', contentless_delete=1, detail=full, prefix='2',
    tokenize="ascii tokenchars '#@=._-'");

CREATE TRIGGER search_tweets_leave AFTER DELETE ON search_tweets BEGIN DELETE FROM search_tokens WHERE rowid = old.n; END;

CREATE TABLE search_tweets (
    n INTEGER PRIMARY KEY,
    tweet_id INTEGER NOT NULL UNIQUE,
    norm_version TEXT NOT NULL,
    norm TEXT NOT NULL
) STRICT;

CREATE TABLE sessions (
    session_hash BLOB NOT NULL,
    user_id INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL, browser TEXT NOT NULL DEFAULT '',
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

CREATE TABLE sign_in_places (
    user_id INTEGER NOT NULL,
    place BLOB NOT NULL,
    seen_ms INTEGER NOT NULL,
    PRIMARY KEY (user_id, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE sign_in_steps (
    ticket_hash BLOB NOT NULL,
    user_id INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    PRIMARY KEY (ticket_hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX sign_in_steps_by_end ON sign_in_steps (expires_ms);

CREATE INDEX sign_in_steps_by_user ON sign_in_steps (user_id);

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
, session_hash BLOB) STRICT;

CREATE INDEX tokens_by_code ON tokens (code_hash) WHERE code_hash IS NOT NULL;

CREATE INDEX tokens_by_session ON tokens (session_hash) WHERE session_hash IS NOT NULL;

CREATE INDEX tokens_by_user ON tokens (user_id);

CREATE TABLE trend_hours (
    kind INTEGER NOT NULL,
    subject_id INTEGER NOT NULL,
    hour INTEGER NOT NULL,
    scope TEXT NOT NULL,
    weight REAL NOT NULL,
    PRIMARY KEY (kind, subject_id, hour, scope)
) STRICT, WITHOUT ROWID;

CREATE INDEX trend_hours_by_time ON trend_hours (hour);

CREATE TABLE trend_log (
    id INTEGER PRIMARY KEY,
    tweet_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL
) STRICT;

CREATE INDEX trend_log_by_user ON trend_log (user_id);

CREATE TABLE trend_scores (
    kind INTEGER NOT NULL,
    subject_id INTEGER NOT NULL,
    scope TEXT NOT NULL,
    score REAL NOT NULL,
    scored_ms INTEGER NOT NULL,
    rank REAL NOT NULL,
    PRIMARY KEY (kind, subject_id, scope)
) STRICT, WITHOUT ROWID;

CREATE INDEX trend_scores_by_rank ON trend_scores (kind, scope, rank);

CREATE INDEX trend_scores_by_time ON trend_scores (scored_ms);

CREATE TABLE trend_users (
    kind INTEGER NOT NULL,
    subject_id INTEGER NOT NULL,
    user_id INTEGER NOT NULL,
    counted_ms INTEGER NOT NULL,
    PRIMARY KEY (kind, subject_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX trend_users_by_time ON trend_users (counted_ms);

CREATE INDEX trend_users_by_user ON trend_users (user_id, counted_ms);

CREATE TABLE trends_hidden (
    kind INTEGER NOT NULL,
    subject_id INTEGER NOT NULL,
    hidden_ms INTEGER NOT NULL,
    PRIMARY KEY (kind, subject_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE tweet_counts (
    tweet_id INTEGER PRIMARY KEY,
    replies INTEGER NOT NULL,
    retweets INTEGER NOT NULL,
    favorites INTEGER NOT NULL
, quotes INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE TABLE tweet_links (
    tweet_id INTEGER PRIMARY KEY,
    link_id INTEGER NOT NULL,
    author_id INTEGER NOT NULL
) STRICT;

CREATE INDEX tweet_links_by_link ON tweet_links (link_id, tweet_id);

CREATE VIRTUAL TABLE tweet_places USING rtree(tweet_id, west, east, south, north, earliest, latest);

CREATE TABLE tweet_versions (
    tweet_id INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    text TEXT NOT NULL,
    spoiler TEXT NOT NULL,
    sensitive INTEGER NOT NULL,
    written_ms INTEGER NOT NULL, media TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (tweet_id, revision)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER tweet_places_enter AFTER INSERT ON tweets
    WHEN new.latitude IS NOT NULL AND new.longitude IS NOT NULL AND new.visibility = 0 AND new.retweet_of_id IS NULL BEGIN
    INSERT INTO tweet_places (tweet_id, west, east, south, north, earliest, latest) VALUES (new.id, new.longitude, new.longitude, new.latitude, new.latitude, (new.id >> 22) / 300000000000.0, (new.id >> 22) / 300000000000.0); END;

CREATE TRIGGER tweet_places_leave AFTER DELETE ON tweets WHEN old.latitude IS NOT NULL BEGIN DELETE FROM tweet_places WHERE tweet_id = old.id; END;

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
, quote_policy INTEGER NOT NULL DEFAULT 0, media_count INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE INDEX tweets_answers ON tweets (author_id, id)
    WHERE reply_to_id IS NOT NULL AND (reply_to_author_id IS NULL OR reply_to_author_id <> author_id);

CREATE INDEX tweets_by_answered ON tweets (reply_to_author_id, id) WHERE reply_to_author_id IS NOT NULL;

CREATE INDEX tweets_by_author ON tweets (author_id, id);

CREATE INDEX tweets_by_reply ON tweets (reply_to_id, id) WHERE reply_to_id IS NOT NULL;

CREATE UNIQUE INDEX tweets_by_retweet ON tweets (retweet_of_id, author_id) WHERE retweet_of_id IS NOT NULL;

CREATE INDEX tweets_by_retweet_time ON tweets (retweet_of_id, id, author_id) WHERE retweet_of_id IS NOT NULL;

CREATE INDEX tweets_media ON tweets (author_id, id) WHERE media_count > 0;

CREATE INDEX tweets_own ON tweets (author_id, id)
    WHERE retweet_of_id IS NULL AND (reply_to_id IS NULL OR reply_to_author_id = author_id);

CREATE INDEX tweets_public ON tweets (id) WHERE visibility = 0 AND retweet_of_id IS NULL;

CREATE INDEX tweets_public_media ON tweets (id)
    WHERE media_count > 0 AND visibility = 0 AND retweet_of_id IS NULL;

CREATE INDEX tweets_retweets ON tweets (author_id, id) WHERE retweet_of_id IS NOT NULL;

CREATE TABLE two_factor (
    user_id INTEGER PRIMARY KEY,
    secret TEXT NOT NULL,
    key_id TEXT NOT NULL,
    last_step INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    confirmed_ms INTEGER
) STRICT;

CREATE INDEX two_factor_by_key ON two_factor (key_id, user_id);

CREATE TABLE user_counts (
    user_id INTEGER PRIMARY KEY,
    tweets INTEGER NOT NULL,
    followers INTEGER NOT NULL,
    following INTEGER NOT NULL,
    last_tweet_ms INTEGER
) STRICT;

CREATE TABLE user_words (
    user_id INTEGER NOT NULL,
    word TEXT NOT NULL,
    PRIMARY KEY (user_id, word)
) STRICT, WITHOUT ROWID;

CREATE INDEX user_words_by_word ON user_words (word, user_id);

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
, followed_hashtags INTEGER NOT NULL DEFAULT 0, exclusive_lists INTEGER NOT NULL DEFAULT 0, filters_version INTEGER NOT NULL DEFAULT 0, default_quote_policy INTEGER NOT NULL DEFAULT 0, avatar TEXT NOT NULL DEFAULT '', header TEXT NOT NULL DEFAULT '') STRICT;

CREATE INDEX users_admins ON users (id) WHERE role = 'admin' AND state = 'active';

CREATE INDEX users_discoverable ON users (id) WHERE discoverable AND state = 'active';

CREATE INDEX users_waiting ON users (id) WHERE state IN ('unconfirmed', 'pending');

CREATE TABLE vault_keys (
    key_id TEXT NOT NULL,
    check_value TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    PRIMARY KEY (key_id)
) STRICT, WITHOUT ROWID;

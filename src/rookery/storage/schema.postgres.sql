-- What all migrations together make on PostgreSQL: for reading, never run. Written by `make docs`.

CREATE TABLE announcement_dismissals (
    user_id BIGINT NOT NULL,
    announcement_id BIGINT NOT NULL,
    PRIMARY KEY (user_id, announcement_id)
);
CREATE INDEX announcement_dismissals_by_announcement ON announcement_dismissals (announcement_id, user_id);

CREATE TABLE announcement_reaction_counts (
    announcement_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    users BIGINT NOT NULL,
    first_ms BIGINT NOT NULL,
    PRIMARY KEY (announcement_id, name)
);

CREATE TABLE announcement_reactions (
    announcement_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (announcement_id, user_id, name)
);
CREATE INDEX announcement_reactions_by_user ON announcement_reactions (user_id, announcement_id, name);

CREATE TABLE announcements (
    id BIGINT NOT NULL,
    text TEXT NOT NULL,
    starts_ms BIGINT,
    ends_ms BIGINT,
    all_day BOOLEAN NOT NULL,
    publish_ms BIGINT NOT NULL,
    changed_ms BIGINT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX announcements_by_publication ON announcements (publish_ms, id);

CREATE TABLE annual_reports (
    user_id BIGINT NOT NULL,
    year BIGINT NOT NULL,
    figures TEXT NOT NULL,
    counted_from BIGINT NOT NULL,
    finished BOOLEAN NOT NULL,
    viewed_ms BIGINT,
    PRIMARY KEY (user_id, year)
);

CREATE TABLE apps (
    id BIGINT NOT NULL,
    client_id TEXT NOT NULL,
    secret_hash BYTEA NOT NULL,
    name TEXT NOT NULL,
    website TEXT,
    redirect_uris TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (client_id)
);

CREATE TABLE archives (
    user_id BIGINT NOT NULL,
    object_key TEXT NOT NULL,
    state TEXT NOT NULL,
    asked_ms BIGINT NOT NULL,
    ready_ms BIGINT,
    size_bytes BIGINT NOT NULL,
    PRIMARY KEY (user_id)
);
CREATE UNIQUE INDEX archives_by_key ON archives (object_key);

CREATE TABLE authorization_codes (
    code_hash BYTEA NOT NULL,
    app_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    redirect_uri TEXT NOT NULL,
    scopes TEXT NOT NULL,
    challenge TEXT,
    expires_ms BIGINT NOT NULL,
    used_ms BIGINT,
    session_hash BYTEA,
    PRIMARY KEY (code_hash)
);
CREATE INDEX authorization_codes_by_end ON authorization_codes (expires_ms);
CREATE INDEX authorization_codes_by_user ON authorization_codes (user_id);

CREATE TABLE blocks (
    user_id BIGINT NOT NULL,
    target_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (user_id, target_id)
);
CREATE INDEX blocks_by_target ON blocks (target_id, user_id);
CREATE INDEX blocks_by_time ON blocks (user_id, id, target_id);

CREATE TABLE bookmarks (
    user_id BIGINT NOT NULL,
    tweet_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (user_id, tweet_id)
);
CREATE INDEX bookmarks_by_time ON bookmarks (user_id, id, tweet_id);
CREATE INDEX bookmarks_by_tweet ON bookmarks (tweet_id, user_id);

CREATE TABLE collection_items (
    id BIGINT NOT NULL,
    collection_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    state TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX collection_items_by_collection ON collection_items (collection_id, user_id);
CREATE INDEX collection_items_by_user ON collection_items (user_id, id);

CREATE TABLE collections (
    id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    language TEXT,
    hashtag TEXT NOT NULL,
    sensitive BOOLEAN NOT NULL,
    discoverable BOOLEAN NOT NULL,
    created_ms BIGINT NOT NULL,
    changed_ms BIGINT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX collections_by_user ON collections (user_id, id);

CREATE TABLE confirmations (
    code_hash BYTEA NOT NULL,
    user_id BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    expires_ms BIGINT NOT NULL,
    PRIMARY KEY (code_hash)
);
CREATE INDEX confirmations_by_end ON confirmations (expires_ms);
CREATE INDEX confirmations_by_user ON confirmations (user_id);

CREATE TABLE conversations (
    id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    thread_id BIGINT NOT NULL,
    members_hash BYTEA NOT NULL,
    last_tweet_id BIGINT NOT NULL,
    unread BOOLEAN NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX conversations_by_thread ON conversations (user_id, thread_id, members_hash);
CREATE INDEX conversations_by_time ON conversations (user_id, last_tweet_id);

CREATE TABLE deliveries (
    seq BIGINT GENERATED ALWAYS AS IDENTITY NOT NULL,
    tweet_id BIGINT NOT NULL,
    user_ids BYTEA NOT NULL,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (seq)
);

CREATE TABLE direct_tweets (
    user_id BIGINT NOT NULL,
    tweet_id BIGINT NOT NULL,
    conversation_id BIGINT NOT NULL,
    PRIMARY KEY (user_id, tweet_id)
);
CREATE INDEX direct_tweets_by_conversation ON direct_tweets (conversation_id, tweet_id);

CREATE TABLE dismissed_suggestions (
    user_id BIGINT NOT NULL,
    target_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (user_id, target_id)
);
CREATE INDEX dismissed_suggestions_by_target ON dismissed_suggestions (target_id, user_id);
CREATE INDEX dismissed_suggestions_by_time ON dismissed_suggestions (user_id, id, target_id);

CREATE TABLE domain_blocks (
    user_id BIGINT NOT NULL,
    domain TEXT NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (user_id, domain)
);
CREATE INDEX domain_blocks_by_time ON domain_blocks (user_id, id, domain);

CREATE TABLE drafts (
    id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    manuscript TEXT NOT NULL,
    revision BIGINT NOT NULL,
    changed_ms BIGINT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX drafts_by_user ON drafts (user_id, id);

CREATE TABLE email_changes (
    user_id BIGINT NOT NULL,
    wish TEXT NOT NULL,
    sent_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    PRIMARY KEY (user_id)
);
CREATE INDEX email_changes_by_end ON email_changes (expires_ms);

CREATE TABLE email_hashes (
    email_hash BYTEA NOT NULL,
    user_id BIGINT NOT NULL,
    key_id TEXT NOT NULL,
    PRIMARY KEY (email_hash)
);
CREATE INDEX email_hashes_by_key ON email_hashes (key_id, email_hash);
CREATE INDEX email_hashes_by_user ON email_hashes (user_id);

CREATE TABLE endorsements (
    user_id BIGINT NOT NULL,
    target_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (user_id, target_id)
);
CREATE INDEX endorsements_by_target ON endorsements (target_id, user_id);
CREATE INDEX endorsements_by_time ON endorsements (user_id, id, target_id);

CREATE TABLE favorites (
    user_id BIGINT NOT NULL,
    tweet_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (user_id, tweet_id)
);
CREATE INDEX favorites_by_time ON favorites (user_id, id, tweet_id);
CREATE INDEX favorites_by_tweet ON favorites (tweet_id, id, user_id);

CREATE TABLE featured_hashtags (
    user_id BIGINT NOT NULL,
    hashtag_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (user_id, hashtag_id)
);

CREATE TABLE filter_keywords (
    id BIGINT NOT NULL,
    filter_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    text TEXT NOT NULL,
    whole_word BOOLEAN NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX filter_keywords_by_user ON filter_keywords (user_id, filter_id, id);

CREATE TABLE filter_tweets (
    id BIGINT NOT NULL,
    filter_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    tweet_id BIGINT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX filter_tweets_by_tweet ON filter_tweets (tweet_id);
CREATE UNIQUE INDEX filter_tweets_by_user ON filter_tweets (user_id, filter_id, tweet_id);

CREATE TABLE filters (
    id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    title TEXT NOT NULL,
    contexts TEXT NOT NULL,
    action TEXT NOT NULL,
    expires_ms BIGINT,
    PRIMARY KEY (id)
);
CREATE INDEX filters_by_user ON filters (user_id, id);

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

CREATE TABLE followed_hashtags (
    user_id BIGINT NOT NULL,
    hashtag_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (user_id, hashtag_id)
);
CREATE INDEX followed_hashtags_by_hashtag ON followed_hashtags (hashtag_id, user_id);
CREATE INDEX followed_hashtags_by_time ON followed_hashtags (user_id, id, hashtag_id);

CREATE TABLE follows (
    follower_id BIGINT NOT NULL,
    followee_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    shows_retweets BOOLEAN NOT NULL,
    notifies BOOLEAN NOT NULL,
    languages TEXT NOT NULL,
    PRIMARY KEY (follower_id, followee_id)
);
CREATE INDEX follows_bells ON follows (followee_id, id) WHERE notifies;
CREATE INDEX follows_by_followee ON follows (followee_id, id, follower_id);
CREATE INDEX follows_by_follower ON follows (follower_id, id, followee_id);

CREATE TABLE hashtag_tweets (
    hashtag_id BIGINT NOT NULL,
    tweet_id BIGINT NOT NULL,
    author_id BIGINT NOT NULL,
    PRIMARY KEY (hashtag_id, tweet_id)
);
CREATE INDEX hashtag_tweets_by_author ON hashtag_tweets (author_id, hashtag_id, tweet_id);

CREATE TABLE hashtags (
    id BIGINT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (name)
);
CREATE INDEX hashtags_by_name ON hashtags (name COLLATE "C");

CREATE TABLE hot_users (
    user_id BIGINT NOT NULL,
    since_ms BIGINT NOT NULL,
    PRIMARY KEY (user_id)
);

CREATE TABLE idempotency_keys (
    user_id BIGINT NOT NULL,
    key TEXT NOT NULL,
    tweet_id BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (created_ms);

CREATE TABLE instance_keys (
    name TEXT NOT NULL,
    secret TEXT NOT NULL,
    PRIMARY KEY (name)
);

CREATE TABLE instance_texts (
    kind TEXT NOT NULL,
    effective_on TEXT NOT NULL,
    text TEXT NOT NULL,
    changed_ms BIGINT NOT NULL,
    PRIMARY KEY (kind, effective_on)
);

CREATE TABLE link_previews (
    link_id BIGINT NOT NULL,
    fetched_ms BIGINT NOT NULL,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    author_name TEXT NOT NULL,
    author_url TEXT NOT NULL,
    provider_name TEXT NOT NULL,
    language TEXT NOT NULL,
    PRIMARY KEY (link_id)
);

CREATE TABLE links (
    id BIGINT NOT NULL,
    url TEXT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (url)
);

CREATE TABLE list_members (
    list_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    owner_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (list_id, user_id)
);
CREATE INDEX list_members_by_owner ON list_members (owner_id, user_id, list_id);
CREATE INDEX list_members_by_time ON list_members (list_id, id, user_id);
CREATE INDEX list_members_by_user ON list_members (user_id, list_id);

CREATE TABLE lists (
    id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    title TEXT NOT NULL,
    replies TEXT NOT NULL,
    exclusive BOOLEAN NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX lists_by_user ON lists (user_id, id);

CREATE TABLE live_events (
    id BIGINT NOT NULL,
    event TEXT NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE markers (
    user_id BIGINT NOT NULL,
    timeline TEXT NOT NULL,
    last_read_id BIGINT NOT NULL,
    version BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    PRIMARY KEY (user_id, timeline)
);

CREATE TABLE media (
    id BIGINT NOT NULL,
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
    created_ms BIGINT NOT NULL,
    held BOOLEAN DEFAULT false NOT NULL,
    loose_ms BIGINT DEFAULT 0 NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX media_by_owner ON media (owner_id, id);
CREATE INDEX media_by_tweet ON media (tweet_id, place) WHERE (tweet_id IS NOT NULL);
CREATE INDEX media_loose ON media (id) WHERE ((tweet_id IS NULL) AND (purpose = 'tweet'::text));
CREATE INDEX media_loose_since ON media (loose_ms, id) WHERE ((tweet_id IS NULL) AND (purpose = 'tweet'::text) AND (held = false));
CREATE INDEX media_processing ON media (owner_id) WHERE (state = 'processing'::text);

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
    moving_ms BIGINT,
    check_ms BIGINT,
    PRIMARY KEY (key)
);
CREATE INDEX media_objects_moving ON media_objects (moving_ms) WHERE (moving_ms IS NOT NULL);
CREATE INDEX media_objects_removing ON media_objects (removing_ms) WHERE (removing_ms IS NOT NULL);
CREATE INDEX media_objects_to_check ON media_objects (check_ms) WHERE (check_ms IS NOT NULL);
CREATE INDEX media_objects_unread ON media_objects (is_cold, read_ms);

CREATE TABLE mentions (
    user_id BIGINT NOT NULL,
    tweet_id BIGINT NOT NULL,
    PRIMARY KEY (user_id, tweet_id)
);

CREATE TABLE mutes (
    user_id BIGINT NOT NULL,
    target_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    hides_notifications BOOLEAN NOT NULL,
    until_ms BIGINT,
    PRIMARY KEY (user_id, target_id)
);
CREATE INDEX mutes_by_end ON mutes (until_ms) WHERE (until_ms IS NOT NULL);
CREATE INDEX mutes_by_target ON mutes (target_id, user_id);
CREATE INDEX mutes_by_time ON mutes (user_id, id, target_id);

CREATE TABLE nodes (
    node BIGINT NOT NULL,
    owner TEXT NOT NULL,
    lease_until_ms BIGINT NOT NULL,
    key_id TEXT DEFAULT ''::text NOT NULL,
    PRIMARY KEY (node)
);

CREATE TABLE notes (
    user_id BIGINT NOT NULL,
    target_id BIGINT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (user_id, target_id)
);
CREATE INDEX notes_by_target ON notes (target_id, user_id);

CREATE TABLE notification_groups (
    user_id BIGINT NOT NULL,
    group_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    tweet_id BIGINT,
    newest_id BIGINT NOT NULL,
    members BIGINT NOT NULL,
    latest TEXT NOT NULL,
    PRIMARY KEY (user_id, group_key)
);
CREATE INDEX notification_groups_by_age ON notification_groups (newest_id);
CREATE INDEX notification_groups_by_newest ON notification_groups (user_id, newest_id);
CREATE INDEX notification_groups_by_tweet ON notification_groups (tweet_id) WHERE (tweet_id IS NOT NULL);

CREATE TABLE notification_permissions (
    user_id BIGINT NOT NULL,
    from_id BIGINT NOT NULL,
    PRIMARY KEY (user_id, from_id)
);
CREATE INDEX notification_permissions_by_sender ON notification_permissions (from_id);

CREATE TABLE notification_policies (
    user_id BIGINT NOT NULL,
    not_following TEXT NOT NULL,
    not_followers TEXT NOT NULL,
    new_users TEXT NOT NULL,
    private_mentions TEXT NOT NULL,
    limited_users TEXT NOT NULL,
    bots TEXT NOT NULL,
    PRIMARY KEY (user_id)
);

CREATE TABLE notification_requests (
    user_id BIGINT NOT NULL,
    from_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    notifications BIGINT NOT NULL,
    last_tweet_id BIGINT,
    created_ms BIGINT NOT NULL,
    updated_ms BIGINT NOT NULL,
    PRIMARY KEY (user_id, from_id)
);
CREATE INDEX notification_requests_by_id ON notification_requests (user_id, id);
CREATE INDEX notification_requests_by_sender ON notification_requests (from_id);

CREATE TABLE notifications (
    id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    group_key TEXT NOT NULL,
    from_id BIGINT NOT NULL,
    tweet_id BIGINT,
    report_id BIGINT,
    filtered BOOLEAN NOT NULL,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX notifications_by_group ON notifications (user_id, group_key, id);
CREATE INDEX notifications_by_sender ON notifications (from_id, user_id, id);
CREATE INDEX notifications_by_user ON notifications (user_id, id);
CREATE UNIQUE INDEX notifications_of_tweet ON notifications (tweet_id, user_id, kind, from_id) WHERE (tweet_id IS NOT NULL);

CREATE TABLE passkey_challenges (
    challenge_hash BYTEA NOT NULL,
    purpose TEXT NOT NULL,
    user_id BIGINT,
    user_handle BYTEA,
    expires_ms BIGINT NOT NULL,
    PRIMARY KEY (challenge_hash)
);
CREATE INDEX passkey_challenges_by_end ON passkey_challenges (expires_ms);
CREATE INDEX passkey_challenges_by_user ON passkey_challenges (user_id) WHERE (user_id IS NOT NULL);

CREATE TABLE passkeys (
    id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    credential_id BYTEA NOT NULL,
    public_key BYTEA NOT NULL,
    user_handle BYTEA NOT NULL,
    sign_count BIGINT NOT NULL,
    transports TEXT NOT NULL,
    name TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    last_used_ms BIGINT,
    PRIMARY KEY (id),
    UNIQUE (credential_id)
);
CREATE INDEX passkeys_by_user ON passkeys (user_id, id);

CREATE TABLE people (
    user_id BIGINT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT,
    password_hash TEXT,
    born_on TEXT NOT NULL,
    sign_up_reason TEXT NOT NULL,
    confirmed_ms BIGINT,
    last_login_ms BIGINT,
    last_seen_ms BIGINT,
    key_id TEXT DEFAULT ''::text NOT NULL,
    PRIMARY KEY (user_id),
    UNIQUE (email_key)
);
CREATE INDEX people_by_key ON people (key_id, user_id);

CREATE TABLE pins (
    user_id BIGINT NOT NULL,
    tweet_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    PRIMARY KEY (user_id, tweet_id)
);

CREATE TABLE poll_options (
    tweet_id BIGINT NOT NULL,
    place BIGINT NOT NULL,
    votes BIGINT NOT NULL,
    PRIMARY KEY (tweet_id, place)
);

CREATE TABLE poll_votes (
    tweet_id BIGINT NOT NULL,
    round BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    place BIGINT NOT NULL,
    PRIMARY KEY (tweet_id, round, user_id, place)
);
CREATE INDEX poll_votes_by_user ON poll_votes (user_id, tweet_id, round, place);

CREATE TABLE polls (
    tweet_id BIGINT NOT NULL,
    options TEXT NOT NULL,
    multiple BOOLEAN NOT NULL,
    hides_totals BOOLEAN NOT NULL,
    ends_ms BIGINT NOT NULL,
    voters BIGINT NOT NULL,
    round BIGINT NOT NULL,
    told_at_ms BIGINT,
    PRIMARY KEY (tweet_id)
);

CREATE TABLE push_subscriptions (
    token_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    endpoint TEXT NOT NULL,
    client_key TEXT NOT NULL,
    client_secret TEXT NOT NULL,
    kinds TEXT NOT NULL,
    senders TEXT NOT NULL,
    standard BOOLEAN NOT NULL,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (token_id)
);
CREATE INDEX push_subscriptions_by_user ON push_subscriptions (user_id, id);

CREATE TABLE quotes (
    tweet_id BIGINT NOT NULL,
    quoted_id BIGINT,
    revoked BOOLEAN NOT NULL,
    PRIMARY KEY (tweet_id)
);
CREATE INDEX quotes_by_quoted ON quotes (quoted_id, tweet_id);

CREATE TABLE ranking_facts (
    ranking_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    facts BYTEA NOT NULL,
    PRIMARY KEY (user_id, ranking_id)
);

CREATE TABLE rankings (
    user_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    home_version BIGINT NOT NULL,
    floor_id BIGINT NOT NULL,
    ends TEXT NOT NULL,
    tweet_ids BYTEA NOT NULL,
    sources BYTEA NOT NULL,
    PRIMARY KEY (user_id, id)
);
CREATE INDEX rankings_by_time ON rankings (id);

CREATE TABLE reading_preferences (
    user_id BIGINT NOT NULL,
    media TEXT NOT NULL,
    spoilers BOOLEAN NOT NULL,
    autoplay BOOLEAN NOT NULL,
    PRIMARY KEY (user_id)
);

CREATE TABLE recovery_codes (
    user_id BIGINT NOT NULL,
    code_hash BYTEA NOT NULL,
    PRIMARY KEY (user_id, code_hash)
);

CREATE TABLE reports (
    id BIGINT NOT NULL,
    reporter_id BIGINT NOT NULL,
    target_id BIGINT NOT NULL,
    tweet_ids TEXT NOT NULL,
    comment TEXT NOT NULL,
    category TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    resolved_ms BIGINT,
    rule_ids TEXT DEFAULT ''::text NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX reports_by_reporter ON reports (reporter_id);
CREATE INDEX reports_by_target ON reports (target_id);

CREATE TABLE retired_usernames (
    name_hash BYTEA NOT NULL,
    PRIMARY KEY (name_hash)
);

CREATE TABLE rules (
    id BIGINT NOT NULL,
    position BIGINT NOT NULL,
    text TEXT NOT NULL,
    hint TEXT NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE scheduled_tweets (
    id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    post_at_ms BIGINT NOT NULL,
    manuscript TEXT NOT NULL,
    failure TEXT,
    PRIMARY KEY (id)
);
CREATE INDEX scheduled_tweets_by_user ON scheduled_tweets (user_id, id);

CREATE TABLE schema_version (
    version BIGINT NOT NULL,
    PRIMARY KEY (version)
);

CREATE TABLE search_state (
    part TEXT NOT NULL,
    norm_version TEXT NOT NULL,
    below_id BIGINT NOT NULL,
    PRIMARY KEY (part)
);

CREATE TABLE search_tweets (
    n BIGINT NOT NULL,
    tweet_id BIGINT NOT NULL,
    norm_version TEXT NOT NULL,
    norm TEXT NOT NULL,
    PRIMARY KEY (n),
    UNIQUE (tweet_id)
);
CREATE INDEX search_tweets_tokens ON public.search_tweets USING gin (array_to_tsvector(string_to_array(btrim(norm), ' '::text))) WITH (fastupdate='on', gin_pending_list_limit='1024');

CREATE TABLE sessions (
    session_hash BYTEA NOT NULL,
    user_id BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    browser TEXT DEFAULT ''::text NOT NULL,
    PRIMARY KEY (session_hash)
);
CREATE INDEX sessions_by_end ON sessions (expires_ms);
CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE sign_in_failures (
    key TEXT NOT NULL,
    failures BIGINT NOT NULL,
    window_end_ms BIGINT NOT NULL,
    PRIMARY KEY (key)
);
CREATE INDEX sign_in_failures_by_end ON sign_in_failures (window_end_ms);

CREATE TABLE sign_in_places (
    user_id BIGINT NOT NULL,
    place BYTEA NOT NULL,
    seen_ms BIGINT NOT NULL,
    PRIMARY KEY (user_id, place)
);

CREATE TABLE sign_in_steps (
    ticket_hash BYTEA NOT NULL,
    user_id BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    PRIMARY KEY (ticket_hash)
);
CREATE INDEX sign_in_steps_by_end ON sign_in_steps (expires_ms);
CREATE INDEX sign_in_steps_by_user ON sign_in_steps (user_id);

CREATE TABLE statistics (
    id BIGINT NOT NULL,
    users BIGINT NOT NULL,
    tweets BIGINT NOT NULL,
    users_active_month BIGINT NOT NULL,
    users_active_half_year BIGINT NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE tasks (
    id BIGINT NOT NULL,
    queue TEXT NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    run_at_ms BIGINT NOT NULL,
    lease_until_ms BIGINT,
    attempts BIGINT NOT NULL,
    error TEXT,
    failed_ms BIGINT,
    period_key TEXT,
    PRIMARY KEY (id),
    UNIQUE (period_key)
);
CREATE INDEX tasks_failed ON tasks (failed_ms) WHERE (failed_ms IS NOT NULL);
CREATE INDEX tasks_ready ON tasks (run_at_ms, id) WHERE (failed_ms IS NULL);

CREATE TABLE thread_mutes (
    user_id BIGINT NOT NULL,
    thread_id BIGINT NOT NULL,
    PRIMARY KEY (user_id, thread_id)
);

CREATE TABLE tokens (
    id BIGINT NOT NULL,
    token_hash BYTEA NOT NULL,
    app_id BIGINT NOT NULL,
    user_id BIGINT,
    scopes TEXT NOT NULL,
    code_hash BYTEA,
    created_ms BIGINT NOT NULL,
    last_used_ms BIGINT,
    session_hash BYTEA,
    PRIMARY KEY (id),
    UNIQUE (token_hash)
);
CREATE INDEX tokens_by_code ON tokens (code_hash) WHERE (code_hash IS NOT NULL);
CREATE INDEX tokens_by_session ON tokens (session_hash) WHERE (session_hash IS NOT NULL);
CREATE INDEX tokens_by_user ON tokens (user_id);

CREATE TABLE trend_hours (
    kind BIGINT NOT NULL,
    subject_id BIGINT NOT NULL,
    hour BIGINT NOT NULL,
    scope TEXT NOT NULL,
    weight DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (kind, subject_id, hour, scope)
);
CREATE INDEX trend_hours_by_time ON trend_hours (hour);

CREATE TABLE trend_log (
    id BIGINT NOT NULL,
    tweet_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX trend_log_by_user ON trend_log (user_id);

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

CREATE TABLE trend_users (
    kind BIGINT NOT NULL,
    subject_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    counted_ms BIGINT NOT NULL,
    PRIMARY KEY (kind, subject_id, user_id)
);
CREATE INDEX trend_users_by_time ON trend_users (counted_ms);
CREATE INDEX trend_users_by_user ON trend_users (user_id, counted_ms);

CREATE TABLE trends_hidden (
    kind BIGINT NOT NULL,
    subject_id BIGINT NOT NULL,
    hidden_ms BIGINT NOT NULL,
    PRIMARY KEY (kind, subject_id)
);

CREATE TABLE tweet_counts (
    tweet_id BIGINT NOT NULL,
    replies BIGINT NOT NULL,
    retweets BIGINT NOT NULL,
    favorites BIGINT NOT NULL,
    quotes BIGINT DEFAULT 0 NOT NULL,
    PRIMARY KEY (tweet_id)
);

CREATE TABLE tweet_links (
    tweet_id BIGINT NOT NULL,
    link_id BIGINT NOT NULL,
    author_id BIGINT NOT NULL,
    PRIMARY KEY (tweet_id)
);
CREATE INDEX tweet_links_by_link ON tweet_links (link_id, tweet_id);

CREATE TABLE tweet_versions (
    tweet_id BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    text TEXT NOT NULL,
    spoiler TEXT NOT NULL,
    sensitive BOOLEAN NOT NULL,
    written_ms BIGINT NOT NULL,
    media TEXT DEFAULT ''::text NOT NULL,
    PRIMARY KEY (tweet_id, revision)
);

CREATE TABLE tweets (
    id BIGINT NOT NULL,
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
    revision BIGINT DEFAULT 0 NOT NULL,
    quote_policy BIGINT DEFAULT 0 NOT NULL,
    media_count BIGINT DEFAULT 0 NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX tweets_answers ON tweets (author_id, id) WHERE ((reply_to_id IS NOT NULL) AND ((reply_to_author_id IS NULL) OR (reply_to_author_id <> author_id)));
CREATE INDEX tweets_by_answered ON tweets (reply_to_author_id, id) WHERE (reply_to_author_id IS NOT NULL);
CREATE INDEX tweets_by_author ON tweets (author_id, id);
CREATE INDEX tweets_by_cell ON tweets (((((floor(((latitude + (90)::double precision) * (8)::double precision)))::bigint * 100000) + (floor(((longitude + (180)::double precision) * (8)::double precision)))::bigint)), id) INCLUDE (latitude, longitude) WHERE ((latitude IS NOT NULL) AND (longitude IS NOT NULL) AND (visibility = 0) AND (retweet_of_id IS NULL));
CREATE INDEX tweets_by_large_cell ON tweets (((((floor(((latitude + (90)::double precision) * (0.5)::double precision)))::bigint * 100000) + (floor(((longitude + (180)::double precision) * (0.5)::double precision)))::bigint)), id) INCLUDE (latitude, longitude) WHERE ((latitude IS NOT NULL) AND (longitude IS NOT NULL) AND (visibility = 0) AND (retweet_of_id IS NULL));
CREATE INDEX tweets_by_reply ON tweets (reply_to_id, id) WHERE (reply_to_id IS NOT NULL);
CREATE UNIQUE INDEX tweets_by_retweet ON tweets (retweet_of_id, author_id) WHERE (retweet_of_id IS NOT NULL);
CREATE INDEX tweets_by_retweet_time ON tweets (retweet_of_id, id, author_id) WHERE (retweet_of_id IS NOT NULL);
CREATE INDEX tweets_by_small_cell ON tweets (((((floor(((latitude + (90)::double precision) * (100)::double precision)))::bigint * 100000) + (floor(((longitude + (180)::double precision) * (100)::double precision)))::bigint)), id) INCLUDE (latitude, longitude) WHERE ((latitude IS NOT NULL) AND (longitude IS NOT NULL) AND (visibility = 0) AND (retweet_of_id IS NULL));
CREATE INDEX tweets_media ON tweets (author_id, id) WHERE (media_count > 0);
CREATE INDEX tweets_own ON tweets (author_id, id) WHERE ((retweet_of_id IS NULL) AND ((reply_to_id IS NULL) OR (reply_to_author_id = author_id)));
CREATE INDEX tweets_public ON tweets (id) WHERE ((visibility = 0) AND (retweet_of_id IS NULL));
CREATE INDEX tweets_public_media ON tweets (id) WHERE ((media_count > 0) AND (visibility = 0) AND (retweet_of_id IS NULL));
CREATE INDEX tweets_retweets ON tweets (author_id, id) WHERE (retweet_of_id IS NOT NULL);

CREATE TABLE two_factor (
    user_id BIGINT NOT NULL,
    secret TEXT NOT NULL,
    key_id TEXT NOT NULL,
    last_step BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    confirmed_ms BIGINT,
    PRIMARY KEY (user_id)
);
CREATE INDEX two_factor_by_key ON two_factor (key_id, user_id);

CREATE TABLE user_counts (
    user_id BIGINT NOT NULL,
    tweets BIGINT NOT NULL,
    followers BIGINT NOT NULL,
    following BIGINT NOT NULL,
    last_tweet_ms BIGINT,
    PRIMARY KEY (user_id)
);

CREATE TABLE user_words (
    user_id BIGINT NOT NULL,
    word TEXT NOT NULL,
    PRIMARY KEY (user_id, word)
);
CREATE INDEX user_words_by_word ON user_words (word, user_id);

CREATE TABLE users (
    id BIGINT NOT NULL,
    username TEXT NOT NULL,
    username_key TEXT NOT NULL,
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
    home_version BIGINT DEFAULT 0 NOT NULL,
    followed_hashtags BIGINT DEFAULT 0 NOT NULL,
    exclusive_lists BIGINT DEFAULT 0 NOT NULL,
    filters_version BIGINT DEFAULT 0 NOT NULL,
    default_quote_policy BIGINT DEFAULT 0 NOT NULL,
    avatar TEXT DEFAULT ''::text NOT NULL,
    header TEXT DEFAULT ''::text NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (username_key)
);
CREATE INDEX users_admins ON users (id) WHERE ((role = 'admin'::text) AND (state = 'active'::text));
CREATE INDEX users_discoverable ON users (id) WHERE (discoverable AND (state = 'active'::text));
CREATE INDEX users_waiting ON users (id) WHERE (state = ANY (ARRAY['unconfirmed'::text, 'pending'::text]));

CREATE TABLE vault_keys (
    key_id TEXT NOT NULL,
    check_value TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (key_id)
);

-- Notifications: rows, the groups they are told in, and whose are kept back. Expands.

CREATE TABLE notifications (
    id BIGINT PRIMARY KEY,
    user_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    group_key TEXT NOT NULL,
    from_id BIGINT NOT NULL,
    tweet_id BIGINT,
    report_id BIGINT,
    filtered BOOLEAN NOT NULL,
    created_ms BIGINT NOT NULL
);
CREATE INDEX notifications_by_user ON notifications (user_id, id);
CREATE INDEX notifications_by_sender ON notifications (from_id, user_id, id);
CREATE INDEX notifications_by_group ON notifications (user_id, group_key, id);
CREATE UNIQUE INDEX notifications_of_tweet ON notifications (tweet_id, user_id, kind, from_id)
    WHERE tweet_id IS NOT NULL;

CREATE INDEX follows_bells ON follows (followee_id, id) WHERE notifies;

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
CREATE INDEX notification_groups_by_newest ON notification_groups (user_id, newest_id);
CREATE INDEX notification_groups_by_age ON notification_groups (newest_id);
CREATE INDEX notification_groups_by_tweet ON notification_groups (tweet_id) WHERE tweet_id IS NOT NULL;

CREATE TABLE notification_policies (
    user_id BIGINT PRIMARY KEY,
    not_following TEXT NOT NULL,
    not_followers TEXT NOT NULL,
    new_users TEXT NOT NULL,
    private_mentions TEXT NOT NULL,
    limited_users TEXT NOT NULL,
    bots TEXT NOT NULL
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

CREATE TABLE notification_permissions (
    user_id BIGINT NOT NULL,
    from_id BIGINT NOT NULL,
    PRIMARY KEY (user_id, from_id)
);
CREATE INDEX notification_permissions_by_sender ON notification_permissions (from_id);

-- Web Push: the instance's own key, and where notifications are sent. Expands.

CREATE TABLE instance_keys (
    name TEXT NOT NULL,
    secret TEXT NOT NULL,
    PRIMARY KEY (name)
);

CREATE TABLE push_subscriptions (
    token_id BIGINT PRIMARY KEY,
    user_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    endpoint TEXT NOT NULL,
    client_key TEXT NOT NULL,
    client_secret TEXT NOT NULL,
    kinds TEXT NOT NULL,
    senders TEXT NOT NULL,
    standard BOOLEAN NOT NULL,
    created_ms BIGINT NOT NULL
);
CREATE INDEX push_subscriptions_by_user ON push_subscriptions (user_id, id);

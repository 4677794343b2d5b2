-- Sign-in: keys of what is encrypted, hashes that find e-mail addresses, two-factor codes, passkeys. Expands.

CREATE TABLE vault_keys (
    key_id TEXT NOT NULL,
    check_value TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    PRIMARY KEY (key_id)
);
ALTER TABLE nodes ADD COLUMN key_id TEXT NOT NULL DEFAULT '';

ALTER TABLE people ADD COLUMN key_id TEXT NOT NULL DEFAULT '';
CREATE INDEX people_by_key ON people (key_id, user_id);

CREATE TABLE email_hashes (
    email_hash BYTEA NOT NULL,
    user_id BIGINT NOT NULL,
    key_id TEXT NOT NULL,
    PRIMARY KEY (email_hash)
);
CREATE INDEX email_hashes_by_user ON email_hashes (user_id);
CREATE INDEX email_hashes_by_key ON email_hashes (key_id, email_hash);

ALTER TABLE sessions ADD COLUMN browser TEXT NOT NULL DEFAULT '';

CREATE TABLE two_factor (
    user_id BIGINT PRIMARY KEY,
    secret TEXT NOT NULL,
    key_id TEXT NOT NULL,
    last_step BIGINT NOT NULL,
    created_ms BIGINT NOT NULL,
    confirmed_ms BIGINT
);
CREATE INDEX two_factor_by_key ON two_factor (key_id, user_id);

CREATE TABLE recovery_codes (
    user_id BIGINT NOT NULL,
    code_hash BYTEA NOT NULL,
    PRIMARY KEY (user_id, code_hash)
);

CREATE TABLE sign_in_steps (
    ticket_hash BYTEA NOT NULL,
    user_id BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    PRIMARY KEY (ticket_hash)
);
CREATE INDEX sign_in_steps_by_user ON sign_in_steps (user_id);
CREATE INDEX sign_in_steps_by_end ON sign_in_steps (expires_ms);

CREATE TABLE passkeys (
    id BIGINT PRIMARY KEY,
    user_id BIGINT NOT NULL,
    credential_id BYTEA NOT NULL UNIQUE,
    public_key BYTEA NOT NULL,
    user_handle BYTEA NOT NULL,
    sign_count BIGINT NOT NULL,
    transports TEXT NOT NULL,
    name TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    last_used_ms BIGINT
);
CREATE INDEX passkeys_by_user ON passkeys (user_id, id);

CREATE TABLE passkey_challenges (
    challenge_hash BYTEA NOT NULL,
    purpose TEXT NOT NULL,
    user_id BIGINT,
    user_handle BYTEA,
    expires_ms BIGINT NOT NULL,
    PRIMARY KEY (challenge_hash)
);
CREATE INDEX passkey_challenges_by_user ON passkey_challenges (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX passkey_challenges_by_end ON passkey_challenges (expires_ms);

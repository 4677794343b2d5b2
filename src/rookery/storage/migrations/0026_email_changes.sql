-- Addresses that users wish for, until each is confirmed or a day is over. Encrypted, and not as the link has them. Expands.

CREATE TABLE email_changes (
    user_id BIGINT NOT NULL PRIMARY KEY,
    wish TEXT NOT NULL,
    sent_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL
);
CREATE INDEX email_changes_by_end ON email_changes (expires_ms);

-- Drafts: what somebody has begun to write. Expands.

CREATE TABLE drafts (
    id BIGINT PRIMARY KEY,
    user_id BIGINT NOT NULL,
    manuscript TEXT NOT NULL,
    revision BIGINT NOT NULL,
    changed_ms BIGINT NOT NULL
);
CREATE INDEX drafts_by_user ON drafts (user_id, id);

-- Archives that users ask for of all that is theirs, one at a time, kept for some days. Expands.

CREATE TABLE archives (
    user_id BIGINT NOT NULL PRIMARY KEY,
    object_key TEXT NOT NULL,
    state TEXT NOT NULL,
    asked_ms BIGINT NOT NULL,
    ready_ms BIGINT,
    size_bytes BIGINT NOT NULL
);
CREATE UNIQUE INDEX archives_by_key ON archives (object_key);

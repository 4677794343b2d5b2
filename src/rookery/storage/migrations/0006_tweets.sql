-- Edits: what tweets said before. Expands.

CREATE TABLE tweet_versions (
    tweet_id BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    text TEXT NOT NULL,
    spoiler TEXT NOT NULL,
    sensitive BOOLEAN NOT NULL,
    written_ms BIGINT NOT NULL,
    PRIMARY KEY (tweet_id, revision)
);

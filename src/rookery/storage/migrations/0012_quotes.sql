-- Quotes: which tweet shows which other, who may quote what, and how often that was done. Expands.

CREATE TABLE quotes (
    tweet_id BIGINT PRIMARY KEY,
    quoted_id BIGINT,
    revoked BOOLEAN NOT NULL
);
CREATE INDEX quotes_by_quoted ON quotes (quoted_id, tweet_id);
ALTER TABLE tweets ADD COLUMN quote_policy BIGINT NOT NULL DEFAULT 0;
ALTER TABLE tweet_counts ADD COLUMN quotes BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN default_quote_policy BIGINT NOT NULL DEFAULT 0;

-- Full-text search: the tokens of tweets. Expands.
-- `n` grows in the order in which tweets came; those from before the index was made have negative ones. SQLite keeps
-- the tokens in an index without a text of its own (`norm` stays empty there), PostgreSQL as a text with an index.

CREATE TABLE search_tweets (
    n BIGINT PRIMARY KEY,
    tweet_id BIGINT NOT NULL UNIQUE,
    norm_version TEXT NOT NULL,
    norm TEXT NOT NULL
);

CREATE TABLE search_state (
    part TEXT PRIMARY KEY,
    norm_version TEXT NOT NULL,
    below_id BIGINT NOT NULL
);

-- only postgres
CREATE INDEX hashtags_by_name ON hashtags (name COLLATE "C");
-- only postgres
CREATE SEQUENCE search_tweets_n START WITH 1;
-- only postgres
CREATE INDEX search_tweets_tokens ON search_tweets
    USING gin (array_to_tsvector(string_to_array(btrim(norm), ' ')))
    WITH (fastupdate = on, gin_pending_list_limit = 1024);

-- only sqlite
CREATE VIRTUAL TABLE search_tokens USING fts5(tokens, content='', contentless_delete=1, detail=full,
    tokenize="ascii tokenchars '#@=._-'");
-- only sqlite
INSERT INTO search_tokens (search_tokens, rank) VALUES ('automerge', 8);
-- only sqlite
INSERT INTO search_tokens (search_tokens, rank) VALUES ('crisismerge', 32);
-- only sqlite
CREATE VIEW search_entries AS SELECT n, tweet_id, norm_version, norm FROM search_tweets;
-- only sqlite
CREATE TRIGGER search_entries_enter INSTEAD OF INSERT ON search_entries BEGIN
    INSERT INTO search_tweets (n, tweet_id, norm_version, norm) VALUES (new.n, new.tweet_id, new.norm_version, ''); INSERT INTO search_tokens (rowid, tokens) VALUES (last_insert_rowid(), new.norm); END;
-- only sqlite
CREATE TRIGGER search_tweets_leave AFTER DELETE ON search_tweets BEGIN DELETE FROM search_tokens WHERE rowid = old.n; END;

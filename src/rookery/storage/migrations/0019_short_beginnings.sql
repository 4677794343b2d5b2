-- SQLite finds words by two letters as quickly as by more: its index of tokens is made anew. Expands.
-- Until a task has filled it, the newest tweets first, older ones are not found.

-- only sqlite
DROP TRIGGER search_tweets_leave;
-- only sqlite
DROP TABLE search_tokens;
-- only sqlite
CREATE VIRTUAL TABLE search_tokens USING fts5(tokens, content='', contentless_delete=1, detail=full, prefix='2',
    tokenize="ascii tokenchars '#@=._-'");
-- only sqlite
INSERT INTO search_tokens (search_tokens, rank) VALUES ('automerge', 8);
-- only sqlite
INSERT INTO search_tokens (search_tokens, rank) VALUES ('crisismerge', 32);
-- only sqlite
DELETE FROM search_tweets;
-- only sqlite
DELETE FROM search_state WHERE part = 'tweets';
-- only sqlite
CREATE TRIGGER search_tweets_leave AFTER DELETE ON search_tweets BEGIN DELETE FROM search_tokens WHERE rowid = old.n; END;

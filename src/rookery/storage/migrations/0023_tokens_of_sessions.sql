-- What the web client got in a browser session, codes and tokens, ends with that session. Expands.

ALTER TABLE authorization_codes ADD COLUMN session_hash BYTEA;
ALTER TABLE tokens ADD COLUMN session_hash BYTEA;
CREATE INDEX tokens_by_session ON tokens (session_hash) WHERE session_hash IS NOT NULL;

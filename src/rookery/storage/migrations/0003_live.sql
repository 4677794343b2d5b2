-- Live updates: what happened, for every process to tell its connected readers. Expands.

CREATE TABLE live_events (
    id BIGINT PRIMARY KEY,
    event TEXT NOT NULL
);

-- From where people have signed in, so that a new place is told by e-mail. Expands.

CREATE TABLE sign_in_places (
    user_id BIGINT NOT NULL,
    place BYTEA NOT NULL,
    seen_ms BIGINT NOT NULL,
    PRIMARY KEY (user_id, place)
);

-- For you: the orders in which homes were shown last, so that paging through one is exact. Expands.
-- `tweet_ids` holds eight bytes for each place, `sources` one, `facts` what is known of each; `ends` are the
-- places at which pages ended.

CREATE TABLE rankings (
    user_id BIGINT NOT NULL,
    id BIGINT NOT NULL,
    home_version BIGINT NOT NULL,
    floor_id BIGINT NOT NULL,
    ends TEXT NOT NULL,
    tweet_ids BYTEA NOT NULL,
    sources BYTEA NOT NULL,
    PRIMARY KEY (user_id, id)
);
CREATE INDEX rankings_by_time ON rankings (id);

CREATE TABLE ranking_facts (
    ranking_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    facts BYTEA NOT NULL,
    PRIMARY KEY (user_id, ranking_id)
);

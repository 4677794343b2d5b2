-- Polls, conversations, announcements, rules, the texts of the instance, how people like to read. Expands.

CREATE TABLE polls (
    tweet_id BIGINT PRIMARY KEY,
    options TEXT NOT NULL,
    multiple BOOLEAN NOT NULL,
    hides_totals BOOLEAN NOT NULL,
    ends_ms BIGINT NOT NULL,
    voters BIGINT NOT NULL,
    round BIGINT NOT NULL,
    told_at_ms BIGINT
);

CREATE TABLE poll_options (
    tweet_id BIGINT NOT NULL,
    place BIGINT NOT NULL,
    votes BIGINT NOT NULL,
    PRIMARY KEY (tweet_id, place)
);

CREATE TABLE poll_votes (
    tweet_id BIGINT NOT NULL,
    round BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    place BIGINT NOT NULL,
    PRIMARY KEY (tweet_id, round, user_id, place)
);
CREATE INDEX poll_votes_by_user ON poll_votes (user_id, tweet_id, round, place);

CREATE TABLE conversations (
    id BIGINT PRIMARY KEY,
    user_id BIGINT NOT NULL,
    thread_id BIGINT NOT NULL,
    members_hash BYTEA NOT NULL,
    last_tweet_id BIGINT NOT NULL,
    unread BOOLEAN NOT NULL
);
CREATE UNIQUE INDEX conversations_by_thread ON conversations (user_id, thread_id, members_hash);
CREATE INDEX conversations_by_time ON conversations (user_id, last_tweet_id);

CREATE TABLE direct_tweets (
    user_id BIGINT NOT NULL,
    tweet_id BIGINT NOT NULL,
    conversation_id BIGINT NOT NULL,
    PRIMARY KEY (user_id, tweet_id)
);
CREATE INDEX direct_tweets_by_conversation ON direct_tweets (conversation_id, tweet_id);

CREATE TABLE announcements (
    id BIGINT PRIMARY KEY,
    text TEXT NOT NULL,
    starts_ms BIGINT,
    ends_ms BIGINT,
    all_day BOOLEAN NOT NULL,
    publish_ms BIGINT NOT NULL,
    changed_ms BIGINT NOT NULL
);
CREATE INDEX announcements_by_publication ON announcements (publish_ms, id);

CREATE TABLE announcement_dismissals (
    user_id BIGINT NOT NULL,
    announcement_id BIGINT NOT NULL,
    PRIMARY KEY (user_id, announcement_id)
);
CREATE INDEX announcement_dismissals_by_announcement ON announcement_dismissals (announcement_id, user_id);

CREATE TABLE announcement_reactions (
    announcement_id BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (announcement_id, user_id, name)
);
CREATE INDEX announcement_reactions_by_user ON announcement_reactions (user_id, announcement_id, name);

CREATE TABLE announcement_reaction_counts (
    announcement_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    users BIGINT NOT NULL,
    first_ms BIGINT NOT NULL,
    PRIMARY KEY (announcement_id, name)
);

CREATE TABLE rules (
    id BIGINT PRIMARY KEY,
    position BIGINT NOT NULL,
    text TEXT NOT NULL,
    hint TEXT NOT NULL
);

CREATE TABLE instance_texts (
    kind TEXT NOT NULL,
    effective_on TEXT NOT NULL,
    text TEXT NOT NULL,
    changed_ms BIGINT NOT NULL,
    PRIMARY KEY (kind, effective_on)
);

CREATE TABLE reading_preferences (
    user_id BIGINT PRIMARY KEY,
    media TEXT NOT NULL,
    spoilers BOOLEAN NOT NULL,
    autoplay BOOLEAN NOT NULL
);

ALTER TABLE reports ADD COLUMN rule_ids TEXT NOT NULL DEFAULT '';

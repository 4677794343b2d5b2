-- Names that tolerate typos: the forms under which users are found (`domain/search/names.py`). Expands.

CREATE TABLE user_words (
    user_id BIGINT NOT NULL,
    word TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (user_id, word)
);
CREATE INDEX user_words_by_word ON user_words (word, user_id);

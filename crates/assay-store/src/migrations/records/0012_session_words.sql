-- The words of conversations, by which their owners find them again. A word is kept once for each
-- conversation, with the last turn that has it; 0 for the title. Those from before are added when
-- their owner first searches.
ALTER TABLE session ADD COLUMN has_words INTEGER NOT NULL DEFAULT 0;

CREATE TABLE session_word (
    session BLOB    NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    word    BLOB    NOT NULL,
    turn    INTEGER NOT NULL,
    PRIMARY KEY (session, word)
) STRICT, WITHOUT ROWID;

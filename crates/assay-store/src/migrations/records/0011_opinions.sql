-- Since when the members of the tenant may read a conversation; nothing: its owner alone.
ALTER TABLE session ADD COLUMN shared_ms INTEGER;

-- What people said of answers. A row outlives the conversation when that expires, because those who
-- run the tenant read it, and goes when its owner deletes the conversation.
CREATE TABLE opinion (
    number     INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    session    BLOB    NOT NULL CHECK (length(session) = 16),
    turn       INTEGER NOT NULL,
    owner      BLOB    NOT NULL CHECK (length(owner) = 16),
    question   TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    useful     INTEGER NOT NULL CHECK (useful IN (0, 1)),
    comment    TEXT,
    created_ms INTEGER NOT NULL,
    UNIQUE (session, turn)
) STRICT;

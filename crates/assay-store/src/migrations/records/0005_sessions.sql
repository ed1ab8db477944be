-- Conversations, and vectors of sentences.

CREATE TABLE session (
    id          BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    title       TEXT,
    ttl_minutes INTEGER NOT NULL,
    is_active   INTEGER NOT NULL,
    created_ms  INTEGER NOT NULL,
    used_ms     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Turns are numbered from 1 inside their session; the oldest go when there are too many. The body is
-- JSON in the writing of the caller.
CREATE TABLE turn (
    session    BLOB    NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    number     INTEGER NOT NULL,
    body       TEXT    NOT NULL,
    created_ms INTEGER NOT NULL,
    PRIMARY KEY (session, number)
) STRICT, WITHOUT ROWID;

-- Vectors of the sentences of a passage, packed by the caller; like the vector of the passage they
-- belong to its content.
CREATE TABLE sentence_vectors (
    model INTEGER NOT NULL REFERENCES model (number),
    hash  BLOB    NOT NULL CHECK (length(hash) = 32),
    body  BLOB    NOT NULL,
    UNIQUE (model, hash)
) STRICT;

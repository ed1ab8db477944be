-- Records of one tenant. Ids are the 16 bytes of a UUIDv7, times are milliseconds since 1970.

CREATE TABLE collection (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name       TEXT    NOT NULL UNIQUE,
    created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A deleted document keeps its row as a tombstone and frees its source key for a new document.
CREATE TABLE document (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    collection BLOB    NOT NULL REFERENCES collection (id),
    source_key TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    created_ms INTEGER NOT NULL,
    deleted_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX document_by_source ON document (collection, source_key)
    WHERE deleted_ms IS NULL;
CREATE INDEX document_live ON document (id) WHERE deleted_ms IS NULL;

-- `number` is the order of receipt: of two versions of a document the higher one is newer.
CREATE TABLE version (
    number         INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id             BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    document       BLOB    NOT NULL REFERENCES document (id),
    state          TEXT    NOT NULL CHECK (state IN
        ('received', 'parsed', 'embedded', 'current', 'failed', 'superseded', 'deleted')),
    blob           BLOB    NOT NULL CHECK (length(blob) = 32),
    size           INTEGER NOT NULL,
    media_type     TEXT,
    title          TEXT,
    pages          INTEGER,
    text_bytes     INTEGER,
    failure_code   TEXT,
    failure_reason TEXT,
    received_ms    INTEGER NOT NULL,
    changed_ms     INTEGER NOT NULL
) STRICT;
CREATE INDEX version_by_document ON version (document, number);
CREATE UNIQUE INDEX version_current ON version (document) WHERE state = 'current';
CREATE INDEX version_pending ON version (number) WHERE state IN ('received', 'parsed', 'embedded');
CREATE INDEX version_by_blob ON version (blob) WHERE state <> 'deleted';

-- The blocks as the parser wrote them; nothing here looks inside.
CREATE TABLE blocks (
    version INTEGER NOT NULL PRIMARY KEY REFERENCES version (number) ON DELETE CASCADE,
    body    BLOB    NOT NULL
) STRICT;

-- The text in parts of bounded size, so that a range is read without reading the whole.
CREATE TABLE text_part (
    version INTEGER NOT NULL REFERENCES version (number) ON DELETE CASCADE,
    start   INTEGER NOT NULL,
    body    TEXT    NOT NULL,
    UNIQUE (version, start)
) STRICT;

CREATE TABLE problem (
    version INTEGER NOT NULL REFERENCES version (number) ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    code    TEXT    NOT NULL,
    message TEXT    NOT NULL,
    page    INTEGER,
    UNIQUE (version, ordinal)
) STRICT;

-- A passage carries its own text: fifty hits of a search are one query and no page of other text.
CREATE TABLE passage (
    number       INTEGER NOT NULL PRIMARY KEY,
    id           BLOB    NOT NULL UNIQUE CHECK (length(id) = 16),
    version      INTEGER NOT NULL REFERENCES version (number) ON DELETE CASCADE,
    ordinal      INTEGER NOT NULL,
    start        INTEGER NOT NULL,
    "end"        INTEGER NOT NULL,
    char_start   INTEGER NOT NULL,
    char_end     INTEGER NOT NULL,
    page         INTEGER,
    box          TEXT,
    heading_path TEXT    NOT NULL,
    hash         BLOB    NOT NULL CHECK (length(hash) = 32),
    text         TEXT    NOT NULL,
    UNIQUE (version, ordinal)
) STRICT;
CREATE INDEX passage_by_hash ON passage (hash);

CREATE TABLE model (
    number      INTEGER NOT NULL PRIMARY KEY,
    fingerprint TEXT    NOT NULL UNIQUE,
    dimensions  INTEGER NOT NULL
) STRICT;

-- Vectors belong to content, not to passages: the same text is embedded once per model.
CREATE TABLE vector (
    model INTEGER NOT NULL REFERENCES model (number),
    hash  BLOB    NOT NULL CHECK (length(hash) = 32),
    body  BLOB    NOT NULL,
    UNIQUE (model, hash)
) STRICT;

-- What an index has to do, in order. A position is never used twice.
CREATE TABLE outbox (
    position INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    change   TEXT    NOT NULL CHECK (change IN ('put_version', 'remove_version', 'remove_document')),
    document BLOB    NOT NULL,
    version  BLOB
) STRICT;

-- Entries up to this position are gone: an index that stands before it has to be rebuilt.
CREATE TABLE outbox_pruned (
    one      INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    position INTEGER NOT NULL
) STRICT;
INSERT INTO outbox_pruned (one, position) VALUES (1, 0);

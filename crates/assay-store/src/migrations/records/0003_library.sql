-- What people and containers say of documents, and what finds near duplicates.

-- The archive or mail that a document came out of; it goes when that goes.
ALTER TABLE document ADD COLUMN parent BLOB REFERENCES document (id);
CREATE INDEX document_by_parent ON document (parent) WHERE parent IS NOT NULL;
-- Tags as a JSON array, metadata as a JSON object: what was told, which goes before what was found.
ALTER TABLE document ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
ALTER TABLE document ADD COLUMN told TEXT;

-- Metadata that the parser found: a JSON object.
ALTER TABLE version ADD COLUMN found TEXT;

-- Settings of a collection that differ from the defaults: a JSON object.
ALTER TABLE collection ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';

-- A sketch of the words of a version, and the bands of it by which similar ones meet.
CREATE TABLE sketch (
    version INTEGER NOT NULL PRIMARY KEY REFERENCES version (number) ON DELETE CASCADE,
    body    BLOB    NOT NULL
) STRICT;
CREATE TABLE sketch_band (
    hash    INTEGER NOT NULL,
    version INTEGER NOT NULL REFERENCES version (number) ON DELETE CASCADE,
    PRIMARY KEY (hash, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX sketch_band_by_version ON sketch_band (version);

-- Where documents come from. Settings and state belong to the source; nothing here looks inside.
CREATE TABLE source (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name       TEXT    NOT NULL UNIQUE,
    collection BLOB    NOT NULL REFERENCES collection (id),
    settings   TEXT    NOT NULL,
    every_s    INTEGER,
    state      TEXT    NOT NULL DEFAULT '',
    next_ms    INTEGER,
    last_run   TEXT,
    created_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What filters, facets and weights of a search look at, and what people said of results.

-- Documents and collections in the order of their last change that a search can see: a reader that
-- remembers the last `seq` reads only what changed since. Kept by triggers, so that no writer can
-- forget it.
CREATE TABLE catalogue_change (
    seq     INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    subject BLOB    NOT NULL UNIQUE
) STRICT;
INSERT INTO catalogue_change (subject)
    SELECT d.id FROM document d JOIN version v ON v.document = d.id
    WHERE v.state = 'current' AND d.deleted_ms IS NULL ORDER BY d.id;

CREATE TRIGGER catalogue_document
    AFTER UPDATE OF collection, source_key, name, tags, told, deleted_ms ON document
BEGIN
    DELETE FROM catalogue_change WHERE subject = new.id;
    INSERT INTO catalogue_change (subject) VALUES (new.id);
END;
CREATE TRIGGER catalogue_version
    AFTER UPDATE OF state, title, media_type, pages, found ON version
    WHEN old.state = 'current' OR new.state = 'current'
BEGIN
    DELETE FROM catalogue_change WHERE subject = new.document;
    INSERT INTO catalogue_change (subject) VALUES (new.document);
END;
CREATE TRIGGER catalogue_collection_made AFTER INSERT ON collection
BEGIN
    INSERT INTO catalogue_change (subject) VALUES (new.id);
END;
CREATE TRIGGER catalogue_collection AFTER UPDATE ON collection
BEGIN
    DELETE FROM catalogue_change WHERE subject = new.id;
    INSERT INTO catalogue_change (subject) VALUES (new.id);
END;
CREATE TRIGGER catalogue_collection_gone AFTER DELETE ON collection
BEGIN
    DELETE FROM catalogue_change WHERE subject = old.id;
    INSERT INTO catalogue_change (subject) VALUES (old.id);
END;

-- Whether a document was a useful result for a query; the last word on a pair counts.
CREATE TABLE feedback (
    number     INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    query      TEXT    NOT NULL,
    document   BLOB    NOT NULL REFERENCES document (id),
    useful     INTEGER NOT NULL CHECK (useful IN (0, 1)),
    created_ms INTEGER NOT NULL,
    UNIQUE (query, document)
) STRICT;
CREATE INDEX feedback_by_document ON feedback (document);
CREATE TRIGGER feedback_gone AFTER UPDATE OF deleted_ms ON document WHEN new.deleted_ms IS NOT NULL
BEGIN
    DELETE FROM feedback WHERE document = new.id;
END;

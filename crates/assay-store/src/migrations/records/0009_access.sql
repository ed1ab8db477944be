-- Who may read which collection and document.

-- A list never changes: what is given a list is given the row with these holders, which is made when
-- there is none. `body` is the holders in their order, 17 bytes each.
CREATE TABLE access_list (
    number INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    body   BLOB    NOT NULL UNIQUE
) STRICT;
CREATE TABLE access_entry (
    list   INTEGER NOT NULL REFERENCES access_list (number),
    holder BLOB    NOT NULL CHECK (length(holder) = 17),
    PRIMARY KEY (list, holder)
) STRICT, WITHOUT ROWID;

-- None: everybody of the tenant.
ALTER TABLE collection ADD COLUMN list INTEGER REFERENCES access_list (number);
-- What the document was given itself; none when it was given none.
ALTER TABLE document ADD COLUMN own_list INTEGER REFERENCES access_list (number);
-- Its own, else that of the nearest document around it that was given one; none when the list of its
-- collection holds.
ALTER TABLE document ADD COLUMN list INTEGER REFERENCES access_list (number);

-- Two people may have files of one name that the other does not see.
DROP INDEX document_by_source;
CREATE INDEX document_by_source ON document (collection, source_key) WHERE deleted_ms IS NULL;

DROP TRIGGER catalogue_document;
CREATE TRIGGER catalogue_document
    AFTER UPDATE OF collection, source_key, name, tags, told, deleted_ms, list ON document
BEGIN
    DELETE FROM catalogue_change WHERE subject = new.id;
    INSERT INTO catalogue_change (subject) VALUES (new.id);
END;

-- How much a tenant has, counted as it changes: limits are held against it at every receipt.
CREATE TABLE usage (
    only      INTEGER NOT NULL PRIMARY KEY CHECK (only = 1),
    -- Documents that are there.
    documents INTEGER NOT NULL,
    -- Bytes of the originals of versions that are kept, each counted for itself.
    bytes     INTEGER NOT NULL
) STRICT;
INSERT INTO usage VALUES (1,
    (SELECT count(*) FROM document WHERE deleted_ms IS NULL),
    (SELECT coalesce(sum(size), 0) FROM version WHERE state <> 'deleted'));

CREATE TRIGGER usage_document_made AFTER INSERT ON document
BEGIN UPDATE usage SET documents = documents + 1; END;
CREATE TRIGGER usage_document_gone AFTER UPDATE OF deleted_ms ON document
    WHEN old.deleted_ms IS NULL AND new.deleted_ms IS NOT NULL
BEGIN UPDATE usage SET documents = documents - 1; END;
CREATE TRIGGER usage_version_made AFTER INSERT ON version
BEGIN UPDATE usage SET bytes = bytes + new.size; END;
CREATE TRIGGER usage_version_deleted AFTER UPDATE OF state ON version
    WHEN old.state <> 'deleted' AND new.state = 'deleted'
BEGIN UPDATE usage SET bytes = bytes - new.size; END;
CREATE TRIGGER usage_version_forgotten AFTER DELETE ON version WHEN old.state <> 'deleted'
BEGIN UPDATE usage SET bytes = bytes - old.size; END;

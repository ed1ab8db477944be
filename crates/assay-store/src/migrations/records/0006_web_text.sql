-- Texts of public pages that were shown, kept for a while so that citations of them can be opened.
-- They are no documents: nothing searches them.
CREATE TABLE web_text (
    version    BLOB    NOT NULL PRIMARY KEY CHECK (length(version) = 16),
    document   BLOB    NOT NULL CHECK (length(document) = 16),
    provider   TEXT    NOT NULL,
    url        TEXT    NOT NULL,
    title      TEXT    NOT NULL,
    author     TEXT,
    licence    TEXT,
    changed_ms INTEGER,
    fetched_ms INTEGER NOT NULL,
    -- When it was last shown.
    shown_ms   INTEGER NOT NULL,
    body       TEXT    NOT NULL
) STRICT;
CREATE INDEX web_text_by_age ON web_text (shown_ms);

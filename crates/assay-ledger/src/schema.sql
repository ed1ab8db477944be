-- The ledger. Entries are only ever added; everything else can be made again from them.

-- A price as it was charged, under the number that entries name.
CREATE TABLE price (
    id  INTEGER PRIMARY KEY,
    row TEXT NOT NULL
);

CREATE TABLE entry (
    id             BLOB PRIMARY KEY,
    at_ms          INTEGER NOT NULL,
    settled_ms     INTEGER NOT NULL,
    tenant         TEXT NOT NULL,
    organisation   TEXT NOT NULL,
    key            TEXT NOT NULL,
    user           TEXT NOT NULL,
    provider       TEXT NOT NULL,
    model          TEXT NOT NULL,
    kind           TEXT NOT NULL,
    outcome        TEXT NOT NULL,
    request        BLOB NOT NULL,
    query          BLOB,
    document       BLOB,
    attempt        INTEGER NOT NULL,
    price          INTEGER NOT NULL REFERENCES price (id),
    -- The kinds of tokens, as JSON: what the cost is computed from.
    usage          TEXT NOT NULL,
    is_estimated   INTEGER NOT NULL,
    tokens_read    INTEGER NOT NULL,
    tokens_written INTEGER NOT NULL,
    reserved       INTEGER NOT NULL,
    cost           INTEGER NOT NULL,
    saved          INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX entry_by_time ON entry (tenant, at_ms);
CREATE INDEX entry_by_query ON entry (query) WHERE query IS NOT NULL;
CREATE INDEX entry_by_document ON entry (document) WHERE document IS NOT NULL;

CREATE TRIGGER entry_is_not_changed BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'entries of the ledger are not changed'); END;

CREATE TRIGGER entry_is_not_deleted BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'entries of the ledger are not deleted'); END;

-- Sums of the entries by hour: what budgets are loaded from and reports are made of.
CREATE TABLE hourly (
    hour_ms        INTEGER NOT NULL,
    tenant         TEXT NOT NULL,
    organisation   TEXT NOT NULL,
    key            TEXT NOT NULL,
    user           TEXT NOT NULL,
    provider       TEXT NOT NULL,
    model          TEXT NOT NULL,
    kind           TEXT NOT NULL,
    outcome        TEXT NOT NULL,
    calls          INTEGER NOT NULL,
    tokens_read    INTEGER NOT NULL,
    tokens_written INTEGER NOT NULL,
    cost           INTEGER NOT NULL,
    saved          INTEGER NOT NULL,
    PRIMARY KEY (hour_ms, tenant, organisation, key, user, provider, model, kind, outcome)
) WITHOUT ROWID;

CREATE TABLE budget (
    id         BLOB PRIMARY KEY,
    owner      BLOB NOT NULL,
    created_ms INTEGER NOT NULL,
    spec       TEXT NOT NULL,
    overrides  TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE alert (
    budget    BLOB NOT NULL,
    counter   TEXT NOT NULL,
    window_ms INTEGER NOT NULL,
    percent   INTEGER NOT NULL,
    name      TEXT NOT NULL,
    spent     INTEGER NOT NULL,
    budget_limit INTEGER NOT NULL,
    at_ms     INTEGER NOT NULL,
    PRIMARY KEY (budget, counter, window_ms, percent)
) WITHOUT ROWID;

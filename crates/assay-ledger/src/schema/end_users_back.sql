-- From version 2 to 1: the sums of an hour without whom requests named.

CREATE TABLE kept AS
    SELECT hour_ms, tenant, organisation, key, user, provider, model, kind, outcome,
        sum(calls) AS calls, sum(tokens_read) AS tokens_read, sum(tokens_written) AS tokens_written,
        sum(cost) AS cost, sum(saved) AS saved
    FROM hourly GROUP BY hour_ms, tenant, organisation, key, user, provider, model, kind, outcome;
DROP TABLE hourly;
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
INSERT INTO hourly SELECT * FROM kept;
DROP TABLE kept;
ALTER TABLE entry DROP COLUMN end_user

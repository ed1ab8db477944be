-- `user` is whose credential came with a call; whom the request names stands beside it.

ALTER TABLE entry ADD COLUMN end_user TEXT NOT NULL DEFAULT '';

CREATE TABLE hourly_2 (
    hour_ms        INTEGER NOT NULL,
    tenant         TEXT NOT NULL,
    organisation   TEXT NOT NULL,
    key            TEXT NOT NULL,
    user           TEXT NOT NULL,
    end_user       TEXT NOT NULL,
    provider       TEXT NOT NULL,
    model          TEXT NOT NULL,
    kind           TEXT NOT NULL,
    outcome        TEXT NOT NULL,
    calls          INTEGER NOT NULL,
    tokens_read    INTEGER NOT NULL,
    tokens_written INTEGER NOT NULL,
    cost           INTEGER NOT NULL,
    saved          INTEGER NOT NULL,
    PRIMARY KEY (hour_ms, tenant, organisation, key, user, end_user, provider, model, kind, outcome)
) WITHOUT ROWID;
INSERT INTO hourly_2
    SELECT hour_ms, tenant, organisation, key, user, '', provider, model, kind, outcome, calls,
        tokens_read, tokens_written, cost, saved
    FROM hourly;
DROP TABLE hourly;
ALTER TABLE hourly_2 RENAME TO hourly;

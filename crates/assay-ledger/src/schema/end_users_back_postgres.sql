-- From version 2 to 1, on a server: the rows are seen by the part `ledger` of the program alone.

SET LOCAL assay.role = 'ledger';
CREATE TEMP TABLE kept ON COMMIT DROP AS
    SELECT hour_ms, tenant, organisation, key, "user", provider, model, kind, outcome,
        sum(calls)::bigint AS calls, sum(tokens_read)::bigint AS tokens_read,
        sum(tokens_written)::bigint AS tokens_written, sum(cost)::bigint AS cost,
        sum(saved)::bigint AS saved
    FROM hourly GROUP BY hour_ms, tenant, organisation, key, "user", provider, model, kind, outcome;
DELETE FROM hourly;
ALTER TABLE hourly DROP CONSTRAINT hourly_pkey;
ALTER TABLE hourly DROP COLUMN end_user;
ALTER TABLE hourly ADD PRIMARY KEY
    (hour_ms, tenant, organisation, key, "user", provider, model, kind, outcome);
INSERT INTO hourly SELECT * FROM kept;
ALTER TABLE entry DROP COLUMN end_user

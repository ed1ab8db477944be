-- `user` is whose credential came with a call; whom the request names stands beside it.

ALTER TABLE entry ADD COLUMN end_user text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE hourly ADD COLUMN end_user text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE hourly DROP CONSTRAINT hourly_pkey;
ALTER TABLE hourly ADD PRIMARY KEY
    (hour_ms, tenant, organisation, key, "user", end_user, provider, model, kind, outcome)

-- The ledger, on a server: the tables of `schema.sql`. Counters, budgets and recounts are over all
-- tenants, so that the part `ledger` of the program sees them, and nobody else. Entries are only ever
-- added; everything else can be made again from them.

-- A price as it was charged, under the number that entries name.
CREATE TABLE price (
    id  bigint NOT NULL PRIMARY KEY,
    row text   NOT NULL
);

CREATE TABLE entry (
    id             bytea  NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    at_ms          bigint NOT NULL,
    settled_ms     bigint NOT NULL,
    tenant         text   COLLATE "C" NOT NULL,
    organisation   text   COLLATE "C" NOT NULL,
    key            text   COLLATE "C" NOT NULL,
    "user"         text   COLLATE "C" NOT NULL,
    provider       text   COLLATE "C" NOT NULL,
    model          text   COLLATE "C" NOT NULL,
    kind           text   COLLATE "C" NOT NULL,
    outcome        text   COLLATE "C" NOT NULL,
    request        bytea  NOT NULL,
    query          bytea,
    document       bytea,
    attempt        bigint NOT NULL,
    price          bigint NOT NULL REFERENCES price (id),
    -- The kinds of tokens, as JSON: what the cost is computed from.
    usage          text   NOT NULL,
    is_estimated   bigint NOT NULL,
    tokens_read    bigint NOT NULL,
    tokens_written bigint NOT NULL,
    reserved       bigint NOT NULL,
    cost           bigint NOT NULL,
    saved          bigint NOT NULL
);

CREATE INDEX entry_by_time ON entry (tenant, at_ms);
CREATE INDEX entry_by_query ON entry (query) WHERE query IS NOT NULL;
CREATE INDEX entry_by_document ON entry (document) WHERE document IS NOT NULL;

CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'entries of the ledger are neither changed nor deleted'; END $$;
CREATE TRIGGER kept BEFORE UPDATE OR DELETE OR TRUNCATE ON entry
    FOR EACH STATEMENT EXECUTE FUNCTION keep();

-- Sums of the entries by hour: what budgets are loaded from and reports are made of.
CREATE TABLE hourly (
    hour_ms        bigint NOT NULL,
    tenant         text   COLLATE "C" NOT NULL,
    organisation   text   COLLATE "C" NOT NULL,
    key            text   COLLATE "C" NOT NULL,
    "user"         text   COLLATE "C" NOT NULL,
    provider       text   COLLATE "C" NOT NULL,
    model          text   COLLATE "C" NOT NULL,
    kind           text   COLLATE "C" NOT NULL,
    outcome        text   COLLATE "C" NOT NULL,
    calls          bigint NOT NULL,
    tokens_read    bigint NOT NULL,
    tokens_written bigint NOT NULL,
    cost           bigint NOT NULL,
    saved          bigint NOT NULL,
    PRIMARY KEY (hour_ms, tenant, organisation, key, "user", provider, model, kind, outcome)
);

CREATE TABLE budget (
    id         bytea  NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    owner      bytea  NOT NULL CHECK (length(owner) = 16),
    created_ms bigint NOT NULL,
    spec       text   NOT NULL,
    overrides  text   NOT NULL
);

CREATE TABLE alert (
    budget       bytea  NOT NULL,
    counter      text   COLLATE "C" NOT NULL,
    window_ms    bigint NOT NULL,
    percent      bigint NOT NULL,
    name         text   NOT NULL,
    spent        bigint NOT NULL,
    budget_limit bigint NOT NULL,
    at_ms        bigint NOT NULL,
    PRIMARY KEY (budget, counter, window_ms, percent)
);

-- The tenants of this installation.
CREATE TABLE tenant (
    id         bytea  NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name       text   COLLATE "C" NOT NULL UNIQUE,
    created_ms bigint NOT NULL
);

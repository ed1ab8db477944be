-- Who acts for which tenant: the tables of `schema.sql` and its steps, on a server. They serve the
-- check of credentials, which comes before a tenant is known: the part `identity` of the program sees
-- them, and nobody else.
CREATE TABLE tenant (
    id            bytea  NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name          text   COLLATE "C" NOT NULL UNIQUE,
    state         text   NOT NULL CHECK (state IN ('active', 'trial', 'suspended', 'cancelled')),
    trial_ends_ms bigint,
    created_ms    bigint NOT NULL,
    limits        text   NOT NULL DEFAULT '{}'
);

CREATE TABLE principal (
    id          bytea  NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    kind        text   NOT NULL CHECK (kind IN ('user', 'service')),
    home        bytea  NOT NULL,
    name        text   COLLATE "C" NOT NULL,
    created_ms  bigint NOT NULL,
    disabled_ms bigint,
    password    text,
    UNIQUE (home, name)
);

CREATE TABLE membership (
    tenant     bytea  NOT NULL REFERENCES tenant ON DELETE CASCADE,
    principal  bytea  NOT NULL REFERENCES principal ON DELETE CASCADE,
    role       text   NOT NULL CHECK (role IN ('owner', 'admin', 'member', 'guest', 'service')),
    created_ms bigint NOT NULL,
    PRIMARY KEY (tenant, principal)
);
CREATE INDEX membership_principal ON membership (principal);

CREATE TABLE api_key (
    id         text   COLLATE "C" NOT NULL PRIMARY KEY,
    principal  bytea  NOT NULL REFERENCES principal ON DELETE CASCADE,
    tenant     bytea  NOT NULL REFERENCES tenant ON DELETE CASCADE,
    name       text   NOT NULL,
    hash       bytea  NOT NULL CHECK (length(hash) = 32),
    scopes     text,
    created_ms bigint NOT NULL,
    expires_ms bigint,
    revoked_ms bigint,
    used_ms    bigint,
    replaces   text
);
CREATE INDEX api_key_tenant ON api_key (tenant, principal);
CREATE INDEX api_key_principal ON api_key (principal);

CREATE TABLE login (
    id              text   NOT NULL PRIMARY KEY,
    principal       bytea  NOT NULL REFERENCES principal ON DELETE CASCADE,
    access          bytea  NOT NULL,
    access_ends_ms  bigint NOT NULL,
    refresh         bytea  NOT NULL,
    refresh_ends_ms bigint NOT NULL,
    created_ms      bigint NOT NULL
);
CREATE INDEX login_principal ON login (principal);

CREATE TABLE account (
    issuer     text   COLLATE "C" NOT NULL,
    subject    text   COLLATE "C" NOT NULL,
    principal  bytea  NOT NULL REFERENCES principal ON DELETE CASCADE,
    created_ms bigint NOT NULL,
    PRIMARY KEY (issuer, subject),
    UNIQUE (issuer, principal)
);
CREATE INDEX account_principal ON account (principal);

CREATE TABLE audit (
    tenant bytea  NOT NULL,
    seq    bigint NOT NULL,
    line   text   NOT NULL,
    PRIMARY KEY (tenant, seq)
);

CREATE TABLE checkpoint (
    tenant bytea  NOT NULL,
    seq    bigint NOT NULL,
    line   text   NOT NULL,
    PRIMARY KEY (tenant, seq)
);

CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$;
CREATE TRIGGER kept BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION keep();
CREATE TRIGGER kept BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION keep();

CREATE TABLE access_group (
    id         bytea  NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    tenant     bytea  NOT NULL REFERENCES tenant ON DELETE CASCADE,
    name       text   COLLATE "C" NOT NULL,
    created_ms bigint NOT NULL,
    UNIQUE (tenant, name)
);

CREATE TABLE group_member (
    in_group  bytea NOT NULL REFERENCES access_group ON DELETE CASCADE,
    tenant    bytea NOT NULL,
    principal bytea NOT NULL,
    PRIMARY KEY (in_group, principal),
    FOREIGN KEY (tenant, principal) REFERENCES membership ON DELETE CASCADE
);
CREATE INDEX group_member_principal ON group_member (tenant, principal);

CREATE TABLE invitation (
    id          bytea  NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    tenant      bytea  NOT NULL REFERENCES tenant ON DELETE CASCADE,
    name        text   NOT NULL,
    role        text   NOT NULL CHECK (role IN ('owner', 'admin', 'member', 'guest')),
    hash        bytea  NOT NULL CHECK (length(hash) = 32),
    invited_by  bytea  NOT NULL,
    created_ms  bigint NOT NULL,
    expires_ms  bigint NOT NULL,
    accepted_ms bigint,
    revoked_ms  bigint
);
CREATE INDEX invitation_tenant ON invitation (tenant, created_ms);

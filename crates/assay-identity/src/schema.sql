-- Who acts for which tenant. The data of tenants lies in files of their own.
CREATE TABLE tenant (
    id            BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name          TEXT    NOT NULL UNIQUE,
    state         TEXT    NOT NULL CHECK (state IN ('active', 'trial', 'suspended', 'cancelled')),
    -- When a trial ends and the tenant counts as suspended.
    trial_ends_ms INTEGER,
    created_ms    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE principal (
    id          BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    kind        TEXT    NOT NULL CHECK (kind IN ('user', 'service')),
    -- A service belongs to a tenant, whose other services have other names. A user belongs to none,
    -- which is the empty value: users have different names in the whole installation.
    home        BLOB    NOT NULL,
    name        TEXT    NOT NULL,
    created_ms  INTEGER NOT NULL,
    disabled_ms INTEGER,
    -- Argon2id in its text form; NULL for whoever has no password.
    password    TEXT,
    UNIQUE (home, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE membership (
    tenant     BLOB    NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    principal  BLOB    NOT NULL REFERENCES principal (id) ON DELETE CASCADE,
    role       TEXT    NOT NULL CHECK (role IN ('owner', 'admin', 'member', 'guest', 'service')),
    created_ms INTEGER NOT NULL,
    PRIMARY KEY (tenant, principal)
) STRICT, WITHOUT ROWID;
CREATE INDEX membership_principal ON membership (principal);

CREATE TABLE api_key (
    id         TEXT    NOT NULL PRIMARY KEY,
    principal  BLOB    NOT NULL REFERENCES principal (id) ON DELETE CASCADE,
    -- The tenant that the key is good for.
    tenant     BLOB    NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    name       TEXT    NOT NULL,
    -- HMAC-SHA-256 of the whole key under the pepper of the installation.
    hash       BLOB    NOT NULL CHECK (length(hash) = 32),
    -- Permissions, separated by spaces, that the key is narrowed to; NULL for all of the role.
    scopes     TEXT,
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER,
    revoked_ms INTEGER,
    used_ms    INTEGER,
    -- The key that this one takes the place of.
    replaces   TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX api_key_tenant ON api_key (tenant, principal);

-- Whoever logged in with a password. Tokens are stored as keyed hashes.
CREATE TABLE login (
    id              TEXT    NOT NULL PRIMARY KEY,
    principal       BLOB    NOT NULL REFERENCES principal (id) ON DELETE CASCADE,
    access          BLOB    NOT NULL,
    access_ends_ms  INTEGER NOT NULL,
    refresh         BLOB    NOT NULL,
    refresh_ends_ms INTEGER NOT NULL,
    created_ms      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX login_principal ON login (principal);

CREATE TABLE audit (
    tenant BLOB    NOT NULL,
    seq    INTEGER NOT NULL,
    line   TEXT    NOT NULL,
    PRIMARY KEY (tenant, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE checkpoint (
    tenant BLOB    NOT NULL,
    seq    INTEGER NOT NULL,
    line   TEXT    NOT NULL,
    PRIMARY KEY (tenant, seq)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER audit_kept BEFORE DELETE ON audit
BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit
BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER checkpoint_kept BEFORE DELETE ON checkpoint
BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;
CREATE TRIGGER checkpoint_unchanged BEFORE UPDATE ON checkpoint
BEGIN SELECT raise(ABORT, 'the audit log is append-only'); END;

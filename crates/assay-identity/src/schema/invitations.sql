-- Invitations to a tenant. Of the token only a keyed hash is stored.
CREATE TABLE invitation (
    id          BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    tenant      BLOB    NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    name        TEXT    NOT NULL,
    role        TEXT    NOT NULL CHECK (role IN ('owner', 'admin', 'member', 'guest')),
    hash        BLOB    NOT NULL CHECK (length(hash) = 32),
    invited_by  BLOB    NOT NULL,
    created_ms  INTEGER NOT NULL,
    expires_ms  INTEGER NOT NULL,
    accepted_ms INTEGER,
    revoked_ms  INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX invitation_tenant ON invitation (tenant, created_ms);

-- Limits that differ from those of the configuration: a JSON object.
ALTER TABLE tenant ADD COLUMN limits TEXT NOT NULL DEFAULT '{}';

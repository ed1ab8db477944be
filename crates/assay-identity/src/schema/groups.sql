-- Groups of members, which access lists name.
CREATE TABLE access_group (
    id         BLOB    NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    tenant     BLOB    NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
    name       TEXT    NOT NULL,
    created_ms INTEGER NOT NULL,
    UNIQUE (tenant, name)
) STRICT, WITHOUT ROWID;

-- Only members of the tenant are in its groups; whoever leaves the tenant leaves them.
CREATE TABLE group_member (
    in_group  BLOB NOT NULL REFERENCES access_group (id) ON DELETE CASCADE,
    tenant    BLOB NOT NULL,
    principal BLOB NOT NULL,
    PRIMARY KEY (in_group, principal),
    FOREIGN KEY (tenant, principal) REFERENCES membership (tenant, principal) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX group_member_principal ON group_member (tenant, principal);

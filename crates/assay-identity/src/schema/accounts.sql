-- Accounts at providers of logins: issuer and subject say who it is, whatever else changes there.
CREATE TABLE account (
    issuer     TEXT    NOT NULL,
    subject    TEXT    NOT NULL,
    principal  BLOB    NOT NULL REFERENCES principal (id) ON DELETE CASCADE,
    created_ms INTEGER NOT NULL,
    PRIMARY KEY (issuer, subject),
    -- A user has one account at a provider: a name that was given to somebody else there does not
    -- hand the user over.
    UNIQUE (issuer, principal)
) STRICT, WITHOUT ROWID;
CREATE INDEX account_principal ON account (principal);

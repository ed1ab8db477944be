-- Shared conversations and opinions: the eleventh migration of the files, for a server.
ALTER TABLE session ADD COLUMN shared_ms bigint;

CREATE TABLE opinion (
    tenant     uuid   NOT NULL DEFAULT assay.tenant(),
    number     bigint NOT NULL,
    session    bytea  NOT NULL CHECK (length(session) = 16),
    turn       bigint NOT NULL,
    owner      bytea  NOT NULL CHECK (length(owner) = 16),
    question   text   NOT NULL,
    state      text   NOT NULL,
    useful     bigint NOT NULL CHECK (useful IN (0, 1)),
    comment    text,
    created_ms bigint NOT NULL,
    PRIMARY KEY (tenant, number),
    UNIQUE (tenant, session, turn)
);
CREATE TRIGGER numbered BEFORE INSERT ON opinion
    FOR EACH ROW EXECUTE FUNCTION numbered('number');

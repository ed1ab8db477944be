-- Words of conversations: the twelfth migration of the files, for a server.
ALTER TABLE session ADD COLUMN has_words bigint NOT NULL DEFAULT 0;

CREATE TABLE session_word (
    tenant  uuid   NOT NULL DEFAULT assay.tenant(),
    session bytea  NOT NULL,
    word    bytea  NOT NULL,
    turn    bigint NOT NULL,
    PRIMARY KEY (tenant, session, word),
    FOREIGN KEY (tenant, session) REFERENCES session ON DELETE CASCADE
);

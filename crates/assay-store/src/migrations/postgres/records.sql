-- Records of all tenants: the tables of `records/` as they stand after its ten steps. Each row names
-- its tenant, each key begins with it, and who names no tenant sees no row and writes none.

-- The last number given, by table. Tenants count for themselves, so that no number tells of others.
CREATE TABLE counter (
    tenant uuid   NOT NULL DEFAULT assay.tenant(),
    name   text   NOT NULL,
    value  bigint NOT NULL,
    PRIMARY KEY (tenant, name)
);

CREATE FUNCTION numbered() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    -- A row that comes from elsewhere brings its number along.
    given bigint := (to_jsonb(NEW) ->> TG_ARGV[0])::bigint;
    next  bigint;
BEGIN
    INSERT INTO assay_records.counter AS c (name, value) VALUES (TG_TABLE_NAME, coalesce(given, 1))
        ON CONFLICT (tenant, name)
        DO UPDATE SET value = greatest(c.value + CASE WHEN given IS NULL THEN 1 ELSE 0 END, given)
        RETURNING coalesce(given, c.value) INTO next;
    CASE TG_ARGV[0]
        WHEN 'number' THEN NEW.number := next;
        WHEN 'position' THEN NEW.position := next;
        WHEN 'seq' THEN NEW.seq := next;
    END CASE;
    RETURN NEW;
END $$;

CREATE TABLE access_list (
    tenant uuid   NOT NULL DEFAULT assay.tenant(),
    number bigint NOT NULL,
    body   bytea  NOT NULL,
    PRIMARY KEY (tenant, number)
);
-- A list may be longer than an ordered index takes.
CREATE UNIQUE INDEX access_list_body ON access_list (tenant, sha256(body));
CREATE INDEX access_list_found ON access_list USING hash (body);
CREATE TRIGGER numbered BEFORE INSERT ON access_list
    FOR EACH ROW EXECUTE FUNCTION numbered('number');

CREATE TABLE access_entry (
    tenant uuid   NOT NULL DEFAULT assay.tenant(),
    list   bigint NOT NULL,
    holder bytea  NOT NULL CHECK (length(holder) = 17),
    PRIMARY KEY (tenant, list, holder),
    FOREIGN KEY (tenant, list) REFERENCES access_list
);

CREATE TABLE collection (
    tenant     uuid   NOT NULL DEFAULT assay.tenant(),
    id         bytea  NOT NULL CHECK (length(id) = 16),
    name       text   COLLATE "C" NOT NULL,
    created_ms bigint NOT NULL,
    settings   text   NOT NULL DEFAULT '{}',
    list       bigint,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, name),
    FOREIGN KEY (tenant, list) REFERENCES access_list
);

CREATE TABLE document (
    tenant     uuid   NOT NULL DEFAULT assay.tenant(),
    id         bytea  NOT NULL CHECK (length(id) = 16),
    collection bytea  NOT NULL,
    source_key text   NOT NULL,
    name       text   NOT NULL,
    created_ms bigint NOT NULL,
    deleted_ms bigint,
    parent     bytea,
    tags       text   NOT NULL DEFAULT '[]',
    told       text,
    own_list   bigint,
    list       bigint,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, collection) REFERENCES collection,
    FOREIGN KEY (tenant, parent) REFERENCES document,
    FOREIGN KEY (tenant, own_list) REFERENCES access_list,
    FOREIGN KEY (tenant, list) REFERENCES access_list
);
-- A source key may have 4,096 bytes, more than an ordered index takes.
CREATE INDEX document_by_source ON document USING hash (source_key) WHERE deleted_ms IS NULL;
CREATE INDEX document_by_collection ON document (tenant, collection) WHERE deleted_ms IS NULL;
CREATE INDEX document_live ON document (tenant, id) WHERE deleted_ms IS NULL;
CREATE INDEX document_by_parent ON document (tenant, parent) WHERE parent IS NOT NULL;

CREATE TABLE version (
    tenant         uuid   NOT NULL DEFAULT assay.tenant(),
    number         bigint NOT NULL,
    id             bytea  NOT NULL CHECK (length(id) = 16),
    document       bytea  NOT NULL,
    state          text   NOT NULL CHECK (state IN
        ('received', 'parsed', 'embedded', 'current', 'failed', 'superseded', 'deleted')),
    blob           bytea  NOT NULL CHECK (length(blob) = 32),
    size           bigint NOT NULL,
    media_type     text,
    title          text,
    pages          bigint,
    text_bytes     bigint,
    failure_code   text,
    failure_reason text,
    received_ms    bigint NOT NULL,
    changed_ms     bigint NOT NULL,
    found          text,
    PRIMARY KEY (tenant, number),
    UNIQUE (tenant, id),
    FOREIGN KEY (tenant, document) REFERENCES document
);
CREATE TRIGGER numbered BEFORE INSERT ON version
    FOR EACH ROW EXECUTE FUNCTION numbered('number');
CREATE INDEX version_by_document ON version (tenant, document, number);
CREATE UNIQUE INDEX version_current ON version (tenant, document) WHERE state = 'current';
CREATE INDEX version_pending ON version (tenant, number)
    WHERE state IN ('received', 'parsed', 'embedded');
CREATE INDEX version_by_blob ON version (tenant, blob) WHERE state <> 'deleted';

CREATE TABLE blocks (
    tenant  uuid   NOT NULL DEFAULT assay.tenant(),
    version bigint NOT NULL,
    body    bytea  NOT NULL,
    PRIMARY KEY (tenant, version),
    FOREIGN KEY (tenant, version) REFERENCES version ON DELETE CASCADE
);

CREATE TABLE text_part (
    tenant  uuid   NOT NULL DEFAULT assay.tenant(),
    version bigint NOT NULL,
    start   bigint NOT NULL,
    body    text   NOT NULL,
    PRIMARY KEY (tenant, version, start),
    FOREIGN KEY (tenant, version) REFERENCES version ON DELETE CASCADE
);

CREATE TABLE problem (
    tenant  uuid   NOT NULL DEFAULT assay.tenant(),
    version bigint NOT NULL,
    ordinal bigint NOT NULL,
    code    text   NOT NULL,
    message text   NOT NULL,
    page    bigint,
    PRIMARY KEY (tenant, version, ordinal),
    FOREIGN KEY (tenant, version) REFERENCES version ON DELETE CASCADE
);

CREATE TABLE passage (
    tenant       uuid   NOT NULL DEFAULT assay.tenant(),
    id           bytea  NOT NULL CHECK (length(id) = 16),
    version      bigint NOT NULL,
    ordinal      bigint NOT NULL,
    start        bigint NOT NULL,
    "end"        bigint NOT NULL,
    char_start   bigint NOT NULL,
    char_end     bigint NOT NULL,
    page         bigint,
    box          text,
    heading_path text   NOT NULL,
    hash         bytea  NOT NULL CHECK (length(hash) = 32),
    text         text   NOT NULL,
    origin       text,
    findings     text,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, version, ordinal),
    FOREIGN KEY (tenant, version) REFERENCES version ON DELETE CASCADE
);
CREATE INDEX passage_by_hash ON passage (tenant, hash);

CREATE TABLE model (
    tenant      uuid   NOT NULL DEFAULT assay.tenant(),
    number      bigint NOT NULL,
    fingerprint text   NOT NULL,
    dimensions  bigint NOT NULL,
    PRIMARY KEY (tenant, number),
    UNIQUE (tenant, fingerprint)
);
CREATE TRIGGER numbered BEFORE INSERT ON model
    FOR EACH ROW EXECUTE FUNCTION numbered('number');

CREATE TABLE vector (
    tenant uuid   NOT NULL DEFAULT assay.tenant(),
    model  bigint NOT NULL,
    hash   bytea  NOT NULL CHECK (length(hash) = 32),
    body   bytea  NOT NULL,
    PRIMARY KEY (tenant, model, hash),
    FOREIGN KEY (tenant, model) REFERENCES model
);

CREATE TABLE sentence_vectors (
    tenant uuid   NOT NULL DEFAULT assay.tenant(),
    model  bigint NOT NULL,
    hash   bytea  NOT NULL CHECK (length(hash) = 32),
    body   bytea  NOT NULL,
    PRIMARY KEY (tenant, model, hash),
    FOREIGN KEY (tenant, model) REFERENCES model
);

CREATE TABLE outbox (
    tenant   uuid   NOT NULL DEFAULT assay.tenant(),
    position bigint NOT NULL,
    change   text   NOT NULL CHECK (change IN ('put_version', 'remove_version', 'remove_document')),
    document bytea  NOT NULL,
    version  bytea,
    PRIMARY KEY (tenant, position)
);
CREATE TRIGGER numbered BEFORE INSERT ON outbox
    FOR EACH ROW EXECUTE FUNCTION numbered('position');

CREATE TABLE outbox_pruned (
    tenant   uuid   NOT NULL DEFAULT assay.tenant(),
    one      bigint NOT NULL CHECK (one = 1),
    position bigint NOT NULL,
    PRIMARY KEY (tenant, one)
);

CREATE TABLE sketch (
    tenant  uuid   NOT NULL DEFAULT assay.tenant(),
    version bigint NOT NULL,
    body    bytea  NOT NULL,
    PRIMARY KEY (tenant, version),
    FOREIGN KEY (tenant, version) REFERENCES version ON DELETE CASCADE
);
CREATE TABLE sketch_band (
    tenant  uuid   NOT NULL DEFAULT assay.tenant(),
    hash    bigint NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (tenant, hash, version),
    FOREIGN KEY (tenant, version) REFERENCES version ON DELETE CASCADE
);
CREATE INDEX sketch_band_by_version ON sketch_band (tenant, version);

CREATE TABLE source (
    tenant     uuid   NOT NULL DEFAULT assay.tenant(),
    id         bytea  NOT NULL CHECK (length(id) = 16),
    name       text   COLLATE "C" NOT NULL,
    collection bytea  NOT NULL,
    settings   text   NOT NULL,
    every_s    bigint,
    state      text   NOT NULL DEFAULT '',
    next_ms    bigint,
    last_run   text,
    created_ms bigint NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, name),
    FOREIGN KEY (tenant, collection) REFERENCES collection
);

CREATE TABLE catalogue_change (
    tenant  uuid   NOT NULL DEFAULT assay.tenant(),
    seq     bigint NOT NULL,
    subject bytea  NOT NULL,
    PRIMARY KEY (tenant, seq),
    UNIQUE (tenant, subject)
);
CREATE TRIGGER numbered BEFORE INSERT ON catalogue_change
    FOR EACH ROW EXECUTE FUNCTION numbered('seq');

CREATE FUNCTION note_change(changed bytea) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM assay_records.catalogue_change WHERE subject = changed;
    INSERT INTO assay_records.catalogue_change (subject) VALUES (changed);
END $$;

CREATE FUNCTION note_document() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM assay_records.note_change(NEW.id); RETURN NULL; END $$;
CREATE TRIGGER catalogue_document
    AFTER UPDATE OF collection, source_key, name, tags, told, deleted_ms, list ON document
    FOR EACH ROW EXECUTE FUNCTION note_document();

CREATE FUNCTION note_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM assay_records.note_change(NEW.document); RETURN NULL; END $$;
CREATE TRIGGER catalogue_version AFTER UPDATE OF state, title, media_type, pages, found ON version
    FOR EACH ROW WHEN (OLD.state = 'current' OR NEW.state = 'current')
    EXECUTE FUNCTION note_version();

-- The first collection of a tenant is its first row: what there is one of comes with it.
CREATE FUNCTION note_collection() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO assay_records.outbox_pruned (one, position) VALUES (1, 0) ON CONFLICT DO NOTHING;
        INSERT INTO assay_records.usage ("only", documents, bytes) VALUES (1, 0, 0)
            ON CONFLICT DO NOTHING;
    END IF;
    PERFORM assay_records.note_change(CASE TG_OP WHEN 'DELETE' THEN OLD.id ELSE NEW.id END);
    RETURN NULL;
END $$;
CREATE TRIGGER catalogue_collection AFTER INSERT OR UPDATE OR DELETE ON collection
    FOR EACH ROW EXECUTE FUNCTION note_collection();

CREATE TABLE feedback (
    tenant     uuid   NOT NULL DEFAULT assay.tenant(),
    number     bigint NOT NULL,
    query      text   NOT NULL,
    document   bytea  NOT NULL,
    useful     bigint NOT NULL CHECK (useful IN (0, 1)),
    created_ms bigint NOT NULL,
    PRIMARY KEY (tenant, number),
    FOREIGN KEY (tenant, document) REFERENCES document
);
CREATE TRIGGER numbered BEFORE INSERT ON feedback
    FOR EACH ROW EXECUTE FUNCTION numbered('number');
CREATE INDEX feedback_by_document ON feedback (tenant, document);

CREATE FUNCTION forget_feedback() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN DELETE FROM assay_records.feedback WHERE document = NEW.id; RETURN NULL; END $$;
CREATE TRIGGER feedback_gone AFTER UPDATE OF deleted_ms ON document
    FOR EACH ROW WHEN (NEW.deleted_ms IS NOT NULL) EXECUTE FUNCTION forget_feedback();

CREATE TABLE session (
    tenant      uuid   NOT NULL DEFAULT assay.tenant(),
    id          bytea  NOT NULL CHECK (length(id) = 16),
    title       text,
    ttl_minutes bigint NOT NULL,
    is_active   bigint NOT NULL,
    created_ms  bigint NOT NULL,
    used_ms     bigint NOT NULL,
    owner       bytea  NOT NULL CHECK (length(owner) = 16),
    PRIMARY KEY (tenant, id)
);
CREATE INDEX session_owner ON session (tenant, owner, id);

CREATE TABLE turn (
    tenant     uuid   NOT NULL DEFAULT assay.tenant(),
    session    bytea  NOT NULL,
    number     bigint NOT NULL,
    body       text   NOT NULL,
    created_ms bigint NOT NULL,
    PRIMARY KEY (tenant, session, number),
    FOREIGN KEY (tenant, session) REFERENCES session ON DELETE CASCADE
);

CREATE TABLE web_text (
    tenant     uuid   NOT NULL DEFAULT assay.tenant(),
    version    bytea  NOT NULL CHECK (length(version) = 16),
    document   bytea  NOT NULL CHECK (length(document) = 16),
    provider   text   NOT NULL,
    url        text   NOT NULL,
    title      text   NOT NULL,
    author     text,
    licence    text,
    changed_ms bigint,
    fetched_ms bigint NOT NULL,
    shown_ms   bigint NOT NULL,
    body       text   NOT NULL,
    PRIMARY KEY (tenant, version)
);
CREATE INDEX web_text_by_age ON web_text (tenant, shown_ms);

CREATE TABLE usage (
    tenant    uuid   NOT NULL DEFAULT assay.tenant(),
    "only"    bigint NOT NULL CHECK ("only" = 1),
    documents bigint NOT NULL,
    bytes     bigint NOT NULL,
    PRIMARY KEY (tenant, "only")
);

CREATE FUNCTION count_document() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE assay_records.usage
        SET documents = documents + CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
    RETURN NULL;
END $$;
CREATE TRIGGER usage_document_made AFTER INSERT ON document
    FOR EACH ROW WHEN (NEW.deleted_ms IS NULL) EXECUTE FUNCTION count_document();
CREATE TRIGGER usage_document_gone AFTER UPDATE OF deleted_ms ON document
    FOR EACH ROW WHEN (OLD.deleted_ms IS NULL AND NEW.deleted_ms IS NOT NULL)
    EXECUTE FUNCTION count_document();

CREATE FUNCTION count_bytes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE assay_records.usage
        SET bytes = bytes + CASE TG_OP WHEN 'INSERT' THEN NEW.size ELSE -OLD.size END;
    RETURN NULL;
END $$;
CREATE TRIGGER usage_version_made AFTER INSERT ON version
    FOR EACH ROW WHEN (NEW.state <> 'deleted') EXECUTE FUNCTION count_bytes();
CREATE TRIGGER usage_version_deleted AFTER UPDATE OF state ON version
    FOR EACH ROW WHEN (OLD.state <> 'deleted' AND NEW.state = 'deleted')
    EXECUTE FUNCTION count_bytes();
CREATE TRIGGER usage_version_forgotten AFTER DELETE ON version
    FOR EACH ROW WHEN (OLD.state <> 'deleted') EXECUTE FUNCTION count_bytes();

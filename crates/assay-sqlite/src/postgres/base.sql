-- What the tables of every schema use. Run at each migration, so that it can be corrected.
CREATE SCHEMA IF NOT EXISTS assay;
REVOKE ALL ON SCHEMA assay FROM PUBLIC;

CREATE TABLE IF NOT EXISTS assay.migration (
    schema     text        NOT NULL,
    version    bigint      NOT NULL,
    name       text        NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (schema, version)
);

-- The tenant that the transaction names: none when it names none, so that no row is its row.
CREATE OR REPLACE FUNCTION assay.tenant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT NULLIF(current_setting('assay.tenant', true), '')::uuid $$;

-- Whether the transaction is one of the part of the program that serves every tenant.
CREATE OR REPLACE FUNCTION assay.acts_as(role text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT coalesce(current_setting('assay.role', true), '') = role $$;

-- The words of SQLite that statements use.
DO $$ BEGIN
    IF to_regtype('assay.blob') IS NULL THEN CREATE DOMAIN assay.blob AS bytea; END IF;
END $$;

CREATE OR REPLACE FUNCTION assay.unhex(digits text) RETURNS bytea
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT decode(digits, 'hex') $$;

-- jsonb takes no character 0; the substitute has the same length.
CREATE OR REPLACE FUNCTION assay.parsed(body text) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT replace(body, '\u0000', '\u001a')::jsonb $$;

-- The elements of an array; one that is no text as its JSON.
CREATE OR REPLACE FUNCTION assay.json_each(body text) RETURNS TABLE (value text)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT jsonb_array_elements_text(assay.parsed(body)) $$;

-- A field of an object by the path `$.name`.
CREATE OR REPLACE FUNCTION assay.json_extract(body text, path text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT assay.parsed(body) ->> substr(path, 3) $$;

-- RFC 7396.
CREATE OR REPLACE FUNCTION assay.merged(target jsonb, patch jsonb) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE name text; given jsonb;
BEGIN
    IF jsonb_typeof(patch) <> 'object' THEN RETURN patch; END IF;
    IF target IS NULL OR jsonb_typeof(target) <> 'object' THEN target := '{}'; END IF;
    FOR name, given IN SELECT key, value FROM jsonb_each(patch) LOOP
        IF jsonb_typeof(given) = 'null' THEN target := target - name;
        ELSE target := jsonb_set(target, ARRAY[name], assay.merged(target -> name, given));
        END IF;
    END LOOP;
    RETURN target;
END $$;
CREATE OR REPLACE FUNCTION assay.json_patch(target text, patch text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT assay.merged(assay.parsed(target), assay.parsed(patch))::text $$;

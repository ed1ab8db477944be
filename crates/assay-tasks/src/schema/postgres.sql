-- Durable tasks, on a server: the tables of `schema.sql`. The engine works for every tenant, so that
-- the part `tasks` of the program sees them, and nobody else. They hold ids, never content.
CREATE TABLE incarnation (
    number     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    started_ms bigint NOT NULL
);

CREATE TABLE task (
    seq              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id               bytea  NOT NULL,
    tenant           bytea  NOT NULL,
    queue            text   NOT NULL,
    kind             text   NOT NULL,
    key              text,
    payload          text   NOT NULL,
    priority         bigint NOT NULL,
    state            text   NOT NULL CHECK (
        state IN ('ready', 'delayed', 'running', 'done', 'dead', 'parked', 'cancelled')
    ),
    run_at_ms        bigint NOT NULL,
    attempts         bigint NOT NULL DEFAULT 0,
    attempts_max     bigint NOT NULL,
    crashes          bigint NOT NULL DEFAULT 0,
    fence            bigint NOT NULL DEFAULT 0,
    owner            bigint,
    lease_until_ms   bigint,
    cancel_asked     bigint NOT NULL DEFAULT 0,
    progress_done    bigint,
    progress_total   bigint,
    progress_message text,
    result           text,
    error            text,
    created_ms       bigint NOT NULL,
    updated_ms       bigint NOT NULL,
    finished_ms      bigint,
    CHECK ((state = 'running') = (owner IS NOT NULL AND lease_until_ms IS NOT NULL)),
    CHECK ((state IN ('done', 'dead', 'parked', 'cancelled')) = (finished_ms IS NOT NULL))
);
CREATE UNIQUE INDEX task_by_tenant ON task (tenant, id);
CREATE UNIQUE INDEX task_by_key ON task (tenant, kind, key) WHERE key IS NOT NULL;
CREATE INDEX task_ready ON task (queue, priority DESC, seq) WHERE state = 'ready';
CREATE INDEX task_delayed ON task (run_at_ms) WHERE state = 'delayed';
CREATE INDEX task_running ON task (lease_until_ms) WHERE state = 'running';
CREATE INDEX task_finished ON task (finished_ms) WHERE finished_ms IS NOT NULL;

CREATE TABLE step (
    task   bigint NOT NULL REFERENCES task ON DELETE CASCADE,
    name   text   NOT NULL,
    result text   NOT NULL,
    PRIMARY KEY (task, name)
);

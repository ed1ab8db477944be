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
    timeout_ms       bigint,
    run_until_ms     bigint,
    CHECK ((state = 'running') = (owner IS NOT NULL AND lease_until_ms IS NOT NULL)),
    CHECK ((state IN ('done', 'dead', 'parked', 'cancelled')) = (finished_ms IS NOT NULL))
);
CREATE UNIQUE INDEX task_by_tenant ON task (tenant, id);
CREATE UNIQUE INDEX task_by_key ON task (tenant, kind, key) WHERE key IS NOT NULL;
CREATE INDEX task_turn ON task (queue, priority DESC, tenant, seq, kind) WHERE state = 'ready';
CREATE INDEX task_run_until ON task (run_until_ms) WHERE run_until_ms IS NOT NULL;
CREATE INDEX task_delayed ON task (run_at_ms) WHERE state = 'delayed';
CREATE INDEX task_running ON task (lease_until_ms) WHERE state = 'running';
CREATE INDEX task_finished ON task (finished_ms) WHERE finished_ms IS NOT NULL;

CREATE TABLE step (
    task   bigint NOT NULL REFERENCES task ON DELETE CASCADE,
    name   text   NOT NULL,
    result text   NOT NULL,
    at_ms  bigint,
    PRIMARY KEY (task, name)
);

CREATE TABLE failure (
    task   bigint NOT NULL REFERENCES task ON DELETE CASCADE,
    fence  bigint NOT NULL,
    at_ms  bigint NOT NULL,
    reason text   NOT NULL,
    PRIMARY KEY (task, fence)
);

CREATE TABLE schedule (
    id         bytea  NOT NULL PRIMARY KEY,
    tenant     bytea  NOT NULL,
    name       text   COLLATE "C" NOT NULL,
    cron       text   NOT NULL,
    zone       text   NOT NULL,
    missed     text   NOT NULL CHECK (missed IN ('once', 'none')),
    queue      text   NOT NULL,
    kind       text   NOT NULL,
    payload    text   NOT NULL,
    priority   bigint NOT NULL,
    paused     bigint NOT NULL DEFAULT 0,
    next_ms    bigint NOT NULL,
    last_ms    bigint,
    last_task  bytea,
    created_ms bigint NOT NULL
);
CREATE UNIQUE INDEX schedule_by_name ON schedule (tenant, name);
CREATE INDEX schedule_due ON schedule (next_ms) WHERE paused = 0;

CREATE TABLE webhook (
    id         bytea  NOT NULL PRIMARY KEY,
    tenant     bytea  NOT NULL,
    url        text   NOT NULL,
    secret     text   NOT NULL,
    kinds      text   NOT NULL,
    states     text   NOT NULL,
    created_ms bigint NOT NULL
);
CREATE INDEX webhook_by_tenant ON webhook (tenant);

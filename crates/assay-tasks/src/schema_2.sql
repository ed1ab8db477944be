-- How long a run may take, and until when the present one may.
ALTER TABLE task ADD COLUMN timeout_ms INTEGER;
ALTER TABLE task ADD COLUMN run_until_ms INTEGER;
CREATE INDEX task_run_until ON task (run_until_ms) WHERE run_until_ms IS NOT NULL;

-- Within a priority the tenants take turns; the kind spares a look at the row.
DROP INDEX task_ready;
CREATE INDEX task_turn ON task (queue, priority DESC, tenant, seq, kind) WHERE state = 'ready';

ALTER TABLE step ADD COLUMN at_ms INTEGER;

-- Runs that ended badly.
CREATE TABLE failure (
    task INTEGER NOT NULL REFERENCES task (seq) ON DELETE CASCADE,
    fence INTEGER NOT NULL,             -- which lease of the task
    at_ms INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (task, fence)
) WITHOUT ROWID;

CREATE TABLE schedule (
    id BLOB PRIMARY KEY,
    tenant BLOB NOT NULL,
    name TEXT NOT NULL,
    cron TEXT NOT NULL,
    zone TEXT NOT NULL,
    missed TEXT NOT NULL CHECK (missed IN ('once', 'none')),
    queue TEXT NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    priority INTEGER NOT NULL,
    paused INTEGER NOT NULL DEFAULT 0,
    next_ms INTEGER NOT NULL,
    last_ms INTEGER,
    last_task BLOB,
    created_ms INTEGER NOT NULL
);
CREATE UNIQUE INDEX schedule_by_name ON schedule (tenant, name);
CREATE INDEX schedule_due ON schedule (next_ms) WHERE paused = 0;

-- Who is told when a task ends.
CREATE TABLE webhook (
    id BLOB PRIMARY KEY,
    tenant BLOB NOT NULL,
    url TEXT NOT NULL,
    secret TEXT NOT NULL,
    kinds TEXT NOT NULL,                -- a JSON array; all when empty
    states TEXT NOT NULL,               -- a JSON array; all when empty
    created_ms INTEGER NOT NULL
);
CREATE INDEX webhook_by_tenant ON webhook (tenant);

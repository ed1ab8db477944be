-- One row per start of a process on this file; its number owns the leases of that process.
CREATE TABLE incarnation (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    started_ms INTEGER NOT NULL
);

CREATE TABLE task (
    seq INTEGER PRIMARY KEY,            -- rises with age; never leaves the engine
    id BLOB NOT NULL,
    tenant BLOB NOT NULL,
    queue TEXT NOT NULL,
    kind TEXT NOT NULL,
    key TEXT,
    payload TEXT NOT NULL,
    priority INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (
        state IN ('ready', 'delayed', 'running', 'done', 'dead', 'parked', 'cancelled')
    ),
    run_at_ms INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    attempts_max INTEGER NOT NULL,
    crashes INTEGER NOT NULL DEFAULT 0,
    fence INTEGER NOT NULL DEFAULT 0,   -- leases so far
    owner INTEGER,
    lease_until_ms INTEGER,
    cancel_asked INTEGER NOT NULL DEFAULT 0,
    progress_done INTEGER,
    progress_total INTEGER,
    progress_message TEXT,
    result TEXT,
    error TEXT,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    finished_ms INTEGER,
    CHECK ((state = 'running') = (owner IS NOT NULL AND lease_until_ms IS NOT NULL)),
    CHECK ((state IN ('done', 'dead', 'parked', 'cancelled')) = (finished_ms IS NOT NULL))
);

CREATE UNIQUE INDEX task_by_tenant ON task (tenant, id);
CREATE UNIQUE INDEX task_by_key ON task (tenant, kind, key) WHERE key IS NOT NULL;
CREATE INDEX task_ready ON task (queue, priority DESC, seq) WHERE state = 'ready';
CREATE INDEX task_delayed ON task (run_at_ms) WHERE state = 'delayed';
CREATE INDEX task_running ON task (lease_until_ms) WHERE state = 'running';
CREATE INDEX task_finished ON task (finished_ms) WHERE finished_ms IS NOT NULL;

-- The journal: what a step returned. A step that is here does not run again.
CREATE TABLE step (
    task INTEGER NOT NULL REFERENCES task (seq) ON DELETE CASCADE,
    name TEXT NOT NULL,
    result TEXT NOT NULL,
    PRIMARY KEY (task, name)
) WITHOUT ROWID;

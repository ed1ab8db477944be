//! The tasks of the version before, forward and back.

use assay_sqlite::testing::leads_back;

use super::{BACK, MIGRATIONS};

/// A task that waits, one that runs, one that ended, with journals.
const ROWS: &str = "
INSERT INTO incarnation (started_ms) VALUES (1);
INSERT INTO task (seq, id, tenant, queue, kind, key, payload, priority, state, run_at_ms, attempts_max,
        created_ms, updated_ms)
    VALUES (1, zeroblob(16), zeroblob(16), 'default', 'ingest', 'k', '7', 0, 'ready', 0, 5, 2, 3);
INSERT INTO task (seq, id, tenant, queue, kind, payload, priority, state, run_at_ms, attempts,
        attempts_max, fence, owner, lease_until_ms, progress_done, progress_total, created_ms,
        updated_ms)
    VALUES (2, x'01010101010101010101010101010101', zeroblob(16), 'default', 'ingest', '{}', 1,
        'running', 0, 1, 5, 1, 1, 9, 3, 4, 2, 3);
INSERT INTO task (seq, id, tenant, queue, kind, payload, priority, state, run_at_ms, attempts_max,
        error, created_ms, updated_ms, finished_ms)
    VALUES (3, x'02020202020202020202020202020202', zeroblob(16), 'default', 'ingest', 'null', 0,
        'dead', 0, 5, 'no luck', 2, 3, 4);
INSERT INTO step (task, name, result) VALUES (2, 'first', '42')";

/// What only the newest version holds.
const LATER: &str = "
UPDATE task SET timeout_ms = 5, run_until_ms = 6 WHERE seq = 2;
UPDATE step SET at_ms = 7;
INSERT INTO failure VALUES (3, 1, 5, 'no luck');
INSERT INTO schedule (id, tenant, name, cron, zone, missed, queue, kind, payload, priority, next_ms,
        created_ms)
    VALUES (zeroblob(16), zeroblob(16), 'n', '* * * * *', 'UTC', 'once', 'q', 'k', '1', 0, 1, 2);
INSERT INTO webhook VALUES (zeroblob(16), zeroblob(16), 'u', 's', '[]', '[]', 3)";

#[test]
fn tasks_of_the_version_before_go_forward_and_back_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    leads_back(folder.path(), MIGRATIONS, &BACK, ROWS, LATER);
}

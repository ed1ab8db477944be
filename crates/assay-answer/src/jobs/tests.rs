//! A stall is told with its reason; what was cancelled stays cancelled after a crash.

use std::sync::Arc;

use assay_core::{DocumentId, SystemClock, TaskId, TenantScope};
use assay_store::{NewVersion, Store, StoreSettings};
use assay_tasks::{TaskRecord, TaskSettings, TaskState, Tasks};
use serde_json::json;

use super::stall::Conditions;
use crate::{Engine, EngineSettings, ingest::ingest_task};

fn record(state: TaskState, updated_ms: i64) -> TaskRecord {
    TaskRecord {
        id: TaskId::from_u128(7),
        queue: String::new(),
        kind: String::new(),
        key: None,
        payload: json!({}),
        priority: 0,
        state,
        run_at_ms: 0,
        attempts: 0,
        timeout_ms: None,
        attempts_max: 1,
        crashes: 0,
        is_cancel_asked: false,
        progress: None,
        result: None,
        error: None,
        created_ms: 0,
        updated_ms,
        finished_ms: None,
    }
}

fn conditions(obstacle: Option<&str>, has_free_worker: bool) -> Conditions {
    let obstacle = obstacle.map(str::to_owned);
    Conditions { now_ms: 100_000, stall_ms: 30_000, obstacle, has_free_worker }
}

#[test]
fn a_job_that_should_move_and_does_not_is_stalled() {
    let (moved, quiet) = (70_001, 70_000);
    let free = conditions(None, true);
    assert_eq!(free.stall(&record(TaskState::Running, moved)), None);
    assert!(free.stall(&record(TaskState::Running, quiet)).unwrap().contains("no progress"));
    assert!(free.stall(&record(TaskState::Ready, quiet)).unwrap().contains("one is free"));
    let busy = conditions(None, false);
    assert_eq!(busy.stall(&record(TaskState::Ready, quiet)), None, "it waits for its turn");
    assert_eq!(busy.stall(&record(TaskState::Done, 0)), None);
    let full = conditions(Some("the disk is full"), false);
    for state in [TaskState::Ready, TaskState::Delayed] {
        assert_eq!(full.stall(&record(state, moved)).as_deref(), Some("the disk is full"));
    }
    assert_eq!(full.stall(&record(TaskState::Running, moved)), None, "it moves nevertheless");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_right_after_cancelling_does_not_take_it_back() {
    let folder = tempfile::tempdir().unwrap();
    let (scope, clock) = (TenantScope::built_in(), Arc::new(SystemClock));
    let document = received_and_cancelled(folder.path(), &scope, &clock);
    let settings = EngineSettings::new(folder.path());
    let engine = Engine::open(settings, clock).unwrap();
    let shown = engine.document(&scope, document).await.unwrap();
    assert_eq!(shown.summary.latest.failure.unwrap().code, "cancelled");
    engine.close(std::time::Duration::from_secs(5));
}

/// What a process leaves that ends between cancelling a task and failing its document.
fn received_and_cancelled(
    data: &std::path::Path,
    scope: &TenantScope,
    clock: &Arc<SystemClock>,
) -> DocumentId {
    let store = Store::open(data, clock.clone(), &StoreSettings::default()).unwrap();
    let tenant = store.tenant(scope).unwrap();
    let new = NewVersion {
        collection: tenant.ensure_default().unwrap().id,
        source_key: "pump.txt".to_owned(),
        name: "pump.txt".to_owned(),
        media_type: None,
        blob: tenant.put_blob(b"The pump moves 340 litres.").unwrap(),
        size: 26,
        parent: None,
        told: None,
        access: None,
    };
    let received = tenant.receive(new).unwrap();
    let tasks =
        Tasks::open(&data.join("tasks.db"), clock.clone(), &TaskSettings::default()).unwrap();
    let task = tasks.enqueue(scope, ingest_task(received.version, false)).unwrap();
    tasks.cancel(scope, task).unwrap();
    received.document
}

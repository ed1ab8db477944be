//! More processes on the same tasks: only on a server.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        mpsc::{Sender, channel},
    },
    time::Duration,
};

use assay_core::{FakeClock, SystemClock, TenantScope};
use assay_sqlite::{Server, testing::server_of};
use assay_tasks::{
    Handler, LeaseRequest, NewTask, TaskContext, TaskFailure, TaskSettings, TaskState, Tasks,
    WorkerSettings, Workers,
};
use serde_json::{Value, json};

use crate::support::{KIND, request};

/// The server of a folder of its own; `None` where the tests run on files.
fn server() -> Option<(tempfile::TempDir, Server)> {
    let folder = tempfile::tempdir().unwrap();
    let server = server_of(folder.path(), &[assay_tasks::SCHEMA])?;
    Some((folder, server))
}

#[test]
fn the_first_frees_what_a_worker_that_is_gone_had_leased_and_nothing_else() {
    let Some((_folder, server)) = server() else { return };
    let (clock, settings) = (Arc::new(FakeClock::at_ms(1_000_000)), TaskSettings::default());
    let first = Tasks::open_on(&server, clock.clone(), &settings).unwrap();
    let scope = TenantScope::built_in();
    let ids: Vec<_> =
        (0..3).map(|_| first.enqueue(&scope, NewTask::new(KIND, json!({}))).unwrap()).collect();
    let living = Tasks::join_on(&server, clock.clone(), &settings).unwrap();
    let dying = Tasks::join_on(&server, clock.clone(), &settings).unwrap();
    let kept = living.lease_due(&request(1)).unwrap().pop().unwrap();
    let lost = dying.lease_due(&request(1)).unwrap().pop().unwrap();
    let own = first.lease_due(&request(1)).unwrap().pop().unwrap();
    // A third one that joins frees nothing: the first may be alive.
    let third = Tasks::join_on(&server, clock.clone(), &settings).unwrap();
    assert!(third.lease_due(&request(3)).unwrap().is_empty());
    drop(dying);

    let restarted = Tasks::open_on(&server, clock, &settings).unwrap();
    let state = |id| restarted.get(&scope, id).unwrap().unwrap().state;
    assert_eq!(state(kept.token.task()), TaskState::Running, "its worker lives");
    assert_eq!(state(lost.token.task()), TaskState::Ready);
    assert_eq!(state(own.token.task()), TaskState::Ready, "the first one before is gone");
    assert_eq!(ids.len(), 3);
    assert_eq!(living.settle(kept.token, Ok(json!(1))).unwrap(), Some(TaskState::Done));
    assert_eq!(first.settle(own.token, Ok(json!(1))).unwrap(), None, "it lost its lease");
}

#[test]
fn one_that_joined_parks_no_kind_that_it_does_not_know() {
    let Some((_folder, server)) = server() else { return };
    let clock = Arc::new(FakeClock::at_ms(1_000_000));
    let settings = TaskSettings { unknown_kind_ms: 0, ..TaskSettings::default() };
    let first = Tasks::open_on(&server, clock.clone(), &settings).unwrap();
    let scope = TenantScope::built_in();
    first.enqueue(&scope, NewTask::new("of the first", json!({}))).unwrap();
    clock.advance_ms(1_000);
    let joined = Tasks::join_on(&server, clock, &settings).unwrap();
    assert_eq!(joined.park_unknown().unwrap(), 0);
    assert_eq!(first.park_unknown().unwrap(), 1, "which the first one does");
}

#[test]
fn turns_limits_and_tenants_hold_over_processes() {
    let Some((_folder, server)) = server() else { return };
    let (clock, settings) = (Arc::new(FakeClock::at_ms(1_000_000)), TaskSettings::default());
    let first = Tasks::open_on(&server, clock.clone(), &settings).unwrap();
    let scope = TenantScope::built_in();
    for _ in 0..4 {
        first.enqueue(&scope, NewTask::new(KIND, json!({}))).unwrap();
    }
    let others = [(); 3].map(|()| Tasks::join_on(&server, clock.clone(), &settings).unwrap());
    let limited = LeaseRequest {
        limits: BTreeMap::from([(NewTask::DEFAULT_QUEUE.to_owned(), 2)]),
        ..request(1)
    };
    // At the same time, each in a thread of its own.
    let leased: usize = std::thread::scope(|threads| {
        let lease = |tasks: &Tasks| tasks.lease_due(&limited).unwrap().len();
        let running: Vec<_> =
            others.iter().map(|tasks| threads.spawn(move || lease(tasks))).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(leased, 2, "a queue runs no more tasks than it may, wherever they run");
    let beside = first.worked_beside(KIND, i64::MAX).unwrap();
    assert_eq!(beside, [scope]);
}

/// Says that it runs.
struct Say(Mutex<Sender<()>>);

impl Handler for Say {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn run(&self, _context: &TaskContext<'_>) -> Result<Value, TaskFailure> {
        self.0.lock().unwrap().send(()).unwrap();
        Ok(Value::Null)
    }
}

#[test]
fn a_worker_sees_what_another_process_enqueued() {
    let Some((_folder, server)) = server() else { return };
    let settings = TaskSettings::default();
    let first = Tasks::open_on(&server, Arc::new(SystemClock), &settings).unwrap();
    let joined = Tasks::join_on(&server, Arc::new(SystemClock), &settings).unwrap();
    let (said, heard) = channel();
    let handler = Arc::new(Say(Mutex::new(said)));
    let workers = Workers::start(joined, vec![handler], &WorkerSettings::default()).unwrap();
    for _ in 0..3 {
        first.enqueue(&TenantScope::built_in(), NewTask::new(KIND, json!({}))).unwrap();
        heard.recv_timeout(Duration::from_secs(20)).expect("the task runs in the other process");
    }
    assert_eq!(workers.stop(Duration::from_secs(20)).abandoned, 0);
}

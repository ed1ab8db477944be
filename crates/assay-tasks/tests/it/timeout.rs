//! A run that takes too long loses its lease and counts as failed; drained stores give no task out.

use std::{sync::Arc, time::Duration};

use assay_core::SystemClock;
use assay_tasks::{
    Handler, Hold, NewTask, TaskContext, TaskFailure, TaskState, Tasks, WorkerSettings, Workers,
};
use serde_json::{Value, json};

use crate::support::{Fixture, KIND};

fn timed(timeout_ms: u32, attempts_max: u32) -> NewTask {
    NewTask {
        timeout_ms: Some(timeout_ms),
        attempts_max: Some(attempts_max),
        ..NewTask::new(KIND, json!({}))
    }
}

#[test]
fn a_run_beyond_its_time_is_fenced_off_and_counts_as_failed() {
    let fixture = Fixture::new();
    let id = fixture.tasks.enqueue(&fixture.scope, timed(5_000, 2)).unwrap();
    for (attempt, after) in [(1, TaskState::Delayed), (2, TaskState::Dead)] {
        let lease = fixture.lease_one();
        assert_eq!(lease.attempt, attempt);
        fixture.clock.advance_ms(4_999);
        fixture.tasks.advance().unwrap();
        assert_eq!(fixture.tasks.heartbeat(vec![lease.token]).unwrap(), [Hold::Held]);
        fixture.clock.advance_ms(1);
        fixture.tasks.advance().unwrap();
        assert_eq!(fixture.tasks.heartbeat(vec![lease.token]).unwrap(), [Hold::Lost]);
        assert_eq!(fixture.tasks.settle(lease.token, Ok(json!("late"))).unwrap(), None);
        assert_eq!(fixture.state(id), after);
        fixture.clock.advance_ms(60_000);
    }
    let record = fixture.get(id);
    assert_eq!((record.attempts, record.crashes, record.result), (2, 0, None));
    assert_eq!(record.error.as_deref(), Some("the run took longer than its 5000 ms"));
    let failures = fixture.tasks.history(&fixture.scope, id).unwrap().unwrap().failures;
    assert_eq!(failures.iter().map(|failure| failure.run).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn each_run_has_its_own_time() {
    let fixture = Fixture::new();
    let id = fixture.tasks.enqueue(&fixture.scope, timed(5_000, 5)).unwrap();
    fixture.clock.advance_ms(60_000);
    let lease = fixture.lease_one();
    fixture.clock.advance_ms(3_000);
    fixture.tasks.settle(lease.token, Err(TaskFailure::Interrupted)).unwrap();
    let lease = fixture.lease_one();
    fixture.clock.advance_ms(3_000);
    fixture.tasks.advance().unwrap();
    assert_eq!(fixture.tasks.settle(lease.token, Ok(json!(1))).unwrap(), Some(TaskState::Done));
    assert_eq!(fixture.state(id), TaskState::Done);
}

/// Runs until it is told to stop.
struct Endless;

impl Handler for Endless {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn run(&self, context: &TaskContext<'_>) -> Result<Value, TaskFailure> {
        while !context.should_stop() {
            std::thread::yield_now();
        }
        Err(TaskFailure::Interrupted)
    }
}

#[test]
fn workers_stop_a_run_that_takes_too_long() {
    let fixture = Fixture::new();
    let path = fixture.folder.path().join("real.db");
    let tasks = Tasks::open(&path, Arc::new(SystemClock), &fixture.settings).unwrap();
    let workers =
        Workers::start(tasks.clone(), vec![Arc::new(Endless)], &WorkerSettings::default()).unwrap();
    let id = tasks.enqueue(&fixture.scope, timed(20, 1)).unwrap();
    while tasks.get(&fixture.scope, id).unwrap().unwrap().state != TaskState::Dead {
        std::thread::yield_now();
    }
    let stopped = workers.stop(Duration::from_secs(30));
    assert_eq!(stopped.abandoned, 0, "the thread is free again");
}

#[test]
fn a_drained_store_gives_no_task_out_until_it_goes_on() {
    let fixture = Fixture::new();
    let running = {
        fixture.enqueue();
        fixture.lease_one()
    };
    let id = fixture.enqueue();
    fixture.tasks.drain(true);
    assert!(fixture.tasks.is_draining());
    assert!(fixture.lease(5).is_empty());
    assert_eq!(fixture.tasks.settle(running.token, Ok(json!(1))).unwrap(), Some(TaskState::Done));
    assert_eq!(fixture.tasks.count_running().unwrap(), 0, "what ran came to its end");
    fixture.tasks.drain(false);
    assert_eq!(fixture.lease_one().token.task(), id);
}

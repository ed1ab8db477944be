//! A failed task comes back after a delay that grows, is dead after its last attempt, and starts
//! afresh when replayed.

use std::time::Duration;

use assay_core::{Coded, ErrorCode};
use assay_tasks::{LeaseRequest, NewTask, TaskError, TaskFailure, TaskState};
use serde_json::json;

use crate::support::{Fixture, KIND, context, request};

#[test]
fn delays_double_until_the_task_is_dead() {
    let fixture = Fixture::new();
    let id = fixture.enqueue();
    for failures in 1..fixture.settings.attempts_max {
        let lease = fixture.lease_one();
        assert_eq!(lease.attempt, failures);
        fixture.tasks.settle(lease.token, Err(TaskFailure::retry("no answer"))).unwrap();
        let record = fixture.get(id);
        assert_eq!((record.state, record.attempts), (TaskState::Delayed, failures));
        let delay = record.run_at_ms - record.updated_ms;
        let full = 1_000 << (failures - 1);
        assert!((full / 2..=full).contains(&delay), "{delay} ms after {failures} failures");
        fixture.clock.advance_ms(delay - 1);
        assert!(fixture.lease(1).is_empty(), "not before its time");
        fixture.clock.advance_ms(1);
    }
    assert_eq!(fixture.run_one(Err(TaskFailure::retry("last words"))), Some(TaskState::Dead));
    let record = fixture.get(id);
    assert_eq!(record.error.as_deref(), Some("last words"));
    assert!(record.finished_ms.is_some());
    fixture.clock.advance_ms(100_000_000);
    assert!(fixture.lease(1).is_empty());
}

#[test]
fn a_replay_starts_afresh_but_keeps_finished_steps() {
    let fixture = Fixture::new();
    let id = fixture.enqueue();
    let lease = fixture.lease_one();
    context(&fixture.tasks, &lease).step("first", || Ok(1)).unwrap();
    fixture.tasks.settle(lease.token, Err(TaskFailure::fatal("bad input"))).unwrap();
    assert_eq!(fixture.state(id), TaskState::Dead);

    fixture.tasks.replay(&fixture.scope, id).unwrap();
    let record = fixture.get(id);
    assert_eq!((record.state, record.attempts), (TaskState::Ready, 0));
    let lease = fixture.lease_one();
    assert_eq!(context(&fixture.tasks, &lease).step("first", || Ok(2)), Ok(1));
    fixture.tasks.settle(lease.token, Ok(json!("done"))).unwrap();
    let record = fixture.get(id);
    assert_eq!((record.state, record.error), (TaskState::Done, None));

    let error = fixture.tasks.replay(&fixture.scope, id).unwrap_err();
    assert!(matches!(error, TaskError::WrongState { .. }));
    assert_eq!(error.code(), ErrorCode::Conflict);
}

#[test]
fn a_task_may_set_its_own_limit_and_delay() {
    let fixture = Fixture::new();
    let task = NewTask { attempts_max: Some(2), ..NewTask::new(KIND, json!({})) };
    let id = fixture.tasks.enqueue(&fixture.scope, task).unwrap();
    let wait = TaskFailure::Retry {
        reason: "rate limit".to_owned(),
        after: Some(Duration::from_secs(90)),
    };
    assert_eq!(fixture.run_one(Err(wait.clone())), Some(TaskState::Delayed));
    fixture.clock.advance_ms(89_999);
    assert!(fixture.lease(1).is_empty());
    fixture.clock.advance_ms(1);
    assert_eq!(fixture.run_one(Err(wait)), Some(TaskState::Dead));
    assert_eq!(fixture.get(id).attempts, 2);
}

#[test]
fn giving_way_is_no_failure() {
    let fixture = Fixture::new();
    let id = fixture.enqueue();
    for _ in 0..10 {
        assert_eq!(fixture.run_one(Err(TaskFailure::Interrupted)), Some(TaskState::Ready));
    }
    assert_eq!((fixture.get(id).attempts, fixture.get(id).crashes), (0, 0));
}

#[test]
fn a_task_that_belongs_elsewhere_goes_on_there() {
    let fixture = Fixture::new();
    let id = fixture.enqueue();
    let moved = || TaskFailure::Moved { queue: "long".to_owned() };
    assert_eq!(fixture.run_one(Err(moved())), Some(TaskState::Ready));
    assert_eq!((fixture.get(id).attempts, fixture.get(id).crashes), (0, 0));
    assert!(fixture.lease(1).is_empty(), "its old queue has it no more");
    let request = LeaseRequest { queues: vec!["long".to_owned()], ..request(1) };
    let lease = fixture.tasks.lease_due(&request).unwrap().remove(0);
    assert_eq!(lease.token.task(), id);
    fixture.tasks.cancel(&fixture.scope, id).unwrap();
    let outcome = fixture.tasks.settle(lease.token, Err(moved())).unwrap();
    assert_eq!(outcome, Some(TaskState::Cancelled));
}

#[test]
fn too_much_json_is_refused_before_it_is_stored() {
    let fixture = Fixture::new();
    let large = json!("x".repeat(fixture.settings.json_bytes_max));
    let error =
        fixture.tasks.enqueue(&fixture.scope, NewTask::new(KIND, large.clone())).unwrap_err();
    assert_eq!(error.code(), ErrorCode::TooLarge);
    let id = fixture.enqueue();
    assert_eq!(fixture.run_one(Ok(large)), Some(TaskState::Dead));
    assert!(fixture.get(id).error.unwrap().contains("limit"));
}

//! A waiting task is cancelled at once, a running one before its next step; what was done stands.

use assay_core::{Coded, ErrorCode, TaskId};
use assay_tasks::{Hold, NewTask, TaskError, TaskFailure, TaskState};
use serde_json::json;

use crate::support::{Fixture, KIND, context};

#[test]
fn waiting_tasks_are_cancelled_at_once() {
    let fixture = Fixture::new();
    let ready = fixture.enqueue();
    let delayed = NewTask { run_at_ms: Some(i64::MAX), ..NewTask::new(KIND, json!({})) };
    let delayed = fixture.tasks.enqueue(&fixture.scope, delayed).unwrap();
    for id in [ready, delayed, ready] {
        fixture.tasks.cancel(&fixture.scope, id).unwrap();
        assert_eq!(fixture.state(id), TaskState::Cancelled);
    }
    assert!(fixture.lease(5).is_empty());
}

#[test]
fn a_running_task_stops_before_its_next_step() {
    let fixture = Fixture::new();
    let id = fixture.enqueue();
    let lease = fixture.lease_one();
    fixture.tasks.cancel(&fixture.scope, id).unwrap();
    assert!(fixture.get(id).is_cancel_asked);
    assert_eq!(fixture.tasks.heartbeat(vec![lease.token]).unwrap(), [Hold::CancelAsked]);
    let context = context(&fixture.tasks, &lease);
    assert_eq!(context.step("under way", || Ok(1)), Ok(1), "its effect is kept");
    let stopped = context.step("next", || -> Result<u32, _> { panic!("must not run") });
    assert_eq!(stopped, Err(TaskFailure::Interrupted));
    let state = fixture.tasks.settle(lease.token, Err(TaskFailure::Interrupted)).unwrap();
    assert_eq!(state, Some(TaskState::Cancelled));
}

#[test]
fn a_cancelled_task_does_not_come_back() {
    for fail in [true, false] {
        let fixture = Fixture::new();
        let id = fixture.enqueue();
        let lease = fixture.lease_one();
        fixture.tasks.cancel(&fixture.scope, id).unwrap();
        if fail {
            fixture.tasks.settle(lease.token, Err(TaskFailure::retry("failed"))).unwrap();
        } else {
            fixture.clock.advance_ms(fixture.settings.lease_ms.into());
        }
        assert!(fixture.lease(1).is_empty());
        assert_eq!(fixture.state(id), TaskState::Cancelled);
    }
}

#[test]
fn what_got_done_in_time_is_done() {
    let fixture = Fixture::new();
    let id = fixture.enqueue();
    let lease = fixture.lease_one();
    fixture.tasks.cancel(&fixture.scope, id).unwrap();
    fixture.tasks.settle(lease.token, Ok(json!(1))).unwrap();
    assert_eq!(fixture.state(id), TaskState::Done);
    let error = fixture.tasks.cancel(&fixture.scope, id).unwrap_err();
    assert!(matches!(error, TaskError::WrongState { state: TaskState::Done, .. }));
}

#[test]
fn an_absent_task_is_not_found() {
    let fixture = Fixture::new();
    let error = fixture.tasks.cancel(&fixture.scope, TaskId::new()).unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotFound);
}

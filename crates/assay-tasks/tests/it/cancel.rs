//! A waiting task is cancelled at once, a running one before its next step; what was done stands.

use assay_core::{Coded, ErrorCode, TaskId, TenantId, TenantScope};
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
fn a_dead_letter_is_given_up_by_its_name_or_by_what_it_was_for() {
    let fixture = Fixture::new();
    let keyed = |key: &str| {
        let task = NewTask::new(KIND, json!({})).with_key(key);
        let id = fixture.tasks.enqueue(&fixture.scope, task).unwrap();
        let lease = fixture.lease_one();
        fixture.tasks.settle(lease.token, Err(TaskFailure::fatal("no such file"))).unwrap();
        id
    };
    let (named, one, other) = (keyed("named"), keyed("one"), keyed("other"));
    let waiting = NewTask::new(KIND, json!({})).with_key("waiting");
    let waiting = fixture.tasks.enqueue(&fixture.scope, waiting).unwrap();
    fixture.tasks.cancel(&fixture.scope, named).unwrap();
    let keys = ["one", "waiting", "absent", "named"].map(str::to_owned).to_vec();
    let foreign = TenantScope::of_recorded_task(TenantId::new());
    assert_eq!(fixture.tasks.discard(&foreign, KIND, keys.clone()).unwrap(), 0);
    assert_eq!(fixture.tasks.discard(&fixture.scope, KIND, keys).unwrap(), 1);
    let states = [named, one, other, waiting].map(|id| fixture.state(id));
    assert_eq!(
        states,
        [TaskState::Cancelled, TaskState::Cancelled, TaskState::Dead, TaskState::Ready]
    );
    // It is kept as what was cancelled is, and begins anew as that does.
    fixture.tasks.replay(&fixture.scope, one).unwrap();
    assert_eq!(fixture.state(one), TaskState::Ready);
}

#[test]
fn an_absent_task_is_not_found() {
    let fixture = Fixture::new();
    let error = fixture.tasks.cancel(&fixture.scope, TaskId::new()).unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotFound);
}

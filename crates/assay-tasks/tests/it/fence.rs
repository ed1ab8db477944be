//! A lease that was lost can change nothing: no step, no progress, no outcome.

use assay_tasks::{Hold, TaskFailure, TaskState};
use serde_json::json;

use crate::support::{Fixture, context};

#[test]
fn a_stale_worker_of_an_earlier_process_cannot_write() {
    let mut fixture = Fixture::new();
    let id = fixture.enqueue();
    let stale = fixture.lease_one();
    let cut_off = fixture.restart();
    // Both before and after somebody else holds the lease.
    for _ in 0..2 {
        let context = context(&cut_off, &stale);
        assert_eq!(context.step("late", || Ok(1)), Err(TaskFailure::Interrupted));
        assert!(context.should_stop(), "a lost lease stops the run");
        fixture.clock.advance_ms(500);
        assert_eq!(context.progress(1, None, "late"), Err(TaskFailure::Interrupted));
        assert_eq!(cut_off.heartbeat(vec![stale.token]).unwrap(), [Hold::Lost]);
        assert_eq!(cut_off.settle(stale.token, Ok(json!("late"))).unwrap(), None);
        if fixture.state(id) == TaskState::Ready {
            let fresh = fixture.lease_one();
            assert!(fresh.token.fence() > stale.token.fence());
        }
    }
    let record = fixture.get(id);
    assert_eq!(record.state, TaskState::Running);
    assert_eq!((record.result, record.progress), (None, None));
}

#[test]
fn a_lease_runs_out_without_heartbeat() {
    let fixture = Fixture::new();
    let id = fixture.enqueue();
    let lease = fixture.lease_one();
    let lease_ms = i64::from(fixture.settings.lease_ms);
    fixture.clock.advance_ms(lease_ms - 1);
    assert!(fixture.lease(1).is_empty());
    assert_eq!(fixture.tasks.heartbeat(vec![lease.token]).unwrap(), [Hold::Held]);
    fixture.clock.advance_ms(lease_ms - 1);
    assert!(fixture.lease(1).is_empty(), "the heartbeat extended it");
    fixture.clock.advance_ms(1);
    let next = fixture.lease_one();
    assert_eq!(next.token.task(), id);
    assert_eq!(fixture.tasks.settle(lease.token, Ok(json!(1))).unwrap(), None);
    assert_eq!(fixture.tasks.settle(next.token, Ok(json!(2))).unwrap(), Some(TaskState::Done));
    assert_eq!(fixture.get(id).result, Some(json!(2)));
}

#[test]
fn an_outcome_counts_once() {
    let fixture = Fixture::new();
    let id = fixture.enqueue();
    let lease = fixture.lease_one();
    fixture.tasks.settle(lease.token, Ok(json!(1))).unwrap();
    assert_eq!(fixture.tasks.settle(lease.token, Ok(json!(2))).unwrap(), None);
    assert_eq!(fixture.get(id).result, Some(json!(1)));
}

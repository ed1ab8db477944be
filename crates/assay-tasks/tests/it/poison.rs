//! A task that takes its worker down each time is parked; one that gets further each time is not.

use assay_tasks::TaskState;
use serde_json::json;

use crate::support::{Fixture, context};

/// Longer than any wait after a crash.
const WAIT_MAX_MS: i64 = 100_000;

#[test]
fn a_task_that_kills_its_process_is_parked() {
    let mut fixture = Fixture::new();
    let id = fixture.enqueue();
    for crash in 1..=fixture.settings.crashes_max {
        fixture.lease_one();
        let _dead = fixture.restart();
        let expected = match crash {
            1 => TaskState::Ready,
            crash if crash < fixture.settings.crashes_max => TaskState::Delayed,
            _ => TaskState::Parked,
        };
        assert_eq!(fixture.state(id), expected, "after {crash} crashes");
        if expected == TaskState::Delayed {
            let wait_ms = 1_000 << (3 * (crash - 2));
            fixture.clock.advance_ms(wait_ms - 1);
            assert!(fixture.lease(1).is_empty(), "it waits {wait_ms} ms after crash {crash}");
            fixture.clock.advance_ms(1);
        }
    }
    assert!(fixture.lease(1).is_empty());
    assert!(fixture.get(id).error.is_some());
    fixture.tasks.replay(&fixture.scope, id).unwrap();
    assert_eq!(fixture.run_one(Ok(json!("done"))), Some(TaskState::Done));
}

#[test]
fn a_task_whose_leases_run_out_is_parked() {
    let fixture = Fixture::new();
    let id = fixture.enqueue();
    let mut leases = 0;
    // A round leases the task or finds that its lease ran out.
    for _ in 0..2 * fixture.settings.crashes_max {
        leases += fixture.lease(1).len();
        fixture.clock.advance_ms(i64::from(fixture.settings.lease_ms).max(WAIT_MAX_MS));
    }
    assert!(fixture.lease(1).is_empty());
    assert_eq!(fixture.state(id), TaskState::Parked);
    assert_eq!(leases, fixture.settings.crashes_max as usize);
}

#[test]
fn a_long_task_that_gets_further_survives_many_restarts() {
    let mut fixture = Fixture::new();
    let id = fixture.enqueue();
    for number in 0..3 * fixture.settings.crashes_max {
        let lease = fixture.lease_one();
        context(&fixture.tasks, &lease).step(&format!("page {number}"), || Ok(number)).unwrap();
        let _dead = fixture.restart();
    }
    assert_eq!(fixture.state(id), TaskState::Ready);
}

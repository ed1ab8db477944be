//! A task that takes its worker down each time is parked; one that gets further each time is not.

use assay_tasks::TaskState;
use serde_json::json;

use crate::support::{Fixture, context};

#[test]
fn a_task_that_kills_its_process_is_parked() {
    let mut fixture = Fixture::new();
    let id = fixture.enqueue();
    for crash in 1..=fixture.settings.crashes_max {
        fixture.lease_one();
        let _dead = fixture.restart();
        let parked = crash == fixture.settings.crashes_max;
        let expected = if parked { TaskState::Parked } else { TaskState::Ready };
        assert_eq!(fixture.state(id), expected, "after {crash} crashes");
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
    for _ in 0..fixture.settings.crashes_max {
        fixture.lease_one();
        fixture.clock.advance_ms(fixture.settings.lease_ms.into());
    }
    assert!(fixture.lease(1).is_empty());
    assert_eq!(fixture.state(id), TaskState::Parked);
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

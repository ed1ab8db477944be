//! Each end of a task makes one delivery for each webhook that asks for it, in the same write.

use assay_core::{TenantId, TenantScope};
use assay_tasks::{Delivery, LeaseRequest, TaskError, TaskFailure, TaskState};
use serde_json::json;

use crate::support::{Fixture, KIND, request};

/// The deliveries that wait, taken.
fn deliveries(fixture: &Fixture) -> Vec<Delivery> {
    let kinds = vec![Delivery::KIND.to_owned()];
    let request = LeaseRequest { queues: kinds.clone(), kinds, ..request(50) };
    let leases = fixture.tasks.lease_due(&request).unwrap();
    for lease in &leases {
        fixture.tasks.settle(lease.token, Ok(json!(null))).unwrap();
    }
    leases.into_iter().map(|it| serde_json::from_value(it.payload).unwrap()).collect()
}

fn states(fixture: &Fixture) -> Vec<TaskState> {
    deliveries(fixture).into_iter().map(|delivery| delivery.state).collect()
}

#[test]
fn each_end_is_told_once_and_a_delivery_is_not() {
    let mut fixture = Fixture::new();
    let hook = fixture.tasks.create_webhook(&fixture.scope, "http://a", "s", &[], &[]).unwrap();
    let id = fixture.enqueue();
    fixture.run_one(Ok(json!(1)));
    let told = deliveries(&fixture);
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].task, told[0].webhook, told[0].kind.as_str()), (id, hook.id, KIND));
    assert!(deliveries(&fixture).is_empty(), "the end of a delivery is not told");

    fixture.enqueue();
    fixture.run_one(Err(TaskFailure::retry("later")));
    assert!(states(&fixture).is_empty(), "it goes on");
    fixture.clock.advance_ms(60_000);
    fixture.run_one(Err(TaskFailure::fatal("never")));
    assert_eq!(states(&fixture), [TaskState::Dead]);

    let id = fixture.enqueue();
    fixture.tasks.cancel(&fixture.scope, id).unwrap();
    assert_eq!(states(&fixture), [TaskState::Cancelled]);

    let id = fixture.enqueue();
    while fixture.state(id) != TaskState::Parked {
        fixture.clock.advance_ms(100_000);
        fixture.lease(1);
        let _dead = fixture.restart();
    }
    assert_eq!(states(&fixture), [TaskState::Parked]);
}

#[test]
fn only_what_is_asked_for_is_told_and_only_to_the_tenant() {
    let fixture = Fixture::new();
    let other = TenantScope::of_recorded_task(TenantId::from_u128(7));
    let dead = [TaskState::Dead];
    let tasks = &fixture.tasks;
    tasks.create_webhook(&fixture.scope, "http://dead", "s", &[], &dead).unwrap();
    tasks.create_webhook(&fixture.scope, "http://kind", "s", &["else".to_owned()], &[]).unwrap();
    let foreign = tasks.create_webhook(&other, "http://foreign", "s", &[], &[]).unwrap();
    fixture.enqueue();
    fixture.run_one(Ok(json!(1)));
    assert!(deliveries(&fixture).is_empty());
    fixture.enqueue();
    fixture.run_one(Err(TaskFailure::fatal("never")));
    assert_eq!(states(&fixture), dead);
    assert_eq!(tasks.webhooks(&fixture.scope).unwrap().len(), 2);
    assert_eq!(tasks.webhook(&fixture.scope, foreign.id).unwrap(), None);
    let refused = tasks.delete_webhook(&fixture.scope, foreign.id);
    assert!(matches!(refused, Err(TaskError::NoWebhook { .. })));
    tasks.delete_webhook(&other, foreign.id).unwrap();
    assert!(tasks.webhooks(&other).unwrap().is_empty());
}

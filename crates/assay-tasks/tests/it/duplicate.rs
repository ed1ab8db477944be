//! A key gives one task per tenant and kind, whatever happens at the same time.

use std::{collections::BTreeSet, thread};

use assay_core::{TenantId, TenantScope};
use assay_tasks::{NewTask, TaskFilter, TaskState};
use serde_json::json;

use crate::support::{Fixture, KIND};

fn keyed(number: i64) -> NewTask {
    NewTask::new(KIND, json!({ "number": number })).with_key("invoice 7")
}

#[test]
fn concurrent_enqueues_of_a_key_give_one_task() {
    let fixture = Fixture::new();
    let ids: BTreeSet<_> = thread::scope(|scope| {
        let enqueue = |number| {
            let fixture = &fixture;
            scope.spawn(move || fixture.tasks.enqueue(&fixture.scope, keyed(number)).unwrap())
        };
        let threads: Vec<_> = (0..16).map(enqueue).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(ids.len(), 1);
    assert_eq!(fixture.tasks.list(&fixture.scope, &TaskFilter::default()).unwrap().len(), 1);
    assert_eq!(fixture.lease(10).len(), 1);
}

#[test]
fn a_key_is_remembered_after_the_end_and_across_a_restart() {
    let mut fixture = Fixture::new();
    let first = fixture.tasks.enqueue(&fixture.scope, keyed(1)).unwrap();
    fixture.run_one(Ok(json!("done")));
    let _dead = fixture.restart();
    let second = fixture.tasks.enqueue(&fixture.scope, keyed(2)).unwrap();
    assert_eq!(first, second);
    assert_eq!(fixture.state(first), TaskState::Done);
    assert_eq!(fixture.get(first).payload, json!({ "number": 1 }));
}

#[test]
fn other_kinds_and_tenants_have_keys_of_their_own() {
    let fixture = Fixture::new();
    let other_scope = TenantScope::of_recorded_task(TenantId::from_u128(9));
    let ids = BTreeSet::from([
        fixture.tasks.enqueue(&fixture.scope, keyed(1)).unwrap(),
        fixture.tasks.enqueue(&other_scope, keyed(1)).unwrap(),
        fixture
            .tasks
            .enqueue(&fixture.scope, NewTask::new("other", json!(1)).with_key("invoice 7"))
            .unwrap(),
    ]);
    assert_eq!(ids.len(), 3);
}

//! Within a priority the tenants of a queue take turns; of a tenant the oldest task goes first.

use std::collections::BTreeMap;

use assay_core::{TenantId, TenantScope};
use assay_tasks::NewTask;
use proptest::prelude::*;
use serde_json::json;

use crate::support::{Fixture, KIND, request};

fn tenant(number: u128) -> TenantScope {
    TenantScope::of_recorded_task(TenantId::from_u128(number))
}

#[test]
fn ten_thousand_tasks_of_a_tenant_do_not_hold_up_one_of_another() {
    let fixture = Fixture::new();
    let (busy, small) = (tenant(1), tenant(2));
    std::thread::scope(|threads| {
        for _ in 0..16 {
            threads.spawn(|| {
                for _ in 0..625 {
                    fixture.tasks.enqueue(&busy, NewTask::new(KIND, json!({}))).unwrap();
                }
            });
        }
    });
    let leases = fixture.lease(3);
    assert!(leases.iter().all(|lease| lease.scope == busy));
    let one = fixture.tasks.enqueue(&small, NewTask::new(KIND, json!({}))).unwrap();
    assert_eq!(fixture.lease_one().token.task(), one, "it is next although 9,997 came before");
    assert_eq!(fixture.lease_one().scope, busy);
}

#[test]
fn a_higher_priority_goes_before_the_turn() {
    let fixture = Fixture::new();
    let urgent = NewTask { priority: 1, ..NewTask::new(KIND, json!({})) };
    for _ in 0..2 {
        fixture.tasks.enqueue(&tenant(1), urgent.clone()).unwrap();
    }
    fixture.tasks.enqueue(&tenant(2), NewTask::new(KIND, json!({}))).unwrap();
    let scopes: Vec<_> = fixture.lease(3).into_iter().map(|lease| lease.scope).collect();
    assert_eq!(scopes, [tenant(1), tenant(1), tenant(2)]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn shares_differ_by_one_at_most_while_all_wait(tenants in prop::collection::vec(0..4_u128, 1..40)) {
        let fixture = Fixture::new();
        let mut waiting: BTreeMap<u128, Vec<_>> = BTreeMap::new();
        for number in tenants {
            let id = fixture.tasks.enqueue(&tenant(number), NewTask::new(KIND, json!({}))).unwrap();
            waiting.entry(number).or_default().push(id);
        }
        let mut served: BTreeMap<u128, usize> = waiting.keys().map(|key| (*key, 0)).collect();
        while let Some(lease) = fixture.tasks.lease_due(&request(1)).unwrap().pop() {
            let number = lease.scope.tenant().as_u128();
            prop_assert_eq!(waiting.get_mut(&number).unwrap().remove(0), lease.token.task());
            *served.get_mut(&number).unwrap() += 1;
            let with_work = || served.iter().filter(|(key, _)| !waiting[*key].is_empty());
            let most = with_work().map(|(_, count)| *count).max().unwrap_or(0);
            let least = with_work().map(|(_, count)| *count).min().unwrap_or(0);
            prop_assert!(most - least <= 1, "{served:?}");
        }
        prop_assert!(waiting.values().all(Vec::is_empty));
    }
}

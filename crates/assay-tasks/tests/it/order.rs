//! The higher priority goes first, then the older task, also across queues; a delayed task waits.

use assay_core::TaskId;
use assay_tasks::{LeaseRequest, NewTask, TaskState};
use proptest::prelude::*;
use serde_json::json;

use crate::support::{Fixture, KIND, request};

fn leased(fixture: &Fixture, request: &LeaseRequest) -> Vec<TaskId> {
    let leases = fixture.tasks.lease_due(request).unwrap();
    leases.into_iter().map(|lease| lease.token.task()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn priority_then_age(tasks in prop::collection::vec((-2..3_i32, any::<bool>()), 0..25), page in 1..9_usize) {
        let fixture = Fixture::new();
        let mut expected = Vec::new();
        for (number, (priority, is_other)) in tasks.into_iter().enumerate() {
            let queue = if is_other { "other" } else { NewTask::DEFAULT_QUEUE }.to_owned();
            let task = NewTask { queue, priority, ..NewTask::new(KIND, json!({})) };
            let id = fixture.tasks.enqueue(&fixture.scope, task).unwrap();
            expected.push((-priority, number, id));
        }
        expected.sort_unstable();
        let queues = vec![NewTask::DEFAULT_QUEUE.to_owned(), "other".to_owned()];
        let request = LeaseRequest { queues, ..request(page) };
        for page in expected.chunks(page) {
            let page: Vec<_> = page.iter().map(|(_, _, id)| *id).collect();
            prop_assert_eq!(leased(&fixture, &request), page);
        }
        prop_assert!(leased(&fixture, &request).is_empty());
    }
}

#[test]
fn a_delayed_task_waits_and_then_takes_its_place() {
    let fixture = Fixture::new();
    let later = NewTask { run_at_ms: Some(1_005_000), ..NewTask::new(KIND, json!({})) };
    let later = fixture.tasks.enqueue(&fixture.scope, later).unwrap();
    let now = fixture.enqueue();
    assert_eq!(fixture.state(later), TaskState::Delayed);
    fixture.clock.advance_ms(4_999);
    assert_eq!(leased(&fixture, &request(5)), [now]);
    let young = fixture.enqueue();
    fixture.clock.advance_ms(1);
    assert_eq!(leased(&fixture, &request(5)), [later, young]);
}

#[test]
fn a_queue_gives_no_more_than_its_limit() {
    let fixture = Fixture::new();
    let long = NewTask { queue: "long".to_owned(), ..NewTask::new(KIND, json!({})) };
    let long: Vec<_> =
        (0..4).map(|_| fixture.tasks.enqueue(&fixture.scope, long.clone()).unwrap()).collect();
    let short = fixture.enqueue();
    let request = LeaseRequest {
        queues: vec![NewTask::DEFAULT_QUEUE.to_owned(), "long".to_owned()],
        limits: [("long".to_owned(), 2)].into(),
        ..request(9)
    };
    let leases = fixture.tasks.lease_due(&request).unwrap();
    let taken: Vec<_> = leases.iter().map(|lease| lease.token.task()).collect();
    assert_eq!(taken, [long[0], long[1], short]);
    assert!(leased(&fixture, &request).is_empty(), "two are running");
    fixture.tasks.settle(leases[0].token, Ok(json!(1))).unwrap();
    assert_eq!(leased(&fixture, &request), [long[2]]);
    fixture.clock.advance_ms(fixture.settings.lease_ms.into());
    assert_eq!(leased(&fixture, &request).len(), 3, "lost leases make room: a long one, the short");
}

#[test]
fn unknown_kinds_and_other_queues_are_left_alone() {
    let fixture = Fixture::new();
    let unknown = NewTask { priority: 9, ..NewTask::new("from the future", json!({})) };
    let unknown = fixture.tasks.enqueue(&fixture.scope, unknown).unwrap();
    let elsewhere = NewTask { queue: "slow".to_owned(), ..NewTask::new(KIND, json!({})) };
    fixture.tasks.enqueue(&fixture.scope, elsewhere).unwrap();
    let known = fixture.enqueue();
    assert_eq!(leased(&fixture, &request(5)), [known]);
    assert_eq!(fixture.state(unknown), TaskState::Ready);
}

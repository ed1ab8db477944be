//! A task of a kind that nobody knows is parked, visible, and comes back by a replay.

use std::sync::Arc;

use assay_tasks::{Handler, NewTask, TaskContext, TaskFailure, TaskState, WorkerSettings, Workers};
use serde_json::{Value, json};

use crate::support::{Fixture, KIND};

struct Nothing;

impl Handler for Nothing {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn run(&self, _: &TaskContext<'_>) -> Result<Value, TaskFailure> {
        Ok(json!(null))
    }
}

#[test]
fn a_task_of_an_unknown_kind_is_parked_after_a_while() {
    let fixture = Fixture::new();
    let settings = WorkerSettings { queues: vec!["elsewhere".to_owned()], ..Default::default() };
    let _workers =
        Workers::start(fixture.tasks.clone(), vec![Arc::new(Nothing)], &settings).unwrap();
    let new = NewTask::new("from the future", json!({}));
    let unknown = fixture.tasks.enqueue(&fixture.scope, new).unwrap();
    let known = fixture.enqueue();
    fixture.clock.advance_ms(i64::from(fixture.settings.unknown_kind_ms) - 1);
    assert_eq!(fixture.tasks.park_unknown().unwrap(), 0);
    fixture.clock.advance_ms(1);
    assert_eq!(fixture.tasks.park_unknown().unwrap(), 1);
    let record = fixture.get(unknown);
    assert_eq!(record.state, TaskState::Parked);
    assert!(record.error.unwrap().contains("`from the future`"));
    assert_eq!(fixture.state(known), TaskState::Ready, "its kind is known, its queue is busy");
    fixture.tasks.replay(&fixture.scope, unknown).unwrap();
    assert_eq!(fixture.state(unknown), TaskState::Ready);
}

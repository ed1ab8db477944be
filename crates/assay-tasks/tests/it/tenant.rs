//! A tenant sees and changes its own tasks only; the handler acts for the tenant that enqueued.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use assay_core::{TenantId, TenantScope};
use assay_tasks::{NewTask, TaskError, TaskFailure, TaskFilter, TaskState};
use serde_json::json;

use crate::support::{Fixture, KIND, context};

#[test]
fn tasks_of_another_tenant_do_not_exist() {
    let fixture = Fixture::new();
    let other = TenantScope::of_recorded_task(TenantId::from_u128(2));
    let id = fixture.enqueue();
    assert_eq!(fixture.tasks.get(&other, id).unwrap(), None);
    assert!(fixture.tasks.list(&other, &TaskFilter::default()).unwrap().is_empty());
    for answer in [fixture.tasks.cancel(&other, id), fixture.tasks.replay(&other, id)] {
        assert!(matches!(answer, Err(TaskError::NotFound { .. })));
    }
    assert_eq!(fixture.state(id), TaskState::Ready);
}

#[test]
fn the_handler_gets_the_scope_of_the_caller() {
    let fixture = Fixture::new();
    let other = TenantScope::of_recorded_task(TenantId::from_u128(2));
    fixture.tasks.enqueue(&other, NewTask::new(KIND, json!({ "n": 1 }))).unwrap();
    let lease = fixture.lease_one();
    let context = context(&fixture.tasks, &lease);
    assert_eq!(context.scope(), &other);
    assert_eq!(context.payload(), &json!({ "n": 1 }));
    assert!(context.parse_payload::<Vec<u8>>().is_err());
}

#[test]
fn lists_are_filtered_and_paged_from_the_newest() {
    let fixture = Fixture::new();
    let ids: Vec<_> = (0..7).map(|_| fixture.enqueue()).collect();
    fixture.run_one(Ok(json!(1)));
    let page = |filter: &TaskFilter| -> Vec<_> {
        let records = fixture.tasks.list(&fixture.scope, filter).unwrap();
        records.into_iter().map(|record| record.id).collect()
    };
    let first = page(&TaskFilter { limit: 4, ..TaskFilter::default() });
    assert_eq!(first, [ids[6], ids[5], ids[4], ids[3]]);
    let second = TaskFilter { limit: 4, before: first.last().copied(), ..TaskFilter::default() };
    assert_eq!(page(&second), [ids[2], ids[1], ids[0]]);
    let done = TaskFilter { states: vec![TaskState::Done], ..TaskFilter::default() };
    assert_eq!(page(&done), [ids[0]]);
    let none = TaskFilter { kind: Some("other".to_owned()), ..TaskFilter::default() };
    assert!(page(&none).is_empty());
}

#[test]
fn progress_is_kept_and_what_is_soon_or_nothing_new_is_dropped() {
    let fixture = Fixture::new();
    let id = fixture.enqueue();
    let lease = fixture.lease_one();
    let context = context(&fixture.tasks, &lease);
    let seen = || fixture.get(id).progress.map(|progress| progress.done);
    context.progress(1, Some(9), "reading").unwrap();
    assert_eq!(seen(), None, "a run that is over quickly writes nothing");
    fixture.clock.advance_ms(500);
    context.progress(2, Some(9), "reading").unwrap();
    context.progress(3, Some(9), "reading").unwrap();
    assert_eq!(seen(), Some(2));
    context.progress(4, Some(9), "sorting").unwrap();
    assert_eq!(seen(), Some(4), "the next kind of work is shown at once");
    let moved_ms = fixture.get(id).updated_ms;
    fixture.clock.advance_ms(500);
    context.progress(4, Some(9), "sorting").unwrap();
    assert_eq!(fixture.get(id).updated_ms, moved_ms, "saying the same again is no movement");
}

#[test]
fn a_new_run_starts_without_the_progress_of_the_last() {
    let fixture = Fixture::new();
    let id = fixture.enqueue();
    let lease = fixture.lease_one();
    let run = context(&fixture.tasks, &lease);
    fixture.clock.advance_ms(500);
    run.progress(7, Some(9), "reading").unwrap();
    fixture.tasks.settle(lease.token, Err(TaskFailure::Interrupted)).unwrap();
    assert!(fixture.get(id).progress.is_some(), "how far it came");
    let _lease = fixture.lease_one();
    assert_eq!(fixture.get(id).progress, None);
}

#[test]
fn each_change_is_told_to_the_watcher() {
    let fixture = Fixture::new();
    let (told, counted) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let counter = Arc::clone(&told);
    fixture.tasks.watch(move || {
        counter.fetch_add(1, Ordering::SeqCst);
    });
    let is_told = || {
        let told = told.load(Ordering::SeqCst);
        counted.swap(told, Ordering::SeqCst) < told
    };
    let id = fixture.enqueue();
    assert!(is_told(), "enqueued");
    let lease = fixture.lease_one();
    assert!(is_told(), "leased");
    let run = context(&fixture.tasks, &lease);
    fixture.clock.advance_ms(500);
    run.progress(1, None, "reading").unwrap();
    assert!(is_told(), "moved on");
    fixture.tasks.cancel(&fixture.scope, id).unwrap();
    assert!(is_told(), "asked to cancel");
    fixture.tasks.settle(lease.token, Err(TaskFailure::Interrupted)).unwrap();
    assert!(is_told(), "ended");
    fixture.tasks.replay(&fixture.scope, id).unwrap();
    assert!(is_told(), "started anew");
}

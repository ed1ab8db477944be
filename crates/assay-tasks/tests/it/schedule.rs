//! Schedules make one task each time, make up for missed ones as told, and stand still when paused.

use assay_core::{Coded, ErrorCode, TenantId, TenantScope};
use assay_tasks::{Missed, NewSchedule, NewTask, Schedule, TaskError};
use serde_json::json;

use crate::support::{Fixture, KIND};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;

fn new(name: &str, cron: &str, missed: Missed) -> NewSchedule {
    NewSchedule {
        name: name.to_owned(),
        cron: cron.to_owned(),
        zone: "UTC".to_owned(),
        missed,
        task: NewTask::new(KIND, json!({ "of": name })),
    }
}

fn hourly(fixture: &Fixture, missed: Missed) -> Schedule {
    fixture.tasks.create_schedule(&fixture.scope, new("hourly", "@hourly", missed)).unwrap()
}

/// Lets time pass; how many tasks there are to lease.
fn pass(fixture: &Fixture, ms: i64) -> usize {
    fixture.clock.advance_ms(ms);
    fixture.tasks.advance().unwrap();
    let leases = fixture.lease(100);
    for lease in &leases {
        fixture.tasks.settle(lease.token, Ok(json!(null))).unwrap();
    }
    leases.len()
}

#[test]
fn a_task_is_made_each_time_and_not_before() {
    let fixture = Fixture::new();
    let made = hourly(&fixture, Missed::Once);
    let until_ms = made.next_ms - assay_core::Clock::now_ms(&*fixture.clock);
    assert_eq!(pass(&fixture, until_ms - 1), 0);
    assert_eq!(pass(&fixture, 1), 1);
    assert_eq!(pass(&fixture, 0), 0, "once");
    for _ in 0..3 {
        assert_eq!(pass(&fixture, HOUR_MS), 1);
    }
    let found = fixture.tasks.schedule(&fixture.scope, made.id).unwrap();
    assert_eq!(found.next_ms, made.next_ms + 4 * HOUR_MS);
    let last = fixture.get(found.last_task.unwrap());
    assert_eq!((last.payload, Some(last.created_ms)), (json!({ "of": "hourly" }), found.last_ms));
    assert_eq!(found.upcoming_ms(0, 2), [found.next_ms, found.next_ms + HOUR_MS]);
}

#[test]
fn missed_times_give_one_task_or_none() {
    for (missed, expected) in [(Missed::Once, 1), (Missed::None, 0)] {
        let mut fixture = Fixture::new();
        hourly(&fixture, missed);
        let _dead = fixture.restart();
        assert_eq!(pass(&fixture, 9 * HOUR_MS + 5 * MINUTE_MS), expected, "{missed:?}");
        let next_ms = fixture.tasks.schedules(&fixture.scope).unwrap()[0].next_ms;
        let until_ms = next_ms - assay_core::Clock::now_ms(&*fixture.clock);
        assert!(until_ms <= HOUR_MS);
        assert_eq!(pass(&fixture, until_ms), 1, "and then on time");
    }
}

#[test]
fn a_paused_schedule_stands_still_and_misses_nothing() {
    let fixture = Fixture::new();
    let made = hourly(&fixture, Missed::Once);
    assert!(fixture.tasks.pause_schedule(&fixture.scope, made.id, true).unwrap().is_paused);
    assert_eq!(pass(&fixture, 5 * HOUR_MS), 0);
    let resumed = fixture.tasks.pause_schedule(&fixture.scope, made.id, false).unwrap();
    assert!(!resumed.is_paused && resumed.next_ms > made.next_ms);
    assert_eq!(pass(&fixture, 0), 0);
    assert_eq!(pass(&fixture, HOUR_MS), 1);
    fixture.tasks.delete_schedule(&fixture.scope, made.id).unwrap();
    assert_eq!(pass(&fixture, 5 * HOUR_MS), 0);
}

#[test]
fn what_cannot_be_a_schedule_is_refused_with_the_reason() {
    let fixture = Fixture::new();
    let create = |new: NewSchedule| fixture.tasks.create_schedule(&fixture.scope, new);
    for (cron, zone, reason) in [
        ("0 0 30 2 *", "UTC", "never fires"),
        ("0 0 * *", "UTC", "4 fields"),
        ("0 0 * * *", "Mars/Olympus", "no time zone `Mars/Olympus`"),
    ] {
        let new = NewSchedule { zone: zone.to_owned(), ..new("wrong", cron, Missed::Once) };
        let error = create(new).unwrap_err();
        assert_eq!(error.code(), ErrorCode::BadRequest);
        assert!(error.hint().is_some());
        assert!(error.to_string().contains(reason), "{error}");
    }
    hourly(&fixture, Missed::Once);
    let again = create(new("hourly", "@daily", Missed::Once));
    assert!(matches!(again, Err(TaskError::Exists { .. })));
}

#[test]
fn schedules_of_another_tenant_do_not_exist() {
    let fixture = Fixture::new();
    let other = TenantScope::of_recorded_task(TenantId::from_u128(2));
    let id = hourly(&fixture, Missed::Once).id;
    let tasks = &fixture.tasks;
    assert!(tasks.schedules(&other).unwrap().is_empty());
    for refused in [
        tasks.schedule(&other, id).map(|_| ()),
        tasks.pause_schedule(&other, id, true).map(|_| ()),
        tasks.delete_schedule(&other, id),
    ] {
        assert!(matches!(refused, Err(TaskError::NoSchedule { .. })));
    }
    tasks.forget_tenant(&other).unwrap();
    assert_eq!(tasks.schedules(&fixture.scope).unwrap().len(), 1);
}

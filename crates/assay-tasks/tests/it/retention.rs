//! Ended tasks are purged when their time is over, and only those.

use assay_tasks::TaskFailure;
use serde_json::json;

use crate::support::{Fixture, context};

const HOUR_MS: i64 = 3_600_000;

#[test]
fn ended_tasks_are_purged_in_time() {
    let fixture = Fixture::new();
    let done = fixture.enqueue();
    let lease = fixture.lease_one();
    context(&fixture.tasks, &lease).step("first", || Ok(1)).unwrap();
    fixture.tasks.settle(lease.token, Ok(json!(1))).unwrap();
    let dead = fixture.enqueue();
    fixture.run_one(Err(TaskFailure::fatal("bad input")));
    let waiting = fixture.enqueue();
    let exists = |id| fixture.tasks.get(&fixture.scope, id).unwrap().is_some();

    fixture.clock.advance_ms(i64::from(fixture.settings.keep_done_hours) * HOUR_MS);
    assert_eq!(fixture.tasks.purge().unwrap(), 0);
    fixture.clock.advance_ms(1);
    assert_eq!(fixture.tasks.purge().unwrap(), 1);
    assert!(!exists(done) && exists(dead) && exists(waiting));

    fixture.clock.advance_ms(i64::from(fixture.settings.keep_dead_hours) * HOUR_MS);
    assert_eq!(fixture.tasks.purge().unwrap(), 1);
    assert!(!exists(dead) && exists(waiting));
}

//! A file of the first schema is taken over with all it holds.

use assay_core::{TaskId, TenantScope};
use assay_sqlite::{Database, DatabaseSettings, Migration, sql::params};
use assay_tasks::{NewTask, Tasks};
use serde_json::json;

use crate::support::{Fixture, KIND, context, request};

const FIRST: Migration =
    Migration { version: 1, name: "first", sql: include_str!("../../src/schema.sql") };

#[test]
fn tasks_and_journals_of_the_first_schema_are_taken_over() {
    let fixture = Fixture::new();
    let (path, id) = (fixture.folder.path().join("old.db"), TaskId::new());
    let old = Database::open(&path, &DatabaseSettings::default(), &[FIRST]).unwrap();
    old.write(move |transaction| {
        let tenant = TenantScope::built_in().tenant().to_bytes();
        let sql = "INSERT INTO task (seq, id, tenant, queue, kind, payload, priority, state, \
            run_at_ms, attempts_max, fence, created_ms, updated_ms) \
            VALUES (1, ?, ?, ?, ?, '7', 0, 'ready', 0, 5, 1, 0, 0)";
        let values = params![id.to_bytes(), tenant, NewTask::DEFAULT_QUEUE, KIND];
        transaction.execute(sql, values)?;
        transaction.execute("INSERT INTO step VALUES (1, 'first', '42')", [])?;
        Ok::<_, assay_tasks::TaskError>(())
    })
    .unwrap();
    drop(old);
    let tasks = Tasks::open(&path, fixture.clock.clone(), &fixture.settings).unwrap();
    let lease = tasks.lease_due(&request(1)).unwrap().pop().unwrap();
    assert_eq!((lease.token.task(), &lease.payload), (id, &json!(7)));
    assert_eq!(context(&tasks, &lease).step("first", || Ok(0)), Ok(42));
    let steps = tasks.history(&fixture.scope, id).unwrap().unwrap().steps;
    assert_eq!(steps.first().map(|step| (step.name.as_str(), step.at_ms)), Some(("first", None)));
}

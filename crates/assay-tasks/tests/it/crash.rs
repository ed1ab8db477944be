//! A crash at any step resumes there: finished steps do not run again, and their results are the
//! ones of the first time.

use assay_sqlite::testing::server_of;
use assay_tasks::{TaskContext, TaskFailure, TaskState};
use serde_json::{Value, json};

use crate::support::{Fixture, context};

const STEPS: usize = 4;

/// Runs the steps and counts each effect; the process dies before or after the effect of a step.
fn run(
    context: &TaskContext<'_>,
    effects: &mut [usize; STEPS],
    dies_before: Option<usize>,
) -> Result<Value, TaskFailure> {
    let mut total = 0;
    for (step, count) in effects.iter_mut().enumerate() {
        total += context.step(&format!("step {step}"), || {
            if dies_before == Some(step) {
                return Err(TaskFailure::Interrupted);
            }
            *count += 1;
            Ok(step * 10 + *count)
        })?;
    }
    Ok(json!(total))
}

#[test]
fn finished_steps_are_not_repeated() {
    for crash_at in 0..STEPS {
        let mut fixture = Fixture::new();
        let id = fixture.enqueue();
        let mut effects = [0; STEPS];
        let lease = fixture.lease_one();
        let died = run(&context(&fixture.tasks, &lease), &mut effects, Some(crash_at));
        assert_eq!(died, Err(TaskFailure::Interrupted));
        let _dead = fixture.restart();

        let lease = fixture.lease_one();
        let result = run(&context(&fixture.tasks, &lease), &mut effects, None);
        assert_eq!(result, Ok(json!(1 + 11 + 21 + 31)));
        assert_eq!(fixture.tasks.settle(lease.token, result).unwrap(), Some(TaskState::Done));
        assert_eq!(effects, [1; STEPS], "crash before step {crash_at}");
        assert_eq!(fixture.get(id).result, Some(json!(64)));
    }
}

#[test]
fn a_crash_before_the_end_is_recorded_repeats_no_step() {
    let mut fixture = Fixture::new();
    let id = fixture.enqueue();
    let mut effects = [0; STEPS];
    for _ in 0..5 {
        let lease = fixture.lease_one();
        run(&context(&fixture.tasks, &lease), &mut effects, None).unwrap();
        if lease.token.fence() < 3 {
            let _dead = fixture.restart();
            // The wait after a second crash in a row.
            fixture.clock.advance_ms(1_000);
        } else {
            fixture.tasks.settle(lease.token, Ok(json!("end"))).unwrap();
            break;
        }
    }
    assert_eq!(effects, [1; STEPS]);
    assert_eq!(fixture.state(id), TaskState::Done);
}

#[test]
fn a_restart_frees_leases_at_once() {
    let mut fixture = Fixture::new();
    let id = fixture.enqueue();
    let before = fixture.lease_one();
    assert!(fixture.lease(1).is_empty());
    let _dead = fixture.restart();
    let after = fixture.lease_one();
    assert_eq!(after.token.task(), id);
    assert!(after.token.fence() > before.token.fence());
    assert_eq!(after.attempt, 1, "a crash is not a failure of the task");
    assert_eq!(fixture.get(id).crashes, 1);
}

#[test]
fn a_result_of_another_type_is_fatal_and_does_not_run_the_step() {
    let fixture = Fixture::new();
    fixture.enqueue();
    let lease = fixture.lease_one();
    context(&fixture.tasks, &lease).step("name", || Ok("text".to_owned())).unwrap();
    fixture.tasks.settle(lease.token, Err(TaskFailure::Interrupted)).unwrap();
    let lease = fixture.lease_one();
    let failure = context(&fixture.tasks, &lease)
        .step("name", || -> Result<u32, _> { panic!("must not run") })
        .unwrap_err();
    assert!(matches!(failure, TaskFailure::Fatal { reason } if reason.contains("`name`")));
}

#[test]
fn a_store_that_was_copied_while_open_holds_every_acknowledged_task() {
    let fixture = Fixture::new();
    let ids: Vec<_> = (0..20).map(|_| fixture.enqueue()).collect();
    let lease = fixture.lease_one();
    context(&fixture.tasks, &lease).step("first", || Ok(7)).unwrap();
    if server_of(fixture.folder.path(), &[assay_tasks::SCHEMA]).is_some() {
        // There are no files.
        return;
    }
    // What a power cut would leave: the files as they are.
    let copy = tempfile::tempdir().unwrap();
    for name in ["tasks.db", "tasks.db-wal"] {
        std::fs::copy(fixture.folder.path().join(name), copy.path().join(name)).unwrap();
    }
    let path = copy.path().join("tasks.db");
    let tasks = assay_tasks::Tasks::open(&path, fixture.clock.clone(), &fixture.settings).unwrap();
    for id in ids {
        assert!(tasks.get(&fixture.scope, id).unwrap().is_some());
    }
    let lease = tasks.lease_due(&crate::support::request(1)).unwrap().pop().unwrap();
    let seven = context(&tasks, &lease).step("first", || Ok(0)).unwrap();
    assert_eq!(seven, 7);
}

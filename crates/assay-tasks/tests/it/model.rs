//! Whatever happens in whatever order, no acknowledged task is lost and no finished step runs twice.

use std::collections::BTreeMap;

use assay_core::TaskId;
use assay_tasks::{NewTask, TaskFailure, TaskState};
use proptest::prelude::*;
use serde_json::json;

use crate::support::{Fixture, KIND, context};

const STEPS: u8 = 3;

#[derive(Debug, Clone)]
enum Operation {
    /// With one of a few keys, or none.
    Enqueue {
        key: Option<u8>,
        delay_ms: i64,
    },
    /// Leases a task, runs steps up to a number, then ends as told.
    Run {
        steps: u8,
        end: End,
    },
    Advance {
        ms: i64,
    },
    Cancel {
        task: usize,
    },
    Replay {
        task: usize,
    },
    Restart,
}

#[derive(Debug, Clone)]
enum End {
    Done,
    Retry,
    Fatal,
    GiveWay,
    /// Says nothing more, as a worker that died.
    Vanish,
}

fn operation() -> impl Strategy<Value = Operation> {
    let end = prop_oneof![
        4 => Just(End::Done),
        2 => Just(End::Retry),
        1 => Just(End::Fatal),
        1 => Just(End::GiveWay),
        2 => Just(End::Vanish),
    ];
    prop_oneof![
        3 => (prop::option::of(0..4_u8), 0..2_000_i64)
            .prop_map(|(key, delay_ms)| Operation::Enqueue { key, delay_ms }),
        6 => (0..=STEPS, end).prop_map(|(steps, end)| Operation::Run { steps, end }),
        2 => (0..90_000_i64).prop_map(|ms| Operation::Advance { ms }),
        1 => (0..20_usize).prop_map(|task| Operation::Cancel { task }),
        1 => (0..20_usize).prop_map(|task| Operation::Replay { task }),
        1 => Just(Operation::Restart),
    ]
}

/// What the outside world saw.
#[derive(Default)]
struct World {
    tasks: Vec<TaskId>,
    by_key: BTreeMap<u8, TaskId>,
    effects: BTreeMap<(TaskId, u8), u32>,
    results: BTreeMap<TaskId, u32>,
}

impl World {
    fn apply(&mut self, fixture: &mut Fixture, operation: Operation) {
        match operation {
            Operation::Enqueue { key, delay_ms } => self.enqueue(fixture, key, delay_ms),
            Operation::Run { steps, end } => self.run(fixture, steps, &end),
            Operation::Advance { ms } => fixture.clock.advance_ms(ms),
            Operation::Cancel { task } => {
                if let Some(id) = self.tasks.get(task) {
                    let was = fixture.state(*id);
                    let may = was != TaskState::Done;
                    assert_eq!(fixture.tasks.cancel(&fixture.scope, *id).is_ok(), may);
                }
            }
            Operation::Replay { task } => {
                if let Some(id) = self.tasks.get(task) {
                    let was = fixture.state(*id);
                    let may = was.is_finished() && was != TaskState::Done;
                    assert_eq!(fixture.tasks.replay(&fixture.scope, *id).is_ok(), may);
                }
            }
            Operation::Restart => drop(fixture.restart()),
        }
    }

    fn enqueue(&mut self, fixture: &Fixture, key: Option<u8>, delay_ms: i64) {
        let now_ms = assay_core::Clock::now_ms(&*fixture.clock);
        let task = NewTask {
            key: key.map(|key| key.to_string()),
            run_at_ms: Some(now_ms + delay_ms),
            ..NewTask::new(KIND, json!({}))
        };
        let id = fixture.tasks.enqueue(&fixture.scope, task).unwrap();
        let first = key.map_or(id, |key| *self.by_key.entry(key).or_insert(id));
        assert_eq!(id, first, "a key keeps its task");
        if !self.tasks.contains(&id) {
            self.tasks.push(id);
        }
    }

    fn run(&mut self, fixture: &Fixture, steps: u8, end: &End) {
        let Some(lease) = fixture.lease(1).pop() else { return };
        let id = lease.token.task();
        let context = context(&fixture.tasks, &lease);
        for step in 0..steps {
            let effect = || {
                *self.effects.entry((id, step)).or_default() += 1;
                Ok(step)
            };
            match context.step(&step.to_string(), effect) {
                Ok(result) => assert_eq!(result, step),
                Err(failure) => assert_eq!(failure, TaskFailure::Interrupted),
            }
        }
        let outcome = match end {
            End::Done => Ok(json!(steps)),
            End::Retry => Err(TaskFailure::retry("again")),
            End::Fatal => Err(TaskFailure::fatal("never")),
            End::GiveWay => Err(TaskFailure::Interrupted),
            End::Vanish => return,
        };
        let state = fixture.tasks.settle(lease.token, outcome).unwrap();
        if state == Some(TaskState::Done) {
            *self.results.entry(id).or_default() += 1;
        }
    }

    fn check(&self, fixture: &Fixture) {
        for id in &self.tasks {
            let record = fixture.get(*id);
            let is_done = record.state == TaskState::Done;
            assert_eq!(self.results.get(id).copied().unwrap_or(0), u32::from(is_done));
            assert_eq!(record.result.is_some(), is_done);
        }
        let twice: Vec<_> = self.effects.iter().filter(|(_, count)| **count > 1).collect();
        assert!(twice.is_empty(), "steps that ran twice: {twice:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn no_task_is_lost_and_no_step_runs_twice(
        operations in prop::collection::vec(operation(), 1..60),
    ) {
        let mut fixture = Fixture::new();
        let mut world = World::default();
        for operation in operations {
            world.apply(&mut fixture, operation);
        }
        world.check(&fixture);
        // Left in peace, everything ends: leases run out, delays pass.
        for _ in 0..world.tasks.len() * 20 {
            fixture.clock.advance_ms(60_000);
            world.run(&fixture, STEPS, &End::Done);
        }
        for id in &world.tasks {
            prop_assert!(fixture.state(*id).is_finished(), "{:?}", fixture.get(*id));
        }
        world.check(&fixture);
    }
}

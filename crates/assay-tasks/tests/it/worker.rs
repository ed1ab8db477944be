//! The threads: woken without delay, patient with failures, stopping without loss.

use std::{
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use assay_core::{Clock, FakeClock, SystemClock, TaskId, TenantScope};
use assay_tasks::{
    Handler, Hold, NewTask, Stopped, TaskContext, TaskError, TaskFailure, TaskSettings, TaskState,
    Tasks, WorkerSettings, Workers,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::support::{Fixture, KIND, open, request};

const PATIENCE: Duration = Duration::from_secs(30);

/// Counts events; a test waits for them.
#[derive(Default)]
struct Events(Mutex<usize>, Condvar);

impl Events {
    fn add(&self) {
        *self.0.lock().unwrap() += 1;
        self.1.notify_all();
    }

    fn wait_for(&self, count: usize) {
        let events = self.0.lock().unwrap();
        let (events, timeout) =
            self.1.wait_timeout_while(events, PATIENCE, |events| *events < count).unwrap();
        assert!(!timeout.timed_out(), "{events} of {count} events");
    }
}

/// A handler made of a function.
struct Run<F>(F);

impl<F: Fn(&TaskContext<'_>) -> Result<Value, TaskFailure> + Send + Sync> Handler for Run<F> {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn run(&self, context: &TaskContext<'_>) -> Result<Value, TaskFailure> {
        (self.0)(context)
    }
}

fn start<F>(tasks: &Tasks, threads: usize, run: F) -> Workers
where
    F: Fn(&TaskContext<'_>) -> Result<Value, TaskFailure> + Send + Sync + 'static,
{
    let settings = WorkerSettings { threads, ..WorkerSettings::default() };
    Workers::start(tasks.clone(), vec![Arc::new(Run(run))], &settings).unwrap()
}

/// Waits until a task reaches a state that no event announces.
fn wait_for_state(fixture: &Fixture, id: TaskId, state: TaskState) {
    let start = Instant::now();
    while fixture.state(id) != state {
        assert!(start.elapsed() < PATIENCE, "{id} is {}", fixture.state(id));
        std::thread::yield_now();
    }
}

#[test]
fn every_task_runs_once_whether_enqueued_before_or_after_the_start() {
    let fixture = Fixture::new();
    let before: Vec<_> = (0..20).map(|_| fixture.enqueue()).collect();
    let (events, runs) = (Arc::new(Events::default()), Arc::new(AtomicUsize::new(0)));
    let counted = (Arc::clone(&events), Arc::clone(&runs));
    let workers = start(&fixture.tasks, 4, move |_| {
        counted.1.fetch_add(1, Ordering::SeqCst);
        counted.0.add();
        Ok(json!("done"))
    });
    events.wait_for(20);
    // Idle workers have to be woken for each of these.
    let mut after = Vec::new();
    for number in 21..=40 {
        after.push(fixture.enqueue());
        events.wait_for(number);
    }
    for id in before.into_iter().chain(after) {
        wait_for_state(&fixture, id, TaskState::Done);
    }
    assert_eq!(workers.stop(PATIENCE), Stopped { abandoned: 0 });
    assert_eq!(runs.load(Ordering::SeqCst), 40);
}

#[test]
fn a_clock_that_jumps_an_hour_neither_ends_a_run_nor_begins_it_again() {
    const HOUR_MS: i64 = 3_600_000;
    for jump_ms in [HOUR_MS, -HOUR_MS] {
        let fixture = Fixture::new();
        let (begun, go_on) = (Arc::new(Events::default()), Arc::new(Events::default()));
        let seen = (Arc::clone(&begun), Arc::clone(&go_on));
        let workers = start(&fixture.tasks, 2, move |_| {
            seen.0.add();
            seen.1.wait_for(1);
            Ok(json!("done"))
        });
        let timed = NewTask { timeout_ms: Some(5_000), ..NewTask::new(KIND, json!({})) };
        let id = fixture.tasks.enqueue(&fixture.scope, timed).unwrap();
        begun.wait_for(1);
        fixture.clock.advance_ms(4_000);
        fixture.clock.jump_ms(jump_ms);
        fixture.tasks.advance().unwrap();
        // Whoever looks for work finds none.
        assert!(fixture.lease(1).is_empty());
        let record = fixture.get(id);
        assert_eq!((record.state, record.crashes), (TaskState::Running, 0), "{jump_ms}");
        go_on.add();
        wait_for_state(&fixture, id, TaskState::Done);
        assert_eq!(*begun.0.lock().unwrap(), 1, "it ran once");
        assert_eq!(workers.stop(PATIENCE), Stopped { abandoned: 0 });
    }
}

/// A clock that is set back an hour just before it is read for the nth time from when it is armed.
#[derive(Debug)]
struct SetBack {
    clock: FakeClock,
    reads_left: AtomicI64,
}

impl SetBack {
    fn count(&self) {
        if self.reads_left.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.clock.jump_ms(-3_600_000);
        }
    }
}

impl Clock for SetBack {
    fn now(&self) -> Timestamp {
        self.count();
        self.clock.now()
    }

    fn both(&self) -> (Duration, i64) {
        self.count();
        self.clock.both()
    }
}

#[test]
fn a_clock_set_back_while_work_is_looked_for_ends_no_run() {
    for nth in 1..=6 {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(SetBack {
            clock: FakeClock::at_ms(10_000_000),
            reads_left: AtomicI64::new(0),
        });
        let tasks = open(folder.path(), clock.clone(), &TaskSettings::default());
        let scope = TenantScope::built_in();
        let (begun, go_on) = (Arc::new(Events::default()), Arc::new(Events::default()));
        let seen = (Arc::clone(&begun), Arc::clone(&go_on));
        let workers = start(&tasks, 1, move |_| {
            seen.0.add();
            seen.1.wait_for(1);
            Ok(json!("done"))
        });
        let timed = NewTask { timeout_ms: Some(5_000), ..NewTask::new(KIND, json!({})) };
        let id = tasks.enqueue(&scope, timed).unwrap();
        begun.wait_for(1);
        clock.reads_left.store(nth, Ordering::SeqCst);
        while clock.reads_left.load(Ordering::SeqCst) > -3 {
            assert!(tasks.lease_due(&request(1)).unwrap().is_empty(), "read {nth}");
        }
        let record = tasks.get(&scope, id).unwrap().unwrap();
        assert_eq!((record.state, record.attempts), (TaskState::Running, 0), "read {nth}");
        go_on.add();
        assert_eq!(workers.stop(PATIENCE), Stopped { abandoned: 0 });
    }
}

#[test]
fn a_clock_that_jumps_between_a_lease_and_its_run_takes_no_lease_away() {
    for jump_ms in [3_600_000, -3_600_000] {
        let fixture = Fixture::new();
        let id = fixture.enqueue();
        // Nobody has begun to work on it yet.
        let lease = fixture.lease_one();
        fixture.clock.jump_ms(jump_ms);
        assert!(fixture.lease(1).is_empty(), "{jump_ms}");
        assert_eq!(fixture.get(id).crashes, 0, "{jump_ms}");
        assert_eq!(fixture.tasks.heartbeat(vec![lease.token]).unwrap(), [Hold::Held], "{jump_ms}");
    }
}

#[test]
fn a_run_has_the_time_after_a_jump_that_it_had_left_before() {
    let fixture = Fixture::new();
    let (begun, go_on) = (Arc::new(Events::default()), Arc::new(Events::default()));
    let seen = (Arc::clone(&begun), Arc::clone(&go_on));
    let workers = start(&fixture.tasks, 1, move |_| {
        seen.0.add();
        seen.1.wait_for(1);
        Ok(json!("late"))
    });
    let timed =
        NewTask { timeout_ms: Some(5_000), attempts_max: Some(1), ..NewTask::new(KIND, json!({})) };
    let id = fixture.tasks.enqueue(&fixture.scope, timed).unwrap();
    begun.wait_for(1);
    fixture.clock.jump_ms(3_600_000);
    fixture.clock.advance_ms(4_999);
    fixture.tasks.advance().unwrap();
    assert_eq!(fixture.state(id), TaskState::Running);
    fixture.clock.advance_ms(1);
    fixture.tasks.advance().unwrap();
    assert_eq!(fixture.state(id), TaskState::Dead);
    go_on.add();
    assert_eq!(workers.stop(PATIENCE), Stopped { abandoned: 0 });
}

#[test]
fn a_delayed_task_wakes_the_workers_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let fixture = Fixture::new();
    let clock = Arc::new(SystemClock);
    let tasks =
        Tasks::open(&folder.path().join("real.db"), clock.clone(), &fixture.settings).unwrap();
    let events = Arc::new(Events::default());
    let counted = Arc::clone(&events);
    let _workers = start(&tasks, 2, move |context| {
        counted.add();
        if context.attempt() == 1 {
            let after = Some(Duration::from_millis(20));
            return Err(TaskFailure::Retry { reason: "once more".to_owned(), after });
        }
        Ok(json!(null))
    });
    let run_at_ms = Some(assay_core::Clock::now_ms(&*clock) + 20);
    let task = NewTask { run_at_ms, ..NewTask::new(KIND, json!({})) };
    tasks.enqueue(&fixture.scope, task).unwrap();
    events.wait_for(2);
}

#[test]
fn a_panic_is_a_failed_attempt() {
    let fixture = Fixture::new();
    let task = NewTask { attempts_max: Some(1), ..NewTask::new(KIND, json!({})) };
    let id = fixture.tasks.enqueue(&fixture.scope, task).unwrap();
    let _workers = start(&fixture.tasks, 1, |_| panic!("out of luck"));
    wait_for_state(&fixture, id, TaskState::Dead);
    assert_eq!(fixture.get(id).error.as_deref(), Some("the handler panicked: out of luck"));
}

#[test]
fn stopping_gives_unfinished_tasks_back() {
    let mut fixture = Fixture::new();
    let id = fixture.enqueue();
    let started = Arc::new(Events::default());
    let counted = Arc::clone(&started);
    let workers = start(&fixture.tasks, 2, move |context| {
        context.step("first", || Ok(1))?;
        counted.add();
        while !context.should_stop() {
            std::thread::yield_now();
        }
        Err(TaskFailure::Interrupted)
    });
    started.wait_for(1);
    assert_eq!(workers.stop(PATIENCE), Stopped { abandoned: 0 });
    let record = fixture.get(id);
    assert_eq!((record.state, record.attempts, record.crashes), (TaskState::Ready, 0, 0));
    let _old = fixture.restart();
    assert_eq!(fixture.get(id).crashes, 0);
}

#[test]
fn a_run_that_does_not_heed_the_stop_loses_its_lease() {
    let fixture = Fixture::new();
    let id = fixture.enqueue();
    let (started, go_on, ended) =
        (Arc::new(Events::default()), Arc::new(Events::default()), Arc::new(Events::default()));
    let events = (Arc::clone(&started), Arc::clone(&go_on), Arc::clone(&ended));
    let workers = start(&fixture.tasks, 1, move |context| {
        events.0.add();
        events.1.wait_for(1);
        assert!(context.should_stop());
        events.2.add();
        Ok(json!("too late"))
    });
    started.wait_for(1);
    assert_eq!(workers.stop(Duration::ZERO), Stopped { abandoned: 1 });
    assert_eq!(fixture.state(id), TaskState::Ready);
    go_on.add();
    ended.wait_for(1);
    assert_eq!(fixture.get(id).result, None);
}

#[test]
fn cancelling_reaches_a_running_task() {
    let fixture = Fixture::new();
    let id = fixture.enqueue();
    let started = Arc::new(Events::default());
    let counted = Arc::clone(&started);
    let _workers = start(&fixture.tasks, 1, move |context| {
        counted.add();
        while !context.should_stop() {
            std::thread::yield_now();
        }
        Err(TaskFailure::Interrupted)
    });
    started.wait_for(1);
    fixture.tasks.cancel(&fixture.scope, id).unwrap();
    wait_for_state(&fixture, id, TaskState::Cancelled);
}

#[test]
fn long_tasks_do_not_hold_up_a_short_one() {
    let fixture = Fixture::new();
    let long = NewTask { queue: "long".to_owned(), ..NewTask::new(KIND, json!("long")) };
    let long: Vec<_> =
        (0..6).map(|_| fixture.tasks.enqueue(&fixture.scope, long.clone()).unwrap()).collect();
    let go_on = Arc::new(Events::default());
    let gate = Arc::clone(&go_on);
    let settings = WorkerSettings {
        threads: 3,
        queues: vec![NewTask::DEFAULT_QUEUE.to_owned(), "long".to_owned()],
        limits: [("long".to_owned(), 2)].into(),
    };
    let run = move |context: &TaskContext<'_>| {
        if context.payload() == "long" {
            gate.wait_for(1);
        }
        Ok(json!(null))
    };
    let _workers =
        Workers::start(fixture.tasks.clone(), vec![Arc::new(Run(run))], &settings).unwrap();
    let short: Vec<_> = (0..3).map(|_| fixture.enqueue()).collect();
    for id in short {
        wait_for_state(&fixture, id, TaskState::Done);
    }
    assert!(long.iter().all(|id| fixture.state(*id) != TaskState::Done));
    go_on.add();
    for id in long {
        wait_for_state(&fixture, id, TaskState::Done);
    }
}

#[test]
fn two_handlers_of_a_kind_are_refused() {
    let fixture = Fixture::new();
    let handler = || -> Arc<dyn Handler> { Arc::new(Run(|_: &TaskContext<'_>| Ok(json!(1)))) };
    let settings = WorkerSettings::default();
    let error = Workers::start(fixture.tasks, vec![handler(), handler()], &settings).unwrap_err();
    assert!(matches!(error, TaskError::DuplicateHandler { kind: KIND }));
}

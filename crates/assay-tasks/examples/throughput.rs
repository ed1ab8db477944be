//! No-op tasks from `enqueue` to done, every write on disk: how many in a second, how long an
//! `enqueue` takes, how long a task waits at a steady 100 a second, and the memory for it.
//! `cargo run --release -p assay-tasks --example throughput -- <folder>`; beside Celery with Redis:
//! `throughput.py`.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::{Duration, Instant},
};

use assay_core::{SystemClock, TenantScope};
use assay_tasks::{
    Handler, NewTask, TaskContext, TaskError, TaskFailure, TaskSettings, Tasks, WorkerSettings,
    Workers,
};
use serde_json::{Value, json};

const PRODUCERS: usize = 16;
const TASKS_EACH: usize = 1_000;
const THREADS: usize = 16;
/// Tasks a second, and for how many seconds, in the second part.
const RATE: u32 = 100;
const SECONDS: u32 = 10;

/// Tells how many microseconds after the start of the program each run began.
struct Nothing(Instant, Sender<u64>);

impl Handler for Nothing {
    fn kind(&self) -> &'static str {
        "nothing"
    }

    fn run(&self, context: &TaskContext<'_>) -> Result<Value, TaskFailure> {
        let made = context.payload().as_u64().unwrap_or_default();
        let waited = micros(self.0).saturating_sub(made);
        self.1.send(waited).map_err(|_| TaskFailure::Interrupted)?;
        Ok(Value::Null)
    }
}

fn micros(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX)
}

#[expect(clippy::print_stdout, reason = "the figures are what the example is for")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = tempfile::tempdir_in(folder)?;
    let path = folder.path().join("bench.db");
    let tasks = Tasks::open(&path, Arc::new(SystemClock), &TaskSettings::default())?;
    let (began, (done, runs)) = (Instant::now(), channel());
    let settings = WorkerSettings { threads: THREADS, ..WorkerSettings::default() };
    let handler = Arc::new(Nothing(began, done));
    let workers = Workers::start(tasks.clone(), vec![handler], &settings)?;

    let start = Instant::now();
    let enqueue = produce(&tasks)?;
    let count = runs.iter().take(enqueue.len()).count();
    let rate = count as f64 / start.elapsed().as_secs_f64();

    let (enqueue_steady, waits) = steady(&tasks, began, &runs)?;
    drop(workers);
    println!(
        "{}",
        json!({
            "tasks": count,
            "per_second": rate.round(),
            "enqueue_p95_ms_at_full_speed": p95(enqueue),
            "enqueue_p95_ms_at_100": p95(enqueue_steady),
            "queue_p95_ms_at_100": p95(waits),
            "resident_mib": resident_mib(),
        })
    );
    Ok(())
}

/// The time that each `enqueue` took, in milliseconds, when many producers do nothing else.
fn produce(tasks: &Tasks) -> Result<Vec<f64>, TaskError> {
    let scope = TenantScope::built_in();
    let produce_one = || -> Result<Vec<f64>, TaskError> {
        (0..TASKS_EACH)
            .map(|_| {
                let start = Instant::now();
                tasks.enqueue(&scope, NewTask::new("nothing", Value::Null))?;
                Ok(start.elapsed().as_secs_f64() * 1e3)
            })
            .collect()
    };
    thread::scope(|scope| {
        let producers: Vec<_> = (0..PRODUCERS).map(|_| scope.spawn(produce_one)).collect();
        let joined = producers.into_iter().map(|producer| producer.join());
        // A producer that panicked shows as fewer tasks.
        joined.flatten().try_fold(Vec::new(), |mut all, waits| {
            all.extend(waits?);
            Ok(all)
        })
    })
}

/// At a steady rate: the time that each `enqueue` took, and from its call to the start of its run.
fn steady(
    tasks: &Tasks,
    began: Instant,
    runs: &Receiver<u64>,
) -> Result<(Vec<f64>, Vec<f64>), TaskError> {
    let (scope, start) = (TenantScope::built_in(), Instant::now());
    let mut enqueue = Vec::new();
    for number in 0..RATE * SECONDS {
        let due = Duration::from_secs_f64(f64::from(number) / f64::from(RATE));
        thread::sleep(due.saturating_sub(start.elapsed()));
        let asked = Instant::now();
        tasks.enqueue(&scope, NewTask::new("nothing", json!(micros(began))))?;
        enqueue.push(asked.elapsed().as_secs_f64() * 1e3);
    }
    let waits = runs.iter().take(enqueue.len()).map(|micros| micros as f64 / 1e3).collect();
    Ok((enqueue, waits))
}

/// The value under which 95 of 100 lie, to a hundredth.
fn p95(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let value = values.get(values.len() * 95 / 100).copied().unwrap_or_default();
    (value * 100.0).round() / 100.0
}

/// Resident memory of this process, as Linux tells it.
fn resident_mib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib / 1024)
}

//! No-op tasks per second from `enqueue` to done, every write on disk:
//! `cargo run --release -p assay-tasks --example throughput -- <folder>`.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{Sender, channel},
    },
    thread,
    time::Instant,
};

use assay_core::{SystemClock, TenantScope};
use assay_tasks::{
    Handler, NewTask, TaskContext, TaskError, TaskFailure, TaskSettings, Tasks, WorkerSettings,
    Workers,
};
use serde_json::Value;

const PRODUCERS: usize = 16;
const TASKS_EACH: usize = 1_000;
const THREADS: usize = 16;

struct Nothing(Sender<()>);

impl Handler for Nothing {
    fn kind(&self) -> &'static str {
        "nothing"
    }

    fn run(&self, _: &TaskContext<'_>) -> Result<Value, TaskFailure> {
        self.0.send(()).map_err(|_| TaskFailure::Interrupted)?;
        Ok(Value::Null)
    }
}

#[expect(clippy::print_stdout, reason = "the figures are what the example is for")]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    let folder = tempfile::tempdir_in(folder)?;
    let tasks = Tasks::open(
        &folder.path().join("bench.db"),
        Arc::new(SystemClock),
        &TaskSettings::default(),
    )?;
    let (done, runs) = channel();
    let settings = WorkerSettings { threads: THREADS, ..WorkerSettings::default() };
    let workers = Workers::start(tasks.clone(), vec![Arc::new(Nothing(done))], &settings)?;
    let start = Instant::now();
    let mut waits = produce(&tasks)?;
    let enqueued = start.elapsed().as_secs_f64();
    let count = runs.iter().take(waits.len()).count();
    drop(workers);
    let elapsed = start.elapsed().as_secs_f64();
    waits.sort_by(f64::total_cmp);
    let p95 = waits.get(waits.len() * 95 / 100).copied().unwrap_or_default();
    println!("{count} tasks enqueued by {PRODUCERS} producers in {enqueued:.2} s, P95 {p95:.1} ms");
    println!("all done by {THREADS} workers: {:.0} tasks/s end to end", count as f64 / elapsed);
    Ok(())
}

/// The time that each `enqueue` took, in milliseconds.
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

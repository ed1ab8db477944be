//! Kills a process that enqueues and runs tasks, again and again at random moments, and writes down
//! what it saw, for `task_kills.py` to judge:
//! `cargo run -p assay-tasks --example task_kills -- <empty folder> <kills> [seed]`.
//!
//! The process says on a pipe what it does: `ack TASK` after an `enqueue` returned, `effect KEY` as
//! the effect of a step, `journal KEY` after the step returned. What was written to a pipe survives
//! the kill. An effect after its journal line is a double one; an effect that comes again before it is
//! the crash between the two, which the receiver tells by the key.
#![expect(clippy::print_stdout, reason = "the lines and the figures are what the example is for")]

use std::{
    error::Error,
    fs::File,
    io::{BufRead, BufReader, BufWriter, Write},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use assay_core::{SystemClock, TenantScope};
use assay_tasks::{
    Handler, NewTask, TaskContext, TaskFailure, TaskFilter, TaskSettings, TaskState, Tasks,
    WorkerSettings, Workers,
};
use serde_json::{Value, json};

const STEPS: usize = 3;
const PRODUCERS: usize = 2;
/// Longest life of a process, in milliseconds.
const LIFE_MS: u64 = 250;
/// Tasks waiting at most: a producer rests when there are more.
const BACKLOG: u32 = 200;

struct Steps;

impl Handler for Steps {
    fn kind(&self) -> &'static str {
        "steps"
    }

    fn run(&self, context: &TaskContext<'_>) -> Result<Value, TaskFailure> {
        for step in 0..STEPS {
            let name = step.to_string();
            let key = context.effect_key(&name);
            context.step(&name, || {
                println!("effect {key}");
                Ok(step)
            })?;
            println!("journal {key}");
        }
        Ok(json!(STEPS))
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["work", folder] => work(Path::new(folder)),
        ["rest", folder] => rest(Path::new(folder)),
        [folder, kills] => drill(Path::new(folder), kills.parse()?, 1),
        [folder, kills, seed] => drill(Path::new(folder), kills.parse()?, seed.parse()?),
        _ => Err("give an empty folder, the number of kills, and a seed".into()),
    }
}

fn open(folder: &Path) -> Result<Tasks, Box<dyn Error>> {
    let settings = TaskSettings::default();
    Ok(Tasks::open(&folder.join("tasks.db"), Arc::new(SystemClock), &settings)?)
}

/// The process that is killed.
fn work(folder: &Path) -> Result<(), Box<dyn Error>> {
    let tasks = open(folder)?;
    let settings = WorkerSettings::default();
    let _workers = Workers::start(tasks.clone(), vec![Arc::new(Steps)], &settings)?;
    let scope = TenantScope::built_in();
    thread::scope(|threads| {
        for _ in 0..PRODUCERS {
            threads.spawn(|| {
                let waiting = TaskFilter {
                    states: vec![TaskState::Ready],
                    limit: BACKLOG,
                    ..TaskFilter::default()
                };
                while let Ok(list) = tasks.list(&scope, &waiting) {
                    if list.len() >= BACKLOG as usize {
                        thread::sleep(Duration::from_millis(10));
                        continue;
                    }
                    match tasks.enqueue(&scope, NewTask::new("steps", Value::Null)) {
                        Ok(id) => println!("ack {id}"),
                        Err(_) => return,
                    }
                }
            });
        }
    });
    Ok(())
}

/// The last process: it runs what is left, replays what was parked because its process was killed too
/// often in a row, and ends by itself.
fn rest(folder: &Path) -> Result<(), Box<dyn Error>> {
    let tasks = open(folder)?;
    let settings = WorkerSettings::default();
    let _workers = Workers::start(tasks.clone(), vec![Arc::new(Steps)], &settings)?;
    let scope = TenantScope::built_in();
    let parked =
        TaskFilter { states: vec![TaskState::Parked], limit: u32::MAX, ..TaskFilter::default() };
    for task in tasks.list(&scope, &parked)? {
        tasks.replay(&scope, task.id)?;
        println!("parked {}", task.id);
    }
    let left = TaskFilter {
        states: vec![TaskState::Ready, TaskState::Delayed, TaskState::Running],
        limit: 1,
        ..TaskFilter::default()
    };
    while !tasks.list(&scope, &left)?.is_empty() {
        thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// Starts and kills, then lets everything that is left come to its end.
fn drill(folder: &Path, kills: usize, seed: u64) -> Result<(), Box<dyn Error>> {
    let ledger = folder.join("ledger.txt");
    let mut out = BufWriter::new(File::create_new(&ledger)?);
    let mut random = seed | 1;
    let start = Instant::now();
    for round in 1..=kills {
        let process = Started::new("work", folder)?;
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        thread::sleep(Duration::from_millis(random % LIFE_MS));
        process.kill()?.note_into(&mut out)?;
        if round % 100 == 0 {
            println!("{round} kills in {:.0} s", start.elapsed().as_secs_f64());
        }
    }
    let last = Instant::now();
    Started::new("rest", folder)?.note_into(&mut out)?;
    println!("all at their end {:.1} s after the last start", last.elapsed().as_secs_f64());
    out.flush()?;
    println!("judge with: python3 crates/assay-tasks/examples/task_kills.py {}", folder.display());
    Ok(())
}

/// A worker process with the thread that reads its pipe.
struct Started {
    child: Child,
    lines: thread::JoinHandle<Vec<String>>,
}

impl Started {
    fn new(mode: &str, folder: &Path) -> Result<Self, Box<dyn Error>> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg(mode)
            .arg(folder)
            .stdout(Stdio::piped())
            .spawn()?;
        let pipe = child.stdout.take().ok_or("no pipe")?;
        let read = move || BufReader::new(pipe).lines().map_while(Result::ok).collect();
        Ok(Self { child, lines: thread::spawn(read) })
    }

    fn kill(mut self) -> Result<Self, Box<dyn Error>> {
        self.child.kill()?;
        Ok(self)
    }

    /// Waits for the end of the process and writes down what it said.
    fn note_into(mut self, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
        let status = self.child.wait()?;
        for line in self.lines.join().map_err(|_| "the reader panicked")? {
            writeln!(out, "{line}")?;
        }
        writeln!(out, "{}", if status.success() { "end" } else { "kill" })?;
        Ok(())
    }
}

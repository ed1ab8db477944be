//! Kills a process that enqueues and runs tasks, again and again at random moments, and writes down
//! what it saw, for `task_kills.py` to judge:
//! `cargo run -p assay-tasks --example task_kills -- <empty folder> <kills> [seed]`.
//!
//! `… postgres <empty folder> <kills> [seed]` starts a Postgres of its own, a first process and three
//! that join it, kills one of the four each time, and Postgres itself in every twentieth round.
//! `… disk <empty folder> <rounds> [seed]` fills the disk with a ballast and frees it again around the
//! kills; `<empty folder>/db` has to be a small file system, such as a tmpfs of 24 MB.
//!
//! The process says on a pipe what it does and when, in nanoseconds since 1970: `NANOS ack TASK` after
//! an `enqueue` returned, `NANOS effect KEY` as the effect of a step, `NANOS journal KEY` after the
//! step returned. What was written to a pipe survives the kill, and lines of several processes are
//! ordered by their times. An effect after its journal line is a double one; an effect that comes again
//! before it is the crash between the two, which the receiver tells by the key.
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

use assay_core::{Clock as _, SystemClock, TenantScope};
use assay_sqlite::{
    Server, ServerSettings,
    testing::{Postgres, binaries},
};
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
/// Rounds after which Postgres is killed, too.
const SERVER_EVERY: usize = 20;

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
                tell("effect", &key);
                Ok(step)
            })?;
            tell("journal", &key);
        }
        Ok(json!(STEPS))
    }
}

fn tell(what: &str, whose: &impl std::fmt::Display) {
    println!("{} {what} {whose}", SystemClock.now().as_nanosecond());
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["work", place] => work(open(place)?),
        ["join", place] => join(place),
        ["rest", place] => rest(&open(place)?),
        ["postgres", folder, kills] => on_postgres(Path::new(folder), kills.parse()?, 1),
        ["postgres", folder, kills, seed] => {
            on_postgres(Path::new(folder), kills.parse()?, seed.parse()?)
        }
        ["disk", folder, rounds] => on_full_disk(Path::new(folder), rounds.parse()?, 1),
        ["disk", folder, rounds, seed] => {
            on_full_disk(Path::new(folder), rounds.parse()?, seed.parse()?)
        }
        [folder, kills] => drill(Path::new(folder), kills.parse()?, 1),
        [folder, kills, seed] => drill(Path::new(folder), kills.parse()?, seed.parse()?),
        _ => Err("give an empty folder, the number of kills, and a seed".into()),
    }
}

/// The tasks of a folder, or of the server at an address.
fn open(place: &str) -> Result<Tasks, Box<dyn Error>> {
    let settings = TaskSettings::default();
    match server(place)? {
        Some(server) => Ok(Tasks::open_on(&server, Arc::new(SystemClock), &settings)?),
        None => {
            Ok(Tasks::open(&Path::new(place).join("tasks.db"), Arc::new(SystemClock), &settings)?)
        }
    }
}

fn server(place: &str) -> Result<Option<Server>, Box<dyn Error>> {
    if !place.starts_with("postgres://") {
        return Ok(None);
    }
    Ok(Some(Server::at(place, &ServerSettings::default())?))
}

/// A process that joins the first one and only works.
fn join(place: &str) -> Result<(), Box<dyn Error>> {
    let server = server(place)?.ok_or("only on a server")?;
    let tasks = Tasks::join_on(&server, Arc::new(SystemClock), &TaskSettings::default())?;
    let _workers = Workers::start(tasks, vec![Arc::new(Steps)], &WorkerSettings::default())?;
    loop {
        thread::park();
    }
}

/// The process that is killed.
fn work(tasks: Tasks) -> Result<(), Box<dyn Error>> {
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
                loop {
                    // A full disk, or a server that is gone: the process lives on and tries again.
                    let list = tasks.list(&scope, &waiting);
                    if list.is_ok_and(|list| list.len() < BACKLOG as usize)
                        && let Ok(id) = tasks.enqueue(&scope, NewTask::new("steps", Value::Null))
                    {
                        tell("ack", &id);
                    } else {
                        thread::sleep(Duration::from_millis(10));
                    }
                }
            });
        }
    });
    Ok(())
}

/// The last process: it runs what is left, replays what was parked because its process was killed too
/// often in a row, and ends by itself.
fn rest(tasks: &Tasks) -> Result<(), Box<dyn Error>> {
    let settings = WorkerSettings::default();
    let _workers = Workers::start(tasks.clone(), vec![Arc::new(Steps)], &settings)?;
    let scope = TenantScope::built_in();
    let parked =
        TaskFilter { states: vec![TaskState::Parked], limit: u32::MAX, ..TaskFilter::default() };
    for task in tasks.list(&scope, &parked)? {
        tasks.replay(&scope, task.id)?;
        tell("parked", &task.id);
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
    let mut random = Random(seed | 1);
    let start = Instant::now();
    for round in 1..=kills {
        let process = Started::new("work", path(folder)?)?;
        random.pause(LIFE_MS);
        process.kill()?.note_into(&mut out)?;
        if round % 100 == 0 {
            println!("{round} kills in {:.0} s", start.elapsed().as_secs_f64());
        }
    }
    end(path(folder)?, &mut out, folder)
}

/// Lets everything that is left come to its end.
fn end(place: &str, out: &mut impl Write, folder: &Path) -> Result<(), Box<dyn Error>> {
    let last = Instant::now();
    Started::new("rest", place)?.note_into(out)?;
    println!("all at their end {:.1} s after the last start", last.elapsed().as_secs_f64());
    out.flush()?;
    println!("judge with: python3 crates/assay-tasks/examples/task_kills.py {}", folder.display());
    Ok(())
}

fn path(folder: &Path) -> Result<&str, Box<dyn Error>> {
    Ok(folder.to_str().ok_or("the folder has a name that is no text")?)
}

/// Kills the first process and those that joined it, one a round, and at times their Postgres.
fn on_postgres(folder: &Path, kills: usize, seed: u64) -> Result<(), Box<dyn Error>> {
    let postgres = Postgres::start(binaries().ok_or("no Postgres is installed")?)?;
    let url = postgres.database(&[assay_tasks::SCHEMA])?;
    let mut out = BufWriter::new(File::create_new(folder.join("ledger.txt"))?);
    let mut random = Random(seed | 1);
    let start = Instant::now();
    let modes = ["work", "join", "join", "join"];
    let mut processes =
        modes.iter().map(|mode| Started::new(mode, &url)).collect::<Result<Vec<_>, _>>()?;
    for round in 1..=kills {
        random.pause(LIFE_MS);
        if round.is_multiple_of(SERVER_EVERY) {
            postgres.stop()?;
            writeln!(out, "postgres")?;
            random.pause(LIFE_MS);
            postgres.start_again()?;
            // The processes find it again by themselves.
            random.pause(4 * LIFE_MS);
        }
        let place = usize::try_from(random.next())? % modes.len();
        let process = processes.swap_remove(place);
        let mode = process.mode;
        process.kill()?.note_into(&mut out)?;
        processes.push(Started::new(mode, &url)?);
        if round % 100 == 0 {
            println!("{round} kills in {:.0} s", start.elapsed().as_secs_f64());
        }
    }
    for process in processes {
        process.kill()?.note_into(&mut out)?;
    }
    end(&url, &mut out, folder)?;
    // For the judge, which knows nothing of the engine and not this server.
    let rows = "SELECT replace(encode(task.id, 'hex'), '-', '') || ' ' || task.state || ' ' || \
        (SELECT count(*) FROM assay_tasks.step WHERE step.task = task.seq) FROM assay_tasks.task";
    let database = url.rsplit('/').next().ok_or("no database")?;
    std::fs::write(folder.join("tasks.txt"), postgres.sql(database, rows)?)?;
    Ok(())
}

/// Fills the disk and frees it around the kills.
fn on_full_disk(folder: &Path, rounds: usize, seed: u64) -> Result<(), Box<dyn Error>> {
    let (place, ballast) = (folder.join("db"), folder.join("db/ballast"));
    let mut out = BufWriter::new(File::create_new(folder.join("ledger.txt"))?);
    let mut random = Random(seed | 1);
    for _ in 0..rounds {
        let process = Started::new("work", path(&place)?)?;
        random.pause(LIFE_MS);
        // Whatever is left goes into the ballast.
        let mut file = File::create(&ballast)?;
        let full = std::iter::repeat_with(|| file.write_all(&[0; 4096])).find_map(Result::err);
        let reason = full.ok_or("the disk did not fill")?;
        writeln!(out, "full {:?}", reason.kind())?;
        random.pause(LIFE_MS);
        if random.next().is_multiple_of(2) {
            // Killed on the full disk, or after it has space again.
            process.kill()?.note_into(&mut out)?;
            std::fs::remove_file(&ballast)?;
        } else {
            std::fs::remove_file(&ballast)?;
            // Longer than the pause after a failure.
            thread::sleep(Duration::from_millis(1_200));
            process.kill()?.note_into(&mut out)?;
        }
    }
    end(path(&place)?, &mut out, folder)
}

/// Xorshift: the same seed gives the same kills.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 8
    }

    fn pause(&mut self, max_ms: u64) {
        thread::sleep(Duration::from_millis(self.next() % max_ms));
    }
}

/// A worker process with the thread that reads its pipe.
struct Started {
    mode: &'static str,
    child: Child,
    lines: thread::JoinHandle<Vec<String>>,
}

impl Started {
    fn new(mode: &'static str, place: &str) -> Result<Self, Box<dyn Error>> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg(mode)
            .arg(place)
            .stdout(Stdio::piped())
            .spawn()?;
        let pipe = child.stdout.take().ok_or("no pipe")?;
        let read = move || BufReader::new(pipe).lines().map_while(Result::ok).collect();
        Ok(Self { mode, child, lines: thread::spawn(read) })
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

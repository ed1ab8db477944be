//! `assay drill tasks`: a thousand tasks on a server of the drill's own, through its API; fifty at once;
//! what a task costs beyond its work; files taken in.

use std::{
    process::ExitCode,
    sync::{
        Barrier, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use assay_ready::{Blast, drill::Plan};
use serde_json::{Value, json};

use super::{
    carry::{Found, Kept, carry},
    private::{Home, Private, unreachable},
};
use crate::{
    cli::DrillOwn,
    command::{Context, ready::Http},
};

/// Tasks of the stress.
const TASKS: u64 = 1_000;
/// Clients that make them.
const CLIENTS: usize = 16;
/// Tasks that are made at the same time, and how often: P95 of 100 needs that many.
const AT_ONCE: usize = 50;
const TIMES: usize = 4;
/// Files that are taken in one after the other, to see what is not work, and their words.
const FILES: usize = 12;
const WORDS: usize = 40_000;
/// Small files that come in, each second and in all, and those that are taken in together.
const INTAKE: u64 = 50;
const INTAKE_ALL: u64 = 3_000;
const SMALL: u64 = 400;
/// Longest that anything is waited for.
const LONGEST: Duration = Duration::from_secs(300);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(5);
/// Settings: what is measured is the queue, not a model.
const SETTINGS: &str = "[embedding]\nmodel = \"\"\n[server.rates]\nclient_per_minute = 0\n\
    tenant_per_minute = 0\n";

pub(super) async fn run(context: Context, args: DrillOwn) -> anyhow::Result<ExitCode> {
    let plan = Plan {
        name: "tasks",
        steps: vec![
            format!("{TASKS} tasks by {CLIENTS} clients: all must end well"),
            format!("{TIMES} times {AT_ONCE} tasks at the same moment"),
            format!("{FILES} files of {WORDS} words, one after the other: what is not work"),
            format!("{SMALL} small files together: documents an hour"),
            format!("{INTAKE_ALL} small files, {INTAKE} a second: how many wait"),
        ],
        blast: Blast::None,
        seconds: 300.0,
        restore: "the server and its folder are taken away, also when the drill is killed",
    };
    carry(context, args, plan, |_, http, stop| carry_out(http, stop)).await
}

fn carry_out(http: &Http, stop: &AtomicBool) -> anyhow::Result<Found> {
    let home = Home::make(SETTINGS)?;
    let server = Private::start(&home, http, None)?;
    // The first tasks fill caches and pools; what stays after them is what grows.
    let _ = made(&server, 100, CLIENTS, stop);
    until_done(&server, 100)?;
    let before = server.resident();
    let begun = Instant::now();
    let latency = made(&server, TASKS, CLIENTS, stop);
    let done = until_done(&server, 100 + TASKS)?.saturating_sub(100);
    let seconds = begun.elapsed().as_secs_f64();
    let grown = (server.resident() - before).max(0.0) / 1e6;
    let mut at_once = Vec::new();
    for time in 0..=TIMES {
        let taken = made_at_once(&server);
        // The first time connections are made, which is no making of tasks.
        if time > 0 {
            at_once.extend(taken);
        }
        // What was made before is not to be worked on while the next are made.
        until_done(&server, 100 + TASKS + ((time + 1) * AT_ONCE) as u64)?;
    }
    let overhead = overhead(&server)?;
    let per_hour = taken_in(&server, stop)?;
    let backlog = waiting_most(&server, stop)?;
    let rate = done as f64 / seconds;
    let p95 = |samples: &[f64]| {
        let mut sorted = samples.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() * 95 / 100).copied().unwrap_or(f64::INFINITY)
    };
    let lines = vec![
        format!(
            "{done} of {TASKS} tasks ended well, {rate:.0} a second from the first to the end of the last; \
             made in P95 {:.1} ms; memory grew by {grown:.1} MB",
            p95(&latency)
        ),
        format!("{AT_ONCE} at once: P95 {:.1} ms", p95(&at_once)),
        format!("of a file's time {:.1} % was not work", overhead * 100.0),
        format!("{per_hour:.0} small documents an hour"),
        format!("{backlog:.0} tasks waited at most while {INTAKE} files a second came in"),
    ];
    let result = json!({
        "per_second": rate, "succeeded": { "count": done, "of": TASKS },
        "latency_ms": { "samples": latency }, "resident_growth_mb": grown,
        "create_50_ms": { "samples": at_once }, "overhead_share": overhead,
        "backlog_max": backlog,
    });
    let kept = vec![
        Kept { name: "tasks", result, of_settings: false },
        Kept {
            name: "ingest",
            result: json!({ "documents_per_hour": per_hour }),
            of_settings: false,
        },
    ];
    Ok(Found { kept, lines, holds: done == TASKS })
}

/// Makes tasks; milliseconds until each was accepted. One that was not accepted is not among them, and
/// not among those that end well.
fn made(server: &Private<'_>, count: u64, clients: usize, stop: &AtomicBool) -> Vec<f64> {
    let next = AtomicU64::new(0);
    let taken = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..clients {
            scope.spawn(|| {
                while next.fetch_add(1, Ordering::Relaxed) < count && !stop.load(Ordering::Relaxed)
                {
                    if let Some(ms) = create(server) {
                        taken.lock().unwrap_or_else(PoisonError::into_inner).push(ms);
                    }
                }
            });
        }
    });
    taken.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Makes tasks, all at the same moment; milliseconds until each was accepted.
fn made_at_once(server: &Private<'_>) -> Vec<f64> {
    let start = Barrier::new(AT_ONCE);
    std::thread::scope(|scope| {
        let begin = || {
            start.wait();
            create(server)
        };
        let all: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(begin)).collect();
        all.into_iter().filter_map(|one| one.join().ok().flatten()).collect()
    })
}

/// Makes a task; milliseconds until it was accepted.
fn create(server: &Private<'_>) -> Option<f64> {
    let begun = Instant::now();
    let asked = server.ask("", "POST", "/v1/tasks", Some(&json!({ "kind": "tidy" })));
    let ms = begun.elapsed().as_secs_f64() * 1e3;
    asked.is_ok_and(|it| it.status < 300).then_some(ms)
}

/// Waits until so many tasks have ended, well or not; how many ended well.
fn until_done(server: &Private<'_>, wanted: u64) -> anyhow::Result<u64> {
    let end = Instant::now() + LONGEST;
    loop {
        let metrics = server.ask("", "GET", "/metrics", None).map_err(unreachable)?.text();
        let ended = |state: &str| ended(&metrics, "tidy", state);
        let (done, bad) = (ended("done"), ended("dead") + ended("parked"));
        if done + bad >= wanted {
            return Ok(done);
        }
        if Instant::now() > end {
            return Err(unreachable(format!("of {wanted} tasks {done} ended well and {bad} not")));
        }
        std::thread::sleep(LOOK);
    }
}

/// How many tasks of a kind have ended in a state.
fn ended(metrics: &str, kind: &str, state: &str) -> u64 {
    sum(metrics, "assay_tasks_ended_total", &[("kind", kind), ("outcome", state)]) as u64
}

/// The sum of the samples of a name whose labels are so.
fn sum(metrics: &str, name: &str, labels: &[(&str, &str)]) -> f64 {
    let is_it = |line: &&str| {
        line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' ']))
            && labels.iter().all(|(label, value)| line.contains(&format!("{label}=\"{value}\"")))
    };
    let value = |line: &str| line.rsplit(' ').next().and_then(|it| it.parse::<f64>().ok());
    metrics.lines().filter(is_it).filter_map(value).sum()
}

/// What of the time of a file, from its acceptance to its end, is not the work on it.
fn overhead(server: &Private<'_>) -> anyhow::Result<f64> {
    let work = || -> anyhow::Result<f64> {
        let metrics = server.ask("", "GET", "/metrics", None).map_err(unreachable)?.text();
        Ok(sum(&metrics, "assay_task_duration_seconds_sum", &[("kind", "ingest")]))
    };
    let before = work()?;
    let mut whole = 0.0;
    for number in 0..FILES {
        let text: String =
            (0..WORDS).map(|word| format!("word{} ", (word * 7 + number) % 5_000)).collect();
        let job = server.taken(&format!("large-{number}.md"), &text)?;
        let ended = until_ended(server, &job)?;
        let at = |name: &str| {
            let text = ended.get(name).and_then(Value::as_str).unwrap_or_default();
            text.parse::<jiff::Timestamp>().map(|at| at.as_millisecond()).unwrap_or_default()
        };
        whole += (at("ended_at") - at("created_at")) as f64 / 1e3;
    }
    Ok(((whole - (work()? - before)) / whole.max(f64::EPSILON)).max(0.0))
}

fn until_ended(server: &Private<'_>, task: &str) -> anyhow::Result<Value> {
    let end = Instant::now() + LONGEST;
    loop {
        let says = server.task(task)?;
        if says.get("ended_at").is_some_and(Value::is_string) {
            return Ok(says);
        }
        if Instant::now() > end {
            return Err(unreachable(format!("the task {task} does not end: {says}")));
        }
        std::thread::sleep(LOOK);
    }
}

/// Documents an hour that are taken in, of small ones that come together.
fn taken_in(server: &Private<'_>, stop: &AtomicBool) -> anyhow::Result<f64> {
    let before = {
        let metrics = server.ask("", "GET", "/metrics", None).map_err(unreachable)?.text();
        ended(&metrics, "ingest", "done")
    };
    let next = AtomicU64::new(0);
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= SMALL || stop.load(Ordering::Relaxed) {
                        return;
                    }
                    small(server, "report", number);
                }
            });
        }
    });
    let end = Instant::now() + LONGEST;
    loop {
        let metrics = server.ask("", "GET", "/metrics", None).map_err(unreachable)?.text();
        let done = ended(&metrics, "ingest", "done").saturating_sub(before);
        if done >= SMALL || Instant::now() > end {
            return Ok(done as f64 * 3_600.0 / begun.elapsed().as_secs_f64());
        }
        std::thread::sleep(LOOK);
    }
}

/// Hands a small file in. One that is refused is missing from those that end well.
fn small(server: &Private<'_>, name: &str, number: u64) {
    let text = format!("# {name} {number}\n\n{}", "Some words of a report. ".repeat(40));
    let _ = server.hand_in("", &format!("{name}-{number}.md"), &text);
}

/// The most tasks that waited while files came in at their rate, whether or not they were taken up.
fn waiting_most(server: &Private<'_>, stop: &AtomicBool) -> anyhow::Result<f64> {
    let next = AtomicU64::new(0);
    let over = AtomicBool::new(false);
    let start = Instant::now();
    std::thread::scope(|scope| {
        let watching = scope.spawn(|| -> anyhow::Result<f64> {
            let mut most: f64 = 0.0;
            while !over.load(Ordering::Relaxed) {
                let metrics = server.ask("", "GET", "/metrics", None).map_err(unreachable)?.text();
                most = most.max(sum(&metrics, "assay_tasks", &[("state", "ready")]));
                std::thread::sleep(Duration::from_millis(200));
            }
            Ok(most)
        });
        let work = || {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= INTAKE_ALL || stop.load(Ordering::Relaxed) {
                    return;
                }
                let due = start + Duration::from_secs_f64(number as f64 / INTAKE as f64);
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
                small(server, "intake", number);
            }
        };
        let threads: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            // One that panicked has handed in less.
            let _ = thread.join();
        }
        over.store(true, Ordering::Relaxed);
        watching.join().map_err(|_| unreachable("nobody looked at what waited"))?
    })
}

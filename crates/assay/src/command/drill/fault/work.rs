//! Work that fails and work that waits: what may succeed later is tried again, what never can is parked, not
//! more runs at once than may, broken files are refused by name.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{
    LOOK, RESUMED, STEADY, embedded_by, ids,
    line::{Fault, Line},
    outcome::{Outcome, What},
    steady,
};
use crate::command::{
    drill::{
        private::{Home, Private},
        provider::Provider,
    },
    ready::Http,
};

/// Files that are taken in at once at most; one more where it is a small one.
const THREADS: usize = 2;
/// Longest until all work has failed twice.
const FAILED: Duration = Duration::from_secs(120);
/// Longest until what failed is done once its dependency is back. A breaker rests for a minute, and for two
/// where it has tried once in vain.
const HEALED: Duration = Duration::from_secs(300);
/// Between two times that work is asked for again.
const ASKED_AGAIN: Duration = Duration::from_secs(5);

pub(super) fn work(
    http: &Http,
    rounds: u32,
    stop: &AtomicBool,
    outcome: &mut Outcome,
) -> anyhow::Result<()> {
    let upstream = Provider::start()?;
    let line = Line::to(upstream.address)?;
    let settings = format!(
        "{}[answer]\ningest_threads = {THREADS}\nsentence_vectors = false\n",
        embedded_by(&line)
    );
    let home = Home::make(&settings)?;
    let server = Private::start(&home, http, None)?;
    steady(&server)?;
    let broken = broken_files(&server, rounds, outcome);
    let take_in = |name: &str, count: usize| {
        let text = |number| format!("# The {name} {number}\n\nText.\n");
        let taken = |number| server.taken(&format!("{name}{number}.md"), &text(number));
        (0..count).map(taken).collect::<anyhow::Result<Vec<_>>>()
    };
    let is_done = |task: &Value| task.get("state").and_then(Value::as_str) == Some("done");
    // More than may run at once, while the model answers late: the rest waits.
    line.make(Fault::Slow);
    let waiting = take_in("waiting", 2 * (THREADS + 1))?;
    let mut looks = Looks { server: &server, jobs: &waiting, stop, running: Vec::new() };
    looks.until(RESUMED, &is_done, || ())?;
    let at_once = looks.running;
    line.make(Fault::Dead);
    let jobs = take_in("failing", rounds as usize)?;
    let has_failed = |task: &Value| task.get("attempts").and_then(Value::as_u64) > Some(1);
    let mut looks = Looks { server: &server, jobs: &jobs, stop, running: at_once };
    looks.until(FAILED, &has_failed, || ())?;
    line.make(Fault::None);
    let mut next = Instant::now();
    looks.until(HEALED, &is_done, || {
        if Instant::now() < next {
            return;
        }
        next = Instant::now() + ASKED_AGAIN;
        // As a person does who has put something right; one that runs or is done is left alone.
        for job in &jobs {
            let _ = server.ask("", "POST", &format!("/v1/tasks/{job}/retry"), None);
        }
    })?;
    let at_once = looks.running;
    for (job, broken) in jobs.iter().zip(broken) {
        let task = server.task(job)?;
        // What happened is told by the task itself, whatever was seen on the way.
        let failures =
            task.get("failures").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let reasons = failures.iter().filter(|it| it.get("reason").is_some_and(Value::is_string));
        let (tried, is_done) = (reasons.count(), is_done(&task));
        let is_parked = match broken {
            // What can never succeed lies apart, with its reason, until somebody looks.
            Some(id) => {
                let task = server.task(&id)?;
                task.get("state").and_then(Value::as_str) == Some("dead")
                    && task.get("error").is_some_and(Value::is_string)
            }
            None => true,
        };
        let held = if tried > 1 && is_done && is_parked {
            Ok(())
        } else {
            Err(format!(
                "work that fails: failed with a reason {tried} times, done when healed {is_done}, what cannot \
                 succeed parked {is_parked}: {task}"
            ))
        };
        outcome.note(What::Parked, held);
    }
    for count in at_once.into_iter().filter(|count| *count > 0) {
        let held = if count <= THREADS + 1 {
            Ok(())
        } else {
            Err(format!("{count} tasks ran at once, {THREADS} and a small one may"))
        };
        outcome.note(What::LimitHeld, held);
    }
    Ok(())
}

/// Looks at the work, again and again.
struct Looks<'a> {
    server: &'a Private<'a>,
    jobs: &'a [String],
    stop: &'a AtomicBool,
    /// Tasks that ran at each look.
    running: Vec<usize>,
}

impl Looks<'_> {
    /// Looks until something holds of all work, or the time is over; `between` is called at each look.
    fn until(
        &mut self,
        within: Duration,
        holds: &dyn Fn(&Value) -> bool,
        mut between: impl FnMut(),
    ) -> anyhow::Result<()> {
        let end = Instant::now() + within;
        let mut left = self.jobs.to_vec();
        while !left.is_empty() && Instant::now() < end && !self.stop.load(Ordering::Relaxed) {
            between();
            let running = self.server.must("", "GET", "/v1/tasks?state=running&limit=100", None)?;
            self.running.push(ids(&running, &|_| true).len());
            let all = self.server.must("", "GET", "/v1/tasks?kind=ingest&limit=1000", None)?;
            let held = ids(&all, holds);
            left.retain(|job| !held.contains(job));
            std::thread::sleep(LOOK);
        }
        Ok(())
    }
}

/// Files that are not what they say: each is refused by name, and the server goes on. The tasks that were to
/// take them in; none for one that was refused at the door.
fn broken_files(server: &Private<'_>, rounds: u32, outcome: &mut Outcome) -> Vec<Option<String>> {
    let mut tasks = Vec::new();
    for number in 0..rounds {
        let text = format!("%PDF-1.7\nnothing {number} of what a PDF has\n");
        let task = server.taken(&format!("broken{number}.pdf"), &text);
        let is_told = match &task {
            Err(why) => why.to_string().contains("\"code\""),
            Ok(job) => is_refused(server, job),
        };
        let held = if is_told && server.finds_once(STEADY, RESUMED) {
            Ok(())
        } else {
            Err(format!("a broken file {number}: told of {is_told}"))
        };
        outcome.note(What::BrokenFiles, held);
        tasks.push(task.ok());
    }
    tasks
}

/// Whether a job fails with its reason.
fn is_refused(server: &Private<'_>, job: &str) -> bool {
    let end = Instant::now() + RESUMED;
    loop {
        let says = server.must("", "GET", &format!("/v1/jobs/{job}"), None).unwrap_or_default();
        match says.get("state").and_then(Value::as_str) {
            Some("failed") => return says.get("error").is_some_and(Value::is_string),
            Some("done") => return false,
            _ if Instant::now() > end => return false,
            _ => std::thread::sleep(LOOK),
        }
    }
}

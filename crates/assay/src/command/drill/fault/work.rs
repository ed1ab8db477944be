//! Work that fails and work that waits: what may succeed later is tried again, what never can is parked, not
//! more runs at once than may, broken files are refused by name.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use serde_json::Value;

use super::{
    Outcome, RESUMED, STEADY,
    line::{Fault, Line},
};
use crate::command::{
    drill::{
        private::{Home, Private, unreachable},
        provider::Provider,
    },
    ready::Http,
};

/// Files that are taken in at once at most; one more where it is a small one.
const THREADS: usize = 2;
/// Longest until all work has failed twice.
const FAILED: Duration = Duration::from_secs(60);
/// Longest until what failed is done once its dependency is back: the minute for which a breaker rests,
/// and as long again.
const HEALED: Duration = Duration::from_secs(120);
/// Between two times that work is asked for again.
const ASKED_AGAIN: Duration = Duration::from_secs(5);
/// Between two looks.
const LOOK: Duration = Duration::from_millis(5);

pub(super) fn work(
    http: &Http,
    rounds: u32,
    stop: &AtomicBool,
    outcome: &mut Outcome,
) -> anyhow::Result<()> {
    let upstream = Provider::start()?;
    let line = Line::to(upstream.address)?;
    let home = Home::make(&format!(
        "[server.rates]\nclient_per_minute = 0\ntenant_per_minute = 0\n\
         [answer]\ningest_threads = {THREADS}\n\
         [embedding.endpoint]\nbase_url = \"http://{}/v1\"\nmodel = \"drill\"\n",
        line.address
    ))?;
    let server = Private::start(&home, http, None)?;
    server.upload(STEADY)?;
    if !server.finds_once(STEADY, RESUMED) {
        return Err(unreachable("the server does not find its first document"));
    }
    broken_files(&server, rounds, outcome);
    line.make(Fault::Dead);
    let jobs = (0..rounds)
        .map(|number| {
            uploaded(
                &server,
                &format!("failing{number}.md"),
                &format!("# Failing {number}\n\nText.\n"),
            )
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    let mut running = Vec::new();
    let mut retried: Vec<String> = Vec::new();
    let end = Instant::now() + FAILED;
    while retried.len() < jobs.len() && Instant::now() < end && !stop.load(Ordering::Relaxed) {
        running.push(server.must("", "GET", "/v1/tasks?state=running&limit=100", None)?);
        let all = server.must("", "GET", "/v1/tasks?kind=ingest&limit=1000", None)?;
        let is_retried = |task: &&Value| {
            task.get("attempts").and_then(Value::as_u64).is_some_and(|attempts| attempts > 1)
                && task.get("error").is_some_and(Value::is_string)
        };
        retried =
            listed(&all).filter(is_retried).filter_map(id).filter(|id| jobs.contains(id)).collect();
        std::thread::sleep(LOOK);
    }
    line.make(Fault::None);
    let mut healed: Vec<String> = Vec::new();
    let end = Instant::now() + HEALED;
    let mut next = Instant::now();
    while healed.len() < jobs.len() && Instant::now() < end && !stop.load(Ordering::Relaxed) {
        if Instant::now() >= next {
            // As a person does who has put something right; one that runs or is done is left alone.
            for job in jobs.iter().filter(|job| !healed.contains(job)) {
                let _ = server.ask("", "POST", &format!("/v1/tasks/{job}/retry"), None);
            }
            next = Instant::now() + ASKED_AGAIN;
        }
        running.push(server.must("", "GET", "/v1/tasks?state=running&limit=100", None)?);
        let done = server.must("", "GET", "/v1/tasks?state=done&limit=1000", None)?;
        healed = listed(&done).filter_map(id).filter(|id| jobs.contains(id)).collect();
        std::thread::sleep(LOOK);
    }
    // What can never succeed lies apart, with its reason, until somebody looks.
    let dead = server.must("", "GET", "/v1/tasks?state=dead&limit=1000", None)?;
    let parked =
        listed(&dead).filter(|task| task.get("error").is_some_and(Value::is_string)).count();
    for (number, job) in jobs.iter().enumerate() {
        let (was_tried, is_done) = (retried.contains(job), healed.contains(job));
        let held = was_tried && is_done && number < parked;
        outcome.parked.note(held);
        if !held {
            outcome.broken.push(format!(
                "work that fails: tried again with its reason {was_tried}, done when healed {is_done}, what \
                 cannot succeed parked {}",
                number < parked
            ));
        }
    }
    for at_once in running.iter().map(|tasks| listed(tasks).count()).filter(|count| *count > 0) {
        outcome.limit_held.note(at_once <= THREADS + 1);
        if at_once > THREADS + 1 {
            outcome
                .broken
                .push(format!("{at_once} tasks ran at once, {THREADS} and a small one may"));
        }
    }
    Ok(())
}

fn listed(tasks: &Value) -> impl Iterator<Item = &Value> {
    tasks.get("tasks").and_then(Value::as_array).into_iter().flatten()
}

fn id(task: &Value) -> Option<String> {
    task.get("id")?.as_str().map(str::to_owned)
}

fn uploaded(server: &Private<'_>, name: &str, text: &str) -> anyhow::Result<String> {
    let answer = server.hand_in("", name, text).map_err(unreachable)?;
    let says: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let job = says.get("job_id").and_then(Value::as_str);
    job.map(str::to_owned).ok_or_else(|| unreachable(format!("a file is not taken in: {says}")))
}

/// Files that are not what they say: each is refused by name, and the server goes on.
fn broken_files(server: &Private<'_>, rounds: u32, outcome: &mut Outcome) {
    for number in 0..rounds {
        let text = format!("%PDF-1.7\nnothing {number} of what a PDF has\n");
        let end = Instant::now() + RESUMED;
        let is_told = match uploaded(server, &format!("broken{number}.pdf"), &text) {
            // It may be refused at the door as well.
            Err(why) => why.to_string().contains("\"code\""),
            Ok(job) => loop {
                let says =
                    server.must("", "GET", &format!("/v1/jobs/{job}"), None).unwrap_or_default();
                let state =
                    says.get("state").and_then(Value::as_str).unwrap_or_default().to_owned();
                if state == "failed" {
                    break says.get("error").is_some_and(Value::is_string);
                }
                if state == "done" || Instant::now() > end {
                    break false;
                }
                std::thread::sleep(LOOK);
            },
        };
        let held = is_told && server.finds_once(STEADY, RESUMED);
        outcome.broken_files.note(held);
        if !held {
            outcome.broken.push(format!("a broken file {number}: told of {is_told}"));
        }
    }
}

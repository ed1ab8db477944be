//! Load in an open model: requests begin when they are due, whether or not others were answered.
//!
//! Latency counts from when a request was due. A server that stalls is charged for the requests that
//! had to wait, which a closed loop forgets (coordinated omission).

mod grade;
mod knee;
mod scenario;
mod watched;

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use serde::Serialize;

pub use grade::{Grade, grade};
pub use knee::{Knee, knee};
pub use scenario::{Call, Scenario};

use crate::{
    Deployment, Request, Transport,
    observation::{Value, quantile},
};

/// Threads that wait for answers: requests that can be under way at once.
const THREADS: usize = 96;
/// Measurements that a result keeps; of more, each n-th.
const KEPT: usize = 5_000;
/// How late a request may begin and still count as held, in seconds.
const LATE: f64 = 0.1;
/// Longest that a request may take.
const REQUEST: Duration = Duration::from_secs(30);

/// How much load, for how long.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Load {
    /// Requests that begin each second.
    pub rate: f64,
    /// How long.
    pub seconds: f64,
    /// The P95 that is promised, in milliseconds: an input of the grade.
    pub target_ms: f64,
}

/// What came of a load.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// Requests made.
    pub requests: u64,
    /// Requests that were not answered, or not with what they must be answered with.
    pub errors: Value,
    /// Requests that began when they were due, of all that were due.
    pub held: Value,
    /// Requests that were due each second.
    pub offered_per_second: f64,
    /// Requests that were answered each second.
    pub achieved_per_second: f64,
    /// Seconds from the first request to the last answer.
    pub seconds: f64,
    /// Milliseconds from when a request was due until its answer was there.
    pub latency_ms: Value,
    /// The median of them.
    pub p50_ms: f64,
    /// Their 95th percentile.
    pub p95_ms: f64,
    /// Their 99th percentile.
    pub p99_ms: f64,
    /// A to F.
    pub grade: char,
    /// What the grade is made of.
    pub graded: Grade,
    /// What went wrong first, a few.
    pub failures: Vec<String>,
    /// Megabytes by which the memory of the server grew for each thousand requests, after the first
    /// fifth of the time; absent where it does not say what it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mb_per_1000: Option<f64>,
}

/// What the threads share.
struct Shared {
    next: AtomicU64,
    done: Mutex<Done>,
}

#[derive(Default)]
struct Done {
    /// Milliseconds since a request was due, whether it was answered right, whether it began in time.
    measured: Vec<(f64, bool, bool)>,
    failures: Vec<String>,
}

/// Makes the load. `stop` ends it early; what was measured until then counts.
#[must_use]
pub fn load(
    deployment: &Deployment<'_>,
    scenario: &Scenario,
    load: Load,
    stop: &AtomicBool,
) -> Outcome {
    let due = (load.rate * load.seconds).floor().max(1.0) as u64;
    let shared = Shared { next: AtomicU64::new(0), done: Mutex::default() };
    let start = Instant::now();
    let over = AtomicBool::new(false);
    let looks = std::thread::scope(|scope| {
        let watching = scope.spawn(|| watched::watch(deployment, start, &over));
        let work = || work(deployment, scenario, load.rate, due, start, stop, &shared);
        let threads: Vec<_> = (0..THREADS.min(due as usize)).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            // One that panicked has measured less.
            let _ = thread.join();
        }
        over.store(true, Ordering::Relaxed);
        watching.join().unwrap_or_default()
    });
    let seconds = start.elapsed().as_secs_f64();
    let done = shared.done.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mb_per_1000 = watched::mb_per_1000(&looks, seconds, load.rate);
    Outcome { mb_per_1000, ..summed(load, seconds, done) }
}

fn work(
    deployment: &Deployment<'_>,
    scenario: &Scenario,
    rate: f64,
    due: u64,
    start: Instant,
    stop: &AtomicBool,
    shared: &Shared,
) {
    loop {
        let n = shared.next.fetch_add(1, Ordering::Relaxed);
        if n >= due || stop.load(Ordering::Relaxed) {
            return;
        }
        let at = start + Duration::from_secs_f64(n as f64 / rate);
        std::thread::sleep(at.saturating_duration_since(Instant::now()));
        let in_time = at.elapsed().as_secs_f64() <= LATE;
        let Some(call) = scenario.call(n) else { return };
        let failure = made(deployment, call, n).err();
        let ms = at.elapsed().as_secs_f64() * 1_000.0;
        let mut done = shared.done.lock().unwrap_or_else(PoisonError::into_inner);
        done.measured.push((ms, failure.is_none(), in_time));
        if let Some(failure) = failure.filter(|_| done.failures.len() < 10) {
            done.failures.push(failure);
        }
    }
}

/// Makes one call and judges its answer.
fn made(deployment: &Deployment<'_>, call: &Call, n: u64) -> Result<(), String> {
    let put = |text: &str| text.replace("{n}", &n.to_string());
    let mut headers = Vec::new();
    if let Some(key) = &deployment.key {
        headers.push(("authorization".to_owned(), format!("Bearer {key}")));
    }
    if !call.body.is_empty() {
        headers.push(("content-type".to_owned(), "application/json".to_owned()));
    }
    let transport: &dyn Transport = deployment.transport;
    let response = transport.send(&Request {
        method: call.method.clone(),
        url: format!("{}{}", deployment.url, put(&call.path)),
        headers,
        body: put(&call.body).into_bytes(),
        timeout: REQUEST,
    })?;
    let text = response.text();
    if response.status == 200 && text.contains(&call.holds) {
        return Ok(());
    }
    let short: String = text.chars().take(120).collect();
    Err(format!(
        "{} {} answers {} without `{}`: {short}",
        call.method, call.path, response.status, call.holds
    ))
}

fn summed(load: Load, seconds: f64, done: Done) -> Outcome {
    let all = done.measured.len() as u64;
    let count = |holds: &dyn Fn(&(f64, bool, bool)) -> bool| {
        done.measured.iter().filter(|it| holds(it)).count() as u64
    };
    let errors = count(&|it| !it.1);
    let held = count(&|it| it.2);
    let ms: Vec<f64> = done.measured.iter().map(|it| it.0).collect();
    let at = |share: f64| if ms.is_empty() { 0.0 } else { quantile(&ms, share) };
    let (p50_ms, p95_ms, p99_ms) = (at(0.5), at(0.95), at(0.99));
    let graded = grade(
        errors as f64 / all.max(1) as f64,
        held as f64 / all.max(1) as f64,
        p50_ms,
        p95_ms,
        p99_ms,
        load.target_ms,
    );
    let every = ms.len().div_ceil(KEPT).max(1);
    Outcome {
        requests: all,
        errors: Value::Share { count: errors, of: all },
        held: Value::Share { count: held, of: all },
        offered_per_second: load.rate,
        achieved_per_second: (all - errors) as f64 / seconds.max(f64::EPSILON),
        seconds,
        latency_ms: Value::Samples { samples: ms.iter().copied().step_by(every).collect() },
        p50_ms,
        p95_ms,
        p99_ms,
        grade: graded.letter,
        graded,
        failures: done.failures,
        mb_per_1000: None,
    }
}

#[cfg(test)]
mod tests;

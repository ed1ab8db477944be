//! Asks everything.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use jiff::{Timestamp, fmt::rfc2822};
use serde_json::Value;

use super::{Outcome, Run, SCHEMA, Troubles, by_others, decide, facts::facts};
use crate::{
    catalogue::Catalogue,
    check::{Blast, Check},
    condition::{self, Facts},
    deployment::{Deployment, Response},
    error::ReadyError,
    people::Said,
    probe::{Gathered, Session},
    profile::Profile,
};

/// Checks that are observed at the same time.
const THREADS: usize = 4;
/// Seconds by which two clocks may differ.
const SKEW_MAX: i64 = 60;

/// What a run is made with.
pub struct Given<'a> {
    /// The checks.
    pub catalogue: &'a Catalogue,
    /// Which of them, and with which thresholds.
    pub profile: &'a Profile,
    /// What people have said.
    pub said: &'a Said,
    /// The folder with evidence and results of drills.
    pub folder: &'a std::path::Path,
    /// The time.
    pub now: Timestamp,
    /// SHA-256 of the program's file.
    pub build: String,
    /// The head of the run before.
    pub previous: String,
}

/// Makes a run; with it come the artefacts by their SHA-256.
///
/// # Errors
/// When the deployment does not answer: then nothing was asked.
pub fn perform(
    given: &Given<'_>,
    deployment: &Deployment<'_>,
) -> Result<(Run, BTreeMap<String, String>), ReadyError> {
    let start = Instant::now();
    let id =
        format!("{}{:03}Z", given.now.strftime("%Y%m%dT%H%M%S"), given.now.subsec_millisecond());
    let mut session = Session::new(deployment, given.folder, id.clone(), given.now);
    let alive = session
        .get("/health/live")
        .map_err(|why| ReadyError::Unreachable { url: deployment.url.clone(), why })?;
    let says: Value = serde_json::from_slice(&alive.body).unwrap_or_default();
    let server_version =
        says.get("version").and_then(Value::as_str).unwrap_or("unknown").to_owned();
    session.uptime = says.get("uptime_s").and_then(Value::as_f64);
    let problems = problems(deployment, &alive, &server_version, given.now, start);
    let facts = facts(deployment, given.profile);
    let checks = given.catalogue.selected(given.profile);
    let mut outcomes = all(given, &session, &checks, &facts);
    by_others(&mut outcomes);
    let run = Run {
        schema: SCHEMA.to_owned(),
        id,
        started: given.now,
        seconds: start.elapsed().as_secs_f64(),
        url: deployment.url.clone(),
        server_version,
        uptime_seconds: session.uptime,
        version: deployment.version.clone(),
        build: given.build.clone(),
        profile: given.profile.name.clone(),
        checklist: given.catalogue.digest.clone(),
        config: session.fingerprint.clone(),
        previous: given.previous.clone(),
        problems,
        outcomes,
    };
    Ok((run, session.into_artefacts()))
}

/// What keeps the run as a whole from counting.
fn problems(
    deployment: &Deployment<'_>,
    alive: &Response,
    server_version: &str,
    now: Timestamp,
    start: Instant,
) -> Vec<String> {
    let mut problems = Vec::new();
    if server_version != deployment.version {
        problems.push(format!(
            "the server is of version {server_version}, these checks are those of {}",
            deployment.version
        ));
    }
    let date = alive.header("date").and_then(|date| rfc2822::parse(date).ok());
    if let Some(date) = date {
        let here = now.as_second() + start.elapsed().as_secs().cast_signed();
        let skew = (date.timestamp().as_second() - here).abs();
        if skew > SKEW_MAX {
            problems.push(format!(
                "the clocks of the server and of this machine differ by {skew} s: no age and no \
                 expiry can be trusted"
            ));
        }
    }
    problems
}

/// Observes and decides every check: what only reads side by side, what writes one after the other.
fn all(given: &Given<'_>, session: &Session<'_>, checks: &[Check], facts: &Facts) -> Vec<Outcome> {
    let done: Mutex<BTreeMap<usize, Outcome>> = Mutex::default();
    let one = |at: usize, check: &Check| {
        let outcome = observed(given, session, check, facts);
        done.lock().unwrap_or_else(PoisonError::into_inner).insert(at, outcome);
    };
    let (reading, writing): (Vec<_>, Vec<_>) =
        checks.iter().enumerate().partition(|(_, check)| check.blast == Blast::None);
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some((at, check)) = reading.get(next.fetch_add(1, Ordering::Relaxed)) {
                    one(*at, check);
                }
            });
        }
    });
    for (at, check) in writing {
        one(at, check);
    }
    done.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect()
}

fn observed(given: &Given<'_>, session: &Session<'_>, check: &Check, facts: &Facts) -> Outcome {
    let start = Instant::now();
    let mut troubles =
        Troubles { unmet: condition::unmet(&check.applies, facts), ..Troubles::default() };
    let mut gathered = Gathered::default();
    if troubles.unmet.is_none() {
        if check.blast <= session.deployment.allow {
            let limit = start + Duration::from_secs(check.timeout_seconds);
            for probe in &check.probe {
                gathered.join(probe.gather(session, limit));
            }
        } else {
            gathered.missing = Some("allow what it does to the deployment: --allow low".to_owned());
        }
    }
    troubles.broken = gathered.broken;
    troubles.missing = gathered.missing;
    troubles.stale = gathered.stale;
    let seconds = start.elapsed().as_secs_f64();
    decide(check, gathered.observations, troubles, given.said, given.now, seconds)
}

//! Requests in order, as a client makes them.

mod expand;

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::{Gathered, Session, Takes, take};
use crate::{
    deployment::{Request, Response},
    observation::{Observation, Value},
};
use take::Answer;

/// Longest pause that a limit of the server is waited for.
const PAUSE_MAX: Duration = Duration::from_secs(15);
/// Pause between two looks at something that is waited for.
const AGAIN: Duration = Duration::from_millis(100);
/// Most requests of one step.
const REQUESTS_MAX: usize = 2_000;

/// Who asks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum As {
    /// The key of the run.
    #[default]
    Own,
    /// Nobody: no key.
    Nobody,
    /// A key that was never given out.
    Wrong,
    /// The key of a second tenant.
    Other,
    /// The key that an earlier step captured as `key`.
    Captured,
}

/// What a step waits for: the request is made again until it is so.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Until {
    /// What is read of the answer.
    pub read: String,
    /// The pattern of its text.
    pub is: String,
    /// Longest wait.
    pub seconds: f64,
}

/// A file that is uploaded as the field `file` of a form.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Upload {
    /// Name of the file.
    pub name: String,
    /// Its text.
    #[serde(default)]
    pub text: String,
    /// How often the text is repeated.
    #[serde(default = "one")]
    pub times: usize,
    /// Its type.
    #[serde(default = "plain")]
    pub mime: String,
    /// Further fields of the form.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, String>,
}

const fn one() -> usize {
    1
}

fn plain() -> String {
    "text/plain".to_owned()
}

fn get() -> String {
    "GET".to_owned()
}

/// One request, or the same one several times.
///
/// In texts `{run}` is the name of the run, `{trace}` an id of a
/// trace that is the run's own, `{each}` a value of `each`, `{n}` the number of the repetition, and `{NAME}`
/// what was captured.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Method.
    #[serde(default = "get")]
    pub method: String,
    /// Path below the address of the server, or an address of its own.
    pub path: String,
    /// `prometheus` asks the Prometheus of the deployment instead of the server, `traces` what keeps its
    /// traces.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub base: String,
    /// Headers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Body; one that begins with a brace is sent as JSON.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
    /// A file in place of a body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload: Option<Upload>,
    /// Who asks.
    #[serde(default, rename = "as")]
    pub who: As,
    /// How often it is asked.
    #[serde(default = "one")]
    pub repeat: usize,
    /// Values of `{each}`, or `["routes"]` for every path of the API that answers `GET`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub each: Vec<String>,
    /// Patterns of values of `each` that are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
    /// Whether a refusal for asking too often is an observation and not waited for.
    #[serde(default)]
    pub eager: bool,
    /// What is waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Until>,
    /// What later steps can use, by name. A step whose path needs what was not there is not made.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub capture: Takes,
    /// What is observed, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub take: Takes,
}

impl Step {
    pub(super) fn problems(&self) -> Vec<String> {
        let until = self.until.as_ref();
        let words = self.take.values().chain(self.capture.values()).chain(until.map(|it| &it.read));
        let patterns = self.except.iter().chain(until.map(|it| &it.is));
        let bad = patterns.filter_map(|it| Regex::new(it).err().map(|error| error.to_string()));
        words.filter_map(|word| take::problem(word)).chain(bad).collect()
    }
}

/// Makes the requests.
pub(super) fn gather(
    session: &Session<'_>,
    steps: &[Step],
    after: &[Step],
    limit: Instant,
) -> Gathered {
    let mut gathered = Gathered::default();
    let mut known = BTreeMap::from([
        ("run".to_owned(), session.run.clone()),
        ("trace".to_owned(), session.trace()),
    ]);
    for step in steps {
        match perform(session, step, &mut known, limit) {
            Ok(seen) => gathered.observations.extend(seen),
            Err(Stop::Missing(why)) => gathered.missing = Some(why),
            Err(Stop::Broken(why)) => gathered.broken = Some(why),
        }
        if gathered.missing.is_some() || gathered.broken.is_some() {
            break;
        }
    }
    // What was written goes even when the time of the check is over.
    let grace = Instant::now() + PAUSE_MAX;
    for step in after {
        if let Err(Stop::Broken(why)) = perform(session, step, &mut known, grace) {
            gathered
                .broken
                .get_or_insert_with(|| format!("what was written could not be removed: {why}"));
        }
    }
    gathered
}

/// Why a step does not go on.
enum Stop {
    /// There is nothing to observe it with.
    Missing(String),
    /// It broke.
    Broken(String),
}

/// Makes the requests of one step and reads what it takes.
fn perform(
    session: &Session<'_>,
    step: &Step,
    known: &mut BTreeMap<String, String>,
    limit: Instant,
) -> Result<Vec<Observation>, Stop> {
    let requests = expand::requests(session, step, known)?;
    let mut answers = Vec::with_capacity(requests.len());
    let mut log = String::new();
    // One after the other, each gone before the next: a file that is too large on purpose is most of what
    // a run holds.
    for mut request in requests {
        let answer = asked(session, step, &mut request, limit)?;
        if log.len() < 64 * 1024 {
            log.push_str(&shown(&request, &answer.response));
        }
        answers.push(answer);
    }
    for (name, word) in &step.capture {
        let value = answers.last().and_then(|answer| take::read(word, answer));
        // What is missing is told by the step that needs it.
        match value {
            Some(Value::Text(text)) => known.insert(name.clone(), text),
            Some(other) => known.insert(name.clone(), other.shown()),
            None => None,
        };
    }
    if let Some(key) = known.get("key") {
        log = log.replace(key.as_str(), "[key]");
    }
    let artefact = session.keep(&log);
    let one = |(name, word): (&String, &String)| {
        let value = take::observe(word, &answers)?;
        let unit = if matches!(word.as_str(), "ms" | "waited") { "ms" } else { "" };
        let seen = Observation::new(name.as_str(), value);
        Some(Observation { unit: unit.to_owned(), artefact: artefact.clone(), ..seen })
    };
    Ok(step.take.iter().filter_map(one).collect())
}

/// Makes a request until the answer is what the step waits for, or its time is over.
fn asked(
    session: &Session<'_>,
    step: &Step,
    request: &mut Request,
    limit: Instant,
) -> Result<Answer, Stop> {
    let start = Instant::now();
    let wait = step.until.as_ref().map_or(0.0, |until| until.seconds.clamp(0.0, 600.0));
    let end = (start + Duration::from_secs_f64(wait)).min(limit);
    loop {
        let response = patiently(session, step, request, limit)?;
        let waited_ms = start.elapsed().as_secs_f64() * 1_000.0;
        let answer = Answer { response, waited_ms };
        let Some(until) = &step.until else { return Ok(answer) };
        let pattern = Regex::new(&until.is).map_err(|error| Stop::Broken(error.to_string()))?;
        let read = take::read(&until.read, &answer);
        let is_so = match &read {
            Some(Value::Text(text)) => pattern.is_match(text),
            Some(other) => pattern.is_match(&other.shown()),
            None => false,
        };
        if is_so || Instant::now() >= end {
            return Ok(answer);
        }
        std::thread::sleep(AGAIN);
    }
}

/// Makes a request, and again when the server says how soon it may be asked again.
fn patiently(
    session: &Session<'_>,
    step: &Step,
    request: &mut Request,
    limit: Instant,
) -> Result<Response, Stop> {
    let longest = request.timeout;
    loop {
        let left = limit.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(Stop::Broken(format!("the time of the check was over at {}", request.url)));
        }
        request.timeout = left.min(longest);
        let response = session.deployment.transport.send(request).map_err(Stop::Broken)?;
        let pause = response.header("retry-after").and_then(|it| it.parse().ok());
        let pause = pause.map(Duration::from_secs).filter(|it| *it <= PAUSE_MAX.min(left));
        if response.status != 429 || step.eager {
            return Ok(response);
        }
        // A refusal for asking too often says nothing about what was asked.
        let pause = pause.ok_or_else(|| {
            Stop::Broken(format!(
                "the server limits requests, and {} could not be asked",
                request.url
            ))
        })?;
        std::thread::sleep(pause);
    }
}

/// A request and its answer as they stand in the artefact.
fn shown(request: &Request, response: &Response) -> String {
    let body: String = response.text().chars().take(16 * 1024).collect();
    let headers: String =
        response.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    format!(
        "{} {}\n-> {} in {:.1} ms\n{headers}\n{body}\n\n",
        request.method, request.url, response.status, response.ms
    )
}

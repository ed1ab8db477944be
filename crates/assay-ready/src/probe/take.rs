//! How values are read from answers: short words in the data of a check.
//!
//! | word | reads |
//! |---|---|
//! | `status`, `ms`, `bytes` | of the answer |
//! | `header NAME` | its value, or `absent` |
//! | `json POINTER` | a value of the body, as RFC 6901 has it |
//! | `count POINTER` | how many entries a list or an object has |
//! | `regex PATTERN` | the first group, or the whole match, or `absent` |
//! | `matches PATTERN` | how many hits the body has |
//! | `share PATTERN in WORD` | for how many of the answers the word gives a matching text |
//! | `waited` | milliseconds until the answer was as a step waits for |

use std::{cell::RefCell, collections::BTreeMap};

use regex::Regex;
use serde_json::Value as Json;

use super::{Artefact, Gathered, Takes};
use crate::{
    deployment::Response,
    observation::{Observation, Value},
};

/// One answer and how long was waited for it.
pub(super) struct Answer {
    pub(super) response: Response,
    pub(super) waited_ms: f64,
}

/// A pattern, which is compiled once in a run: the same word reads many answers.
fn pattern(text: &str) -> Option<Regex> {
    thread_local! {
        static KNOWN: RefCell<BTreeMap<String, Regex>> = const { RefCell::new(BTreeMap::new()) };
    }
    KNOWN.with_borrow_mut(|known| {
        if let Some(pattern) = known.get(text) {
            return Some(pattern.clone());
        }
        let pattern = Regex::new(text).ok()?;
        known.insert(text.to_owned(), pattern.clone());
        Some(pattern)
    })
}

/// What is wrong with a word.
pub(super) fn problem(word: &str) -> Option<String> {
    let (name, rest) = word.split_once(' ').unwrap_or((word, ""));
    match name {
        "status" | "ms" | "bytes" | "waited" if rest.is_empty() => None,
        "header" if !rest.is_empty() => None,
        "json" | "count" if rest.is_empty() || rest.starts_with('/') => None,
        "regex" | "matches" => Regex::new(rest).err().map(|error| error.to_string()),
        "share" => match rest.rsplit_once(" in ") {
            Some((pattern, inner)) => {
                Regex::new(pattern).err().map(|error| error.to_string()).or_else(|| problem(inner))
            }
            None => Some(format!("`{word}` does not say in what")),
        },
        _ => Some(format!("`{word}` reads nothing that is known")),
    }
}

/// What a word reads of all answers to one step: a share, measurements, or the value of the last.
pub(super) fn observe(word: &str, answers: &[Answer]) -> Option<Value> {
    if let Some((pattern, inner)) =
        word.strip_prefix("share ").and_then(|it| it.rsplit_once(" in "))
    {
        let pattern = self::pattern(pattern)?;
        let texts = answers.iter().map(|answer| read(inner, answer));
        let count = texts.filter(|text| text.as_ref().is_some_and(|it| is_match(&pattern, it)));
        return Some(Value::Share { count: count.count() as u64, of: answers.len() as u64 });
    }
    if answers.len() > 1 {
        let numbers: Option<Vec<f64>> = answers
            .iter()
            .map(|answer| match read(word, answer) {
                Some(Value::Number(number)) => Some(number),
                _ => None,
            })
            .collect();
        if let Some(samples) = numbers {
            return Some(Value::Samples { samples });
        }
    }
    answers.last().and_then(|answer| read(word, answer))
}

fn is_match(pattern: &Regex, value: &Value) -> bool {
    match value {
        Value::Text(text) => pattern.is_match(text),
        other => pattern.is_match(&other.shown()),
    }
}

/// What a word reads of one answer.
pub(super) fn read(word: &str, answer: &Answer) -> Option<Value> {
    let response = &answer.response;
    let (name, rest) = word.split_once(' ').unwrap_or((word, ""));
    match name {
        "status" => Some(Value::Number(response.status.into())),
        "ms" => Some(Value::Number(response.ms)),
        "waited" => Some(Value::Number(answer.waited_ms)),
        "bytes" => Some(Value::Number(response.body.len() as f64)),
        "header" => Some(Value::Text(response.header(rest).unwrap_or("absent").to_owned())),
        "regex" => {
            let text = response.text();
            let captures = pattern(rest)?.captures(&text);
            let found = captures.and_then(|captures| captures.get(1).or_else(|| captures.get(0)));
            Some(Value::Text(
                found.map_or_else(|| "absent".to_owned(), |it| it.as_str().to_owned()),
            ))
        }
        "matches" => {
            let hits = pattern(rest)?.find_iter(&response.text()).count();
            Some(Value::Number(hits as f64))
        }
        "json" | "count" => {
            let body: Json = serde_json::from_slice(&response.body).ok()?;
            pointed(&body, word)
        }
        _ => None,
    }
}

/// What `json POINTER` or `count POINTER` reads of a document.
pub(super) fn pointed(document: &Json, word: &str) -> Option<Value> {
    let (name, pointer) = word.split_once(' ').unwrap_or((word, ""));
    let found = document.pointer(pointer)?;
    if name == "count" {
        let entries = found.as_array().map(Vec::len).or_else(|| Some(found.as_object()?.len()))?;
        return Some(Value::Number(entries as f64));
    }
    value(found)
}

/// A value of JSON as an observation; nothing for what is null.
pub(super) fn value(json: &Json) -> Option<Value> {
    match json {
        Json::Null => None,
        Json::Bool(it) => Some(Value::Text(it.to_string())),
        Json::Number(it) => it.as_f64().map(Value::Number),
        Json::String(it) => Some(Value::Text(it.clone())),
        Json::Array(_) | Json::Object(_) => {
            serde_json::from_value(json.clone()).ok().filter(|it| !matches!(it, Value::Text(_)))
        }
    }
}

/// What pointers read of one document. `json` may be left out of the words.
pub(super) fn pointers(document: &Json, takes: &Takes, artefact: &Artefact) -> Gathered {
    let mut gathered = Gathered::default();
    for (name, word) in takes {
        let word = if word.starts_with('/') { format!("json {word}") } else { word.clone() };
        if let Some(value) = pointed(document, &word) {
            gathered.observations.push(Observation {
                artefact: artefact.clone(),
                ..Observation::new(name.as_str(), value)
            });
        }
    }
    gathered
}

//! Evidence of a build: what the tools of a CI wrote, read into the fields that checks ask for.
//!
//! Each input is read by the form that it has, never by its name. One that is empty, cut or of another
//! form is refused with what was expected, because a tool that did not run has found nothing either.
//! A field for which nothing was given is left out, so that its check stays inconclusive.

mod coverage;
mod findings;
mod results;
mod sarif;
mod severity;
mod text;
mod words;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::{ReadyError, catalogue::hex};
use results::Results;
pub use words::{Kind, Told};

/// Bytes of an input that are read at most.
pub const INPUT_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A file that a tool of the build wrote.
#[derive(Debug, Clone)]
pub struct Input {
    /// Its path, as it was given.
    pub path: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// Which build the evidence is of.
#[derive(Debug, Clone)]
pub struct Build {
    /// Its version.
    pub version: String,
    /// The commit that it was made of, in hexadecimal digits.
    pub commit: String,
    /// When the evidence was put together.
    pub at: Timestamp,
}

/// The document `ci.json`: the fields that the inputs decide, and each input with its SHA-256.
///
/// # Errors
/// With every problem at once: a commit that is none, an input that is not what it was given as, two
/// words on one field. Nothing is to be written then.
pub fn ci(
    build: &Build,
    inputs: &BTreeMap<Kind, Vec<Input>>,
    told: &[Told],
) -> Result<Value, ReadyError> {
    let mut problems = Vec::new();
    let digits = build.commit.len();
    if !(7..=64).contains(&digits) || !build.commit.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        problems.push(format!("`{}` is no commit: 7 to 64 hexadecimal digits", build.commit));
    }
    if build.version.trim().is_empty() {
        problems.push("the build has no version".to_owned());
    }
    if inputs.values().all(Vec::is_empty) && told.is_empty() {
        problems.push("nothing was given: name at least one output of a tool".to_owned());
    }
    let mut fields = Map::new();
    let mut read = Vec::new();
    for (kind, inputs) in inputs.iter().filter(|(_, inputs)| !inputs.is_empty()) {
        let mut found = Vec::new();
        for input in inputs {
            match one(*kind, input) {
                Ok((form, values)) => {
                    found.push(values);
                    read.push(json!({
                        "kind": kind.as_str(), "form": form, "file": input.path,
                        "bytes": input.bytes.len(), "sha256": hex(&Sha256::digest(&input.bytes)),
                    }));
                }
                Err(why) => problems.push(format!("--{} {}: {why}", kind.as_str(), input.path)),
            }
        }
        fields.extend(kind.fields(&found));
    }
    let mut sources = Map::new();
    for word in told {
        if fields.insert(word.name.clone(), word.value.clone()).is_some() {
            problems.push(format!("`{}` has two sources: leave one out", word.name));
        }
        sources.insert(word.name.clone(), word.source.clone().into());
    }
    if !problems.is_empty() {
        return Err(ReadyError::BadInput { what: "the evidence".to_owned(), problems });
    }
    if let Some(green) = green(&fields) {
        fields.insert("green".to_owned(), green.into());
    }
    let mut document = json!({
        "version": build.version, "commit": build.commit, "at": build.at.to_string(),
        "inputs": read, "told": sources,
    });
    if let Some(document) = document.as_object_mut() {
        document.extend(fields);
    }
    Ok(document)
}

/// What one input says, and the name of its form.
fn one(kind: Kind, input: &Input) -> Result<(&'static str, Values), String> {
    let text = std::str::from_utf8(&input.bytes).map_err(|_| "it is no text in UTF-8")?;
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Err(format!("it is empty; expected {}", kind.expected()));
    }
    kind.read(text)
}

/// Whether tests, linter and formatter found nothing; unknown as long as one of them was not given.
fn green(fields: &Map<String, Value>) -> Option<bool> {
    let numbers = ["tests_failed", "lint_warnings", "format_diffs"];
    let all: Option<Vec<u64>> =
        numbers.iter().map(|name| fields.get(*name).and_then(Value::as_u64)).collect();
    all.map(|all| all.iter().all(|count| *count == 0))
}

/// What an input says.
#[derive(Debug, Clone, PartialEq)]
enum Values {
    /// How tests went.
    Results(Results),
    /// How many of something were found.
    Count(u64),
    /// How many, by a database of this day.
    Dated(u64, String),
    /// Lines that were run, of so many.
    Lines(u64, u64),
}

#[cfg(test)]
mod tests;

//! Files: documentation, results of a build, results of drills.

use std::path::{Path, PathBuf};

use regex::Regex;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{Gathered, Session, Takes, take};
use crate::observation::{Observation, Value};

/// Files that are read at most.
const FILES_MAX: usize = 500;
/// Bytes of a file that are read at most.
const BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Below which folder files are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Root {
    /// The documentation that belongs to the deployment (`--docs`).
    Docs,
    /// `evidence/` in the folder of readiness: what a build, a scanner, a person put there.
    Evidence,
}

/// What is wrong with a word.
pub(super) fn problem(word: &str) -> Option<String> {
    let (name, rest) = word.split_once(' ').unwrap_or((word, ""));
    match name {
        "files" | "age_days" if rest.is_empty() => None,
        "share" | "lacking" | "matches" => Regex::new(rest).err().map(|error| error.to_string()),
        "json" | "count" if rest.starts_with('/') => None,
        _ => Some(format!("`{word}` reads nothing of files")),
    }
}

/// A file that was read.
struct Read {
    text: String,
    age_days: f64,
}

pub(super) fn gather(session: &Session<'_>, root: Root, path: &str, takes: &Takes) -> Gathered {
    let folder = match root {
        Root::Docs => match &session.deployment.docs {
            Some(docs) => docs.clone(),
            None => return Gathered::missing("the documentation is not at hand (--docs DIR)"),
        },
        Root::Evidence => session.folder.join("evidence"),
    };
    let files = files(session, &folder, path);
    let wants_count = takes.values().any(|word| word == "files");
    if files.is_empty() && !wants_count {
        return Gathered::missing(format!("there is no {}", folder.join(path).display()));
    }
    let texts: Vec<&str> = files.iter().map(|file| file.text.as_str()).collect();
    let artefact = session.keep(&texts.join("\n\n"));
    let mut gathered = Gathered::default();
    if root == Root::Evidence {
        gathered.stale = files.iter().find_map(|file| of_another_version(session, file));
    }
    for (name, word) in takes {
        let Some(value) = read(word, &files) else { continue };
        let age = (root == Root::Evidence)
            .then(|| files.iter().map(|it| it.age_days).fold(0.0, f64::max));
        gathered.observations.push(Observation {
            artefact: artefact.clone(),
            age_days: age,
            ..Observation::new(name.as_str(), value)
        });
    }
    gathered
}

fn read(word: &str, files: &[Read]) -> Option<Value> {
    let (name, rest) = word.split_once(' ').unwrap_or((word, ""));
    let having = |pattern: &Regex| files.iter().filter(|it| pattern.is_match(&it.text)).count();
    match name {
        "files" => Some(Value::Number(files.len() as f64)),
        "age_days" => Some(Value::Number(files.iter().map(|it| it.age_days).fold(0.0, f64::max))),
        "share" => {
            let count = having(&Regex::new(rest).ok()?) as u64;
            Some(Value::Share { count, of: files.len() as u64 })
        }
        "lacking" => Some(Value::Number((files.len() - having(&Regex::new(rest).ok()?)) as f64)),
        "matches" => {
            let pattern = Regex::new(rest).ok()?;
            let hits: usize = files.iter().map(|it| pattern.find_iter(&it.text).count()).sum();
            Some(Value::Number(hits as f64))
        }
        _ => {
            let document: Json = serde_json::from_str(&files.first()?.text).ok()?;
            take::pointed(&document, word)
        }
    }
}

/// Why evidence of another build counts no more; one that names no version is of none.
fn of_another_version(session: &Session<'_>, file: &Read) -> Option<String> {
    let document: Json = serde_json::from_str(&file.text).ok()?;
    let version = document.get("version").and_then(Json::as_str)?;
    let is_other = version != session.deployment.version;
    is_other.then(|| format!("it is evidence of version {version}"))
}

/// The files of a path; its last part may hold one star.
fn files(session: &Session<'_>, folder: &Path, path: &str) -> Vec<Read> {
    let whole = folder.join(path);
    let mut paths: Vec<PathBuf> = Vec::new();
    match path.rsplit('/').next().and_then(|name| name.split_once('*')) {
        None => paths.push(whole),
        Some((head, tail)) => {
            let entries = whole.parent().and_then(|parent| std::fs::read_dir(parent).ok());
            for entry in entries.into_iter().flatten().flatten().take(FILES_MAX) {
                let name = entry.file_name().to_string_lossy().into_owned();
                if name.starts_with(head) && name.ends_with(tail) {
                    paths.push(entry.path());
                }
            }
            paths.sort();
        }
    }
    paths.iter().filter_map(|path| one(session, path)).collect()
}

fn one(session: &Session<'_>, path: &Path) -> Option<Read> {
    let about = std::fs::metadata(path).ok()?;
    if !about.is_file() || about.len() > BYTES_MAX {
        return None;
    }
    let text = std::fs::read_to_string(path).ok()?;
    // What says when it was made is as old as that: a copy is younger than what it holds.
    let says = serde_json::from_str::<Json>(&text)
        .ok()
        .and_then(|it| it.get("at").and_then(Json::as_str)?.parse::<jiff::Timestamp>().ok());
    let changed = jiff::Timestamp::try_from(about.modified().ok()?).ok()?;
    let changed = says.unwrap_or(changed);
    let age_days = (session.now.as_second() - changed.as_second()) as f64 / 86_400.0;
    Some(Read { text, age_days: age_days.max(0.0) })
}

/// The newest result of a drill. One of another configuration or build counts no more.
pub(super) fn drill(session: &Session<'_>, name: &str, takes: &Takes) -> Gathered {
    let path = session.folder.join("drills").join(format!("{name}.json"));
    let Some(found) = one(session, &path) else {
        return Gathered::missing(match crate::drill::command(name) {
            Some(command) => format!("the drill has not been run: {command}"),
            None => format!("there is no result of it: {}", path.display()),
        });
    };
    let Ok(result) = serde_json::from_str::<Json>(&found.text) else {
        return Gathered::broken(format!("{} is no result of a drill", path.display()));
    };
    let artefact = session.keep(&found.text);
    let mut gathered = take::pointers(&result, takes, &artefact);
    let at = result.get("at").and_then(Json::as_str).and_then(|at| at.parse().ok());
    let age =
        at.map(|at: jiff::Timestamp| (session.now.as_second() - at.as_second()) as f64 / 86_400.0);
    for observation in &mut gathered.observations {
        observation.age_days = age;
    }
    let config = result.get("config").and_then(Json::as_str).unwrap_or_default();
    if !config.is_empty() && !session.fingerprint.is_empty() && config != session.fingerprint {
        gathered.stale = Some("the configuration has changed since".to_owned());
    }
    let version = result.get("version").and_then(Json::as_str).unwrap_or_default();
    if version != session.deployment.version {
        gathered.stale = Some(format!("it was run against version {version}"));
    }
    if age.is_none() {
        gathered.stale = Some("it does not say when it was run".to_owned());
    }
    gathered
}

//! What the settings tell.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
};

use assay_ready::fingerprint;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    command::variables,
    config::effective,
    log_file::{self, FILES_OF_DAYS},
};

/// The page with every key.
const PAGE: &str = include_str!("../../../../../../docs/reference/configuration.md");

/// Bytes of a line of the log that are read at most.
const LINE_MAX: u64 = 64 * 1024;

/// How many settings the page of the configuration does not tell of.
pub(super) fn config(file: Option<&Path>) -> Value {
    let mut leaves = Vec::new();
    walk("", &settings(file), &mut leaves);
    // A key stands in a block of settings, in a table, or in a table as one of a list.
    let is_told = |name: &str| {
        let forms = [format!("{name} ="), format!("`{name}`"), format!("`.{name}`")];
        forms.iter().any(|form| PAGE.contains(form))
    };
    let undocumented: Vec<&str> = leaves
        .iter()
        .map(|(path, _)| path.as_str())
        // Names of providers and routes, and kinds of findings, are no keys.
        .filter(|path| !path.starts_with("gateway.") && !path.contains("actions."))
        .filter(|path| !path.rsplit('.').next().is_some_and(is_told))
        .collect();
    json!({ "undocumented": undocumented.len(), "keys": undocumented })
}

/// Whether the settings in effect are those that two people looked at.
pub(super) fn reviewed(file: Option<&Path>, evidence: &Path) -> Result<Value, String> {
    let path = evidence.join("reviewed.json");
    let text =
        std::fs::read_to_string(&path).map_err(|_| format!("there is no {}", path.display()))?;
    let record: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let name = |key: &str| record.get(key).and_then(Value::as_str).unwrap_or_default();
    let matches = name("config") == fingerprint(&settings(file));
    let two = !name("author").is_empty()
        && !name("reviewer").is_empty()
        && name("author") != name("reviewer");
    Ok(json!({ "matches": matches, "different_people": two }))
}

/// What becomes of the log: the file of the server is bounded by itself; of another supervisor
/// `evidence/log-rotation.json` tells.
pub(super) fn logs(file: Option<&Path>, evidence: &Path) -> Result<Value, String> {
    let named = settings(file);
    if named.pointer("/log/file").and_then(Value::as_str).is_some_and(|it| !it.is_empty()) {
        let days = named.pointer("/log/keep_days").and_then(Value::as_u64).unwrap_or(0);
        let files = if days > 0 { FILES_OF_DAYS } else { log_file::FILES };
        return Ok(json!({ "file_mb_max": 10, "files": files }));
    }
    let path = evidence.join("log-rotation.json");
    let text = std::fs::read_to_string(&path)
        .map_err(|_| format!("log.file is not set, and there is no {}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

/// How long lines of the log are kept, and how old the oldest is. Of another supervisor
/// `evidence/log-retention.json` tells.
pub(super) fn retention(
    file: Option<&Path>,
    evidence: &Path,
    now: Timestamp,
) -> Result<Value, String> {
    let named = settings(file);
    let path = named.pointer("/log/file").and_then(Value::as_str).filter(|it| !it.is_empty());
    let Some(path) = path.map(Path::new) else {
        let path = evidence.join("log-retention.json");
        let text = std::fs::read_to_string(&path)
            .map_err(|_| format!("log.file is not set, and there is no {}", path.display()))?;
        return serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()));
    };
    let days = named.pointer("/log/keep_days").and_then(Value::as_u64).unwrap_or(0);
    let older = (1..FILES_OF_DAYS).map(|number| log_file::older(path, number));
    let files: Vec<PathBuf> =
        std::iter::once(path.to_owned()).chain(older).take_while(|it| it.is_file()).collect();
    let oldest = files
        .last()
        .and_then(|file| first_line(file))
        .ok_or_else(|| format!("{} has no line with a time yet", path.display()))?;
    let oldest = (now.as_second() - oldest.as_second()) as f64 / 86_400.0;
    // With as many files as there may be, lines were lost before their time.
    let is_cut = files.len() as u64 >= u64::from(FILES_OF_DAYS) && oldest < days as f64;
    Ok(json!({ "days": days, "oldest_days": oldest, "files": files.len(), "cut": is_cut }))
}

/// The time of the first line of a log, in either form.
fn first_line(path: &Path) -> Option<Timestamp> {
    let file = std::fs::File::open(path).ok()?;
    let mut line = String::new();
    BufReader::new(file.take(LINE_MAX)).read_line(&mut line).ok()?;
    let told = serde_json::from_str::<Value>(&line).ok();
    let told = told.and_then(|it| Some(it.get("timestamp")?.as_str()?.to_owned()));
    told.as_deref().or_else(|| line.split_whitespace().next())?.parse().ok()
}

/// Secrets that stand in the file itself, and who may read it.
pub(super) fn secrets(file: Option<&Path>) -> Value {
    use std::os::unix::fs::PermissionsExt as _;
    let Some(file) = file else {
        return json!({ "in_configuration_file": 0, "configuration_mode": "none" });
    };
    let mut leaves = Vec::new();
    // Without variables, what is `set` stands in the file.
    walk("", &effective(Some(file), std::iter::empty()), &mut leaves);
    // The key of a certificate is the path of a file.
    let is_secret = |path: &str, value: &Value| value == "set" && !path.starts_with("server.tls");
    let inside: Vec<&str> = leaves
        .iter()
        .filter(|(path, value)| is_secret(path, value))
        .map(|(path, _)| path.as_str())
        .collect();
    let mode = std::fs::metadata(file).map(|it| it.permissions().mode() & 0o777);
    let mode = mode.map_or_else(|_| "none".to_owned(), |mode| format!("{mode:03o}"));
    json!({ "in_configuration_file": inside.len(), "keys": inside, "configuration_mode": mode })
}

/// Addresses of other hosts that are called without TLS.
pub(super) fn hops(file: Option<&Path>) -> Value {
    let mut leaves = Vec::new();
    walk("", &settings(file), &mut leaves);
    let plain: Vec<&str> = leaves
        .iter()
        .filter_map(|(path, value)| {
            let host = value.as_str()?.strip_prefix("http://")?;
            let host = host.split(['/', ':']).next().unwrap_or_default();
            let is_here = host == "localhost" || host.starts_with("127.") || host.starts_with('[');
            (!is_here).then_some(path.as_str())
        })
        .collect();
    json!({ "plain_to_other_hosts": plain.len(), "settings": plain })
}

/// The settings in effect.
pub(super) fn settings(file: Option<&Path>) -> Value {
    effective(file, variables())
}

/// Every value that is no table, with its path.
fn walk(path: &str, value: &Value, leaves: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(inner) => {
            for (key, value) in inner {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                walk(&path, value, leaves);
            }
        }
        Value::Array(entries) => entries.iter().for_each(|entry| walk(path, entry, leaves)),
        other => leaves.push((path.to_owned(), other.clone())),
    }
}

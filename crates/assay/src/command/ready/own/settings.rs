//! What the settings tell.

use std::path::Path;

use assay_ready::fingerprint;
use serde_json::{Value, json};

use crate::{command::variables, config::effective};

/// The page with every key.
const PAGE: &str = include_str!("../../../../../../docs/reference/configuration.md");

/// How many settings the page of the configuration does not tell of.
pub(super) fn config(file: Option<&Path>) -> Value {
    let mut leaves = Vec::new();
    walk("", &settings(file), &mut leaves);
    let is_told =
        |name: &str| PAGE.contains(&format!("{name} =")) || PAGE.contains(&format!("`{name}`"));
    let undocumented = leaves.iter().filter(|(path, _)| {
        !path.starts_with("gateway.") && !path.rsplit('.').next().is_some_and(is_told)
    });
    json!({ "undocumented": undocumented.count() })
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
        return Ok(json!({ "file_mb_max": 10, "files": 5 }));
    }
    let path = evidence.join("log-rotation.json");
    let text = std::fs::read_to_string(&path)
        .map_err(|_| format!("log.file is not set, and there is no {}", path.display()))?;
    serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
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
    let inside = leaves.iter().filter(|(path, value)| is_secret(path, value)).count();
    let mode = std::fs::metadata(file).map(|it| it.permissions().mode() & 0o777);
    let mode = mode.map_or_else(|_| "none".to_owned(), |mode| format!("{mode:03o}"));
    json!({ "in_configuration_file": inside, "configuration_mode": mode })
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

fn settings(file: Option<&Path>) -> Value {
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

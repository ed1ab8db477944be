//! The settings in effect as one document: defaults, file, variables; secrets as `set`.

use std::path::Path;

use serde_json::Value as Json;
use toml::{Table, Value};

use super::{PREFIX, alias, overlay, read_file};

/// The page whose first block has every key with its default; a test holds it against the program.
const DEFAULTS: &str = include_str!("../../../../docs/reference/configuration.md");

/// Words in the names of keys whose texts are secrets.
const SECRET: [&str; 4] = ["key", "token", "secret", "password"];

/// The settings that a server started with this file and these variables has.
pub(crate) fn effective(
    file: Option<&Path>,
    variables: impl Iterator<Item = (String, String)>,
) -> Json {
    let mut problems = Vec::new();
    let mut given = read_file(file, &mut problems).unwrap_or_default();
    let (own, others): (Vec<_>, Vec<_>) = variables.partition(|(name, _)| name.starts_with(PREFIX));
    alias::take(&mut given, &others, &mut problems);
    for (name, value) in &own {
        overlay(&mut given, name, value, &mut problems);
    }
    let mut all = defaults();
    merge(&mut all, given);
    hide(&mut all);
    serde_json::to_value(all).unwrap_or_default()
}

fn defaults() -> Table {
    let block = DEFAULTS.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    block.and_then(|text| text.parse().ok()).unwrap_or_default()
}

fn merge(into: &mut Table, from: Table) {
    for (key, value) in from {
        match (into.get_mut(&key), value) {
            (Some(Value::Table(inner)), Value::Table(value)) => merge(inner, value),
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

/// Replaces what is secret by `set`; the name of a variable that holds a secret is none.
fn hide(table: &mut Table) {
    for (key, value) in table.iter_mut() {
        let is_secret = SECRET.iter().any(|word| key.contains(word)) && !key.ends_with("_env");
        match value {
            Value::Table(inner) => hide(inner),
            Value::String(text) if is_secret && !text.is_empty() => {
                "set".clone_into(text);
            }
            Value::Array(entries) => entries.iter_mut().for_each(|entry| match entry {
                Value::Table(inner) => hide(inner),
                Value::String(text) if is_secret => "set".clone_into(text),
                _ => {}
            }),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    //! What is set outranks what is default, and no secret is shown.

    use super::*;

    #[test]
    fn settings_are_joined_and_secrets_hidden() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("assay.toml");
        let text =
            "[server]\nport = 1\n[gateway.providers.p]\nkind = \"openai\"\napi_key = \"sk-1\"\n";
        std::fs::write(&file, text).unwrap();
        let variables = [("ASSAY_SERVER__HOST".to_owned(), "0.0.0.0".to_owned())];
        let shown = effective(Some(&file), variables.into_iter());
        assert_eq!(shown.pointer("/server/port"), Some(&Json::from(1)));
        assert_eq!(shown.pointer("/server/host"), Some(&Json::from("0.0.0.0")));
        assert_eq!(shown.pointer("/answer/total_ms"), Some(&Json::from(3000)));
        assert_eq!(shown.pointer("/gateway/providers/p/api_key"), Some(&Json::from("set")));
        assert!(!shown.to_string().contains("sk-1"));
    }
}

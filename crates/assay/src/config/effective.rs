//! The settings in effect, as one document and one by one: defaults, file, variables, flags; secrets
//! as `set`.

use std::path::Path;

use assay_api::Setting;
use serde_json::Value as Json;
use toml::{Table, Value};

use super::{
    Lines, PREFIX,
    alias::{self, holds},
    overlay, read_file, set,
};

/// The page whose first block has every key with its default; a test holds it against the program.
const DEFAULTS: &str = include_str!("../../../../docs/reference/configuration.md");

/// Words in the names of keys whose texts are secrets.
const SECRET: [&str; 4] = ["key", "token", "secret", "password"];

/// The settings that a server started with this file and these variables has.
pub(crate) fn effective(
    file: Option<&Path>,
    variables: impl Iterator<Item = (String, String)>,
) -> Json {
    let mut all = defaults();
    for (_, layer) in layers(file, variables) {
        merge(&mut all, layer);
    }
    hide(&mut all, &mut Vec::new());
    serde_json::to_value(all).unwrap_or_default()
}

/// The secrets among them, and those that other variables hold by their names: what nobody else may
/// see. Shorter than six characters they would be found everywhere.
pub(crate) fn secrets(
    file: Option<&Path>,
    variables: impl Iterator<Item = (String, String)>,
) -> Vec<String> {
    let variables: Vec<(String, String)> = variables.collect();
    let mut found = Vec::new();
    for (_, mut layer) in layers(file, variables.iter().cloned()) {
        hide(&mut layer, &mut found);
    }
    let is_secret = |name: &str| SECRET.iter().any(|word| name.to_lowercase().contains(word));
    found.extend(variables.into_iter().filter(|(name, _)| is_secret(name)).map(|it| it.1));
    found.retain(|secret| secret.len() >= 6);
    found
}

/// A value of a flag, with the flag and the key that it outranks.
pub(crate) type Flag = (&'static str, &'static [&'static str], String);

/// The same one by one, by key, each with where it comes from.
pub(crate) fn in_effect(
    file: Option<&Path>,
    variables: impl Iterator<Item = (String, String)>,
    flags: Vec<Flag>,
) -> Vec<Setting> {
    let lines = Lines::of(file);
    let mut all = defaults();
    let mut from: Vec<(Origin, Table)> = layers(file, variables);
    for (flag, path, value) in flags {
        let mut layer = Table::new();
        let path: Vec<String> = path.iter().map(|key| (*key).to_owned()).collect();
        set(&mut layer, &path, value.parse().map_or(Value::String(value), Value::Integer));
        from.push((Origin::Flag(flag), layer));
    }
    for (_, layer) in &from {
        merge(&mut all, layer.clone());
    }
    hide(&mut all, &mut Vec::new());
    let mut settings = Vec::new();
    leaves(&all, &mut Vec::new(), &mut |path, value| {
        // The last layer that has the key had the last word.
        let origin = from.iter().rev().find(|(_, layer)| holds(layer, path)).map(|(it, _)| it);
        let (source, place) = match origin {
            None => ("default", None),
            Some(Origin::File) => ("file", lines.line(path)),
            Some(Origin::Variable(name)) => ("variable", Some(name.clone())),
            Some(Origin::Flag(flag)) => ("flag", Some((*flag).to_owned())),
        };
        settings.push(Setting {
            key: path.join("."),
            value: serde_json::to_value(value).unwrap_or_default(),
            source: source.to_owned(),
            place,
        });
    });
    settings.sort_by(|a, b| a.key.cmp(&b.key));
    settings
}

/// Who said something.
enum Origin {
    File,
    Variable(String),
    Flag(&'static str),
}

/// What is given beside the defaults, each layer over those before it.
fn layers(
    file: Option<&Path>,
    variables: impl Iterator<Item = (String, String)>,
) -> Vec<(Origin, Table)> {
    let mut problems = Vec::new();
    let given = read_file(file, &mut problems).unwrap_or_default();
    let (own, others): (Vec<_>, Vec<_>) = variables.partition(|(name, _)| name.starts_with(PREFIX));
    let mut layers = Vec::new();
    for (name, path, value) in alias::given(&given, &others, &mut problems) {
        let mut layer = Table::new();
        set(&mut layer, &path, value);
        layers.push((Origin::Variable(name.to_owned()), layer));
    }
    layers.push((Origin::File, given));
    for (name, value) in own {
        let mut layer = Table::new();
        overlay(&mut layer, &name, &value, &mut problems);
        if !layer.is_empty() {
            layers.push((Origin::Variable(name), layer));
        }
    }
    layers
}

/// Every value that is no table, with its key. A list is one value.
fn leaves<'a>(table: &'a Table, path: &mut Vec<&'a str>, found: &mut impl FnMut(&[&str], &Value)) {
    for (key, value) in table {
        path.push(key);
        match value {
            Value::Table(inner) => leaves(inner, path, found),
            value => found(path, value),
        }
        path.pop();
    }
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

/// Replaces what is secret by `set`: addresses that hold a password or are one, too. The name of a
/// variable that holds a secret is none. What was there goes into `found`.
fn hide(table: &mut Table, found: &mut Vec<String>) {
    let take = |text: &mut String, found: &mut Vec<String>| {
        found.push(std::mem::replace(text, "set".to_owned()));
    };
    for (key, value) in table.iter_mut() {
        // Where a secret is, is none; nor is what the guard does with one.
        let is_place = key.ends_with("_env") || key.ends_with("_file");
        let is_named = SECRET.iter().any(|word| key.contains(word)) && !is_place;
        let is_secret = is_named || key == "url";
        match value {
            Value::Table(_) if key == "actions" => {}
            Value::Table(inner) => hide(inner, found),
            Value::String(text) if (is_secret || has_password(text)) && !text.is_empty() => {
                take(text, found);
            }
            Value::Array(entries) => entries.iter_mut().for_each(|entry| match entry {
                Value::Table(inner) => hide(inner, found),
                Value::String(text) if is_secret || has_password(text) => take(text, found),
                _ => {}
            }),
            _ => {}
        }
    }
}

/// Whether an address has somebody's name or password in it.
fn has_password(text: &str) -> bool {
    let host = text.split_once("://").and_then(|(_, rest)| rest.split(['/', '?', '#']).next());
    host.is_some_and(|host| host.contains('@'))
}

#[cfg(test)]
mod tests {
    //! What is set outranks what is default, and no secret is shown.

    use super::*;

    #[test]
    fn settings_are_joined_and_secrets_hidden() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("assay.toml");
        let text = "[server]\nport = 1\n[gateway.providers.p]\nkind = \"openai\"\napi_key = \"sk-1\"\n\
             [backup]\nkey_file = \"/etc/key\"\n[guard.places.request.actions]\nsecret = \"block\"\n";
        std::fs::write(&file, text).unwrap();
        let variables = [("ASSAY_SERVER__HOST".to_owned(), "0.0.0.0".to_owned())];
        let shown = effective(Some(&file), variables.into_iter());
        assert_eq!(shown.pointer("/server/port"), Some(&Json::from(1)));
        assert_eq!(shown.pointer("/server/host"), Some(&Json::from("0.0.0.0")));
        assert_eq!(shown.pointer("/answer/total_ms"), Some(&Json::from(3000)));
        assert_eq!(shown.pointer("/gateway/providers/p/api_key"), Some(&Json::from("set")));
        assert!(!shown.to_string().contains("sk-1"));
        assert_eq!(shown.pointer("/backup/key_file"), Some(&Json::from("/etc/key")));
        let action = shown.pointer("/guard/places/request/actions/secret");
        assert_eq!(action, Some(&Json::from("block")));
        let variables = [("OPENAI_API_KEY", "sk-in-a-variable"), ("HOME", "/home/ann")];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let text = text.replace("sk-1", "sk-in-the-file");
        std::fs::write(&file, text).unwrap();
        let mut found = secrets(Some(&file), variables.into_iter());
        found.sort();
        found.dedup();
        assert_eq!(found, ["sk-in-a-variable", "sk-in-the-file"]);
    }

    #[test]
    fn each_setting_says_where_it_comes_from() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("assay.toml");
        let text = "[server]\nhost = \"::1\"\nport = 1\n\n[answer]\nquery_cache_entries = 7\n";
        std::fs::write(&file, text).unwrap();
        let variables = [
            ("ASSAY_SERVER__HOST", "0.0.0.0"),
            ("ASSAY_LOG__FILTER", "debug"),
            ("EMBEDDING_CACHE_SIZE", "9"),
            ("EMBEDDING_CACHE_TTL", "60"),
            ("HOME", "/root"),
        ];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let flags: Vec<Flag> = vec![("--port", &["server", "port"], "0".to_owned())];
        let all = in_effect(Some(&file), variables.into_iter(), flags);
        let of = |key: &str| {
            let found = all.iter().find(|it| it.key == key).unwrap();
            (found.value.clone(), found.source.as_str(), found.place.clone().unwrap_or_default())
        };
        let variable = |name: &str| name.to_owned();
        let line = format!("{}:6", file.display());
        let host = (Json::from("0.0.0.0"), "variable", variable("ASSAY_SERVER__HOST"));
        assert_eq!(of("server.host"), host);
        assert_eq!(of("server.port"), (Json::from(0), "flag", "--port".to_owned()));
        assert_eq!(
            of("log.filter"),
            (Json::from("debug"), "variable", variable("ASSAY_LOG__FILTER"))
        );
        assert_eq!(of("answer.query_cache_entries"), (Json::from(7), "file", line));
        let seconds = (Json::from(60), "variable", variable("EMBEDDING_CACHE_TTL"));
        assert_eq!(of("answer.query_cache_seconds"), seconds);
        assert_eq!(of("answer.total_ms"), (Json::from(3000), "default", String::new()));
        assert!(all.is_sorted_by(|a, b| a.key < b.key), "each key is there once");
    }

    #[test]
    fn no_secret_is_shown_whatever_it_is_called() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("assay.toml");
        let text = "[database]\nurl = \"postgres://assay:hunter2@db/assay\"\n\
            [web]\nuser_agent = \"x\"\n[web.github]\ntoken = \"hunter2\"\n\
            [writer.endpoint]\nbase_url = \"http://me:hunter2@host/v1\"\nmodel = \"m\"\n\
            api_key = \"hunter2\"\n[gateway.providers.p]\nkind = \"openai\"\n\
            api_keys = [\"hunter2\"]\n[[telemetry.receivers]]\nname = \"n\"\nkind = \"slack\"\n\
            url = \"https://hooks.example.org/hunter2\"\nkey = \"hunter2\"\n";
        std::fs::write(&file, text).unwrap();
        let flag: Flag = ("--database", &["database", "url"], "postgres://a:hunter2@b/c".into());
        let variables = [("ASSAY_AUTH__OIDC", "[{client_secret = \"hunter2\"}]")];
        let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let all = in_effect(Some(&file), variables.into_iter(), vec![flag]);
        let shown = serde_json::to_string(&all).unwrap();
        assert!(!shown.contains("hunter2"), "{shown}");
        let url = all.iter().find(|it| it.key == "database.url").unwrap();
        assert_eq!((&url.value, url.source.as_str()), (&Json::from("set"), "flag"));
    }
}

//! Settings in effect.

use serde_json::Value as Json;

use super::{Gathered, Session, Takes, take};
use crate::observation::{Observation, Value};

pub(super) fn gather(session: &Session<'_>, takes: &Takes) -> Gathered {
    let Some(config) = &session.deployment.config else {
        return Gathered::missing(
            "the settings of this deployment are not at hand: run on its machine, or name its file \
             with --config",
        );
    };
    let artefact = session.keep(&serde_json::to_string_pretty(config).unwrap_or_default());
    let mut gathered = Gathered::default();
    for (name, word) in takes {
        match read(config, word) {
            Some(value) => gathered.observations.push(Observation {
                artefact: artefact.clone(),
                ..Observation::new(name.as_str(), value)
            }),
            None => gathered.missing = Some(format!("there is no setting `{word}`")),
        }
    }
    gathered
}

/// The value of `KEY`, `set KEY` or `entries KEY`.
fn read(config: &Json, word: &str) -> Option<Value> {
    let (how, key) = word.split_once(' ').unwrap_or(("", word));
    let mut found = Some(config);
    for part in key.split('.') {
        found = found.and_then(|it| it.get(part));
    }
    match how {
        "set" => {
            let is_set = found.is_some_and(|it| !matches!(it, Json::Null) && it != "");
            Some(Value::Text(if is_set { "set" } else { "unset" }.to_owned()))
        }
        "entries" => {
            let entries = found.map(|it| {
                it.as_array().map(Vec::len).or_else(|| it.as_object().map(serde_json::Map::len))
            });
            Some(Value::Number(entries.flatten().unwrap_or_default() as f64))
        }
        _ => take::value(found?),
    }
}

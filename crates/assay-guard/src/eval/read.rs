//! Reads labelled data.

use std::path::Path;

use serde_json::Value;

use super::EvalError;

/// A text with labelled spans, in characters.
pub(super) struct Labelled {
    pub(super) text: String,
    pub(super) spans: Vec<(usize, usize, String)>,
}

/// A prompt and whether it is an attack.
pub(super) struct Prompt {
    pub(super) file: String,
    pub(super) text: String,
    pub(super) attack: bool,
}

/// What a folder holds.
#[derive(Default)]
pub(super) struct Data {
    pub(super) labelled: Vec<Labelled>,
    pub(super) prompts: Vec<Prompt>,
}

const TEXT_KEYS: [&str; 8] =
    ["text", "prompt", "question", "input", "content", "instruction", "goal", "query"];
const LABEL_KEYS: [&str; 5] = ["label", "injection", "jailbreak", "is_attack", "malicious"];
/// Labels that stand for an attack; all others are ordinary.
const ATTACKS: [&str; 12] = [
    "1",
    "true",
    "injection",
    "prompt_injection",
    "jailbreak",
    "attack",
    "malicious",
    "unsafe",
    "harmful",
    "positive",
    "yes",
    "inject",
];

pub(super) fn folder(folder: &Path) -> Result<Data, EvalError> {
    let problem = |path: &Path, what: String| EvalError { file: path.display().to_string(), what };
    let entries = std::fs::read_dir(folder)
        .map_err(|error| problem(folder, format!("cannot be read: {error}")))?;
    let mut files: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| {
        path.extension().is_some_and(|extension| extension == "json" || extension == "jsonl")
    });
    files.sort();
    let mut data = Data::default();
    for path in files {
        let text = std::fs::read_to_string(&path)
            .map_err(|error| problem(&path, format!("cannot be read: {error}")))?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        for entry in entries_of(&text).map_err(|what| problem(&path, what))? {
            data.take(&name, &entry);
        }
    }
    if data.labelled.is_empty() && data.prompts.is_empty() {
        return Err(problem(folder, "holds no labelled texts and no prompts".to_owned()));
    }
    Ok(data)
}

fn entries_of(text: &str) -> Result<Vec<Value>, String> {
    if let Ok(Value::Array(entries)) = serde_json::from_str(text) {
        return Ok(entries);
    }
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(number, line)| {
            serde_json::from_str(line).map_err(|error| format!("line {}: {error}", number + 1))
        })
        .collect()
}

impl Data {
    fn take(&mut self, file: &str, entry: &Value) {
        if let (Some(text), Some(spans)) = (entry["full_text"].as_str(), entry["spans"].as_array())
        {
            let number = |value: &Value| usize::try_from(value.as_u64()?).ok();
            let spans = spans.iter().filter_map(|span| {
                let kind = span["entity_type"].as_str()?.to_owned();
                Some((number(&span["start_position"])?, number(&span["end_position"])?, kind))
            });
            self.labelled.push(Labelled { text: text.to_owned(), spans: spans.collect() });
            return;
        }
        let text = match entry {
            Value::String(text) => Some(text.as_str()),
            _ => TEXT_KEYS.iter().find_map(|key| entry[*key].as_str()),
        };
        let Some(text) = text else { return };
        let label = LABEL_KEYS.iter().map(|key| &entry[*key]).find(|value| !value.is_null());
        let attack = label.is_some_and(|label| {
            let shown = label.as_str().map_or_else(|| label.to_string(), str::to_lowercase);
            ATTACKS.contains(&shown.as_str())
        });
        self.prompts.push(Prompt { file: file.to_owned(), text: text.to_owned(), attack });
    }
}

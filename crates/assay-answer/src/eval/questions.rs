//! A file of questions about a user's own documents, with what is known of their answers.

use std::{collections::HashSet, path::Path};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{AnswerError, QUERY_CHARS_MAX, yaml::read_yaml};

mod delimited;

/// The largest file that is read.
const FILE_BYTES_MAX: u64 = 20 << 20;
/// Questions in one file at most.
const QUESTIONS_MAX: usize = 10_000;

/// A question and what is known of its answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JudgedQuestion {
    /// Names it in results; its place, counted from 1, where the file gives none.
    pub id: String,
    /// The question.
    pub question: String,
    /// Answers that count as right; none when that is not known.
    #[serde(default)]
    pub answers: Vec<String>,
    /// Documents that hold the answer, by id, title, file name or address; none when that is not
    /// known.
    #[serde(default)]
    pub documents: Vec<String>,
    /// Whether the right reply is that the sources do not hold an answer.
    #[serde(default)]
    pub not_in_sources: bool,
    /// Collections to ask in; those of the command when empty.
    #[serde(default)]
    pub collections: Vec<String>,
}

impl JudgedQuestion {
    /// Whether the file says anything about the right reply.
    #[must_use]
    pub const fn is_judged(&self) -> bool {
        self.not_in_sources || self.is_answerable()
    }

    /// Whether the file says that there is an answer.
    #[must_use]
    pub const fn is_answerable(&self) -> bool {
        !self.answers.is_empty() || !self.documents.is_empty()
    }
}

/// Reads a file of questions: `.jsonl`, `.json`, `.csv`, `.tsv`, `.yaml` or `.yml`.
///
/// # Errors
/// When the file cannot be read or a question in it is not one; the error names the place.
pub fn read_questions(path: &Path) -> Result<Vec<JudgedQuestion>, AnswerError> {
    let failure =
        |reason: String| AnswerError::EvalData { path: path.display().to_string(), reason };
    let size = std::fs::metadata(path).map_err(|error| failure(error.to_string()))?.len();
    if size > FILE_BYTES_MAX {
        return Err(failure(format!("{size} bytes are more than the {FILE_BYTES_MAX} allowed")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| failure(error.to_string()))?;
    let text = text.trim_start_matches('\u{feff}');
    let extension = path.extension().and_then(|end| end.to_str()).unwrap_or("").to_lowercase();
    let items = match extension.as_str() {
        "jsonl" | "ndjson" => json_lines(text),
        "json" => serde_json::from_str(text).map_err(|error| error.to_string()).and_then(list),
        "csv" | "tsv" => delimited::read(text, extension == "tsv"),
        "yaml" | "yml" => read_yaml(text).and_then(list),
        _ => Err("its name ends in none of .jsonl, .json, .csv, .tsv, .yaml, .yml".to_owned()),
    };
    questions(items.map_err(failure)?).map_err(failure)
}

fn json_lines(text: &str) -> Result<Vec<Value>, String> {
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let items = lines.map(|(number, line)| {
        serde_json::from_str(line).map_err(|error| format!("line {number}: {error}"))
    });
    items.collect()
}

/// The items of a list, or of the list under `questions`.
fn list(value: Value) -> Result<Vec<Value>, String> {
    match value {
        Value::Array(items) => Ok(items),
        Value::Object(mut fields) => match fields.remove("questions") {
            Some(Value::Array(items)) => Ok(items),
            _ => Err("it holds no list of questions".to_owned()),
        },
        _ => Err("it holds no list of questions".to_owned()),
    }
}

fn questions(items: Vec<Value>) -> Result<Vec<JudgedQuestion>, String> {
    if items.is_empty() || items.len() > QUESTIONS_MAX {
        return Err(format!("{} questions, and 1 to {QUESTIONS_MAX} are taken", items.len()));
    }
    let mut ids = HashSet::new();
    let mut questions = Vec::with_capacity(items.len());
    for (number, item) in (1..).zip(items) {
        let question =
            question(number, item).map_err(|reason| format!("question {number}: {reason}"))?;
        if !ids.insert(question.id.clone()) {
            return Err(format!("question {number}: the id `{}` is taken", question.id));
        }
        questions.push(question);
    }
    Ok(questions)
}

fn question(number: usize, item: Value) -> Result<JudgedQuestion, String> {
    let mut fields = match item {
        Value::Object(fields) => fields,
        Value::String(question) => Map::from_iter([("question".to_owned(), question.into())]),
        _ => return Err("it is neither a text nor an object with fields".to_owned()),
    };
    let mut texts = |names: [&str; 2]| -> Result<Vec<String>, String> {
        let mut found = Vec::new();
        for name in names {
            found.extend(strings(name, fields.remove(name))?);
        }
        Ok(found)
    };
    let id = texts(["id", "_id"])?.pop().unwrap_or_else(|| number.to_string());
    let question = texts(["question", "query"])?.pop().unwrap_or_default();
    let answers = texts(["answer", "answers"])?;
    let documents = texts(["document", "documents"])?;
    let collections = texts(["collection", "collections"])?;
    let absent = truth("not_in_sources", fields.remove("not_in_sources"))?;
    let answerable = truth("answerable", fields.remove("answerable"))?;
    let not_in_sources = absent.unwrap_or(false) || answerable == Some(false);
    if let Some(name) = fields.keys().find(|name| !name.starts_with('_')) {
        return Err(format!(
            "`{name}` is not a field; write `_{name}` for a remark (fields: id, question, answer, \
             documents, not_in_sources, collections)"
        ));
    }
    let chars = question.chars().count();
    if chars == 0 || chars > QUERY_CHARS_MAX {
        return Err(format!(
            "`question` has {chars} characters, and 1 to {QUERY_CHARS_MAX} are taken"
        ));
    }
    let judged = JudgedQuestion { id, question, answers, documents, not_in_sources, collections };
    if judged.not_in_sources && judged.is_answerable() {
        return Err("`not_in_sources` is set, and an answer or a document is given".to_owned());
    }
    Ok(judged)
}

/// One text or a list of texts; blank ones count as absent.
fn strings(name: &str, value: Option<Value>) -> Result<Vec<String>, String> {
    let items = match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => items,
        Some(one) => vec![one],
    };
    let texts = items.into_iter().map(|item| match item {
        Value::String(text) => Ok(text.trim().to_owned()),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(format!("`{name}` is neither a text nor a list of texts")),
    });
    texts.filter(|text| text.as_ref().map_or(true, |text| !text.is_empty())).collect()
}

/// A yes or no, as tables write it; blank is neither.
fn truth(name: &str, value: Option<Value>) -> Result<Option<bool>, String> {
    let text = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Bool(truth)) => return Ok(Some(truth)),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::String(text)) => text.trim().to_lowercase(),
        Some(_) => String::from("a list"),
    };
    match text.as_str() {
        "" => Ok(None),
        "true" | "yes" | "1" | "x" => Ok(Some(true)),
        "false" | "no" | "0" => Ok(Some(false)),
        _ => Err(format!("`{name}` is `{text}`: write true or false")),
    }
}

#[cfg(test)]
mod tests;

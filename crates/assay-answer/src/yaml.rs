//! YAML as values: lists, maps and plain texts, without aliases, which small files do not need and
//! which can stand for endless text.

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value};

/// Levels of lists and maps.
const DEPTH_MAX: usize = 16;

/// A list or a map that is being read.
enum Open {
    List(Vec<Value>),
    Map(Map<String, Value>, Option<String>),
}

/// The value of the first document. Numbers stay texts, with every digit.
///
/// # Errors
/// When it is not YAML, has aliases or more than 16 levels: what is wrong, with its line.
pub fn read_yaml(text: &str) -> Result<Value, String> {
    let mut open: Vec<Open> = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, span) =
            event.map_err(|error| format!("line {}: {}", error.marker().line(), error.info()))?;
        let line = span.start.line();
        let value = match event {
            Event::SequenceStart(..) => {
                open.push(Open::List(Vec::new()));
                None
            }
            Event::MappingStart(..) => {
                open.push(Open::Map(Map::new(), None));
                None
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(Open::List(items)) => Some(Value::Array(items)),
                Some(Open::Map(fields, _)) => Some(Value::Object(fields)),
                None => None,
            },
            Event::Scalar(text, style, ..) => Some(scalar(&text, style)),
            Event::Alias(_) => return Err(format!("line {line}: aliases are not read")),
            _ => None,
        };
        if open.len() > DEPTH_MAX {
            return Err(format!("line {line}: more than {DEPTH_MAX} levels"));
        }
        let Some(value) = value else { continue };
        match open.last_mut() {
            None => return Ok(value),
            Some(Open::List(items)) => items.push(value),
            Some(Open::Map(fields, key)) => match key.take() {
                Some(key) => {
                    fields.insert(key, value);
                }
                None => match value {
                    Value::String(name) => *key = Some(name),
                    other => *key = Some(other.to_string()),
                },
            },
        }
    }
    Err("it holds no value".to_owned())
}

fn scalar(text: &str, style: ScalarStyle) -> Value {
    match text {
        "true" | "True" if style == ScalarStyle::Plain => Value::Bool(true),
        "false" | "False" if style == ScalarStyle::Plain => Value::Bool(false),
        "" | "~" | "null" if style == ScalarStyle::Plain => Value::Null,
        text => Value::from(text),
    }
}

//! Keywords of JSON schemas that a target refuses: taken out of the request, and checked here
//! against what it answers.

use serde_json::Value;

use crate::fault::Fault;

/// The keywords that can be checked here.
const CHECKED: [&str; 8] = [
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minItems",
    "maxItems",
];

/// A `response_format` without some keywords, and what was taken out, as `response_format.KEYWORD`.
///
/// # Errors
/// When it cannot be read.
pub(crate) fn strip(format: &str, keywords: &[String]) -> Result<(String, Vec<String>), Fault> {
    let mut format: Value = serde_json::from_str(format).map_err(|error| {
        Fault::request(format!("`response_format` cannot be read: {error}"))
            .param("response_format")
    })?;
    let mut found = Vec::new();
    if let Some(schema) = format.pointer_mut("/json_schema/schema") {
        take_out(schema, keywords, &mut found);
    }
    found.sort();
    found.dedup();
    Ok((format.to_string(), found))
}

fn take_out(schema: &mut Value, keywords: &[String], found: &mut Vec<String>) {
    match schema {
        Value::Object(fields) => {
            for keyword in keywords {
                // A property may have the name of a keyword: its schema is an object.
                if fields.get(keyword).is_some_and(|value| !value.is_object()) {
                    fields.remove(keyword);
                    found.push(format!("response_format.{keyword}"));
                }
            }
            fields.values_mut().for_each(|value| take_out(value, keywords, found));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| take_out(item, keywords, found)),
        _ => {}
    }
}

/// What of a text breaks the keywords that were taken out of its schema; `None` when nothing does.
/// `pattern` and `format` are not checked.
pub(crate) fn broken(format: &str, text: &str, keywords: &[String]) -> Option<String> {
    let format: Value = serde_json::from_str(format).ok()?;
    let schema = format.pointer("/json_schema/schema")?;
    let Ok(value) = serde_json::from_str::<Value>(text) else {
        return Some("the answer is not JSON".to_owned());
    };
    let keywords: Vec<&str> = CHECKED
        .into_iter()
        .filter(|keyword| keywords.iter().any(|removed| removed == keyword))
        .collect();
    against(schema, &value, &keywords, "$")
}

fn against(schema: &Value, value: &Value, keywords: &[&str], place: &str) -> Option<String> {
    for keyword in keywords {
        let Some(limit) = schema.get(keyword).and_then(Value::as_f64) else { continue };
        let length = match value {
            Value::String(text) if keyword.ends_with("Length") => Some(text.chars().count() as f64),
            Value::Array(items) if keyword.ends_with("Items") => Some(items.len() as f64),
            Value::Number(number) if keyword.contains("imum") => number.as_f64(),
            _ => None,
        };
        let Some(length) = length else { continue };
        let keeps = match *keyword {
            "exclusiveMinimum" => length > limit,
            "exclusiveMaximum" => length < limit,
            keyword if keyword.starts_with("min") => length >= limit,
            _ => length <= limit,
        };
        if !keeps {
            return Some(format!("{place} breaks `{keyword}`: {limit}"));
        }
    }
    if let (Some(properties), Value::Object(fields)) = (schema.get("properties"), value) {
        return fields.iter().find_map(|(name, value)| {
            against(properties.get(name)?, value, keywords, &format!("{place}.{name}"))
        });
    }
    if let (Some(items), Value::Array(values)) = (schema.get("items"), value) {
        return values.iter().enumerate().find_map(|(index, value)| {
            against(items, value, keywords, &format!("{place}[{index}]"))
        });
    }
    None
}

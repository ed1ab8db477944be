//! JSON objects whose values stay as they were written.
//!
//! A request or an answer that only passes through is never made into a tree: the fields of one
//! level are found, some are replaced, and everything else is copied byte for byte, so that fields
//! Assay does not know and the digits of numbers survive.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// Fields that one object may have.
const FIELDS_MAX: usize = 512;

/// The fields of one object, in their order.
#[derive(Debug, Clone)]
pub(crate) struct Fields<'a>(Vec<(Cow<'a, str>, &'a str)>);

/// What becomes of a field.
#[derive(Debug, Clone)]
pub(crate) enum Change<'a> {
    /// It gets this JSON, or is added with it.
    Set(Cow<'a, str>),
    /// It is left out.
    Drop,
}

impl<'a> Change<'a> {
    /// This JSON as it stands.
    pub(crate) fn json(json: impl Into<Cow<'a, str>>) -> Self {
        Self::Set(json.into())
    }

    /// A JSON string of this text.
    pub(crate) fn text(text: &str) -> Self {
        Self::Set(quoted(text).into())
    }
}

impl<'a> Fields<'a> {
    /// Reads one object.
    ///
    /// # Errors
    /// When it is no object, names a field twice or has more than 512 of them.
    pub(crate) fn read(json: &'a [u8]) -> Result<Self, serde_json::Error> {
        // Checked as a whole it costs less than string by string.
        let text = std::str::from_utf8(json).map_err(|_| Error::custom("invalid UTF-8"))?;
        Self::of(text)
    }

    /// Reads one object, such as the value of a field.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub(crate) fn of(json: &'a str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }

    /// The value as it was written; `null` counts as absent.
    pub(crate) fn get(&self, name: &str) -> Option<&'a str> {
        self.raw(name).filter(|value| *value != "null")
    }

    /// The value as it was written, `null` included.
    pub(crate) fn raw(&self, name: &str) -> Option<&'a str> {
        self.0.iter().find(|(found, _)| found == name).map(|(_, value)| *value)
    }

    /// The value as a string.
    pub(crate) fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        text_of(self.get(name)?)
    }

    /// The value in another form, when it has that form.
    pub(crate) fn value<T: Deserialize<'a>>(&self, name: &str) -> Option<T> {
        serde_json::from_str(self.get(name)?).ok()
    }

    /// Whether the value is `true`.
    pub(crate) fn is_true(&self, name: &str) -> bool {
        self.get(name) == Some("true")
    }

    /// Each field with its value.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &'a str)> {
        self.0.iter().map(|(name, value)| (name.as_ref(), *value))
    }

    /// The object with some fields changed, appended to `out`.
    pub(crate) fn write(&self, changes: &[(&str, Change<'_>)], out: &mut Vec<u8>) {
        out.push(b'{');
        let start = out.len();
        for (name, value) in &self.0 {
            match changes.iter().find(|(changed, _)| changed == name) {
                Some((_, Change::Drop)) => {}
                Some((_, Change::Set(json))) => field(out, start, name, json),
                None => field(out, start, name, value),
            }
        }
        for (name, change) in changes {
            if let Change::Set(json) = change
                && self.raw(name).is_none()
            {
                field(out, start, name, json);
            }
        }
        out.push(b'}');
    }

    /// The object with some fields changed.
    pub(crate) fn with(&self, changes: &[(&str, Change<'_>)]) -> String {
        let mut out = Vec::with_capacity(256);
        self.write(changes, &mut out);
        String::from_utf8(out).unwrap_or_default()
    }
}

fn field(out: &mut Vec<u8>, start: usize, name: &str, json: &str) {
    if out.len() > start {
        out.push(b',');
    }
    if is_plain(name) {
        out.push(b'"');
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b"\":");
    } else {
        out.extend_from_slice(quoted(name).as_bytes());
        out.push(b':');
    }
    out.extend_from_slice(json.as_bytes());
}

/// Whether a text stands in a JSON string as it is.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\')
}

/// A JSON string of a text.
pub(crate) fn quoted(text: &str) -> String {
    if is_plain(text) {
        let mut out = String::with_capacity(text.len() + 2);
        out.push('"');
        out.push_str(text);
        out.push('"');
        return out;
    }
    serde_json::Value::from(text).to_string()
}

/// The text of a JSON string.
pub(crate) fn text_of(json: &str) -> Option<Cow<'_, str>> {
    serde_json::from_str::<Text<'_>>(json).ok().map(|text| text.0)
}

/// The elements of a JSON array as they were written.
pub(crate) fn elements(json: &str) -> Option<Vec<&RawValue>> {
    serde_json::from_str(json).ok()
}

#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Object)
    }
}

struct Object;

impl<'de> Visitor<'de> for Object {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields: Vec<(Cow<'de, str>, &'de str)> = Vec::with_capacity(12);
        while let Some((name, value)) = map.next_entry::<Text<'de>, &'de RawValue>()? {
            // A reader that takes the first of two and one that takes the last would disagree on
            // what was asked: which model, which limit.
            if fields.iter().any(|(known, _)| *known == name.0) {
                return Err(A::Error::custom(format!("the field `{}` stands twice", name.0)));
            }
            if fields.len() == FIELDS_MAX {
                return Err(A::Error::custom(format!("more than {FIELDS_MAX} fields")));
            }
            fields.push((name.0, value.get()));
        }
        Ok(Fields(fields))
    }
}

#[cfg(test)]
mod tests;

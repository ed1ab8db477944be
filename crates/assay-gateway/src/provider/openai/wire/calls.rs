//! Calls of tools in a stream, put into the one form that clients read: the index is always there,
//! id, type and name only in the first piece of a call.

use std::borrow::Cow;

use crate::{
    fault::Fault,
    fields::{Fields, elements, quoted, text_of},
};

/// Calls of one choice at most.
const CALLS_MAX: usize = 512;

/// The calls of one choice so far.
#[derive(Debug, Default)]
pub(super) struct Calls(Vec<Known>);

#[derive(Debug)]
struct Known {
    /// The index as the provider gives it; several calls may share one.
    index: Option<u64>,
    /// Empty when the provider gave none.
    id: String,
}

/// One fragment, as it was written.
struct Piece<'a> {
    index: Option<u64>,
    id: Cow<'a, str>,
    name: Cow<'a, str>,
    arguments: Cow<'a, str>,
}

impl Calls {
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The array `tool_calls` of a delta in the form that clients read.
    ///
    /// # Errors
    /// When it is no array of objects, or there are more than 512 calls.
    pub(super) fn put_right(&mut self, json: &str, seed: &str) -> Result<String, Fault> {
        let bad = || Fault::malformed("`tool_calls` is not an array of objects");
        let mut out = Vec::new();
        for element in elements(json).ok_or_else(bad)? {
            let fields = Fields::of(element.get()).map_err(|_| bad())?;
            let piece = read(&fields);
            let (place, is_first) = self.place(&piece);
            if place >= CALLS_MAX {
                return Err(Fault::malformed(format!("more than {CALLS_MAX} tool calls")));
            }
            out.push(shown(&piece, place, is_first, seed));
        }
        Ok(format!("[{}]", out.join(",")))
    }

    /// Which call a fragment belongs to, and whether it is its first.
    fn place(&mut self, piece: &Piece<'_>) -> (usize, bool) {
        let known = match piece.index {
            Some(_) => self.0.iter().rposition(|call| call.index == piece.index),
            None if piece.id.is_empty() && piece.name.is_empty() => self.0.len().checked_sub(1),
            None => self.0.iter().rposition(|call| !call.id.is_empty() && call.id == piece.id),
        };
        let same = known.filter(|&place| {
            // A second id under the index of a first is a second call: Gemini numbers all of them 0.
            let id = self.0.get(place).map_or("", |call| call.id.as_str());
            piece.id.is_empty() || id.is_empty() || id == piece.id
        });
        match same {
            Some(place) => (place, false),
            None => {
                self.0.push(Known { index: piece.index, id: piece.id.clone().into_owned() });
                (self.0.len() - 1, true)
            }
        }
    }
}

fn read<'a>(fields: &Fields<'a>) -> Piece<'a> {
    let function = fields.get("function").and_then(|json| Fields::of(json).ok());
    let text = |name| function.as_ref().and_then(|fields| fields.text(name)).unwrap_or_default();
    let raw = function.as_ref().and_then(|fields| fields.get("arguments")).unwrap_or("\"\"");
    Piece {
        index: fields.value("index"),
        id: fields.text("id").unwrap_or_default(),
        name: text("name"),
        // An object in place of its text is what Ollama's own protocol has.
        arguments: text_of(raw).unwrap_or(Cow::Borrowed(raw)),
    }
}

fn shown(piece: &Piece<'_>, place: usize, is_first: bool, seed: &str) -> String {
    let arguments = quoted(&piece.arguments);
    if !is_first {
        return format!(r#"{{"index":{place},"function":{{"arguments":{arguments}}}}}"#);
    }
    let id = match piece.id.is_empty() {
        true => quoted(&format!("call_{seed}_{place}")),
        false => quoted(&piece.id),
    };
    let name = quoted(&piece.name);
    format!(
        r#"{{"index":{place},"id":{id},"type":"function","function":{{"name":{name},"arguments":{arguments}}}}}"#
    )
}

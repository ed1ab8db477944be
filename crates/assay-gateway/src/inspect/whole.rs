//! The texts of a plain answer.

use std::sync::Arc;

use bytes::Bytes;

use super::{
    Inspection, TextFilter,
    arguments::Arguments,
    request::NO_TEXT,
    walk::{Step, Value, Visitor, Walk},
};

/// Looks at the texts of an answer; returns it anew when one is to be changed.
///
/// # Errors
/// The reason for which it may not pass.
pub(super) fn look(body: &[u8], inspection: &Arc<dyn Inspection>) -> Result<Option<Bytes>, String> {
    let Ok(json) = std::str::from_utf8(body) else { return Ok(None) };
    let (out, texts) = rewrite(json, Texts::new(inspection, None));
    match texts.refusal {
        Some(reason) => Err(reason),
        None => Ok((inspection.changes_answers() && out != json).then(|| out.into())),
    }
}

/// The same for an object inside of the frame of a stream, which repeats what was streamed.
pub(super) fn rewritten(json: &str, inspection: &Arc<dyn Inspection>) -> (String, Option<String>) {
    let (out, texts) = rewrite(json, Texts::new(inspection, Some("output")));
    (out, texts.refusal)
}

fn rewrite(json: &str, texts: Texts) -> (String, Texts) {
    let mut walk = Walk::new(texts);
    let mut out = walk.push(json);
    out.push_str(&walk.finish());
    (out, walk.visitor)
}

/// Hands the texts of an answer to filters.
struct Texts {
    inspection: Arc<dyn Inspection>,
    /// The field that all of it is in.
    root: Option<&'static str>,
    current: Option<Current>,
    refusal: Option<String>,
}

enum Current {
    Filter(Box<dyn TextFilter>),
    /// It is left out, being the text once more in pieces.
    Nothing,
    Zero,
}

impl Texts {
    fn new(inspection: &Arc<dyn Inspection>, root: Option<&'static str>) -> Self {
        Self { inspection: Arc::clone(inspection), root, current: None, refusal: None }
    }
}

impl Visitor for Texts {
    fn open(&mut self, path: &[Step], value: Value) -> bool {
        let names = || {
            path.iter().filter_map(|step| match step {
                Step::Field(name) => Some(name.as_str()),
                Step::Element(_) => None,
            })
        };
        let first = self.root.or_else(|| names().next());
        let last = names().next_back().unwrap_or_default();
        if !matches!(first, Some("choices" | "content" | "output" | "output_text")) {
            return false;
        }
        let current = if names().any(|name| name == "logprobs") {
            // Tokens one by one are the text once more.
            if !self.inspection.changes_answers() {
                return false;
            }
            if value == Value::Text { Current::Nothing } else { Current::Zero }
        } else if value == Value::Text && last == "arguments" {
            Current::Filter(Box::new(Arguments::new(&self.inspection)))
        } else if names().any(|name| name == "input") {
            Current::Filter(self.inspection.answered(&super::arguments::context(path)))
        } else if value == Value::Text && !NO_TEXT.contains(&last) {
            Current::Filter(self.inspection.answered(""))
        } else {
            return false;
        };
        self.current = Some(current);
        true
    }

    fn piece(&mut self, piece: &str) -> String {
        match &mut self.current {
            Some(Current::Filter(filter)) => filter.push(piece),
            _ => String::new(),
        }
    }

    fn close(&mut self) -> String {
        match self.current.take() {
            Some(Current::Filter(mut filter)) => {
                let rest = filter.finish();
                self.refusal = self.refusal.take().or_else(|| filter.refusal());
                rest
            }
            Some(Current::Zero) => "0".to_owned(),
            Some(Current::Nothing) | None => String::new(),
        }
    }
}

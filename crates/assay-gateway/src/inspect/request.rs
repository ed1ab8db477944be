//! The texts of a request.

use serde::Deserialize;

use super::{
    Inspection, Source, Verdict,
    arguments::context,
    walk::{Step, Value, Visitor, Walk},
};
use crate::{Dialect, fields::Fields};

/// Fields whose values are no text that a model reads: names, numbers of things, data.
pub(super) const NO_TEXT: [&str; 22] = [
    "role",
    "type",
    "id",
    "tool_call_id",
    "tool_use_id",
    "call_id",
    "item_id",
    "name",
    "model",
    "media_type",
    "url",
    "image_url",
    "file_id",
    "file_data",
    "data",
    "signature",
    "encrypted_content",
    "status",
    "detail",
    "format",
    "object",
    "finish_reason",
];

/// Looks at the texts of a request; returns it anew when one is to be changed.
///
/// # Errors
/// The reason for which it may not pass.
pub(super) fn look(
    dialect: Dialect,
    body: &[u8],
    inspection: &dyn Inspection,
) -> Result<Option<Vec<u8>>, String> {
    // What is no text is refused further on.
    let Ok(json) = std::str::from_utf8(body) else { return Ok(None) };
    let mut walk = Walk::new(Texts::new(dialect, body, inspection));
    let mut out = walk.push(json);
    out.push_str(&walk.finish());
    let texts = walk.visitor;
    match texts.refusal {
        Some(reason) => Err(reason),
        None => Ok(texts.is_changed.then(|| out.into_bytes())),
    }
}

/// Who says what, as far as the frame of a message tells.
#[derive(Deserialize)]
struct Frame {
    role: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

impl Frame {
    fn source(&self) -> Source {
        let kind = self.kind.as_deref().unwrap_or_default();
        match self.role.as_deref() {
            Some("system" | "developer") => Source::Instructions,
            Some("assistant") => Source::Model,
            Some("tool" | "function") => Source::Tool,
            Some(_) => Source::User,
            None if kind.ends_with("_output") => Source::Tool,
            None if kind.ends_with("_call") || kind == "reasoning" => Source::Model,
            None => Source::User,
        }
    }
}

/// Hands the texts of a request over.
struct Texts<'a> {
    inspection: &'a dyn Inspection,
    sources: Vec<Source>,
    source: Source,
    context: String,
    text: String,
    /// Whether the text is itself JSON: the arguments of a call.
    is_arguments: bool,
    is_changed: bool,
    refusal: Option<String>,
}

impl<'a> Texts<'a> {
    fn new(dialect: Dialect, body: &[u8], inspection: &'a dyn Inspection) -> Self {
        let field = if dialect == Dialect::Responses { "input" } else { "messages" };
        let frames: Option<Vec<Frame>> =
            Fields::read(body).ok().and_then(|fields| fields.value(field));
        let sources = frames.unwrap_or_default().iter().map(Frame::source).collect();
        Self {
            inspection,
            sources,
            source: Source::User,
            context: String::new(),
            text: String::new(),
            is_arguments: false,
            is_changed: false,
            refusal: None,
        }
    }

    /// Whose the text at a place is; `None` when nobody reads it.
    fn source(&self, path: &[Step]) -> Option<Source> {
        let names = || {
            path.iter().filter_map(|step| match step {
                Step::Field(name) => Some(name.as_str()),
                Step::Element(_) => None,
            })
        };
        let (first, last) = (names().next()?, names().next_back()?);
        // What a tool is called with may have fields of any name.
        let in_call = first != "input" && names().skip(1).any(|name| name == "input");
        let is_text = in_call || !NO_TEXT.contains(&last);
        match first {
            "system" | "instructions" if is_text => Some(Source::Instructions),
            "tools" if last == "description" => Some(Source::Instructions),
            "messages" | "input" if is_text => {
                // The signature of a thought holds for the thought as it is.
                if names().any(|name| matches!(name, "thinking" | "reasoning_details")) {
                    return None;
                }
                let of_message = match path.get(1) {
                    Some(Step::Element(number)) => self.sources.get(*number).copied(),
                    _ => None,
                };
                let nested = names().filter(|name| *name == "content").count() > 1;
                Some(if nested { Source::Tool } else { of_message.unwrap_or(Source::User) })
            }
            _ => None,
        }
    }
}

impl Visitor for Texts<'_> {
    fn open(&mut self, path: &[Step], value: Value) -> bool {
        let source =
            if value == Value::Text && self.refusal.is_none() { self.source(path) } else { None };
        let Some(source) = source else { return false };
        self.source = source;
        let last = match path.last() {
            Some(Step::Field(name)) => name.as_str(),
            _ => "",
        };
        self.is_arguments = last == "arguments";
        let plain = ["content", "text", "output", "system", "instructions"];
        self.context = match plain.contains(&last) || path.len() < 3 {
            true => String::new(),
            false => context(path),
        };
        true
    }

    fn piece(&mut self, piece: &str) -> String {
        self.text.push_str(piece);
        String::new()
    }

    fn close(&mut self) -> String {
        let text = std::mem::take(&mut self.text);
        if self.is_arguments && text.starts_with('{') {
            let mut walk =
                Walk::new(Fill { texts: self, context: String::new(), text: String::new() });
            let mut out = walk.push(&text);
            out.push_str(&walk.finish());
            return out;
        }
        let context = std::mem::take(&mut self.context);
        self.asked(&context, text)
    }
}

impl Texts<'_> {
    fn asked(&mut self, context: &str, text: String) -> String {
        match self.inspection.asked(self.source, context, &text) {
            Verdict::Pass => text,
            Verdict::Change(changed) => {
                self.is_changed = true;
                changed
            }
            Verdict::Refuse(reason) => {
                self.refusal = Some(reason);
                text
            }
        }
    }
}

/// Hands the texts inside of arguments over.
struct Fill<'t, 'a> {
    texts: &'t mut Texts<'a>,
    context: String,
    text: String,
}

impl Visitor for Fill<'_, '_> {
    fn open(&mut self, path: &[Step], _: Value) -> bool {
        self.context = context(path);
        self.texts.refusal.is_none()
    }

    fn piece(&mut self, piece: &str) -> String {
        self.text.push_str(piece);
        String::new()
    }

    fn close(&mut self) -> String {
        let text = std::mem::take(&mut self.text);
        self.texts.asked(&self.context, text)
    }
}

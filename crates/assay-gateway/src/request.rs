//! What a request is: its model, what it needs, how large it is.

use std::borrow::Cow;

use crate::{
    dialect::{Dialect, embeddings::Encoding},
    fault::Fault,
    fields::Fields,
    meter::{Estimate, Operation},
};

mod tools;

/// Bytes of text that one token stands for, roughly, in English.
const BYTES_PER_TOKEN: u64 = 4;
/// Tokens that an image is reckoned with, whatever its bytes.
const IMAGE_TOKENS: u64 = 1_000;
/// Bytes kept of the name of an end user.
const USER_BYTES_MAX: usize = 128;

/// What a request needs of a target.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Needs {
    pub(crate) operation: Operation,
    pub(crate) vision: bool,
    pub(crate) tools: bool,
    pub(crate) json: bool,
    /// Tokens of the request, estimated.
    pub(crate) prompt_tokens: u64,
    /// Tokens of the answer at most, as far as the request limits them.
    pub(crate) max_tokens: Option<u64>,
    /// Answers asked for.
    pub(crate) choices: u64,
}

/// A request that was looked at but not read: most of it only passes through.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    pub(crate) dialect: Dialect,
    pub(crate) fields: Fields<'a>,
    pub(crate) model: Cow<'a, str>,
    pub(crate) stream: bool,
    pub(crate) wants_usage: bool,
    pub(crate) encoding: Encoding,
    pub(crate) user: Option<String>,
    pub(crate) needs: Needs,
}

impl<'a> Request<'a> {
    /// Looks at a request.
    ///
    /// # Errors
    /// [`crate::FaultKind::Request`] when it is not one.
    pub(crate) fn read(dialect: Dialect, body: &'a [u8]) -> Result<Self, Fault> {
        let fields = Fields::read(body)
            .map_err(|error| Fault::request(format!("the body is not a JSON object: {error}")))?;
        let model = fields
            .text("model")
            .filter(|model| !model.is_empty())
            .ok_or_else(|| Fault::request("`model` is missing").param("model"))?;
        let wants_usage = fields
            .get("stream_options")
            .and_then(|json| Fields::of(json).ok())
            .is_some_and(|options| options.is_true("include_usage"));
        let encoding = match dialect {
            Dialect::Embeddings => Encoding::asked(&fields)?,
            _ => Encoding::Float,
        };
        let content = match dialect {
            Dialect::Responses | Dialect::Embeddings => "input",
            _ => "messages",
        };
        if fields.get(content).is_none() {
            return Err(Fault::request(format!("`{content}` is missing")).param(content));
        }
        if let Some(json) = fields.get("tools") {
            tools::check(dialect, json)?;
        }
        Ok(Self {
            dialect,
            model,
            stream: fields.is_true("stream") && dialect.operation() == Operation::Chat,
            wants_usage,
            encoding,
            user: user(&fields),
            needs: needs(dialect, &fields, content, body.len()),
            fields,
        })
    }

    /// What the meter is asked to reserve.
    pub(crate) const fn estimate(&self) -> Estimate {
        Estimate {
            prompt_tokens: self.needs.prompt_tokens,
            completion_tokens: self.needs.max_tokens,
            choices: self.needs.choices,
        }
    }
}

fn user(fields: &Fields<'_>) -> Option<String> {
    let metadata = || {
        let metadata = Fields::read(fields.get("metadata")?.as_bytes()).ok()?;
        metadata.text("user_id").map(Cow::into_owned)
    };
    let user = fields.text("user").map(Cow::into_owned).or_else(metadata)?;
    let mut kept = String::new();
    for c in user.chars().filter(|c| !c.is_control()) {
        if kept.len() + c.len_utf8() > USER_BYTES_MAX {
            break;
        }
        kept.push(c);
    }
    (!kept.is_empty()).then_some(kept)
}

fn needs(dialect: Dialect, fields: &Fields<'_>, content: &str, bytes: usize) -> Needs {
    let text = fields.get(content).unwrap_or_default().as_bytes();
    // As a whole string, quotes included, it cannot stand inside a text: quotes are escaped there.
    let mark: &[u8] = match dialect {
        Dialect::Chat | Dialect::Embeddings => b"\"image_url\"",
        Dialect::Responses => b"\"input_image\"",
        Dialect::Messages | Dialect::CountTokens => b"\"image\"",
    };
    let marks = memchr::memmem::find_iter(text, mark).count() as u64;
    // In chat completions the mark is both the type of a part and the name of its field.
    let images = if dialect == Dialect::Chat { marks.div_ceil(2) } else { marks };
    let vision = images > 0 && dialect != Dialect::Embeddings;
    let format = match dialect {
        Dialect::Responses => fields.get("text"),
        _ => fields.get("response_format").or_else(|| fields.get("output_config")),
    };
    let max_tokens = ["max_completion_tokens", "max_tokens", "max_output_tokens"]
        .into_iter()
        .find_map(|name| fields.value::<u64>(name));
    let bytes = if images == 0 { bytes as u64 } else { words(text) };
    Needs {
        operation: dialect.operation(),
        vision,
        tools: fields.get("tools").is_some_and(|tools| tools != "[]"),
        json: format.is_some_and(|format| format.contains("json")),
        prompt_tokens: bytes / BYTES_PER_TOKEN + images * IMAGE_TOKENS,
        max_tokens,
        choices: fields.value::<u64>("n").unwrap_or(1).clamp(1, 128),
    }
}

/// Bytes without the long strings of letters that images are.
fn words(text: &[u8]) -> u64 {
    let strings = text.split(|byte| *byte == b'"');
    let short = strings.map(<[u8]>::len).filter(|length| *length < 16_384);
    short.map(|length| length as u64 + 1).sum()
}

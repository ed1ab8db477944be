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
/// Answers to one request at most, and what is reckoned with where their number cannot be read.
const CHOICES_MAX: u64 = 128;
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
    let bytes = if images == 0 { bytes as u64 } else { words(text) };
    Needs {
        operation: dialect.operation(),
        vision,
        tools: fields.get("tools").is_some_and(|tools| tools != "[]"),
        json: format.is_some_and(|format| format.contains("json")),
        prompt_tokens: bytes / BYTES_PER_TOKEN + images * IMAGE_TOKENS,
        max_tokens: max_tokens(fields),
        choices: match fields.get("n") {
            None => 1,
            // What cannot be read may still be taken for a number by a provider.
            Some(_) => fields.value::<u64>("n").unwrap_or(CHOICES_MAX).clamp(1, CHOICES_MAX),
        },
    }
}

/// The most that may be written: of several limits the highest, since which of them a provider takes
/// is its own affair. None when one of them limits nothing: it is zero, or cannot be read.
fn max_tokens(fields: &Fields<'_>) -> Option<u64> {
    let names = ["max_completion_tokens", "max_tokens", "max_output_tokens"];
    let given = names.into_iter().filter(|name| fields.get(name).is_some());
    let limits: Option<Vec<u64>> =
        given.map(|name| fields.value::<u64>(name).filter(|limit| *limit > 0)).collect();
    limits?.into_iter().max()
}

/// Bytes without the long strings of letters that images are.
fn words(text: &[u8]) -> u64 {
    let strings = text.split(|byte| *byte == b'"');
    let short = strings.map(<[u8]>::len).filter(|length| *length < 16_384);
    short.map(|length| length as u64 + 1).sum()
}

#[cfg(test)]
mod tests {
    //! What is reserved is the most that a provider may do, whatever a request says.

    use super::*;

    fn needs_of(fields: &str) -> Needs {
        let body = format!("{{\"model\":\"m\",\"messages\":[]{fields}}}");
        let read = Fields::of(&body).unwrap();
        needs(Dialect::Chat, &read, "messages", body.len())
    }

    #[test]
    fn of_several_limits_the_highest_is_reserved_and_one_that_is_none_limits_nothing() {
        for (fields, limit) in [
            ("", None),
            (r#","max_tokens":7"#, Some(7)),
            (r#","max_tokens":7,"max_completion_tokens":900"#, Some(900)),
            (r#","max_completion_tokens":7,"max_tokens":900"#, Some(900)),
            (r#","max_output_tokens":900,"max_tokens":7"#, Some(900)),
            (r#","max_tokens":7,"max_completion_tokens":null"#, Some(7)),
            (r#","max_tokens":0"#, None),
            (r#","max_tokens":7,"max_completion_tokens":-1"#, None),
            (r#","max_tokens":"7""#, None),
        ] {
            assert_eq!(needs_of(fields).max_tokens, limit, "{fields}");
        }
        for (fields, choices) in [
            ("", 1),
            (r#","n":3"#, 3),
            (r#","n":"16""#, 128),
            (r#","n":16.0"#, 128),
            (r#","n":0"#, 1),
        ] {
            assert_eq!(needs_of(fields).choices, choices, "{fields}");
        }
    }
}

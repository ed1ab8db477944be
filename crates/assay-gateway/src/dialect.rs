//! The dialects that callers speak: requests to the common form, parts of answers to each dialect.

use crate::{
    common::{Completion, Part, Prompt},
    fault::Fault,
    fields::Fields,
    meter::Operation,
};

mod chat;
pub(crate) mod embeddings;
mod messages;
mod responses;

/// What a caller speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// `POST /v1/chat/completions` of OpenAI.
    Chat,
    /// `POST /v1/messages` of Anthropic.
    Messages,
    /// `POST /v1/messages/count_tokens` of Anthropic.
    CountTokens,
    /// `POST /v1/responses` of OpenAI.
    Responses,
    /// `POST /v1/embeddings` of OpenAI.
    Embeddings,
}

impl Dialect {
    /// What is asked of a provider.
    #[must_use]
    pub const fn operation(self) -> Operation {
        match self {
            Self::Chat | Self::Messages | Self::Responses => Operation::Chat,
            Self::CountTokens => Operation::CountTokens,
            Self::Embeddings => Operation::Embeddings,
        }
    }

    /// Whether errors have Anthropic's form.
    #[must_use]
    pub const fn is_anthropic(self) -> bool {
        matches!(self, Self::Messages | Self::CountTokens)
    }

    /// The body of an error.
    pub(crate) fn error_body(self, fault: &Fault) -> String {
        if self.is_anthropic() { fault.anthropic_body() } else { fault.openai_body() }
    }

    /// The request in the common form.
    ///
    /// # Errors
    /// [`crate::FaultKind::Request`] with what is wrong with it.
    pub(crate) fn prompt(self, fields: &Fields<'_>) -> Result<Prompt, Fault> {
        match self {
            Self::Chat | Self::Embeddings => chat::prompt(fields),
            Self::Messages | Self::CountTokens => messages::prompt(fields),
            Self::Responses => responses::prompt(fields),
        }
    }
}

/// What all frames of an answer share.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    /// The model's name as the caller asked for it.
    pub(crate) model: String,
    /// Makes ids unique.
    pub(crate) seed: String,
    /// Seconds since 1970.
    pub(crate) created: i64,
    /// Whether a chat stream ends with the usage.
    pub(crate) wants_usage: bool,
    /// Tokens of the request as estimated, for dialects that say them before the provider does.
    pub(crate) prompt_tokens: u64,
    /// The fields of the request that an answer repeats, as they were written.
    pub(crate) echo: Vec<(String, String)>,
}

impl Head {
    /// The fields that an answer of this dialect repeats.
    pub(crate) fn echo(dialect: Dialect, fields: &Fields<'_>) -> Vec<(String, String)> {
        if dialect != Dialect::Responses {
            return Vec::new();
        }
        let repeated = fields.iter().filter(|(name, _)| responses::ECHO.contains(name));
        repeated.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }
}

/// Writes an answer in the dialect of the caller.
#[derive(Debug)]
pub(crate) enum Writer {
    Chat(chat::Writer),
    Messages(messages::Writer),
    Responses(Box<responses::Writer>),
}

impl Writer {
    pub(crate) fn new(dialect: Dialect, head: Head) -> Self {
        match dialect {
            Dialect::Chat | Dialect::Embeddings => Self::Chat(chat::Writer::new(head)),
            Dialect::Messages | Dialect::CountTokens => Self::Messages(messages::Writer::new(head)),
            Dialect::Responses => Self::Responses(Box::new(responses::Writer::new(head))),
        }
    }

    /// Appends the frames of a part.
    pub(crate) fn part(&mut self, part: Part, out: &mut Vec<u8>) {
        match self {
            Self::Chat(writer) => writer.part(part, out),
            Self::Messages(writer) => writer.part(part, out),
            Self::Responses(writer) => writer.part(part, out),
        }
    }

    /// Appends the frames that end an answer that is whole.
    pub(crate) fn end(&mut self, out: &mut Vec<u8>) {
        match self {
            Self::Chat(writer) => writer.end(out),
            Self::Messages(writer) => writer.end(out),
            Self::Responses(writer) => writer.end(out),
        }
    }

    /// Events so far, in the dialect that numbers them.
    pub(crate) const fn sequence(&self) -> u64 {
        match self {
            Self::Responses(writer) => writer.sequence(),
            Self::Chat(_) | Self::Messages(_) => 0,
        }
    }

    /// The body of a plain answer.
    pub(crate) fn whole(self, completion: &Completion) -> String {
        match self {
            Self::Chat(writer) => writer.whole(completion),
            Self::Messages(writer) => writer.whole(completion),
            Self::Responses(writer) => writer.whole(completion),
        }
    }
}

/// The frame that says that an answer broke off after `sequence` numbered events; it is the last
/// one, and no end follows it.
pub(crate) fn error_frame(dialect: Dialect, fault: &Fault, sequence: u64) -> Vec<u8> {
    let body = dialect.error_body(fault);
    match dialect {
        Dialect::Messages | Dialect::CountTokens => format!("event: error\ndata: {body}\n\n"),
        Dialect::Responses => responses::error_frame(fault, sequence),
        Dialect::Chat | Dialect::Embeddings => format!("data: {body}\n\n"),
    }
    .into_bytes()
}

/// Appends one frame with a name.
fn frame(name: &str, data: &serde_json::Value, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("event: {name}\ndata: {data}\n\n").as_bytes());
}

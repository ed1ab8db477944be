//! The common form: what a request and an answer are when neither side's format stays.
//!
//! A request whose dialect is the format of the provider passes through as bytes. Where the two
//! differ, it becomes a [`Prompt`], and what comes back becomes [`Part`]s.

use serde_json::value::RawValue;

use crate::meter::Measured;

/// Free JSON of the caller, such as a schema or a number, with its digits.
pub(crate) type Raw = Box<RawValue>;

/// A conversation and how it is to be continued.
#[derive(Debug, Default)]
pub(crate) struct Prompt {
    pub(crate) turns: Vec<Turn>,
    pub(crate) tools: Vec<Tool>,
    pub(crate) choice: Option<ToolChoice>,
    pub(crate) parallel: Option<bool>,
    pub(crate) max_tokens: Option<u64>,
    pub(crate) temperature: Option<Raw>,
    pub(crate) top_p: Option<Raw>,
    pub(crate) stop: Vec<String>,
    pub(crate) format: Option<Format>,
    /// `minimal`, `low`, `medium`, `high`.
    pub(crate) effort: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) stream: bool,
    /// Parameters without a common form, under the names of the dialect that they came in.
    pub(crate) others: Vec<(String, Raw)>,
}

/// Who speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speaker {
    System,
    User,
    Assistant,
}

/// What one of them said.
#[derive(Debug)]
pub(crate) struct Turn {
    pub(crate) speaker: Speaker,
    pub(crate) pieces: Vec<Piece>,
}

/// A piece of what was said.
#[derive(Debug)]
pub(crate) enum Piece {
    Text(String),
    Image(Image),
    Thinking { text: String, signature: Option<String> },
    Call(ToolCall),
    Result { id: String, text: String, images: Vec<Image>, is_error: bool },
}

/// A picture.
#[derive(Debug)]
pub(crate) enum Image {
    Url(String),
    Data { media_type: String, base64: String },
}

impl Image {
    /// A URL, or the data that a `data:` URL holds.
    pub(crate) fn of_url(url: &str) -> Self {
        let data = url.strip_prefix("data:").and_then(|rest| rest.split_once(";base64,"));
        match data {
            Some((media_type, base64)) => {
                Self::Data { media_type: media_type.to_owned(), base64: base64.to_owned() }
            }
            None => Self::Url(url.to_owned()),
        }
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Self::Url(url) => url.clone(),
            Self::Data { media_type, base64 } => format!("data:{media_type};base64,{base64}"),
        }
    }
}

/// A tool that may be called.
#[derive(Debug)]
pub(crate) struct Tool {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) schema: Option<Raw>,
    pub(crate) strict: Option<bool>,
}

/// Whether tools are called.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ToolChoice {
    Auto,
    None,
    Any,
    Named(String),
}

/// The form of the answer.
#[derive(Debug)]
pub(crate) enum Format {
    Json,
    Schema { name: String, schema: Raw, strict: Option<bool> },
}

/// A call that a model makes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ToolCall {
    pub(crate) id: String,
    pub(crate) name: String,
    /// JSON, as a text.
    pub(crate) arguments: String,
}

impl ToolCall {
    /// The arguments as JSON; an empty object where they are none or are cut short.
    pub(crate) fn json(&self) -> &str {
        match serde_json::from_str::<&RawValue>(&self.arguments) {
            Ok(json) if json.get().starts_with('{') => json.get(),
            _ => "{}",
        }
    }
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Finish {
    Stop,
    Length,
    Tools,
    Filter,
}

/// A piece of an answer, in the order in which they come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    Begin {
        id: String,
    },
    Text {
        choice: u32,
        text: String,
    },
    Thinking {
        choice: u32,
        text: String,
    },
    Signature {
        choice: u32,
        text: String,
    },
    /// A call begins; the calls of a choice are numbered from 0.
    Call {
        choice: u32,
        call: u32,
        id: String,
        name: String,
    },
    Arguments {
        choice: u32,
        call: u32,
        text: String,
    },
    Finish {
        choice: u32,
        finish: Finish,
    },
    Usage(Measured),
}

impl Part {
    /// Whether it shows that the provider answers.
    pub(crate) fn is_meaningful(&self) -> bool {
        !matches!(self, Self::Begin { .. } | Self::Usage(_))
    }

    /// Bytes of text in it, for an estimate of tokens.
    pub(crate) fn text_bytes(&self) -> usize {
        match self {
            Self::Text { text, .. }
            | Self::Thinking { text, .. }
            | Self::Arguments { text, .. } => text.len(),
            Self::Call { name, .. } => name.len(),
            _ => 0,
        }
    }
}

/// A whole answer.
#[derive(Debug, Default)]
pub(crate) struct Completion {
    pub(crate) id: String,
    pub(crate) choices: Vec<Choice>,
    pub(crate) usage: Measured,
}

/// One of the answers asked for.
#[derive(Debug, Default)]
pub(crate) struct Choice {
    pub(crate) text: String,
    pub(crate) thinking: String,
    pub(crate) signature: String,
    pub(crate) calls: Vec<ToolCall>,
    pub(crate) finish: Option<Finish>,
}

impl Completion {
    /// The parts of an answer together.
    pub(crate) fn of(parts: impl IntoIterator<Item = Part>) -> Self {
        let mut whole = Self::default();
        for part in parts {
            whole.take(part);
        }
        whole
    }

    fn take(&mut self, part: Part) {
        match part {
            Part::Begin { id } => self.id = id,
            Part::Usage(usage) => self.usage = usage,
            Part::Text { choice, text } => self.choice(choice).text.push_str(&text),
            Part::Thinking { choice, text } => self.choice(choice).thinking.push_str(&text),
            Part::Signature { choice, text } => self.choice(choice).signature.push_str(&text),
            Part::Finish { choice, finish } => self.choice(choice).finish = Some(finish),
            Part::Call { choice, id, name, .. } => {
                self.choice(choice).calls.push(ToolCall { id, name, arguments: String::new() });
            }
            Part::Arguments { choice, call, text } => {
                if let Some(call) = self.choice(choice).calls.get_mut(call as usize) {
                    call.arguments.push_str(&text);
                }
            }
        }
    }

    /// The choice of this number; what reads answers bounds the numbers.
    fn choice(&mut self, number: u32) -> &mut Choice {
        let number = number as usize;
        if self.choices.len() <= number {
            self.choices.resize_with(number + 1, Choice::default);
        }
        &mut self.choices[number]
    }
}

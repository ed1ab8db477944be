//! Answers and streams as parts of the common form.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{ANSWER_TOOL, Usage, pass::in_band};
use crate::{
    common::{Finish, Part},
    fault::{Fault, FaultKind},
    meter::Measured,
    sse::Event,
};

/// Blocks of one answer at most.
const BLOCKS_MAX: usize = 1024;

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(default)]
    id: String,
    #[serde(borrow)]
    content: Vec<Block<'a>>,
    #[serde(default)]
    stop_reason: Option<String>,
    #[serde(default)]
    usage: Usage,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
struct Block<'a> {
    r#type: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    thinking: String,
    #[serde(default)]
    signature: String,
    #[serde(default)]
    id: String,
    #[serde(default)]
    name: String,
    #[serde(borrow, default)]
    input: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Frame<'a> {
    #[serde(borrow)]
    r#type: Cow<'a, str>,
    #[serde(default)]
    index: usize,
    #[serde(borrow, default)]
    message: Option<Start<'a>>,
    #[serde(borrow, default)]
    content_block: Option<Block<'a>>,
    #[serde(default)]
    delta: Option<Delta>,
    #[serde(default)]
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Start<'a> {
    #[serde(default)]
    id: Cow<'a, str>,
    #[serde(default)]
    usage: Usage,
}

#[derive(Deserialize, Default)]
struct Delta {
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    thinking: Option<String>,
    #[serde(default)]
    signature: Option<String>,
    #[serde(default)]
    partial_json: Option<String>,
    #[serde(default)]
    stop_reason: Option<String>,
}

/// What a block is written as.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Text,
    /// The tool that stands for a schema: its arguments are the answer.
    Answer,
    Call(u32),
    Other,
}

/// Reads a stream as parts.
#[derive(Debug, Default)]
pub(crate) struct EventParts {
    blocks: Vec<Kind>,
    calls: u32,
    answered: bool,
    usage: Option<Measured>,
    finished: bool,
    over: bool,
}

impl EventParts {
    pub(crate) const fn is_over(&self) -> bool {
        self.over
    }

    /// The parts of one event.
    ///
    /// # Errors
    /// When it is not JSON, reports an error, or passes a limit.
    pub(crate) fn read(&mut self, event: &Event) -> Result<Vec<Part>, Fault> {
        let frame: Frame<'_> = serde_json::from_slice(&event.data)
            .map_err(|error| Fault::malformed(format!("an event cannot be read: {error}")))?;
        let kind = frame.r#type.clone();
        Ok(match (kind.as_ref(), frame) {
            ("error", _) => return Err(in_band(&event.data)),
            ("message_start", Frame { message: Some(start), .. }) => {
                self.usage = Some(start.usage.over(self.usage));
                vec![Part::Begin { id: start.id.into_owned() }]
            }
            ("content_block_start", Frame { index, content_block: Some(block), .. }) => {
                self.begin(index, block)?
            }
            ("content_block_delta", Frame { index, delta: Some(delta), .. }) => {
                self.delta(index, delta)
            }
            ("message_delta", Frame { delta, usage, .. }) => {
                if let Some(usage) = usage {
                    self.usage = Some(usage.over(self.usage));
                }
                let reason = delta.and_then(|delta| delta.stop_reason);
                reason.map(|reason| self.finish(&reason)).into_iter().collect()
            }
            ("message_stop", _) => {
                self.over = true;
                Vec::new()
            }
            _ => Vec::new(),
        })
    }

    /// What ends the stream.
    ///
    /// # Errors
    /// [`FaultKind::Cut`] when the provider has not said why the answer ended.
    pub(crate) fn end(&self) -> Result<Vec<Part>, Fault> {
        if !self.finished {
            return Err(Fault::new(
                FaultKind::Cut,
                "the provider's stream ended before the answer was finished",
            ));
        }
        Ok(self.usage.map(Part::Usage).into_iter().collect())
    }

    fn begin(&mut self, index: usize, block: Block<'_>) -> Result<Vec<Part>, Fault> {
        if index >= BLOCKS_MAX {
            return Err(Fault::malformed(format!("there is a block {index}")));
        }
        if self.blocks.len() <= index {
            self.blocks.resize(index + 1, Kind::Other);
        }
        let mut parts = Vec::new();
        let kind = match block.r#type.as_str() {
            "text" | "thinking" => {
                parts.extend(text(block.text));
                parts.extend(thinking(block.thinking));
                Kind::Text
            }
            "tool_use" if block.name == ANSWER_TOOL => {
                self.answered = true;
                Kind::Answer
            }
            "tool_use" => {
                let call = self.calls;
                self.calls += 1;
                parts.push(Part::Call { choice: 0, call, id: block.id, name: block.name });
                Kind::Call(call)
            }
            _ => Kind::Other,
        };
        if let Some(place) = self.blocks.get_mut(index) {
            *place = kind;
        }
        Ok(parts)
    }

    fn delta(&self, index: usize, delta: Delta) -> Vec<Part> {
        let kind = self.blocks.get(index).copied().unwrap_or(Kind::Other);
        let mut parts = Vec::new();
        parts.extend(delta.text.and_then(text));
        parts.extend(delta.thinking.and_then(thinking));
        parts.extend(delta.signature.map(|text| Part::Signature { choice: 0, text }));
        if let Some(json) = delta.partial_json.filter(|json| !json.is_empty()) {
            parts.extend(match kind {
                Kind::Answer => text(json),
                Kind::Call(call) => Some(Part::Arguments { choice: 0, call, text: json }),
                Kind::Text | Kind::Other => None,
            });
        }
        parts
    }

    fn finish(&mut self, reason: &str) -> Part {
        self.finished = true;
        Part::Finish { choice: 0, finish: finish(reason, self.answered) }
    }
}

/// The parts of a plain answer.
///
/// # Errors
/// When it is no message.
pub(crate) fn parts_of(body: &[u8]) -> Result<(Vec<Part>, Option<Measured>), Fault> {
    let message: Message<'_> = serde_json::from_slice(body)
        .map_err(|error| Fault::malformed(format!("the answer cannot be read: {error}")))?;
    let usage = message.usage.over(None);
    let mut parts = vec![Part::Begin { id: message.id }];
    let (mut calls, mut answered) = (0, false);
    for block in message.content {
        match block.r#type.as_str() {
            "tool_use" if block.name == ANSWER_TOOL => {
                answered = true;
                parts.extend(text(block.input.map_or("{}", RawValue::get).to_owned()));
            }
            "tool_use" => {
                let arguments = block.input.map_or("{}", RawValue::get).to_owned();
                parts.push(Part::Call { choice: 0, call: calls, id: block.id, name: block.name });
                parts.push(Part::Arguments { choice: 0, call: calls, text: arguments });
                calls += 1;
            }
            _ => {
                parts.extend(thinking(block.thinking));
                let signature = Some(block.signature).filter(|text| !text.is_empty());
                parts.extend(signature.map(|text| Part::Signature { choice: 0, text }));
                parts.extend(text(block.text));
            }
        }
    }
    let reason = message.stop_reason.unwrap_or_default();
    parts.push(Part::Finish { choice: 0, finish: finish(&reason, answered) });
    parts.push(Part::Usage(usage));
    Ok((parts, Some(usage)))
}

fn text(text: String) -> Option<Part> {
    (!text.is_empty()).then_some(Part::Text { choice: 0, text })
}

fn thinking(text: String) -> Option<Part> {
    (!text.is_empty()).then_some(Part::Thinking { choice: 0, text })
}

fn finish(reason: &str, answered: bool) -> Finish {
    match reason {
        "max_tokens" | "model_context_window_exceeded" => Finish::Length,
        "tool_use" if !answered => Finish::Tools,
        "refusal" => Finish::Filter,
        _ => Finish::Stop,
    }
}

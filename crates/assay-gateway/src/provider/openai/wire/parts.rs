//! Answers and chunks, already put right, as parts of the common form.

use std::borrow::Cow;

use serde::Deserialize;

use super::{chunk::Chunks, put_right};
use crate::{
    common::{Finish, Part},
    fault::Fault,
    meter::Measured,
};

#[derive(Deserialize)]
struct Chunk<'a> {
    #[serde(borrow, default)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    choices: Vec<Choice<'a>>,
}

#[derive(Deserialize)]
struct Choice<'a> {
    #[serde(default)]
    index: u32,
    #[serde(borrow, alias = "message", default)]
    delta: Delta<'a>,
    #[serde(borrow, default)]
    finish_reason: Option<Cow<'a, str>>,
}

#[derive(Deserialize, Default)]
struct Delta<'a> {
    #[serde(borrow, default)]
    content: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    reasoning_content: Option<Cow<'a, str>>,
    /// OpenRouter's and vLLM's name for it.
    #[serde(borrow, default)]
    reasoning: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    refusal: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    tool_calls: Vec<Call<'a>>,
}

#[derive(Deserialize)]
struct Call<'a> {
    #[serde(default)]
    index: Option<u32>,
    #[serde(borrow, default)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    function: Function<'a>,
}

#[derive(Deserialize, Default)]
struct Function<'a> {
    #[serde(borrow, default)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    arguments: Option<Cow<'a, str>>,
}

/// Reads a stream as parts.
#[derive(Debug)]
pub(crate) struct PartReader {
    chunks: Chunks,
    begun: bool,
}

impl PartReader {
    pub(crate) fn new(model: &str, seed: String) -> Self {
        Self { chunks: Chunks::new(model, false, seed), begun: false }
    }

    /// The parts of one chunk.
    pub(crate) fn read(&mut self, data: &[u8]) -> Result<Vec<Part>, Fault> {
        let mut json = Vec::new();
        if !self.chunks.write(data, &mut json)?.any {
            return Ok(Vec::new());
        }
        parts(&json, &mut self.begun)
    }

    /// What ends the stream.
    pub(crate) fn end(&mut self, said: bool) -> Result<Vec<Part>, Fault> {
        let mut found = Vec::new();
        for chunk in self.chunks.end(said)? {
            found.extend(parts(chunk.as_bytes(), &mut self.begun)?);
        }
        found.extend(self.chunks.usage().map(Part::Usage));
        Ok(found)
    }
}

/// The parts of a plain answer.
pub(crate) fn parts_of(body: &[u8], seed: &str) -> Result<(Vec<Part>, Option<Measured>), Fault> {
    let (json, usage) = put_right(body, "", seed)?;
    let mut found = parts(&json, &mut false)?;
    found.extend(usage.map(Part::Usage));
    Ok((found, usage))
}

fn parts(json: &[u8], begun: &mut bool) -> Result<Vec<Part>, Fault> {
    let chunk: Chunk<'_> = serde_json::from_slice(json)
        .map_err(|error| Fault::malformed(format!("a frame cannot be read: {error}")))?;
    let mut found = Vec::new();
    if !std::mem::replace(begun, true) {
        found.push(Part::Begin { id: chunk.id.unwrap_or_default().into_owned() });
    }
    for choice in chunk.choices {
        let number = choice.index;
        let delta = choice.delta;
        let text =
            |text: Option<Cow<'_, str>>| text.filter(|text| !text.is_empty()).map(Cow::into_owned);
        if let Some(text) = text(delta.reasoning_content).or_else(|| text(delta.reasoning)) {
            found.push(Part::Thinking { choice: number, text });
        }
        for text in [text(delta.content), text(delta.refusal)].into_iter().flatten() {
            found.push(Part::Text { choice: number, text });
        }
        for (place, call) in delta.tool_calls.into_iter().enumerate() {
            let place = call.index.unwrap_or(place as u32);
            if let Some(id) = call.id {
                let name = call.function.name.unwrap_or_default().into_owned();
                let id = id.into_owned();
                found.push(Part::Call { choice: number, call: place, id, name });
            }
            if let Some(text) = text(call.function.arguments) {
                found.push(Part::Arguments { choice: number, call: place, text });
            }
        }
        if let Some(reason) = choice.finish_reason {
            let finish = match reason.as_ref() {
                "length" => Finish::Length,
                "tool_calls" | "function_call" => Finish::Tools,
                "content_filter" => Finish::Filter,
                _ => Finish::Stop,
            };
            found.push(Part::Finish { choice: number, finish });
        }
    }
    Ok(found)
}

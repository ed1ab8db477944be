//! Answers and streams as parts of the common form; a stream is a row of answers.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    common::{Finish, Part},
    fault::{Fault, FaultKind},
    meter::Measured,
};

/// Candidates of one answer at most.
const CANDIDATES_MAX: u32 = 128;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Frame<'a> {
    #[serde(borrow, default)]
    candidates: Vec<Candidate<'a>>,
    #[serde(default)]
    usage_metadata: Option<Usage>,
    #[serde(default)]
    response_id: String,
    #[serde(default)]
    prompt_feedback: Option<Feedback>,
    #[serde(borrow, default)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate<'a> {
    #[serde(default)]
    index: u32,
    #[serde(borrow, default)]
    content: Content<'a>,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Deserialize, Default)]
struct Content<'a> {
    #[serde(borrow, default)]
    parts: Vec<Piece<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Piece<'a> {
    #[serde(default)]
    text: String,
    #[serde(default)]
    thought: bool,
    #[serde(borrow, default)]
    function_call: Option<Call<'a>>,
}

#[derive(Deserialize)]
struct Call<'a> {
    #[serde(default)]
    id: String,
    #[serde(default)]
    name: String,
    #[serde(borrow, default)]
    args: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Usage {
    #[serde(default)]
    prompt_token_count: u64,
    #[serde(default)]
    candidates_token_count: u64,
    #[serde(default)]
    thoughts_token_count: u64,
    #[serde(default)]
    cached_content_token_count: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Feedback {
    #[serde(default)]
    block_reason: Option<String>,
}

/// Reads a stream as parts.
#[derive(Debug)]
pub(crate) struct FrameParts {
    seed: String,
    begun: bool,
    /// Calls of each candidate so far.
    calls: Vec<u32>,
    finished: bool,
    usage: Option<Measured>,
}

impl FrameParts {
    /// `seed` makes the names of calls unique, which the format leaves out.
    pub(crate) const fn new(seed: String) -> Self {
        Self { seed, begun: false, calls: Vec::new(), finished: false, usage: None }
    }

    /// The parts of one frame.
    ///
    /// # Errors
    /// When it is not JSON, reports an error, or passes a limit.
    pub(crate) fn read(&mut self, data: &[u8]) -> Result<Vec<Part>, Fault> {
        let frame: Frame<'_> = serde_json::from_slice(data)
            .map_err(|error| Fault::malformed(format!("a frame cannot be read: {error}")))?;
        if frame.error.is_some() {
            return Err(Fault::inside(data));
        }
        let mut parts = Vec::new();
        if !std::mem::replace(&mut self.begun, true) {
            parts.push(Part::Begin { id: frame.response_id });
        }
        if let Some(usage) = frame.usage_metadata {
            self.usage = Some(Measured {
                prompt_tokens: usage.prompt_token_count,
                completion_tokens: usage.candidates_token_count + usage.thoughts_token_count,
                cached_tokens: usage.cached_content_token_count.min(usage.prompt_token_count),
                cache_write_tokens: 0,
                reasoning_tokens: usage.thoughts_token_count,
                exact: true,
            });
        }
        for candidate in frame.candidates {
            self.candidate(candidate, &mut parts)?;
        }
        if frame.prompt_feedback.is_some_and(|feedback| feedback.block_reason.is_some()) {
            self.finished = true;
            parts.push(Part::Finish { choice: 0, finish: Finish::Filter });
        }
        Ok(parts)
    }

    fn candidate(&mut self, candidate: Candidate<'_>, parts: &mut Vec<Part>) -> Result<(), Fault> {
        let choice = candidate.index;
        if choice >= CANDIDATES_MAX {
            return Err(Fault::malformed(format!("there is a candidate {choice}")));
        }
        if self.calls.len() <= choice as usize {
            self.calls.resize(choice as usize + 1, 0);
        }
        for piece in candidate.content.parts {
            if let Some(found) = piece.function_call {
                let Some(calls) = self.calls.get_mut(choice as usize) else { continue };
                let (call, seed) = (*calls, &self.seed);
                *calls += 1;
                let id = match found.id.is_empty() {
                    true => format!("call_{seed}_{choice}_{call}"),
                    false => found.id,
                };
                let text = found.args.map_or("{}", RawValue::get).to_owned();
                parts.push(Part::Call { choice, call, id, name: found.name });
                parts.push(Part::Arguments { choice, call, text });
            } else if !piece.text.is_empty() {
                let text = piece.text;
                parts.push(match piece.thought {
                    true => Part::Thinking { choice, text },
                    false => Part::Text { choice, text },
                });
            }
        }
        if let Some(reason) = candidate.finish_reason {
            self.finished = true;
            let calls = self.calls.get(choice as usize).is_some_and(|calls| *calls > 0);
            let finish = match reason.as_str() {
                "MAX_TOKENS" => Finish::Length,
                "STOP" | "FINISH_REASON_UNSPECIFIED" if calls => Finish::Tools,
                "STOP" | "FINISH_REASON_UNSPECIFIED" => Finish::Stop,
                "MALFORMED_FUNCTION_CALL" => {
                    return Err(Fault::malformed("the model wrote a call that cannot be read"));
                }
                _ => Finish::Filter,
            };
            parts.push(Part::Finish { choice, finish });
        }
        Ok(())
    }

    /// What ends the stream; the format has no mark of its own for that.
    ///
    /// # Errors
    /// [`FaultKind::Cut`] when no candidate has said why it ended.
    pub(crate) fn end(&self) -> Result<Vec<Part>, Fault> {
        if !self.finished {
            return Err(Fault::new(
                FaultKind::Cut,
                "the provider's stream ended before the answer was finished",
            ));
        }
        Ok(self.usage.map(Part::Usage).into_iter().collect())
    }
}

/// The parts of a plain answer.
///
/// # Errors
/// When it is none, or holds no candidate.
pub(crate) fn parts_of(body: &[u8], seed: &str) -> Result<(Vec<Part>, Option<Measured>), Fault> {
    let mut reader = FrameParts::new(seed.to_owned());
    let mut parts = reader.read(body)?;
    let usage = reader.usage;
    match reader.end() {
        Ok(end) => parts.extend(end),
        Err(_) => return Err(Fault::malformed("the answer holds no finished candidate")),
    }
    Ok((parts, usage))
}

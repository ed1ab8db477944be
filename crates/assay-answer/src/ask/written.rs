//! The model as writer: its text is cut into sentences while it streams, and each is checked
//! before anybody sees it. Its own `[n]` marks are thrown away: citations come from the check.

use std::time::Instant;

use assay_core::{Deadline, ErrorChain};
use assay_gateway::{ChatEvent, ChatRequest, Endpoint, Message, Role};
use futures_util::StreamExt;

use super::{Page, Question, Sink, UnsupportedPolicy};
use crate::{
    AnswerError, Engine, LaneReport, LaneState, WriterSettings,
    claim::claims,
    embed::{EmbeddedText, embedded},
    verify::Verdict,
};

const SYSTEM_PROMPT: &str = include_str!("prompt.md");
/// What the prompt tells the model to write when there is no answer.
const NO_ANSWER: &str = "NOT IN THE SOURCES";
/// Characters of an answer that are read at most.
const ANSWER_CHARS_MAX: usize = 20_000;

/// A model that writes answers.
pub(crate) struct Writer {
    pub(crate) endpoint: Endpoint,
    answer_tokens: u32,
}

impl Writer {
    pub(crate) fn new(settings: WriterSettings) -> Result<Self, AnswerError> {
        let answer_tokens = settings.answer_tokens;
        Ok(Self { endpoint: Endpoint::new(settings.endpoint)?, answer_tokens })
    }
}

/// Lets the model write onto the page and reports how it went. What was checked by `deadline`
/// stays.
pub(super) async fn write(
    writer: &Writer,
    engine: &Engine,
    question: &Question,
    page: &mut Page,
    sink: &Sink,
    deadline: Deadline,
) -> LaneReport {
    let (start, budget) = (Instant::now(), deadline.left());
    page.written_by(writer.endpoint.host(), writer.endpoint.model());
    let work = stream(writer, engine, question, page, sink);
    let (state, error) = match tokio::time::timeout_at(deadline.instant().into(), work).await {
        Ok(Ok(())) => (LaneState::Completed, None),
        Ok(Err(error)) => (LaneState::Failed, Some(ErrorChain(&error).to_string())),
        Err(_) => {
            let error = format!("not finished after {} ms", budget.as_millis());
            (LaneState::TimedOut, Some(error))
        }
    };
    if !page.has_claims() && state != LaneState::Completed {
        page.written_by("assay", "assay/extractive");
    }
    let found = page.claim_count();
    let providers = Vec::new();
    LaneReport { name: "writer", state, found, error, took: start.elapsed(), budget, providers }
}

async fn stream(
    writer: &Writer,
    engine: &Engine,
    question: &Question,
    page: &mut Page,
    sink: &Sink,
) -> Result<(), AnswerError> {
    let request = ChatRequest {
        messages: messages(question, page),
        max_tokens: writer.answer_tokens,
        temperature: 0.0,
    };
    let mut events = writer.endpoint.chat(&request).await?;
    let mut pending = String::new();
    let mut chars = 0;
    while let Some(event) = events.next().await {
        match event? {
            ChatEvent::Text(text) => {
                chars += text.len();
                pending.push_str(&text);
                for sentence in take_sentences(&mut pending, false) {
                    judge(engine, question, page, sink, &sentence).await?;
                }
                if chars > ANSWER_CHARS_MAX {
                    page.notice(
                        "the model wrote more than 20,000 characters; the rest was left out",
                    );
                    return Ok(());
                }
            }
            ChatEvent::Finished { usage, .. } => page.used(usage),
        }
    }
    for sentence in take_sentences(&mut pending, true) {
        judge(engine, question, page, sink, &sentence).await?;
    }
    Ok(())
}

fn messages(question: &Question, page: &Page) -> Vec<Message> {
    let mut content = String::new();
    for (index, found) in page.evidence.passages.iter().enumerate() {
        let passage = &found.passage;
        let title = passage.title.as_deref().unwrap_or(&passage.name);
        content.push_str(&format!("[{}] {title}\n{}\n\n", index + 1, passage.text));
    }
    content.push_str(&format!("Question: {}", question.text.trim()));
    vec![
        Message { role: Role::System, content: SYSTEM_PROMPT.to_owned() },
        Message { role: Role::User, content },
    ]
}

/// Takes the sentences off the front of `pending` that cannot grow any more: all but the last, and
/// the last too when the text is whole.
pub(super) fn take_sentences(pending: &mut String, whole: bool) -> Vec<String> {
    let mut ranges = assay_parse::sentences(pending);
    if !whole {
        ranges.pop();
    }
    let Some(end) = ranges.last().map(|range| range.end as usize) else {
        return Vec::new();
    };
    let sentences = ranges.iter().map(|range| range.of(pending).to_owned()).collect();
    pending.drain(..end);
    sentences
}

async fn judge(
    engine: &Engine,
    question: &Question,
    page: &mut Page,
    sink: &Sink,
    written: &str,
) -> Result<(), AnswerError> {
    let text = without_marks(written);
    if text.contains(NO_ANSWER) {
        return Ok(());
    }
    // What the sentence may lean on ("It was …") is the claim before it.
    let before = page.last_claim().map(|claim| format!("{claim} ")).unwrap_or_default();
    let whole = format!("{before}{text}");
    for claim in claims(&whole, &assay_parse::sentences(&whole)) {
        if (claim.range.start as usize) < before.len() {
            continue;
        }
        let in_context = claim.in_context(&whole);
        let embedded = embedded(engine.embeddings.as_deref(), &[&in_context]).await?;
        let Some(sentence) = embedded.first().map(EmbeddedText::sentence) else { continue };
        let judgement = engine.verifier.check(&sentence, &page.evidence.as_sentences());
        let holds = matches!(judgement.verdict, Verdict::Supported | Verdict::Partial);
        if !holds && question.unsupported == UnsupportedPolicy::Drop {
            page.drop_claim();
            continue;
        }
        let added = page.add(&engine.verifier, claim.range.of(&whole), sentence, &judgement);
        sink.text(&added).await;
    }
    Ok(())
}

/// The text without `[1]`, `[2, 3]`: whatever the model cites, the check decides.
pub(super) fn without_marks(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        let mark = after.split_once(']').filter(|(inside, _)| {
            !inside.is_empty() && inside.chars().all(|c| c.is_ascii_digit() || c == ',' || c == ' ')
        });
        match mark {
            Some((_, behind)) => {
                kept.push_str(before.trim_end());
                rest = behind;
            }
            None => {
                kept.push_str(before);
                kept.push('[');
                rest = after;
            }
        }
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests;

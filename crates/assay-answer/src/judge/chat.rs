//! A language model as judge: one prompt a claim, one JSON object back.

use assay_core::ErrorChain;
use assay_gateway::{ChatEvent, ChatRequest, Message, OwnModel, Purpose, Role};
use futures_util::StreamExt;
use serde::Deserialize;

use super::{Opinion, fitting};
use crate::verify::Verdict;

const PROMPT: &str = include_str!("../judge.md");
/// Tokens of an answer; a model that reasons aloud first is cut off and counts as failed.
const TOKENS_MAX: u32 = 200;
/// Characters read of an answer at most.
const CHARS_MAX: usize = 8_000;
/// Sentences that decide at most.
const DECIDING_MAX: usize = 3;

#[derive(Deserialize)]
struct Told {
    verdict: Verdict,
    probability: f32,
    #[serde(default)]
    sentences: Vec<usize>,
}

/// Asks the model.
pub(super) async fn ask(
    model: &OwnModel,
    purpose: Purpose<'_>,
    claim: &str,
    shown: &[&str],
) -> Result<Opinion, String> {
    let request = ChatRequest {
        messages: vec![
            Message { role: Role::System, content: PROMPT.to_owned() },
            Message { role: Role::User, content: question(claim, shown) },
        ],
        max_tokens: TOKENS_MAX,
        temperature: 0.0,
    };
    let told = |error: assay_gateway::GatewayError| ErrorChain(&error).to_string();
    let mut events = model.chat(purpose, &request).await.map_err(told)?.events;
    let mut answer = String::new();
    while let Some(event) = events.next().await {
        if let ChatEvent::Text(text) = event.map_err(told)? {
            answer.push_str(&text);
        }
        if answer.len() > CHARS_MAX {
            break;
        }
    }
    read(&answer, shown.len())
}

/// The sentences, numbered from 1, and the claim; each on one line, so that no text can pass for
/// another's number.
fn question(claim: &str, shown: &[&str]) -> String {
    let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut content = String::from("Sentences:\n");
    for (number, text) in (1..).zip(shown) {
        content.push_str(&format!("{number}. {}\n", line(text)));
    }
    content.push_str(&format!("\nClaim: {}", line(claim)));
    content
}

/// Reads the JSON object of an answer, whatever stands around it.
pub(super) fn read(answer: &str, shown: usize) -> Result<Opinion, String> {
    let object = answer
        .find('{')
        .zip(answer.rfind('}'))
        .and_then(|(start, end)| answer.get(start..=end))
        .ok_or("its answer holds no JSON object")?;
    let told: Told = serde_json::from_str(object)
        .map_err(|error| format!("its answer is malformed: {error}"))?;
    let places = told.sentences.iter().filter_map(|number| number.checked_sub(1));
    let mut sentences: Vec<usize> = places.filter(|at| *at < shown).take(DECIDING_MAX).collect();
    if told.verdict == Verdict::Unsupported {
        sentences.clear();
    } else if sentences.is_empty() {
        return Err(format!("it said `{}` and named no sentence", told.verdict.as_str()));
    }
    let confidence = fitting(told.verdict, told.probability);
    Ok(Opinion { verdict: told.verdict, confidence, sentences })
}

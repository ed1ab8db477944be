//! The rewriting of a follow-up question by the model that is set up, and the check of its words.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use assay_core::{Deadline, ErrorChain};
use assay_gateway::{ChatEvent, OwnModel, Purpose};
use futures_util::StreamExt;

use crate::{
    AnswerError, LaneReport, LaneState, QUERY_CHARS_MAX,
    ask::{Exchange, prompt, shield::Shield, topic::stems},
    guarding::Guards,
};

/// Tokens that a rewritten question may have.
const TOKENS_MAX: u32 = 120;
/// Turns of the conversation that the model sees.
const TURNS: usize = 4;
/// Milliseconds that the rewriting may take: what is left goes to the answer.
const BUDGET: Duration = Duration::from_millis(800);

/// The question as the model rewrites it, when it keeps the words, and how that went.
pub(crate) async fn rewrite(
    (model, purpose): (&OwnModel, Purpose<'_>),
    guards: &Arc<Guards>,
    question: &str,
    history: &[Exchange],
    deadline: Deadline,
) -> (Option<String>, LaneReport) {
    let start = Instant::now();
    let deadline = deadline.part(BUDGET);
    let budget = deadline.left();
    let recent = history.get(history.len().saturating_sub(TURNS)..).unwrap_or(history);
    let work = written((model, purpose), guards, question, recent);
    let (state, error, text) = match tokio::time::timeout_at(deadline.instant().into(), work).await
    {
        Ok(Ok(text)) if keeps_the_words(&text, question, recent) => {
            (LaneState::Completed, None, Some(text))
        }
        Ok(Ok(_)) => {
            let reason = "it changed the words of the question; the built-in rules did it instead";
            (LaneState::Skipped, Some(reason.to_owned()), None)
        }
        Ok(Err(error)) => (LaneState::Skipped, Some(ErrorChain(&error).to_string()), None),
        Err(_) => {
            let reason = format!("not finished after {} ms", budget.as_millis());
            (LaneState::Skipped, Some(reason), None)
        }
    };
    let found = usize::from(text.is_some());
    (
        text,
        LaneReport {
            name: "rewriter",
            state,
            found,
            error,
            took: start.elapsed(),
            budget,
            providers: Vec::new(),
        },
    )
}

async fn written(
    (model, purpose): (&OwnModel, Purpose<'_>),
    guards: &Arc<Guards>,
    question: &str,
    history: &[Exchange],
) -> Result<String, AnswerError> {
    let mut shield = Shield::new(guards);
    let request = prompt::rewrite(question, history, TOKENS_MAX, &mut shield);
    let mut events = model.chat(purpose, &request).await?.events;
    let mut text = String::new();
    while let Some(event) = events.next().await {
        if let ChatEvent::Text(more) = event? {
            text.push_str(&shield.read(&more)?);
        }
        if text.len() > 4 * QUERY_CHARS_MAX {
            break;
        }
    }
    text.push_str(&shield.finish());
    Ok(text.trim().trim_matches('"').trim().to_owned())
}

/// Whether a rewritten question says what was asked: every content word of the question is in it,
/// and every other one comes from the conversation.
pub(super) fn keeps_the_words(rewritten: &str, question: &str, history: &[Exchange]) -> bool {
    let chars = rewritten.chars().count();
    if chars == 0 || chars > QUERY_CHARS_MAX || rewritten.contains('\n') {
        return false;
    }
    let (new, own) = (stems(rewritten), stems(question));
    let said = history.iter().fold(own.clone(), |mut said, turn| {
        said.extend(stems(&turn.question));
        said.extend(stems(&turn.answer));
        said
    });
    own.is_subset(&new) && new.is_subset(&said)
}

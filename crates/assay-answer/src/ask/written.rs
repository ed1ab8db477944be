//! The model as writer: its text is cut into claims while it streams, and each is checked before
//! anybody sees it. Its own `[n]` marks are thrown away: citations come from the check.

use std::time::{Duration, Instant};

use assay_core::{Deadline, ErrorChain};
use assay_gateway::{ChatEvent, Gateway, OwnModel};
use futures_util::StreamExt;

use super::{
    Asking, Page, UnsupportedPolicy,
    page::{EXTRACTIVE, Entry},
    prompt,
    shield::Shield,
    weigh::weigh,
};
use crate::{
    AnswerError, LaneReport, LaneState, WriterSettings,
    claim::{Claim, Form, claims},
    embed::{EmbeddedText, embedded},
    verify::Verdict,
};

/// What the prompt tells the model to write when there is no answer.
const NO_ANSWER: &str = "NOT IN THE SOURCES";
/// The name of the writer's own endpoint in the gateway.
pub(crate) const WRITER: &str = "assay:writer";
/// Characters of an answer that are read at most.
const ANSWER_CHARS_MAX: usize = 20_000;

/// A model that writes answers.
pub(crate) struct Writer {
    pub(crate) model: OwnModel,
    /// What callers name it.
    pub(crate) name: String,
    answer_tokens: u32,
}

impl Writer {
    /// The model of the settings; none when they name none.
    pub(crate) fn new(gateway: &Gateway, settings: WriterSettings) -> Option<Self> {
        let answer_tokens = settings.answer_tokens;
        let (model, name) = match settings.endpoint {
            Some(endpoint) => (gateway.own_model(WRITER), endpoint.model),
            None => (gateway.own_model(&settings.model), settings.model),
        };
        (!name.is_empty()).then_some(Self { model, name, answer_tokens })
    }
}

/// Lets the model write onto the page and reports how it went. What was checked by `deadline`
/// stays.
pub(super) async fn write(
    writer: &Writer,
    asking: &Asking<'_>,
    page: &mut Page,
    deadline: Deadline,
) -> LaneReport {
    let (start, budget) = (Instant::now(), deadline.left());
    let work = stream(writer, asking, page);
    let (state, error) = match tokio::time::timeout_at(deadline.instant().into(), work).await {
        Ok(Ok(())) => (LaneState::Completed, None),
        Ok(Err(error)) => (LaneState::Failed, Some(ErrorChain(&error).to_string())),
        Err(_) => {
            let error = format!("not finished after {} ms", budget.as_millis());
            (LaneState::TimedOut, Some(error))
        }
    };
    if !page.has_claims() && state != LaneState::Completed {
        page.written_by("assay", EXTRACTIVE);
    }
    let found = page.claim_count();
    let providers = Vec::new();
    LaneReport { name: "writer", state, found, error, took: start.elapsed(), budget, providers }
}

async fn stream(writer: &Writer, asking: &Asking<'_>, page: &mut Page) -> Result<(), AnswerError> {
    let passages = page.evidence.passages.iter().map(AsRef::as_ref);
    let mut shield = Shield::new(&asking.engine.guards.of(asking.scope));
    let request = prompt::write(asking.text, passages, writer.answer_tokens, &mut shield);
    page.guarded(shield.found());
    let answer = writer.model.chat(asking.purpose(), &request).await?;
    page.written_by(&answer.provider, &answer.model);
    let mut events = answer.events;
    let mut pending = String::new();
    let mut draft = Draft::default();
    let mut chars = 0;
    while let Some(event) = events.next().await {
        match event? {
            ChatEvent::Text(text) => {
                let text = shield.read(&text)?;
                chars += text.len();
                pending.push_str(&text);
                draft.push(&take_sentences(&mut pending, false));
                judge(asking, page, &mut draft).await?;
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
    pending.push_str(&shield.finish());
    draft.push(&take_sentences(&mut pending, true));
    judge(asking, page, &mut draft).await
}

/// Takes the sentences off the front of `pending` that cannot grow any more: all but the last, and
/// the last too when the text is whole.
pub(super) fn take_sentences(pending: &mut String, whole: bool) -> String {
    let mut ranges = assay_parse::sentences(pending);
    if whole {
        return std::mem::take(pending);
    }
    let last = ranges.pop();
    let end = last.filter(|_| !ranges.is_empty()).map_or(0, |range| range.start as usize);
    pending.drain(..end).collect()
}

/// What the model has written in whole sentences, without its marks.
#[derive(Default)]
struct Draft {
    text: String,
    /// How many of its claims were judged.
    judged: usize,
    /// Where the claim before ends.
    read_to: usize,
    /// Whether it is on the page; only then what joins it to the next one is kept, too.
    is_kept: bool,
    /// Heads and lead-ins up to here are on the page.
    opened_to: usize,
}

impl Draft {
    fn push(&mut self, sentences: &str) {
        self.text.push_str(&without_marks(sentences));
    }

    /// What joins a claim to what is on the page already: a conjunction, the marker of a list with
    /// its lead-in, the rule of a table with its head.
    fn before(&self, claim: &Claim) -> (String, &'static str) {
        let start = claim.range.start as usize;
        let line = self.text.get(..start).and_then(|text| text.rfind('\n')).map_or(0, |at| at + 1);
        let marker = self.text.get(line..start).unwrap_or("");
        let between = self.text.get(self.read_to..start).unwrap_or("");
        let head = claim.context.filter(|head| head.start as usize >= self.opened_to);
        let head = head.map(|head| head.of(&self.text).to_owned());
        match claim.form {
            Form::Half if self.is_kept => (between.to_owned(), ""),
            Form::Sentence | Form::Half if between.contains("\n\n") => ("\n\n".to_owned(), ""),
            Form::Sentence | Form::Half => (" ".to_owned(), ""),
            Form::Item => {
                let lead = head.map(|lead| format!("\n\n{lead}")).unwrap_or_default();
                (format!("{lead}\n{marker}"), "")
            }
            Form::Row => {
                let rule = |head: String| {
                    let columns = head.matches('|').count() + 1;
                    format!("\n\n| {head} |\n|{}", "---|".repeat(columns))
                };
                (format!("{}\n| ", head.map(rule).unwrap_or_default()), " |")
            }
        }
    }

    fn pass(&mut self, claim: &Claim, is_kept: bool) {
        self.read_to = claim.range.end as usize;
        self.is_kept = is_kept;
        if is_kept && matches!(claim.form, Form::Item | Form::Row) {
            let head = claim.context.map_or(0, |head| head.end as usize);
            self.opened_to = self.opened_to.max(head);
        }
    }
}

/// Checks the claims of the draft that are new.
async fn judge(asking: &Asking<'_>, page: &mut Page, draft: &mut Draft) -> Result<(), AnswerError> {
    let all = claims(&draft.text, &assay_parse::sentences(&draft.text));
    for claim in all.iter().skip(draft.judged) {
        draft.judged += 1;
        if claim.range.of(&draft.text).contains(NO_ANSWER) {
            continue;
        }
        let in_context = claim.in_context(&draft.text);
        let words = in_time(asking, &in_context).await?;
        let Some(sentence) = words.first().map(EmbeddedText::sentence) else { continue };
        let weighed =
            weigh(asking.engine, asking.purpose(), sentence, &page.evidence, &asking.asked).await;
        page.notice_once(weighed.judgement.note.as_deref());
        let holds = matches!(weighed.judgement.verdict, Verdict::Supported | Verdict::Partial);
        if !holds && asking.question.unsupported == UnsupportedPolicy::Drop {
            page.drop_claim();
            draft.pass(claim, false);
            continue;
        }
        let (before, after) = draft.before(claim);
        let dates = asking.dates(page, &weighed).await?;
        let entry = Entry {
            before: &before,
            words: claim.range.of(&draft.text),
            after,
            sentence,
            judgement: &weighed.judgement,
            against: &dates.against,
            date: dates.own,
        };
        let piece = page.add(&asking.engine.verifier, &entry);
        asking.sink.piece(piece).await;
        draft.pass(claim, true);
    }
    Ok(())
}

/// The claim with its vector, or without one when that takes too long: a slow check must not hold
/// the stream up, and words alone judge, too.
async fn in_time(asking: &Asking<'_>, claim: &str) -> Result<Vec<EmbeddedText>, AnswerError> {
    let embeddings = asking.engine.embeddings.as_deref().filter(|_| asking.with_vectors);
    let budget = Duration::from_millis(asking.engine.settings.check_ms);
    match tokio::time::timeout(budget, embedded(embeddings, asking.purpose(), &[claim])).await {
        Ok(Ok(words)) => Ok(words),
        Ok(Err(_)) | Err(_) => embedded(None, asking.purpose(), &[claim]).await,
    }
}

/// The text without `[1]`, `[2, 3]`: whatever the model cites, the check decides.
pub(crate) fn without_marks(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('[') {
        let mark = after.split_once(']').filter(|(inside, _)| {
            !inside.is_empty() && inside.chars().all(|c| c.is_ascii_digit() || c == ',' || c == ' ')
        });
        match mark {
            Some((_, behind)) => {
                kept.push_str(before.trim_end_matches(' '));
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

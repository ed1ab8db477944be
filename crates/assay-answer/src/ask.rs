//! A question and its answer: evidence, sentences, claims, verdicts, citations.

use std::{str::FromStr, sync::Arc, time::Duration, time::Instant};

use assay_core::{Deadline, DocumentId, TenantScope, TextRange};
use assay_gateway::Usage;
use futures_util::Stream;
use tokio::sync::mpsc;

use crate::{
    AnswerError, Engine, FoundPassage, LaneReport, LaneState, SearchMode, SearchQuery,
    verify::Verdict,
};

mod evidence;
mod extractive;
mod page;
mod written;

pub(crate) use evidence::Evidence;
pub(crate) use page::Page;
pub(crate) use written::Writer;

/// Nearest passages shown when the sources do not hold the answer.
const NEAREST: usize = 3;
/// Events that may wait for a slow reader before the answer waits too.
const EVENTS_WAITING: usize = 64;

/// What happens to a claim that its evidence does not support.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnsupportedPolicy {
    /// It is left out.
    #[default]
    Drop,
    /// It is kept and says so.
    Mark,
}

impl FromStr for UnsupportedPolicy {
    type Err = AnswerError;

    fn from_str(text: &str) -> Result<Self, AnswerError> {
        match text {
            "drop" => Ok(Self::Drop),
            "mark" => Ok(Self::Mark),
            _ => Err(AnswerError::Invalid {
                what: format!("`{text}` is not a policy for unsupported claims"),
                hint: "use `drop` or `mark`",
            }),
        }
    }
}

/// Who writes the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WriterChoice {
    /// The model when one is set up and answers in time, else extraction.
    #[default]
    Auto,
    /// The model, or an error when none is set up.
    Model,
    /// Extraction: sentences of the sources, unchanged.
    Extractive,
}

impl FromStr for WriterChoice {
    type Err = AnswerError;

    fn from_str(text: &str) -> Result<Self, AnswerError> {
        match text {
            "auto" => Ok(Self::Auto),
            "model" => Ok(Self::Model),
            "extractive" => Ok(Self::Extractive),
            _ => Err(AnswerError::Invalid {
                what: format!("`{text}` is not a writer"),
                hint: "use `auto`, `model` or `extractive`",
            }),
        }
    }
}

/// A question.
#[derive(Debug, Clone)]
pub struct Question {
    /// The question.
    pub text: String,
    /// Names of collections; all when empty.
    pub collections: Vec<String>,
    /// Documents; all when empty.
    pub documents: Vec<DocumentId>,
    /// What happens to unsupported claims.
    pub unsupported: UnsupportedPolicy,
    /// Who writes.
    pub writer: WriterChoice,
    /// How the evidence is looked for.
    pub mode: SearchMode,
}

impl Question {
    /// A question over everything.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            collections: Vec::new(),
            documents: Vec::new(),
            unsupported: UnsupportedPolicy::default(),
            writer: WriterChoice::default(),
            mode: SearchMode::default(),
        }
    }
}

/// What kind of answer it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerState {
    /// Every sentence is supported.
    Supported,
    /// Some sentences are only partly supported, or were dropped.
    PartlySupported,
    /// The sources do not hold the answer.
    NotInSources,
    /// A lane or the writer ran out of time; what there is was checked.
    Partial,
}

impl AnswerState {
    /// The word of the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::PartlySupported => "partly_supported",
            Self::NotInSources => "not_in_sources",
            Self::Partial => "partial",
        }
    }
}

/// A place in the evidence that a claim rests on.
#[derive(Debug, Clone)]
pub struct Citation {
    /// The `[n]` of the answer, counted from 1.
    pub number: usize,
    /// The passage.
    pub passage: Arc<FoundPassage>,
    /// The quote in the passage's text.
    pub range: TextRange,
    /// Verdict of this quote on the claim that cites it first.
    pub verdict: Verdict,
    /// Probability of support.
    pub confidence: f32,
}

impl Citation {
    /// The words of the document, unchanged.
    #[must_use]
    pub fn quote(&self) -> &str {
        self.range.of(&self.passage.passage.text)
    }

    /// The quote's range in characters of the document's text.
    #[must_use]
    pub fn chars(&self) -> (usize, usize) {
        let (start, end) = self.range.in_chars(&self.passage.passage.text);
        let passage = &self.passage.passage;
        let first = passage.chars.0 as usize;
        (first + start, first + end)
    }
}

/// A sentence of the answer with its verdict.
#[derive(Debug, Clone)]
pub struct CheckedClaim {
    /// The sentence's range in the answer's text.
    pub range: TextRange,
    /// What the evidence says of it.
    pub verdict: Verdict,
    /// Calibrated probability that the evidence supports it.
    pub confidence: f32,
    /// Numbers of its citations; at most three.
    pub citations: Vec<usize>,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    /// What kind of answer it is.
    pub state: AnswerState,
    /// The sentences, each followed by the numbers of its citations.
    pub text: String,
    /// The sentences with their verdicts.
    pub claims: Vec<CheckedClaim>,
    /// What they rest on.
    pub citations: Vec<Citation>,
    /// The nearest passages, when the sources do not hold the answer.
    pub nearest: Vec<FoundPassage>,
    /// How each lane fared, the writer included.
    pub lanes: Vec<LaneReport>,
    /// What is missing, in words.
    pub notices: Vec<String>,
    /// `assay`, or the host of the model.
    pub provider: String,
    /// `assay/extractive`, or the model's name.
    pub model: String,
    /// Tokens, when a model counted them.
    pub usage: Option<Usage>,
    /// Whether all was done inside the total budget.
    pub within_budget: bool,
    /// How long it took.
    pub took: Duration,
}

impl Answer {
    /// The least confidence of its claims; 0 without any.
    #[must_use]
    pub fn confidence(&self) -> f32 {
        let least = self.claims.iter().map(|claim| claim.confidence).reduce(f32::min);
        least.unwrap_or(0.0)
    }
}

/// What a streamed answer is made of.
#[derive(Debug)]
pub enum AnswerEvent {
    /// More of the text, checked.
    Text(String),
    /// The whole answer; nothing follows.
    Done(Box<Answer>),
    /// It failed; nothing follows.
    Failed(AnswerError),
}

/// Takes the text of an answer while it grows. Nobody listens to an answer that is not streamed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sink(Option<mpsc::Sender<AnswerEvent>>);

impl Sink {
    pub(crate) async fn text(&self, text: &str) {
        if let Some(sender) = &self.0 {
            // A reader that went away is noticed by the server, which drops the whole answer.
            let _ = sender.send(AnswerEvent::Text(text.to_owned())).await;
        }
    }
}

impl Engine {
    /// Answers a question.
    ///
    /// # Errors
    /// When the question is empty or too long, a collection is unknown, or a model is asked for
    /// and none is set up. A slow or failing lane is no error: the answer names it.
    pub async fn ask(
        &self,
        scope: &TenantScope,
        question: &Question,
    ) -> Result<Answer, AnswerError> {
        self.answer(scope, question, &Sink::default()).await
    }

    /// Answers a question sentence by sentence, each sent when it was checked. Call it inside a
    /// Tokio runtime.
    ///
    /// # Errors
    /// As [`Self::ask`], for what can be told before anything is looked for; later failures are
    /// the last event.
    pub fn ask_streaming(
        self: &Arc<Self>,
        scope: TenantScope,
        question: Question,
    ) -> Result<impl Stream<Item = AnswerEvent> + Send + use<>, AnswerError> {
        crate::search::checked_query(&question.text)?;
        let (sender, receiver) = mpsc::channel(EVENTS_WAITING);
        let engine = Arc::clone(self);
        tokio::spawn(async move {
            let sink = Sink(Some(sender.clone()));
            let work = engine.answer(&scope, &question, &sink);
            // A reader that leaves ends the work, and with it the call to the provider.
            let event = tokio::select! {
                answer = work => match answer {
                    Ok(answer) => AnswerEvent::Done(Box::new(answer)),
                    Err(error) => AnswerEvent::Failed(error),
                },
                () = sender.closed() => return,
            };
            let _ = sender.send(event).await;
        });
        let stream = futures_util::stream::unfold(receiver, |mut receiver| async move {
            let event = receiver.recv().await?;
            Some((event, receiver))
        });
        Ok(stream)
    }

    async fn answer(
        &self,
        scope: &TenantScope,
        question: &Question,
        sink: &Sink,
    ) -> Result<Answer, AnswerError> {
        let start = Instant::now();
        let deadline = Deadline::after(Duration::from_millis(self.settings.total_ms));
        if question.writer == WriterChoice::Model && self.writer.is_none() {
            return Err(AnswerError::NoWriter);
        }
        let query = SearchQuery {
            text: question.text.clone(),
            collections: question.collections.clone(),
            documents: question.documents.clone(),
            limit: self.settings.evidence_passages,
            mode: question.mode,
        };
        let lanes_deadline = deadline.part(Duration::from_millis(self.settings.lanes_ms));
        let found = self.find(scope, &query, lanes_deadline).await?;
        let evidence =
            Evidence::of(self.embeddings.as_deref(), &found.passages, lanes_deadline).await;
        let mut page = Page::new(found.lanes, evidence);
        self.write(question, &mut page, sink, deadline).await?;
        Ok(page.finish(found.passages, start.elapsed(), !deadline.has_passed()))
    }

    /// Lets the model write, when one is to, and falls back to extraction when it wrote nothing
    /// that holds.
    async fn write(
        &self,
        question: &Question,
        page: &mut Page,
        sink: &Sink,
        deadline: Deadline,
    ) -> Result<(), AnswerError> {
        let model = self.writer.as_ref().filter(|_| question.writer != WriterChoice::Extractive);
        if let Some(writer) = model {
            let report = written::write(writer, self, question, page, sink, deadline).await;
            let completed = report.state == LaneState::Completed;
            page.add_lane(report);
            if completed || page.has_claims() || question.writer == WriterChoice::Model {
                return Ok(());
            }
            page.notice("the model did not answer; these sentences are taken from the sources");
        }
        extractive::write(self, question, page, sink).await
    }
}

//! A question and its answer: evidence, sentences, claims, verdicts, citations.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use assay_core::{Deadline, TenantScope};
use assay_gateway::Purpose;
use futures_util::Stream;
use tokio::sync::mpsc;
use tracing::Instrument as _;

use crate::{
    AnswerError, Engine, LaneReport, LaneState, SearchOptions, SearchQuery,
    guarding::{GuardNote, summed},
};

mod answer;
mod answerer;
mod asking;
mod evidence;
mod extractive;
mod follow_up;
mod page;
mod prompt;
mod question;
mod reading;
mod shield;
mod topic;
mod weigh;
mod written;

pub use answer::{
    Answer, AnswerEvent, AnswerState, CheckedClaim, Citation, Conflict, DateSource, Piece, Reading,
    Side,
};
pub use question::{Exchange, Question, UnsupportedPolicy, WriterChoice};

pub(crate) use answerer::FromFiles;
pub(crate) use evidence::{Evidence, cut};
pub(crate) use page::Page;
pub(crate) use written::{WRITER, Writer, without_marks};

use asking::Asking;
use weigh::Asked;

/// Nearest passages shown when the sources do not hold the answer.
const NEAREST: usize = 3;
/// Share of the time left that the model does not get, so that extraction can take its place.
const EXTRACTION_SHARE: u32 = 6;
/// Events that may wait for a slow reader before the answer waits too.
const EVENTS_WAITING: usize = 64;

/// Takes the text of an answer while it grows. Nobody listens to an answer that is not streamed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sink(Option<mpsc::Sender<AnswerEvent>>);

impl Sink {
    pub(crate) async fn piece(&self, piece: Piece) {
        if let Some(sender) = &self.0 {
            // A reader that went away is noticed by the server, which drops the whole answer.
            let _ = sender.send(AnswerEvent::Piece(piece)).await;
        }
    }
}

/// A question as it is looked for.
struct Understood {
    /// The question so that it can be understood alone.
    text: String,
    /// Whether that took the conversation.
    is_rewritten: bool,
    /// How the model fared that rewrote it.
    lane: Option<LaneReport>,
}

impl Engine {
    /// Answers a question.
    ///
    /// # Errors
    /// When the question is empty or too long, a collection or the session is unknown, the session
    /// is not active, a model is asked for and none is set up, or the tenant asks more than it may. A
    /// slow or failing lane is no error: the answer names it.
    pub async fn ask(
        &self,
        scope: &TenantScope,
        question: &Question,
    ) -> Result<Answer, AnswerError> {
        self.admit_question(scope).await?;
        let (question, notes) = self.guarded(scope, question).await?;
        self.answer(scope, &question, notes, &Sink::default()).await
    }

    /// Answers a question claim by claim, each sent when it was checked. Call it inside a Tokio
    /// runtime.
    ///
    /// # Errors
    /// As [`Self::ask`], for what can be told before anything is looked for; a later failure is the
    /// last event.
    pub async fn ask_streaming(
        self: &Arc<Self>,
        scope: TenantScope,
        question: Question,
    ) -> Result<impl Stream<Item = AnswerEvent> + Send + use<>, AnswerError> {
        self.check(&scope, &question)?;
        self.admit_question(&scope).await?;
        let (question, notes) = self.guarded(&scope, &question).await?;
        if let Some(session) = question.session {
            self.session_history(&scope, session).await?;
        }
        let (sender, receiver) = mpsc::channel(EVENTS_WAITING);
        let engine = Arc::clone(self);
        tokio::spawn(async move {
            let sink = Sink(Some(sender.clone()));
            let work = engine.answer(&scope, &question, notes, &sink);
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

    /// What can be told of a question before anything is looked for.
    fn check(&self, scope: &TenantScope, question: &Question) -> Result<(), AnswerError> {
        crate::search::checked_query(&question.text)?;
        if question.writer == WriterChoice::Model && self.writer.is_none() {
            return Err(AnswerError::NoWriter);
        }
        let tenant = self.store.tenant(scope)?;
        for name in &question.collections {
            tenant.collection_named(name)?;
        }
        Ok(())
    }

    /// The question as the policy lets it pass.
    async fn guarded(
        &self,
        scope: &TenantScope,
        question: &Question,
    ) -> Result<(Question, Vec<GuardNote>), AnswerError> {
        let (text, notes) =
            self.guarded_text(scope, question.asked_by.as_ref(), &question.text).await?;
        Ok((Question { text, ..question.clone() }, notes))
    }

    async fn answer(
        &self,
        scope: &TenantScope,
        question: &Question,
        notes: Vec<GuardNote>,
        sink: &Sink,
    ) -> Result<Answer, AnswerError> {
        let deadline = Deadline::after(Duration::from_millis(self.settings.total_ms));
        self.check(scope, question)?;
        let kept = match question.session {
            Some(session) => Some(self.session_history(scope, session).await?),
            None => None,
        };
        let history = kept.as_deref().unwrap_or(&question.history);
        let purpose = question.purpose(scope);
        let understood = self.understand(scope, purpose, question, history, deadline).await;
        let mut answer =
            self.answer_understood(scope, question, &understood, sink, deadline).await?;
        if answer.claims.is_empty() {
            let text = answer.text.clone();
            sink.piece(Piece { text, claim: None, citations: Vec::new() }).await;
        }
        answer.guard = summed(notes.into_iter().chain(answer.guard).collect());
        self.audit_guard(scope, question.asked_by.as_ref(), &answer.guard).await?;
        answer.rewritten = understood.is_rewritten.then(|| understood.text.clone());
        if let Some(session) = question.session {
            answer.session = Some(session);
            self.keep_turn(scope, session, question, &answer).await?;
        }
        Ok(answer)
    }

    /// Puts in what a follow-up question leaves out.
    async fn understand(
        &self,
        scope: &TenantScope,
        purpose: Purpose<'_>,
        question: &Question,
        history: &[Exchange],
        deadline: Deadline,
    ) -> Understood {
        let mut understood =
            Understood { text: question.text.trim().to_owned(), is_rewritten: false, lane: None };
        if history.is_empty() || !follow_up::leans(&understood.text) {
            return understood;
        }
        let mut rewritten = None;
        let model = self.writer.as_ref().filter(|_| question.writer != WriterChoice::Extractive);
        if let Some(writer) = model {
            let text = &understood.text;
            let (text, lane) = follow_up::rewrite_by_model(
                (&writer.model, purpose),
                &self.guards.of(scope),
                text,
                history,
                deadline,
            )
            .await;
            (rewritten, understood.lane) = (text, Some(lane));
        }
        let rewritten = rewritten.or_else(|| follow_up::rewrite(&understood.text, history));
        let fits = |text: &String| crate::search::checked_query(text).is_ok();
        if let Some(text) = rewritten.filter(fits).filter(|text| *text != understood.text) {
            (understood.text, understood.is_rewritten) = (text, true);
        }
        understood
    }

    async fn answer_understood(
        &self,
        scope: &TenantScope,
        question: &Question,
        understood: &Understood,
        sink: &Sink,
        deadline: Deadline,
    ) -> Result<Answer, AnswerError> {
        let start = Instant::now();
        let text = understood.text.as_str();
        if topic::is_vague(text) {
            let mut page = Page::new(Vec::new(), Evidence::default());
            page.ask_what_is_meant();
            return Ok(page.finish(text, Vec::new(), start.elapsed(), true));
        }
        let query = SearchQuery {
            text: text.to_owned(),
            sources: question.sources.clone(),
            collections: question.collections.clone(),
            documents: question.documents.clone(),
            limit: self.settings.evidence_passages,
            mode: question.mode,
            options: SearchOptions { filter: question.filter.clone(), ..SearchOptions::default() },
            asked_by: None,
        };
        let lanes_deadline = deadline.part(Duration::from_millis(self.settings.lanes_ms));
        let found = self.find(scope, &query, lanes_deadline).await?;
        let mut page = Page::new(found.lanes, Evidence::default());
        let guards = self.guards.of(scope);
        page.let_pass_by(&guards);
        understood.lane.clone().into_iter().for_each(|lane| page.add_lane(lane));
        // A lane has put it into the cache; lanes that failed leave words alone.
        let vector = self.embeddings.as_ref().and_then(|embeddings| embeddings.known_query(text));
        let with_vectors = vector.is_some();
        page.evidence =
            Evidence::of(self, scope, &found.passages, with_vectors, lanes_deadline).await;
        page.evidence.mark_orders(&guards);
        let asked = Asked::new(text);
        let asking =
            Asking { engine: self, scope, question, text, asked, vector, with_vectors, sink };
        let readings = {
            let asked = crate::extract::Question { text, vector: asking.vector.as_deref() };
            reading::readings(&asked, &page.evidence)
        };
        if readings.is_empty() {
            let span = tracing::debug_span!("answer", otel.name = "answer");
            self.write(&asking, &mut page, deadline).instrument(span).await?;
        } else {
            page.ask_which(readings);
        }
        Ok(page.finish(text, found.passages, start.elapsed(), !deadline.has_passed()))
    }

    /// Lets the model write, when one is to, and falls back to extraction when it wrote nothing
    /// that holds.
    async fn write(
        &self,
        asking: &Asking<'_>,
        page: &mut Page,
        deadline: Deadline,
    ) -> Result<(), AnswerError> {
        let choice = asking.question.writer;
        let model = self.writer.as_ref().filter(|_| choice != WriterChoice::Extractive);
        if let Some(writer) = model {
            let report = match self.lanes.pass("writer") {
                Ok(pass) => {
                    // What is left of the time is for the sentences of the sources.
                    let left = deadline.left();
                    let until = deadline.part(left - left / EXTRACTION_SHARE);
                    let report = written::write(writer, asking, page, until).await;
                    pass.settle(report.state);
                    report
                }
                Err(report) => report,
            };
            self.lanes.add_one(&report);
            let completed = report.state == LaneState::Completed;
            page.add_lane(report);
            if completed || page.has_claims() || choice == WriterChoice::Model {
                return Ok(());
            }
            page.notice("the model did not answer; these sentences are taken from the sources");
        }
        extractive::write(asking, page).await
    }
}

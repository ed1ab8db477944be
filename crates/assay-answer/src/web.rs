//! The lane `web`: pages of public sources become evidence like any other.

use std::{num::NonZeroUsize, sync::Mutex, time::Duration};

use assay_core::{Deadline, TenantId, TenantScope, VersionId};
use assay_gateway::Purpose;
use assay_store::WebText;
use assay_web::{
    ProviderName, ProviderState, ProviderStatus, Web, WebFound, WebQuery, WebSettings,
};
use lru::LruCache;

use crate::{
    AnswerError, Engine, FoundPassage,
    engine::lock_mutex,
    lane::{LaneOutput, LaneReport, LaneState},
    search::blocking,
};

mod choice;
mod origin;
mod rank;
mod read;
mod words;

pub(crate) use choice::Wanted;
pub use origin::WebOrigin;
pub(crate) use rank::merge;

/// Share of the lane's time that is kept for reading the pages, in parts of the whole.
const READING_SHARE: u32 = 5;
/// Passages whose vectors are computed at most, those with the most words of the question first.
const EMBEDDED_MAX: usize = 16;
/// Texts remembered as kept, so that not every question writes them again.
const KEPT_ENTRIES: usize = 4_096;
/// The language of a question that is too short to tell.
const LANGUAGE: &str = "en";

/// The public sources with what is remembered of them.
pub(crate) struct WebLane {
    web: Web,
    results: usize,
    pub(crate) keep: Duration,
    kept: Mutex<LruCache<(TenantId, VersionId), i64>>,
}

impl WebLane {
    pub(crate) fn new(web: Web, settings: &WebSettings) -> Self {
        Self {
            web,
            results: settings.results,
            keep: Duration::from_secs(u64::from(settings.keep_days) * 24 * 3_600),
            kept: Mutex::new(LruCache::new(
                NonZeroUsize::new(KEPT_ENTRIES).unwrap_or(NonZeroUsize::MIN),
            )),
        }
    }
}

impl Engine {
    /// Runs the lane; no report when no public source is wanted.
    pub(crate) async fn web_lane(
        &self,
        scope: &TenantScope,
        question: &str,
        wanted: &[ProviderName],
        deadline: Deadline,
    ) -> (Option<LaneReport>, Vec<FoundPassage>) {
        let Some(lane) = self.web.as_ref().filter(|_| !wanted.is_empty()) else {
            return (None, Vec::new());
        };
        let work = async {
            let language = assay_parse::language(question).unwrap_or(LANGUAGE);
            let query = WebQuery {
                words: words::to_send(question, language),
                language: language.to_owned(),
                results: lane.results,
            };
            let asking = deadline.part(deadline.left() - deadline.left() / READING_SHARE);
            let found = lane.web.search(scope, &query, wanted, asking).await;
            let (state, error) = state(&found);
            let now_ms = self.clock.now_ms();
            let (pages, tokens) = (found.pages, self.settings.passage_tokens);
            let asked = words::Asked::of(question);
            let mut items =
                blocking(move || Ok(read::passages(pages, &asked, tokens, now_ms))).await?;
            self.add_cosines(scope, question, &mut items, deadline).await;
            Ok(LaneOutput { items, state, error, providers: found.reports })
        };
        let (report, passages) = self.lanes.run("web", deadline, work).await;
        (Some(report), passages)
    }

    /// Compares passages with the question by meaning, when there is a model and time.
    async fn add_cosines(
        &self,
        scope: &TenantScope,
        question: &str,
        passages: &mut [FoundPassage],
        deadline: Deadline,
    ) {
        let Some(embeddings) = &self.embeddings else { return };
        let left = deadline.left();
        let until = deadline.part(left - left / READING_SHARE);
        let texts: Vec<&str> =
            passages.iter().take(EMBEDDED_MAX).map(|found| found.passage.text.as_str()).collect();
        let work = async {
            let purpose = Purpose::of(scope);
            let asked = embeddings.query(purpose, question).await?;
            Ok::<_, AnswerError>((asked, embeddings.sentences(purpose, &texts).await?))
        };
        let done = tokio::time::timeout_at(until.instant().into(), work).await;
        let Some((asked, vectors)) = done.ok().and_then(Result::ok) else { return };
        for (found, vector) in passages.iter_mut().zip(vectors) {
            found.vector_score = Some(asked.iter().zip(&*vector).map(|(a, b)| a * b).sum());
        }
    }

    /// Keeps the texts of pages that are shown, so that their citations can be opened. That it
    /// fails costs no answer: the quote stands in it.
    pub(crate) async fn keep_web_texts(&self, scope: &TenantScope, shown: &[FoundPassage]) {
        let Some(lane) = &self.web else { return };
        let now_ms = self.clock.now_ms();
        let texts = {
            let mut kept = lock_mutex(&lane.kept);
            // A text counts as shown once an hour.
            let is_new = |version| {
                let at = kept.put((scope.tenant(), version), now_ms);
                at.is_none_or(|at| now_ms - at >= 3_600_000)
            };
            origin::texts(shown, is_new)
        };
        if texts.is_empty() {
            return;
        }
        let store = std::sync::Arc::clone(&self.store);
        let scope = scope.clone();
        let work = blocking(move || Ok(store.tenant(&scope)?.keep_web_texts(texts)?));
        if let Err(error) = work.await {
            let error = assay_core::ErrorChain(&error).to_string();
            tracing::warn!(%error, "the texts of public pages could not be kept");
        }
    }

    /// The text of a public page that was shown, as long as it is kept.
    ///
    /// # Errors
    /// When it is not kept (any more), or the records fail.
    pub async fn web_text(
        &self,
        scope: &TenantScope,
        version: VersionId,
    ) -> Result<WebText, AnswerError> {
        let tenant = self.store.tenant(scope)?;
        blocking(move || Ok(tenant.web_text(version)?)).await
    }

    /// How the public sources stand; empty when none is set up.
    #[must_use]
    pub fn web_status(&self) -> Vec<ProviderStatus> {
        self.web.as_ref().map(|lane| lane.web.status()).unwrap_or_default()
    }
}

/// How the lane as a whole ended: it completed when one provider did, and says what is missing.
fn state(found: &WebFound) -> (LaneState, Option<String>) {
    let has = |state| found.reports.iter().any(|report| report.state == state);
    let missing = found.reports.iter().filter_map(|report| {
        let error = report.error.as_ref()?;
        Some(format!("{}: {error}", report.name))
    });
    let error = missing.collect::<Vec<_>>().join("; ");
    let state = if has(ProviderState::Completed) {
        LaneState::Completed
    } else if has(ProviderState::Failed) {
        LaneState::Failed
    } else if has(ProviderState::TimedOut) {
        LaneState::TimedOut
    } else {
        LaneState::Broken
    };
    (state, (!error.is_empty()).then_some(error))
}

//! Search: lanes in parallel, each inside its budget, fused, and read back from the records.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use assay_core::{Deadline, DocumentId, PassageId, TenantScope};
use assay_gateway::Purpose;
use assay_identity::Actor;
use assay_index::{
    Filter, Hit, Respelling,
    fuse::{FusedHit, Fusion, fuse},
    has_phrase,
};
use assay_store::StoredPassage;
use tokio::sync::oneshot;

use crate::{
    AnswerError, Engine, LaneState, Measured,
    guarding::GuardNote,
    lane::LaneReport,
    rerank::Reranked,
    web::{self, WebOrigin},
};

mod arrange;
mod diversify;
mod explain;
mod feedback;
mod group;
mod options;
mod plan;
#[cfg(test)]
mod tests;
pub(crate) mod weigh;

pub use diversify::Variety;
pub use explain::Explanation;
pub use feedback::{Judged, Tuning};
pub use options::{
    FACET_FIELDS_MAX, FACET_VALUES_MAX, Facet, FacetValue, Facets, GroupBy, LAST_RESULT,
    RESULTS_MAX, Recency, SearchOptions, SearchSettings, WeightRule,
};
pub use weigh::Boost;

pub(crate) use plan::Ranked;

use arrange::Page;

/// Characters of a query at most (the contract of `/query`).
pub const QUERY_CHARS_MAX: usize = 1_000;
/// Hits that each lane gives to the fusion: enough that a passage which only one lane ranks high
/// still meets its score in the other.
const LANE_HITS: usize = 100;

/// Which lanes take part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SearchMode {
    /// Both lanes.
    #[default]
    Hybrid,
    /// Words alone.
    Keyword,
    /// Meaning alone.
    Vector,
    /// Both lanes, the best of them in the order of the reranker.
    Reranked,
}

impl std::str::FromStr for SearchMode {
    type Err = AnswerError;

    fn from_str(text: &str) -> Result<Self, AnswerError> {
        match text {
            "hybrid" => Ok(Self::Hybrid),
            "keyword" => Ok(Self::Keyword),
            "vector" => Ok(Self::Vector),
            "reranked" => Ok(Self::Reranked),
            _ => Err(AnswerError::Invalid {
                what: format!("`{text}` is not a search mode"),
                hint: "use `hybrid`, `keyword`, `vector` or `reranked`",
            }),
        }
    }
}

/// What to look for.
#[derive(Debug, Clone)]
pub struct SearchQuery {
    /// The words or the question.
    pub text: String,
    /// What to look at: `all`, `files`, `web` (every public source that is set up), names of
    /// collections or of public sources. When empty: everything, or only the files when
    /// `collections` or `documents` name some.
    pub sources: Vec<String>,
    /// Names of collections; all when empty.
    pub collections: Vec<String>,
    /// Documents; all when empty.
    pub documents: Vec<DocumentId>,
    /// Results wanted.
    pub limit: usize,
    /// Which lanes take part.
    pub mode: SearchMode,
    /// What else is asked for.
    pub options: SearchOptions,
    /// Who asks, for the audit log; nobody for Assay's own work.
    pub asked_by: Option<Actor>,
}

impl SearchQuery {
    /// A query over everything with ten results.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            sources: Vec::new(),
            collections: Vec::new(),
            documents: Vec::new(),
            limit: 10,
            mode: SearchMode::Hybrid,
            options: SearchOptions::default(),
            asked_by: None,
        }
    }
}

/// A passage that was found.
#[derive(Debug, Clone)]
pub struct FoundPassage {
    /// The passage as it stands in the records.
    pub passage: StoredPassage,
    /// Fused score, or that of the reranker, 0 to 1; comparable inside one search.
    pub score: f32,
    /// Score in the keyword lane.
    pub keyword_score: Option<f32>,
    /// Score in the vector lane: the cosine.
    pub vector_score: Option<f32>,
    /// What the reranker did, where it did anything.
    pub reranked: Option<Reranked>,
    /// The passages that became this one, in the order of the text; none when it is one.
    pub parts: Vec<PassageId>,
    /// Other passages of the same document that were found, when results are documents.
    pub more: Vec<FoundPassage>,
    /// Where the score comes from, when that was asked for.
    pub explanation: Option<Box<Explanation>>,
    /// Where it comes from, when it is of a public page and not of a file.
    pub web: Option<Box<WebOrigin>>,
}

impl FoundPassage {
    /// A passage with a score and nothing else.
    pub(crate) fn new(passage: StoredPassage, score: f32) -> Self {
        Self {
            passage,
            score,
            keyword_score: None,
            vector_score: None,
            reranked: None,
            parts: Vec::new(),
            more: Vec::new(),
            explanation: None,
            web: None,
        }
    }

    /// The score of the fusion, which a reranker may have replaced in [`Self::score`].
    pub(crate) fn fused_score(&self) -> f32 {
        self.reranked.as_ref().map_or(self.score, |reranked| reranked.fused_score)
    }
}

/// What a search gave.
#[derive(Debug, Clone)]
pub struct SearchOutcome {
    /// Best first, or in the order of choice when variety was asked for.
    pub passages: Vec<FoundPassage>,
    /// Whether further results follow.
    pub has_more: bool,
    /// Documents that the filter holds for; none without a filter.
    pub matched_documents: Option<usize>,
    /// Counts of the fields that were asked for.
    pub facets: Facets,
    /// What the asker should know.
    pub notices: Vec<String>,
    /// What the guard found in the query.
    pub guard: Vec<GuardNote>,
    /// Words of the query that no passage holds, with those that were looked up in their place.
    pub respelled: Vec<Respelling>,
    /// How each lane fared.
    pub lanes: Vec<LaneReport>,
    /// How long it took.
    pub took: Duration,
}

impl SearchOutcome {
    /// Whether every lane completed, with all its parts.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.lanes.iter().all(|lane| lane.notice().is_none())
    }
}

/// The question without surrounding space, when it can be asked at all.
pub(crate) fn checked_query(text: &str) -> Result<&str, AnswerError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(AnswerError::Invalid {
            what: "the query is empty".to_owned(),
            hint: "write what you are looking for into `query`",
        });
    }
    let chars = text.chars().count();
    if chars > QUERY_CHARS_MAX {
        return Err(AnswerError::Invalid {
            what: format!("the query has {chars} characters, and {QUERY_CHARS_MAX} are allowed"),
            hint: "ask a shorter question; upload long text as a document",
        });
    }
    Ok(text)
}

impl Engine {
    /// Finds passages.
    ///
    /// # Errors
    /// When the query is empty or too long, a collection is unknown, or an option is out of its
    /// bounds.
    pub async fn search(
        &self,
        scope: &TenantScope,
        query: &SearchQuery,
    ) -> Result<SearchOutcome, AnswerError> {
        query.options.check(query.limit)?;
        let (text, notes) = self.guarded_text(scope, query.asked_by.as_ref(), &query.text).await?;
        let query = &SearchQuery { text, ..query.clone() };
        let deadline = Deadline::after(Duration::from_millis(self.settings.lanes_ms));
        let mut outcome = self.find(scope, query, deadline).await?;
        self.audit_guard(scope, query.asked_by.as_ref(), &notes).await?;
        outcome.guard = notes;
        let mut started = outcome.lanes.iter().filter(|lane| lane.state != LaneState::Skipped);
        if started.clone().next().is_some() && started.all(|lane| lane.state.is_missing()) {
            return Err(AnswerError::NoLane {
                reasons: outcome.lanes.iter().filter_map(LaneReport::notice).collect(),
                timed_out: outcome.lanes.iter().any(|lane| lane.state == LaneState::TimedOut),
            });
        }
        Ok(outcome)
    }

    /// Finds passages before `deadline`; the limit is the caller's matter.
    pub(crate) async fn find(
        &self,
        scope: &TenantScope,
        query: &SearchQuery,
        deadline: Deadline,
    ) -> Result<SearchOutcome, AnswerError> {
        let start = Instant::now();
        let text: Arc<str> = checked_query(&query.text)?.into();
        let wanted = self.wanted(scope, query)?;
        let mut plan = self.plan(scope, query, &wanted).await?;
        let web_deadline = deadline.part(Duration::from_millis(self.settings.web_ms));
        let ((mut lanes, fused, respelled), (web_report, web)) = tokio::join!(
            self.file_lanes(scope, query.mode, &text, &plan.filter, wanted.files, deadline),
            self.web_lane(scope, &text, &wanted.providers, web_deadline),
        );
        lanes.extend(web_report);
        if !web.is_empty() && query.options.filter.is_some() {
            plan.notices.push("the filter is one of files: public pages are not filtered".into());
        }
        let hits = fused.iter().map(|hit| hit.document).collect();
        let mut ranked = plan.rank(fused, self.settings.vector_weight, self.clock.now_ms());
        if query.mode == SearchMode::Reranked {
            let report;
            let rerank_deadline = deadline.part(Duration::from_millis(self.settings.rerank_ms));
            (report, ranked) =
                self.rerank(scope, &text, ranked, &plan.filter, rerank_deadline).await;
            lanes.push(report);
        }
        self.lanes.add(&lanes);
        let facets = self.facets(scope, query, &plan, hits).await?;
        let page = self.page(scope, query, &plan.filter, ranked, web).await?;
        Ok(SearchOutcome {
            passages: page.passages,
            has_more: page.has_more,
            matched_documents: plan.matched(),
            facets,
            respelled,
            notices: plan.notices,
            guard: Vec::new(),
            lanes,
            took: start.elapsed(),
        })
    }

    /// The page that the query asks for, public pages among the passages of files.
    async fn page(
        &self,
        scope: &TenantScope,
        query: &SearchQuery,
        filter: &Arc<Filter>,
        ranked: Vec<Ranked>,
        web: Vec<FoundPassage>,
    ) -> Result<Page, AnswerError> {
        if web.is_empty() {
            return self.arrange(scope, query, filter, ranked).await;
        }
        // Where a public page stands is known only from the first result on.
        let skipped = query.options.offset;
        let end = skipped.saturating_add(query.limit);
        let mut whole = query.clone();
        (whole.options.offset, whole.limit) = (0, end);
        let mut page = self.arrange(scope, &whole, filter, ranked).await?;
        page.has_more |= page.passages.len() + web.len() > end;
        page.passages = web::merge(query.text.trim(), page.passages, web, self.clock.now_ms(), end);
        page.passages.drain(..skipped.min(page.passages.len()));
        self.keep_web_texts(scope, &page.passages).await;
        Ok(page)
    }

    /// Runs the lanes over files, when they are wanted, and joins what they found; says which words
    /// were respelled.
    async fn file_lanes(
        &self,
        scope: &TenantScope,
        mode: SearchMode,
        text: &Arc<str>,
        filter: &Arc<Filter>,
        wanted: bool,
        deadline: Deadline,
    ) -> (Vec<LaneReport>, Vec<FusedHit>, Vec<Respelling>) {
        if !wanted {
            return (Vec::new(), Vec::new(), Vec::new());
        }
        let part = |ms| deadline.part(Duration::from_millis(ms));
        let (keyword, vector) = tokio::join!(
            self.keyword_lane(scope, mode, text, filter, part(self.settings.keyword_ms)),
            self.vector_lane(scope, mode, text, filter, part(self.settings.vector_ms)),
        );
        let fused = join(mode, text, &keyword.1, vector.1, self.settings.vector_weight);
        (vec![keyword.0, vector.0], fused, keyword.2)
    }

    async fn keyword_lane(
        &self,
        scope: &TenantScope,
        mode: SearchMode,
        text: &Arc<str>,
        filter: &Arc<Filter>,
        deadline: Deadline,
    ) -> (LaneReport, Vec<Hit>, Vec<Respelling>) {
        if mode == SearchMode::Vector {
            let report = LaneReport::skipped("keyword", "the mode is `vector`");
            return (report, Vec::new(), Vec::new());
        }
        let (index, scope) = (Arc::clone(&self.index), scope.clone());
        let (text, filter) = (Arc::clone(text), Arc::clone(filter));
        let (told, mut respelled) = oneshot::channel();
        let work = blocking(move || {
            let hits = index.keyword(&scope, &text, &filter, LANE_HITS)?;
            // Nobody waits for it any more when the lane is late.
            let _ = told.send(index.respelled(&scope, &text, &filter)?);
            Ok(hits)
        });
        let (report, hits) = self.lanes.run("keyword", deadline, work).await;
        (report, hits, respelled.try_recv().unwrap_or_default())
    }

    async fn vector_lane(
        &self,
        scope: &TenantScope,
        mode: SearchMode,
        text: &Arc<str>,
        filter: &Arc<Filter>,
        deadline: Deadline,
    ) -> (LaneReport, Vec<Hit>) {
        if mode == SearchMode::Keyword {
            return (LaneReport::skipped("vector", "the mode is `keyword`"), Vec::new());
        }
        let Some(embeddings) = &self.embeddings else {
            let reason = "no embedding model is loaded; `assay models pull` fetches one";
            return (LaneReport::skipped("vector", reason), Vec::new());
        };
        let (index, scope) = (Arc::clone(&self.index), scope.clone());
        let filter = Arc::clone(filter);
        let work = async {
            let vector = embeddings.query(Purpose::of(&scope), text).await?;
            let start = Instant::now();
            let hits =
                blocking(move || Ok(index.vector(&scope, &vector, &filter, LANE_HITS)?)).await?;
            let took = start.elapsed();
            self.vector_searches.add(took);
            self.stopwatch.tell(Measured::VectorSearch, took);
            Ok(hits)
        };
        self.lanes.run("vector", deadline, work).await
    }
}

/// Joins the hits of both lanes. Both lists are kept whole: a weight of a collection may lift what
/// the usual one puts last.
fn join(
    mode: SearchMode,
    text: &str,
    keyword: &[Hit],
    mut vector: Vec<Hit>,
    vector_weight: f32,
) -> Vec<FusedHit> {
    // Only the keyword lane knows which passages hold the words in quotation marks. The others go
    // before their scores are normalised, so that parts and weights speak of the same hits.
    if mode != SearchMode::Vector && has_phrase(text) {
        let holding: HashSet<_> = keyword.iter().map(|hit| hit.passage).collect();
        vector.retain(|hit| holding.contains(&hit.passage));
    }
    fuse(keyword, &vector, Fusion::ScoreNormalized { vector_weight }, 2 * LANE_HITS)
}

/// Runs `work` on the pool for work that blocks, as part of the request that wants it: in its trace,
/// and under its name in the log.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AnswerError> + Send + 'static,
) -> Result<T, AnswerError> {
    let span = tracing::Span::current();
    let outcome = tokio::task::spawn_blocking(move || span.in_scope(work)).await;
    outcome.map_err(|_| AnswerError::Worker)?
}

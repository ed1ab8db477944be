//! What people say of results, and the share of the lanes that fits it.
//!
//! The estimator is plain: every judged query is asked again, its hits are ranked under eleven
//! weights, and a weight is worth `1 / rank` for each document that was useful and loses
//! `1 / rank` for each that was not, as a mean over the judgements of a query and over the queries.
//! Of the weights within one standard error of the best, the nearest to the present one is proposed,
//! when its gain is more than twice the standard error of that gain. Nothing changes unless that
//! is asked for.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use assay_core::{Deadline, DocumentId, PassageId, TenantScope};
use assay_index::fuse::FusedHit;
use assay_store::{FEEDBACK_MAX, Feedback};

use super::{SearchMode, SearchQuery, blocking, checked_query, join, weigh::Weighting};
use crate::{AnswerError, CollectionSettings, Engine, LaneState, web::Wanted};

/// Queries with judgements below which nothing is proposed: fewer say more of themselves than of
/// the weight.
const QUERIES_MIN: usize = 20;
/// Queries that are asked again at most, the newest first.
const QUERIES_MAX: usize = 200;
/// Weights that are tried: 0, 0.1 … 1.
const STEPS: u8 = 10;
/// Standard errors that a gain has to pass.
const ERRORS: f64 = 2.0;
/// Longest that one lane may take for one query.
const BUDGET: Duration = Duration::from_secs(5);

/// A result that somebody judged.
#[derive(Debug, Clone, Copy)]
pub enum Judged {
    /// A document.
    Document(DocumentId),
    /// A passage, which stands for its document: passages are made anew with every version.
    Passage(PassageId),
}

/// What the judgements of a collection say of its weight.
#[derive(Debug, Clone, PartialEq)]
pub struct Tuning {
    /// The share of the vector score now.
    pub current: f32,
    /// The share that is proposed; the present one when nothing speaks for another.
    pub proposed: f32,
    /// Whether it was set.
    pub applied: bool,
    /// Queries that were asked again.
    pub queries: usize,
    /// Judgements of them.
    pub judgements: usize,
    /// What each weight was worth, -1 to 1.
    pub scores: Vec<(f32, f64)>,
    /// Why it is proposed, in words.
    pub reason: String,
}

/// The judgements of one query with its hits.
struct Case {
    /// Useful or not, by document.
    judged: HashMap<DocumentId, bool>,
    hits: Vec<FusedHit>,
}

impl Engine {
    /// Records whether a result was useful for a query; the last word counts. Returns the document.
    ///
    /// # Errors
    /// When the query is empty or too long, or there is no such result.
    pub async fn add_feedback(
        &self,
        scope: &TenantScope,
        query: &str,
        judged: Judged,
        useful: bool,
    ) -> Result<DocumentId, AnswerError> {
        let (query, tenant) = (checked_query(query)?.to_owned(), self.store.tenant(scope)?);
        blocking(move || {
            let document = match judged {
                Judged::Document(document) => document,
                Judged::Passage(passage) => tenant.passage(passage)?.document,
            };
            tenant.add_feedback(&query, document, useful)?;
            Ok(document)
        })
        .await
    }

    /// Finds the share of the vector score that fits the judgements of a collection; sets it when
    /// `apply` says so and another one is proposed.
    ///
    /// # Errors
    /// When there is no such collection or no embedding model.
    pub async fn tune(
        &self,
        scope: &TenantScope,
        name: &str,
        apply: bool,
    ) -> Result<Tuning, AnswerError> {
        if self.embeddings.is_none() {
            return Err(AnswerError::NoModel);
        }
        let (tenant, collection) = (self.store.tenant(scope)?, name.to_owned());
        let (collection, judgements) = blocking(move || {
            let collection = tenant.collection_named(&collection)?;
            let judgements = tenant.feedback(collection.id, FEEDBACK_MAX)?;
            Ok((collection, judgements))
        })
        .await?;
        let mut settings = CollectionSettings::of(&collection);
        let current = settings.search.vector_weight.unwrap_or(self.settings.vector_weight);
        let mut cases = Vec::new();
        for (query, judged) in by_query(judgements) {
            if let Some(hits) = self.hits(scope, name, query).await? {
                cases.push(Case { judged, hits });
            }
        }
        let mut tuning = propose(&cases, current);
        if apply && tuning.proposed.to_bits() != current.to_bits() {
            settings.search.vector_weight = Some(tuning.proposed);
            Weighting::of(&settings.search)?;
            self.change_collection(scope, name, None, Some(settings)).await?;
            tuning.applied = true;
        }
        Ok(tuning)
    }

    /// The hits of both lanes; none when one did not complete.
    async fn hits(
        &self,
        scope: &TenantScope,
        collection: &str,
        text: String,
    ) -> Result<Option<Vec<FusedHit>>, AnswerError> {
        let mut query = SearchQuery::new(text);
        query.collections = vec![collection.to_owned()];
        let plan = self.plan(scope, &query, &Wanted::default()).await?;
        let text: Arc<str> = query.text.as_str().into();
        let deadline = || Deadline::after(BUDGET);
        let (keyword, vector) = tokio::join!(
            self.keyword_lane(scope, SearchMode::Hybrid, &text, &plan.filter, deadline()),
            self.vector_lane(scope, SearchMode::Hybrid, &text, &plan.filter, deadline()),
        );
        let whole = [&keyword.0, &vector.0].iter().all(|lane| lane.state == LaneState::Completed);
        Ok(whole.then(|| join(SearchMode::Hybrid, &text, &keyword.1, vector.1, 0.5)))
    }
}

/// The newest queries with their judgements; a query counts only when something was useful for
/// it or something was not.
fn by_query(judgements: Vec<Feedback>) -> Vec<(String, HashMap<DocumentId, bool>)> {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut queries: Vec<(String, HashMap<DocumentId, bool>)> = Vec::new();
    for said in judgements {
        let place = *places.entry(said.query.clone()).or_insert(queries.len());
        match queries.get_mut(place) {
            Some((_, judged)) => drop(judged.insert(said.document, said.useful)),
            None => queries.push((said.query, HashMap::from([(said.document, said.useful)]))),
        }
    }
    queries.truncate(QUERIES_MAX);
    queries
}

fn propose(cases: &[Case], current: f32) -> Tuning {
    let now: Vec<f64> = cases.iter().map(|case| worth(case, current)).collect();
    let tried: Vec<Tried> = (0..=STEPS)
        .map(|step| Tried::new(cases, &now, f32::from(step) / f32::from(STEPS)))
        .collect();
    let best = tried.iter().max_by(|a, b| a.gain.total_cmp(&b.gain));
    let least = best.map_or(0.0, |best| best.gain - best.error);
    // Of those that are as good as the best one, the nearest to what is.
    let distance = |tried: &Tried| (tried.weight - current).abs();
    let chosen = tried
        .iter()
        .filter(|tried| tried.gain >= least)
        .min_by(|a, b| distance(a).total_cmp(&distance(b)));
    let (weight, gain, error) =
        chosen.map_or((current, 0.0, 0.0), |tried| (tried.weight, tried.gain, tried.error));
    let enough = cases.len() >= QUERIES_MIN;
    let clear = gain > ERRORS * error && gain > f64::EPSILON;
    let errors = ERRORS * error;
    let reason = match (enough, clear) {
        (false, _) => {
            format!("{} queries have judgements, {QUERIES_MIN} are needed", cases.len())
        }
        (true, false) => {
            format!("no other weight is clearly better: {weight} gains {gain:.3} ± {errors:.3}")
        }
        (true, true) => format!(
            "with {weight} useful documents come earlier by {gain:.3} ± {errors:.3} than with \
             {current}"
        ),
    };
    Tuning {
        current,
        proposed: if enough && clear { weight } else { current },
        applied: false,
        queries: cases.len(),
        judgements: cases.iter().map(|case| case.judged.len()).sum(),
        scores: tried.iter().map(|tried| (tried.weight, tried.worth)).collect(),
        reason,
    }
}

/// A weight that was tried.
struct Tried {
    weight: f32,
    /// Its mean worth.
    worth: f64,
    /// What it gains over the present weight, and the standard error of that.
    gain: f64,
    error: f64,
}

impl Tried {
    fn new(cases: &[Case], now: &[f64], weight: f32) -> Self {
        let worths: Vec<f64> = cases.iter().map(|case| worth(case, weight)).collect();
        let gains: Vec<f64> = worths.iter().zip(now).map(|(then, now)| then - now).collect();
        Self { weight, worth: mean(&worths), gain: mean(&gains), error: standard_error(&gains) }
    }
}

/// The mean over the judgements of `1 / rank` for what was useful and `-1 / rank` for what was not.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn worth(case: &Case, weight: f32) -> f64 {
    let mut hits: Vec<_> = case.hits.iter().map(|hit| (hit.weighed(weight), hit)).collect();
    hits.sort_by(|(a, one), (b, other)| {
        b.total_cmp(a).then_with(|| one.passage.cmp(&other.passage))
    });
    let mut seen = HashSet::new();
    let mut sum = 0.0;
    for (_, hit) in hits {
        if seen.insert(hit.document)
            && let Some(useful) = case.judged.get(&hit.document)
        {
            let worth = 1.0 / seen.len() as f64;
            sum += if *useful { worth } else { -worth };
        }
    }
    sum / (case.judged.len() as f64).max(1.0)
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / (values.len() as f64).max(1.0)
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn standard_error(values: &[f64]) -> f64 {
    let mean = mean(values);
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let count = values.len() as f64;
    (squares / (count - 1.0).max(1.0) / count.max(1.0)).sqrt()
}

#[cfg(test)]
mod tests {
    //! A weight is proposed when the judgements are many and agree.

    use super::*;

    fn hit(id: u128, keyword_part: f32, vector_part: f32) -> FusedHit {
        FusedHit {
            passage: PassageId::from_u128(id),
            document: DocumentId::from_u128(id),
            score: 0.0,
            keyword_score: None,
            vector_score: None,
            keyword_part,
            vector_part,
            keyword_rank: None,
            vector_rank: None,
        }
    }

    /// The keyword lane puts the useful document first, the vector lane the useless one.
    fn case() -> Case {
        let judged = [(DocumentId::from_u128(1), true), (DocumentId::from_u128(2), false)];
        Case { judged: judged.into(), hits: vec![hit(1, 1.0, 0.0), hit(2, 0.5, 1.0)] }
    }

    #[test]
    fn few_judgements_change_nothing() {
        let cases: Vec<_> = (0..QUERIES_MIN - 1).map(|_| case()).collect();
        let tuning = propose(&cases, 0.5);
        assert!((tuning.proposed - 0.5).abs() < 1e-6 && tuning.reason.contains("are needed"));
        assert!((propose(&[], 0.5).proposed - 0.5).abs() < 1e-6);
    }

    #[test]
    fn judgements_that_agree_move_the_weight() {
        let cases: Vec<_> = (0..QUERIES_MIN).map(|_| case()).collect();
        let tuning = propose(&cases, 0.5);
        assert!(tuning.proposed < 0.4, "{tuning:?}");
        assert_eq!(tuning.scores.len(), usize::from(STEPS) + 1);
        let best = tuning.scores.iter().map(|(_, score)| *score).fold(f64::MIN, f64::max);
        assert!((best - 0.25).abs() < 1e-9, "1/1 and -1/2 over two judgements");
    }

    #[test]
    fn judgements_that_differ_change_nothing() {
        let mut cases: Vec<_> = (0..2 * QUERIES_MIN).map(|_| case()).collect();
        for case in cases.iter_mut().skip(1).step_by(2) {
            case.judged.values_mut().for_each(|useful| *useful = !*useful);
        }
        let tuning = propose(&cases, 0.5);
        assert!((tuning.proposed - 0.5).abs() < 1e-6, "{tuning:?}");
    }
}

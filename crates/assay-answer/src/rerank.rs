//! Reranking: the best candidates of a search in an order that was learned, or that of a
//! cross-encoder. What is late or fails leaves the order of the fusion, and the lane says so.

use std::{collections::HashMap, sync::Arc};

use assay_core::{Deadline, PassageId, TenantScope};
use assay_gateway::Purpose;
use assay_index::Filter;

use crate::{
    AnswerError, Engine, FoundPassage, LaneReport,
    search::{Ranked, blocking},
};

mod cross;
mod features;
mod model;
mod weights;
mod words;

use cross::Cross;
pub use cross::RerankerSettings;
use features::{Candidate, Features, NAMES};

/// Passages that are ranked again. More gain nothing and cost a cross-encoder its time
/// ("Drowning in Documents", arXiv 2411.11767).
pub(crate) const CANDIDATES: usize = 50;

/// Who judges.
pub(crate) enum Reranker {
    /// The model that is part of the program.
    Own,
    /// A cross-encoder in its place.
    Cross(Cross),
}

/// What the reranker did to a passage.
#[derive(Debug, Clone)]
pub struct Reranked {
    /// The fused score that it had before.
    pub fused_score: f32,
    features: Option<Box<Features>>,
}

impl Reranked {
    /// What the own reranker judged by, by name; nothing where a cross-encoder judged.
    pub fn features(&self) -> impl Iterator<Item = (&'static str, f32)> {
        self.features.iter().flat_map(|values| NAMES.into_iter().zip(**values))
    }
}

/// The judgement on one candidate.
struct Judged {
    /// 0 to 1.
    score: f32,
    features: Option<Box<Features>>,
}

impl Engine {
    /// Puts the first [`CANDIDATES`] of `ranked`, which come best first, into a better order. The
    /// others follow in theirs.
    pub(crate) async fn rerank(
        &self,
        scope: &TenantScope,
        query: &Arc<str>,
        ranked: Vec<Ranked>,
        filter: &Arc<Filter>,
        deadline: Deadline,
    ) -> (LaneReport, Vec<Ranked>) {
        let work = async {
            let candidates = self.candidates(scope, &ranked).await?;
            let ids: Vec<PassageId> = candidates.iter().map(|found| found.passage.id).collect();
            let judged = match &self.reranker {
                Reranker::Own => self.judge_candidates(scope, query, filter, candidates).await?,
                Reranker::Cross(cross) => cross.judge(query, &candidates).await?,
            };
            Ok(ids.into_iter().zip(judged).collect::<Vec<_>>())
        };
        let (report, judged) = self.lanes.run("reranker", deadline, work).await;
        (report, ordered(ranked, judged.into_iter().collect()))
    }

    /// The first passages with their texts, without those that were deleted meanwhile.
    async fn candidates(
        &self,
        scope: &TenantScope,
        ranked: &[Ranked],
    ) -> Result<Vec<FoundPassage>, AnswerError> {
        let first: Vec<Ranked> = ranked.iter().take(CANDIDATES).cloned().collect();
        let tenant = self.store.tenant(scope)?;
        blocking(move || {
            let ids: Vec<PassageId> = first.iter().map(|ranked| ranked.hit.passage).collect();
            let passages = tenant.get_passages(&ids)?.into_iter();
            let mut passages: HashMap<_, _> =
                passages.map(|passage| (passage.id, passage)).collect();
            let mut found = |ranked: &Ranked| {
                let passage = passages.remove(&ranked.hit.passage)?;
                Some(FoundPassage {
                    keyword_score: ranked.hit.keyword_score,
                    vector_score: ranked.hit.vector_score,
                    ..FoundPassage::new(passage, ranked.fused)
                })
            };
            Ok(first.iter().filter_map(&mut found).collect())
        })
        .await
    }

    /// The judgement of the own model.
    async fn judge_candidates(
        &self,
        scope: &TenantScope,
        query: &Arc<str>,
        filter: &Arc<Filter>,
        candidates: Vec<FoundPassage>,
    ) -> Result<Vec<Judged>, AnswerError> {
        let model = match &self.embeddings {
            // The vector lane has put it into the cache.
            Some(embeddings) => {
                let vector = embeddings.query(Purpose::of(scope), query).await.ok();
                vector.map(|vector| (vector, embeddings.fingerprint().to_owned()))
            }
            None => None,
        };
        let (tenant, index) = (self.store.tenant(scope)?, Arc::clone(&self.index));
        let (scope, query, filter) = (scope.clone(), Arc::clone(query), Arc::clone(filter));
        blocking(move || {
            let mut words = words::query_words(&query);
            let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
            let weights = index.rarity(&scope, &texts, &filter)?;
            words::weigh(&mut words, &weights);
            let ids: Vec<_> = candidates.iter().map(|found| found.passage.id).collect();
            let vectors = match &model {
                Some((_, fingerprint)) => tenant.vectors(&ids, fingerprint)?,
                None => HashMap::new(),
            };
            let asked = model.as_ref().map(|(vector, _)| &**vector);
            let candidates = candidates.iter();
            let candidates: Vec<_> =
                candidates.map(|found| candidate(found, asked, &vectors)).collect();
            Ok(judged(&words, &candidates))
        })
        .await
    }
}

fn judged(words: &[words::QueryWord], candidates: &[Candidate<'_>]) -> Vec<Judged> {
    let has_vectors = candidates.iter().any(|candidate| candidate.cosine.is_some());
    let features = features::features(words, candidates);
    let judged = features.into_iter().map(|features| Judged {
        score: model::score(&features, has_vectors),
        features: Some(Box::new(features)),
    });
    judged.collect()
}

fn candidate<'a>(
    found: &'a FoundPassage,
    asked: Option<&[f32]>,
    vectors: &'a HashMap<PassageId, Vec<f32>>,
) -> Candidate<'a> {
    let passage = &found.passage;
    let vector = vectors.get(&passage.id).map(Vec::as_slice);
    let cosine = || Some(features::dot(asked?, vector?));
    Candidate {
        title: passage.title.as_deref().unwrap_or(&passage.name),
        headings: &passage.heading_path,
        text: &passage.text,
        fused: found.score,
        keyword: found.keyword_score,
        cosine: found.vector_score.or_else(cosine),
        vector,
    }
}

/// The passages by their judgements, those without one behind; all as they were without any.
fn ordered(mut ranked: Vec<Ranked>, mut judged: HashMap<PassageId, Judged>) -> Vec<Ranked> {
    if judged.is_empty() {
        return ranked;
    }
    let lowest = judged.values().map(|judged| judged.score).fold(1.0, f32::min);
    for ranked in &mut ranked {
        let judged = judged.remove(&ranked.hit.passage);
        // A fused score is 0 to 1, so that this is never above a judged one.
        let score = judged.as_ref().map_or(lowest * ranked.fused, |judged| judged.score);
        let features = judged.and_then(|judged| judged.features);
        ranked.score = score * ranked.factor();
        ranked.reranked = Some(Reranked { fused_score: ranked.fused, features });
    }
    let scale = ranked.iter().map(|ranked| ranked.score).fold(1.0, f32::max);
    ranked.iter_mut().for_each(|ranked| ranked.score /= scale);
    ranked.sort_by(|a, b| b.score.total_cmp(&a.score));
    ranked
}

#[cfg(test)]
mod tests;

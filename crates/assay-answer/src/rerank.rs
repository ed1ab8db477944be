//! Reranking: the best candidates of a search in an order that was learned, or that of a
//! cross-encoder. What is late or fails leaves the order of the fusion, and the lane says so.

use std::{collections::HashMap, sync::Arc};

use assay_core::{Deadline, PassageId, TenantScope};

use crate::{AnswerError, Engine, FoundPassage, LaneReport, lane, search::blocking};

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
    /// Puts the first [`CANDIDATES`] of `found`, which come best first, into a better order. The
    /// others follow in theirs.
    pub(crate) async fn rerank(
        &self,
        scope: &TenantScope,
        query: &Arc<str>,
        found: Vec<FoundPassage>,
        deadline: Deadline,
    ) -> (LaneReport, Vec<FoundPassage>) {
        let candidates = found.get(..CANDIDATES).unwrap_or(&found);
        let work = async {
            match &self.reranker {
                Reranker::Own => self.judge(scope, query, candidates.to_vec()).await,
                Reranker::Cross(cross) => cross.judge(query, candidates).await,
            }
        };
        let (report, judged) = lane::run("reranker", deadline, work).await;
        (report, ordered(found, judged))
    }

    /// The judgement of the own model.
    async fn judge(
        &self,
        scope: &TenantScope,
        query: &Arc<str>,
        candidates: Vec<FoundPassage>,
    ) -> Result<Vec<Judged>, AnswerError> {
        let model = match &self.embeddings {
            // The vector lane has put it into the cache.
            Some(embeddings) => {
                let vector = embeddings.query(query).await.ok();
                vector.map(|vector| (vector, embeddings.fingerprint().to_owned()))
            }
            None => None,
        };
        let (tenant, index) = (self.store.tenant(scope)?, Arc::clone(&self.index));
        let (scope, query) = (scope.clone(), Arc::clone(query));
        blocking(move || {
            let mut words = words::query_words(&query);
            let texts: Vec<&str> = words.iter().map(|word| word.text.as_str()).collect();
            let weights = index.rarity(&scope, &texts)?;
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
fn ordered(mut found: Vec<FoundPassage>, judged: Vec<Judged>) -> Vec<FoundPassage> {
    let lowest = judged.iter().map(|judged| judged.score).fold(1.0, f32::min);
    let count = judged.len();
    if count == 0 {
        return found;
    }
    let mut judged = judged.into_iter();
    for found in &mut found {
        let judged = judged.next();
        let fused_score = found.score;
        // A fused score is 0 to 1, so that this is never above a judged one.
        found.score = judged.as_ref().map_or(lowest * fused_score, |judged| judged.score);
        let features = judged.and_then(|judged| judged.features);
        found.reranked = Some(Reranked { fused_score, features });
    }
    if let Some(first) = found.get_mut(..count) {
        first.sort_by(|a, b| b.score.total_cmp(&a.score));
    }
    found
}

#[cfg(test)]
mod tests;

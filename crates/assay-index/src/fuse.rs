//! Joins the results of keyword and vector search into one ranking, and passages into documents.

use std::{cmp::Ordering, collections::HashMap};

use assay_core::{DocumentId, PassageId};
use serde::{Deserialize, Serialize};

use crate::Hit;

#[cfg(test)]
mod tests;

/// How two rankings become one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Fusion {
    /// Weighted sum of the two scores, each mapped to 0..1 within its list (lowest hit to best
    /// hit); a passage missing from a list counts 0 there.
    ScoreNormalized {
        /// Weight of the vector score, 0 to 1; the keyword score gets the rest.
        vector_weight: f32,
    },
    /// Sum of `1 / (k + rank)` over the lists that hold the passage, ranks counted from 1
    /// (Cormack, Clarke, Büttcher, SIGIR 2009). Needs no scores, ignores how clear a lead is.
    ReciprocalRank {
        /// Damps the lead of the first ranks; the paper uses 60.
        k: f32,
    },
}

/// A passage of the joined ranking, with what each method said of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FusedHit {
    /// The passage.
    pub passage: PassageId,
    /// Its document.
    pub document: DocumentId,
    /// The joined score: 0 to 1 when normalised, at most `2 / (k + 1)` by rank.
    pub score: f32,
    /// Its BM25 score, if keyword search found it.
    pub keyword_score: Option<f32>,
    /// Its cosine, if vector search found it.
    pub vector_score: Option<f32>,
    /// What its BM25 score is worth before its weight: 0 to 1 when normalised; 0 if not found.
    pub keyword_part: f32,
    /// The same of its cosine.
    pub vector_part: f32,
    /// Its place in the keyword ranking, from 1.
    pub keyword_rank: Option<u32>,
    /// Its place in the vector ranking, from 1.
    pub vector_rank: Option<u32>,
}

impl FusedHit {
    /// The normalised score under another weight of the vector score, 0 to 1.
    #[must_use]
    pub fn weighed(&self, vector_weight: f32) -> f32 {
        let weight = vector_weight.clamp(0.0, 1.0);
        (1.0 - weight) * self.keyword_part + weight * self.vector_part
    }
}

/// A document of the joined ranking.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentHit {
    /// The document.
    pub document: DocumentId,
    /// The score of its best passage.
    pub score: f32,
    /// Its passages among the hits, best first.
    pub passages: Vec<FusedHit>,
}

/// The `limit` best passages of both rankings, best first, equal scores by passage id.
///
/// The lists come best first, as an index returns them. If a list names a passage twice, the
/// first counts. The result depends on nothing else, so equal input gives equal output.
#[must_use]
pub fn fuse(keyword: &[Hit], vector: &[Hit], fusion: Fusion, limit: usize) -> Vec<FusedHit> {
    let mut fused: HashMap<PassageId, FusedHit> = HashMap::new();
    let (keyword_weight, vector_weight) = match fusion {
        Fusion::ScoreNormalized { vector_weight } => {
            let weight = vector_weight.clamp(0.0, 1.0);
            (1.0 - weight, weight)
        }
        Fusion::ReciprocalRank { .. } => (1.0, 1.0),
    };
    for (rank, hit) in (1..).zip(keyword) {
        let entry = entry(&mut fused, hit);
        if entry.keyword_rank.is_none() {
            entry.keyword_rank = Some(rank);
            entry.keyword_score = Some(hit.score);
            entry.keyword_part = part(keyword, hit, rank, fusion);
            entry.score += keyword_weight * entry.keyword_part;
        }
    }
    for (rank, hit) in (1..).zip(vector) {
        let entry = entry(&mut fused, hit);
        if entry.vector_rank.is_none() {
            entry.vector_rank = Some(rank);
            entry.vector_score = Some(hit.score);
            entry.vector_part = part(vector, hit, rank, fusion);
            entry.score += vector_weight * entry.vector_part;
        }
    }
    let mut hits: Vec<_> = fused.into_values().collect();
    hits.sort_unstable_by(best_first);
    hits.truncate(limit);
    hits
}

/// Groups hits by document, best document first, equal scores by document id.
///
/// A document scores as its best passage. Adding its second-best, even at a fifth, favours long
/// documents and lost 0.01 nDCG@10 on SciFact (see `examples/scifact.rs`).
#[must_use]
pub fn by_document(hits: &[FusedHit]) -> Vec<DocumentHit> {
    let mut hits = hits.to_vec();
    hits.sort_unstable_by(best_first);
    let mut documents: HashMap<DocumentId, DocumentHit> = HashMap::new();
    for hit in hits {
        let document = hit.document;
        let new = || DocumentHit { document, score: hit.score, passages: Vec::new() };
        documents.entry(document).or_insert_with(new).passages.push(hit);
    }
    let mut ranking: Vec<_> = documents.into_values().collect();
    ranking.sort_unstable_by(|a, b| {
        b.score.total_cmp(&a.score).then_with(|| a.document.cmp(&b.document))
    });
    ranking
}

fn entry<'a>(fused: &'a mut HashMap<PassageId, FusedHit>, hit: &Hit) -> &'a mut FusedHit {
    fused.entry(hit.passage).or_insert(FusedHit {
        passage: hit.passage,
        document: hit.document,
        score: 0.0,
        keyword_score: None,
        vector_score: None,
        keyword_part: 0.0,
        vector_part: 0.0,
        keyword_rank: None,
        vector_rank: None,
    })
}

/// What one list adds to the score of a hit, before its weight.
fn part(list: &[Hit], hit: &Hit, rank: u32, fusion: Fusion) -> f32 {
    let k = match fusion {
        Fusion::ReciprocalRank { k } => k.max(0.0),
        Fusion::ScoreNormalized { .. } => {
            let best = list.first().map_or(0.0, |hit| hit.score);
            let lowest = list.last().map_or(0.0, |hit| hit.score);
            let range = best - lowest;
            return if range > 0.0 { ((hit.score - lowest) / range).clamp(0.0, 1.0) } else { 1.0 };
        }
    };
    #[expect(clippy::cast_precision_loss, reason = "ranks are far below 2^24")]
    let rank = rank as f32;
    1.0 / (k + rank)
}

fn best_first(a: &FusedHit, b: &FusedHit) -> Ordering {
    b.score.total_cmp(&a.score).then_with(|| a.passage.cmp(&b.passage))
}

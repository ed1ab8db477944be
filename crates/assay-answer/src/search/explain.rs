//! Where the score of a result comes from.

use assay_index::TermScore;

use super::{diversify::Variety, plan::Ranked, weigh::Boost};

/// Where the score of a result comes from, step by step.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// What each term of the query added to the keyword score (BM25).
    pub terms: Vec<TermScore>,
    /// Its place in the keyword lane, from 1.
    pub keyword_rank: Option<u32>,
    /// Its place in the vector lane, from 1.
    pub vector_rank: Option<u32>,
    /// The keyword score between the lowest (0) and the best (1) of its lane.
    pub keyword_part: f32,
    /// The same of the vector score.
    pub vector_part: f32,
    /// Share of the vector part in the fused score; the keyword part has the rest.
    pub vector_weight: f32,
    /// `(1 - vector_weight) * keyword_part + vector_weight * vector_part`.
    pub fused: f32,
    /// What the scores of both lanes were multiplied by before they were normalised.
    pub boosts: Vec<Boost>,
    /// The fused score of the multiplied ones; `fused` when there is no boost.
    pub boosted: f32,
    /// What that was divided by, so that no score passes 1: the largest of this search.
    pub scale: f32,
    /// The reranker's judgement, times the boosts, which took the place of the scaled score.
    pub reranked: Option<f32>,
    /// What choosing for variety made of it.
    pub variety: Option<Variety>,
    /// Its place by the fused score alone, from 1.
    pub rank_before: usize,
    /// Its place among the results, from 1.
    pub rank_after: usize,
}

impl Explanation {
    pub(super) fn of(hit: &Ranked, rank_after: usize, terms: Vec<TermScore>) -> Self {
        Self {
            terms,
            keyword_rank: hit.hit.keyword_rank,
            vector_rank: hit.hit.vector_rank,
            keyword_part: hit.hit.keyword_part,
            vector_part: hit.hit.vector_part,
            vector_weight: hit.vector_weight,
            fused: hit.fused,
            boosts: hit.boosts.clone(),
            boosted: hit.boosted,
            scale: hit.scale,
            reranked: hit.reranked.as_ref().map(|_| hit.score),
            variety: hit.variety,
            rank_before: hit.rank_before,
            rank_after,
        }
    }
}

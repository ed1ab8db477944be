//! Options and details of searches, to and from the wire.

use assay_answer::{Recency, SearchSettings, Tuning, WeightRule};
use assay_api::{
    Boost, Diversification, DocumentWeight, Explanation, Facet, FacetValue, RecencyWeight,
    SearchWeights, TermScore, TuneResponse, WeightScore,
};

pub(super) fn explanation(explained: assay_answer::Explanation) -> Explanation {
    let terms = explained.terms.into_iter().map(|term| TermScore {
        term: term.term,
        weight: term.weight,
        frequency: term.frequency,
        score: term.score,
    });
    let boosts = explained
        .boosts
        .into_iter()
        .map(|boost| Boost { reason: boost.reason, factor: boost.factor });
    Explanation {
        terms: terms.collect(),
        keyword_rank: explained.keyword_rank,
        vector_rank: explained.vector_rank,
        keyword_normalized: explained.keyword_part,
        vector_normalized: explained.vector_part,
        vector_weight: explained.vector_weight,
        fused: explained.fused,
        boosts: boosts.collect(),
        boosted: explained.boosted,
        scale: explained.scale,
        reranked: explained.reranked,
        diversification: explained.variety.map(|variety| Diversification {
            relevance: variety.relevance,
            similarity: variety.similarity,
            score: variety.score,
        }),
        rank_before: explained.rank_before,
        rank_after: explained.rank_after,
    }
}

pub(crate) fn facet(facet: assay_answer::Facet) -> Facet {
    let values = facet.values.into_iter().map(|value| FacetValue {
        value: value.value,
        count: value.count,
        percentage: value.percentage,
    });
    Facet {
        values: values.collect(),
        total_docs: facet.total_docs,
        distinct_values: facet.distinct_values,
    }
}

pub(crate) fn search_settings(weights: &SearchWeights) -> SearchSettings {
    let rules = weights
        .weights
        .iter()
        .map(|rule| WeightRule { when: rule.when.clone(), weight: rule.weight });
    SearchSettings {
        vector_weight: weights.vector_weight,
        recency: weights.recency.map(|recency| Recency {
            half_life_days: recency.half_life_days,
            weight: recency.weight,
        }),
        weights: rules.collect(),
    }
}

pub(crate) fn search_weights(settings: SearchSettings) -> SearchWeights {
    let rules = settings
        .weights
        .into_iter()
        .map(|rule| DocumentWeight { when: rule.when, weight: rule.weight });
    SearchWeights {
        vector_weight: settings.vector_weight,
        recency: settings.recency.map(|recency| RecencyWeight {
            half_life_days: recency.half_life_days,
            weight: recency.weight,
        }),
        weights: rules.collect(),
    }
}

pub(crate) fn tuning(collection: String, tuning: Tuning) -> TuneResponse {
    let scores = tuning
        .scores
        .into_iter()
        .map(|(vector_weight, score)| WeightScore { vector_weight, score });
    TuneResponse {
        collection,
        current: tuning.current,
        proposed: tuning.proposed,
        applied: tuning.applied,
        queries: tuning.queries,
        judgements: tuning.judgements,
        scores: scores.collect(),
        reason: tuning.reason,
    }
}

//! Where scores come from and how often values occur, for people.

use std::collections::BTreeMap;

use assay_api::{Explanation, Facet, SearchResult};

use crate::output::line;

/// The steps from the scores of the lanes to the place of a result.
pub(super) fn explained(result: &SearchResult, explained: &Explanation) {
    let terms: Vec<_> = explained
        .terms
        .iter()
        .map(|term| {
            format!(
                "{} {:.2} (weight {:.2}, {}x)",
                term.term, term.score, term.weight, term.frequency
            )
        })
        .collect();
    lane("keyword", result.keyword_score, explained.keyword_rank, explained.keyword_normalized);
    if !terms.is_empty() {
        line(&format!("              = {}", terms.join(" + ")));
    }
    lane("vector", result.vector_score, explained.vector_rank, explained.vector_normalized);
    let weight = explained.vector_weight;
    line(&format!(
        "      fused   {:.3} = {:.2} x {:.3} + {weight:.2} x {:.3}, rank {}",
        explained.fused,
        1.0 - weight,
        explained.keyword_normalized,
        explained.vector_normalized,
        explained.rank_before
    ));
    for boost in &explained.boosts {
        line(&format!("      weight  x {:.3} for {}", boost.factor, boost.reason));
    }
    if !explained.boosts.is_empty() || explained.scale > 1.0 {
        line(&format!("      boosted {:.3} / {:.3}", explained.boosted, explained.scale));
    }
    if let Some(variety) = &explained.diversification {
        line(&format!(
            "      variety {:.3}: relevance {:.3}, similarity {:.3} to a result before it",
            variety.score, variety.relevance, variety.similarity
        ));
    }
    line(&format!("      score   {:.3}, rank {}", result.relevance, explained.rank_after));
}

fn lane(name: &str, score: Option<f32>, rank: Option<u32>, normalized: f32) {
    match (score, rank) {
        (Some(score), Some(rank)) => {
            line(&format!("      {name:<7} {score:.3}, rank {rank}, normalised {normalized:.3}"));
        }
        _ => line(&format!("      {name:<7} not found")),
    }
}

/// The most frequent values of each field.
pub(super) fn facets(facets: &BTreeMap<String, Facet>) {
    for (field, facet) in facets {
        line(&format!(
            "{field} ({} documents, {} values)",
            facet.total_docs, facet.distinct_values
        ));
        for value in &facet.values {
            line(&format!("{:>8}  {:>5.1} %  {}", value.count, value.percentage, value.value));
        }
    }
}

//! What a search may return and how it is weighed, made from the records before the lanes start.

use std::{collections::HashSet, sync::Arc};

use assay_core::{CollectionId, DocumentId, TenantScope};
use assay_index::{Filter, fuse::FusedHit};

use super::{
    SearchQuery, blocking,
    weigh::{Boost, Weighting},
};
use crate::{
    AnswerError, Engine,
    catalogue::{Catalogue, Matching},
    rerank::Reranked,
    web::Wanted,
};

/// A search that is about to start.
pub(super) struct Plan {
    /// For the lanes.
    pub(super) filter: Arc<Filter>,
    pub(super) catalogue: Arc<Catalogue>,
    matching: Option<Matching>,
    /// Of the request, in place of those of the collections.
    weighting: Option<Weighting>,
    /// What the asker should know, such as a field that no document has.
    pub(super) notices: Vec<String>,
}

/// A hit with what made its score.
#[derive(Debug, Clone)]
pub(crate) struct Ranked {
    pub(crate) hit: FusedHit,
    pub(crate) score: f32,
    pub(super) vector_weight: f32,
    /// The score before boosts.
    pub(crate) fused: f32,
    pub(super) boosts: Vec<Boost>,
    /// The score after boosts, before the scale.
    pub(super) boosted: f32,
    /// What scores are divided by so that none passes 1.
    pub(super) scale: f32,
    /// Its place by the fused score alone, from 1.
    pub(super) rank_before: usize,
    /// What the reranker did.
    pub(crate) reranked: Option<Reranked>,
    /// What choosing for variety made of it.
    pub(super) variety: Option<super::diversify::Variety>,
}

impl Ranked {
    /// What its score is multiplied by.
    pub(crate) fn factor(&self) -> f32 {
        self.boosts.iter().map(|boost| boost.factor).product()
    }
}

impl Engine {
    pub(super) async fn plan(
        &self,
        scope: &TenantScope,
        query: &SearchQuery,
        wanted: &Wanted,
    ) -> Result<Plan, AnswerError> {
        let (tenant, catalogues) = (self.store.tenant(scope)?, Arc::clone(&self.catalogues));
        // The catalogue is one for all; what of it the asker may see comes out of it.
        let (whole, reader) = (self.store.tenant(&scope.for_own_work())?, scope.reader().clone());
        let weighting = query.options.weights.as_ref().map(Weighting::of).transpose()?;
        let condition = query.options.filter.clone();
        let (names, documents) = (query.collections.clone(), query.documents.clone());
        let named = wanted.collections.clone();
        blocking(move || {
            let catalogue = catalogues.current(&whole)?;
            let readable = catalogue.readable(&reader);
            let mut collections: Vec<CollectionId> = names
                .iter()
                .map(|name| tenant.collection_named(name).map(|collection| collection.id))
                .collect::<Result<_, _>>()?;
            collections.extend(named);
            let matching =
                condition.as_ref().map(|some| catalogue.matching(&whole, some)).transpose()?;
            let held = catalogue.held();
            let unknown = condition.iter().flat_map(|some| held.unknown(some, readable.as_deref()));
            let notices = unknown.map(|field| {
                let name = field.trim_start_matches("metadata.");
                format!("no document has the field `{name}` that the filter asks for")
            });
            let notices = notices.collect();
            drop(held);
            let allowed = matching.as_ref().map(|matching| Arc::clone(&matching.allowed));
            let filter = Arc::new(Filter { collections, documents, allowed, readable });
            Ok(Plan { filter, catalogue, matching, weighting, notices })
        })
        .await
    }
}

impl Plan {
    /// Documents that the filter holds for; none without a filter.
    pub(super) fn matched(&self) -> Option<usize> {
        let matching = self.matching.as_ref()?;
        Some(match &self.filter.readable {
            None => matching.count(),
            Some(_) => matching.documents().filter(|id| self.filter.may_see(*id)).count(),
        })
    }

    /// The documents that filter, collections and document list allow.
    pub(super) fn documents(&self) -> HashSet<DocumentId> {
        let mut documents = self.catalogue.held().of_collections(&self.filter.collections);
        if !self.filter.documents.is_empty() {
            documents.retain(|id| self.filter.documents.contains(id));
        }
        if let Some(matching) = &self.matching {
            let allowed: HashSet<_> = matching.documents().collect();
            documents.retain(|id| allowed.contains(id));
        }
        documents.retain(|id| self.filter.may_see(*id));
        documents
    }

    /// Weighs the hits, best first, without those whose document is gone.
    pub(super) fn rank(
        &self,
        fused: Vec<FusedHit>,
        vector_weight: f32,
        now_ms: i64,
    ) -> Vec<Ranked> {
        let held = self.catalogue.held();
        let keyword = Bounds::of(&fused, |hit| hit.keyword_score);
        let vector = Bounds::of(&fused, |hit| hit.vector_score);
        let mut ranked: Vec<_> = fused
            .into_iter()
            .filter_map(|hit| {
                let document = held.document(hit.document)?;
                let own = self.weighting.as_ref().unwrap_or(&document.collection.weighting);
                let of_collection = document.collection.weighting.vector_weight;
                let vector_weight = own.vector_weight.or(of_collection).unwrap_or(vector_weight);
                let boosts = own.boosts(document, now_ms);
                let factor: f32 = boosts.iter().map(|boost| boost.factor).product();
                let boosted = (1.0 - vector_weight) * keyword.part(hit.keyword_score, factor)
                    + vector_weight * vector.part(hit.vector_score, factor);
                Some(Ranked {
                    score: boosted,
                    vector_weight,
                    fused: hit.weighed(vector_weight),
                    boosts,
                    boosted,
                    scale: 1.0,
                    rank_before: 0,
                    reranked: None,
                    variety: None,
                    hit,
                })
            })
            .collect();
        drop(held);
        let scale = ranked.iter().map(|hit| hit.score).fold(1.0, f32::max);
        sort_by(&mut ranked, |hit| hit.fused);
        for (rank, hit) in (1..).zip(&mut ranked) {
            hit.rank_before = rank;
            hit.scale = scale;
            hit.score /= scale;
        }
        sort_by(&mut ranked, |hit| hit.score);
        ranked
    }
}

/// Between which scores one lane's hits lie.
struct Bounds {
    lowest: f32,
    range: f32,
}

impl Bounds {
    fn of(hits: &[FusedHit], score: impl Fn(&FusedHit) -> Option<f32>) -> Self {
        let scores = || hits.iter().filter_map(&score);
        let lowest = scores().fold(f32::INFINITY, f32::min);
        Self { lowest, range: scores().fold(f32::NEG_INFINITY, f32::max) - lowest }
    }

    /// A score times its factor, between the lowest (0) and the best (1) of the lane as they are
    /// without factors. The factor comes first: what is normalised to 0 could not be lifted.
    fn part(&self, score: Option<f32>, factor: f32) -> f32 {
        match score {
            None => 0.0,
            Some(score) if self.range > 0.0 => {
                ((score * factor - self.lowest) / self.range).max(0.0)
            }
            Some(_) => factor,
        }
    }
}

/// Best first, equal scores by passage.
fn sort_by(ranked: &mut [Ranked], score: impl Fn(&Ranked) -> f32) {
    ranked.sort_by(|a, b| {
        score(b).total_cmp(&score(a)).then_with(|| a.hit.passage.cmp(&b.hit.passage))
    });
}

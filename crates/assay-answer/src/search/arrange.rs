//! From ranked hits to results: variety, groups, pages, texts from the records, counts.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use assay_core::{DocumentId, PassageId, TenantScope};
use assay_index::{Filter, TermScore};
use assay_store::{StoredPassage, TenantStore};

use super::{
    Facets, FoundPassage, SearchMode, SearchQuery, blocking,
    diversify::{self, diversify},
    explain::Explanation,
    group::{groups, result},
    plan::{Plan, Ranked},
};
use crate::{AnswerError, Engine};

/// Values of a facet that are shown when the asker does not say how many.
const FACET_VALUES: usize = 10;

/// One page of results.
pub(super) struct Page {
    pub(super) passages: Vec<FoundPassage>,
    pub(super) has_more: bool,
}

impl Engine {
    /// The page that the query asks for.
    pub(super) async fn arrange(
        &self,
        scope: &TenantScope,
        query: &SearchQuery,
        filter: &Arc<Filter>,
        mut ranked: Vec<Ranked>,
    ) -> Result<Page, AnswerError> {
        let options = &query.options;
        if let Some(least) = options.min_score {
            ranked.retain(|hit| hit.score >= least);
        }
        if let Some(lambda) = options.diversify {
            let first = ranked.iter().take(diversify::CANDIDATES).map(|hit| hit.hit.passage);
            let texts = self.texts(scope, first.collect()).await?;
            let texts: Vec<String> = ranked
                .iter()
                .take(diversify::CANDIDATES)
                .map(|hit| texts.get(&hit.hit.passage).cloned().unwrap_or_default())
                .collect();
            diversify(&mut ranked, &texts, lambda);
        }
        let mut groups = groups(ranked, options.group_by);
        let end = options.offset.saturating_add(query.limit);
        let has_more = groups.len() > end;
        groups.truncate(end);
        groups.drain(..options.offset.min(groups.len()));
        let passages = self.read_back(scope, query, filter, groups).await?;
        Ok(Page { passages, has_more })
    }

    /// The passages of the groups as the records have them. A hit whose version is no longer
    /// current is left out: a delete holds at once, before the index has followed.
    async fn read_back(
        &self,
        scope: &TenantScope,
        query: &SearchQuery,
        filter: &Arc<Filter>,
        groups: Vec<Vec<Ranked>>,
    ) -> Result<Vec<FoundPassage>, AnswerError> {
        let (tenant, index) = (self.store.tenant(scope)?, Arc::clone(&self.index));
        let (scope, text, filter) = (scope.clone(), query.text.clone(), Arc::clone(filter));
        let (offset, explain) = (query.options.offset, query.options.explain);
        blocking(move || {
            let ids: Vec<PassageId> = groups.iter().flatten().map(|hit| hit.hit.passage).collect();
            let passages = tenant.get_passages(&ids)?;
            let terms =
                if explain { index.explain_keyword(&scope, &text, &filter, &ids)? } else { vec![] };
            let mut records = Records {
                passages: passages.into_iter().map(|passage| (passage.id, passage)).collect(),
                terms: ids.into_iter().zip(terms).collect(),
                explain,
            };
            let mut results = Vec::with_capacity(groups.len());
            for (rank, group) in (offset + 1..).zip(groups) {
                let found = group.iter().filter_map(|hit| records.found(hit, rank)).collect();
                results.extend(result(&tenant, found)?);
            }
            Ok(results)
        })
        .await
    }

    async fn texts(
        &self,
        scope: &TenantScope,
        ids: Vec<PassageId>,
    ) -> Result<HashMap<PassageId, String>, AnswerError> {
        let tenant: TenantStore = self.store.tenant(scope)?;
        blocking(move || {
            let passages = tenant.get_passages(&ids)?.into_iter();
            Ok(passages.map(|passage| (passage.id, passage.text)).collect())
        })
        .await
    }

    /// Counts of the values of the fields that the query asks for, over the documents that the
    /// filter allows and that hold a word of the query or are among the hits; with the vector lane
    /// alone, over all that the filter allows.
    pub(super) async fn facets(
        &self,
        scope: &TenantScope,
        query: &SearchQuery,
        plan: &Plan,
        hits: HashSet<DocumentId>,
    ) -> Result<Facets, AnswerError> {
        if query.options.facet_fields.is_empty() {
            return Ok(Facets::new());
        }
        let fields = query.options.facet_fields.clone();
        let top = match query.options.facet_values {
            0 => FACET_VALUES,
            values => values,
        };
        let all = (query.mode == SearchMode::Vector).then(|| plan.documents());
        let (catalogue, filter) = (Arc::clone(&plan.catalogue), Arc::clone(&plan.filter));
        let (index, scope) = (Arc::clone(&self.index), scope.clone());
        let text = query.text.clone();
        blocking(move || {
            let documents = match all {
                Some(all) => all,
                None => {
                    let mut holding = index.keyword_documents(&scope, &text, &filter)?;
                    holding.extend(hits);
                    holding
                }
            };
            Ok(catalogue.held().facets(&fields, top, &documents))
        })
        .await
    }
}

/// What was read for the hits of one page.
struct Records {
    passages: HashMap<PassageId, StoredPassage>,
    terms: HashMap<PassageId, Vec<TermScore>>,
    explain: bool,
}

impl Records {
    fn found(&mut self, hit: &Ranked, rank: usize) -> Option<FoundPassage> {
        let passage = self.passages.remove(&hit.hit.passage)?;
        let terms = self.terms.remove(&passage.id).unwrap_or_default();
        let explanation = self.explain.then(|| Box::new(Explanation::of(hit, rank, terms)));
        Some(FoundPassage {
            keyword_score: hit.hit.keyword_score,
            vector_score: hit.hit.vector_score,
            reranked: hit.reranked.clone(),
            explanation,
            ..FoundPassage::new(passage, hit.score)
        })
    }
}

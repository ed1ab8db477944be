//! The contract in its plainest form: a map, searched by looking at everything.

use std::collections::BTreeMap;

use assay_core::PassageId;

use crate::{Filter, Hit, IndexChange, IndexedPassage};

/// What an index of one tenant should hold.
#[derive(Debug, Default)]
pub struct Model(BTreeMap<PassageId, IndexedPassage>);

impl Model {
    /// Applies one change.
    pub fn apply(&mut self, change: &IndexChange) {
        match change {
            IndexChange::Put(passage) => {
                self.0.insert(passage.id, passage.as_ref().clone());
            }
            IndexChange::RemoveVersion { document, version } => {
                self.0.retain(|_, held| held.document != *document || held.version != *version);
            }
            IndexChange::RemoveDocument(document) => {
                self.0.retain(|_, held| held.document != *document);
            }
            IndexChange::RemovePassage(passage) => {
                self.0.remove(passage);
            }
        }
    }

    /// The ids of all passages, sorted.
    #[must_use]
    pub fn passages(&self) -> Vec<PassageId> {
        self.0.keys().copied().collect()
    }

    /// Number of passages with a vector.
    #[must_use]
    pub fn vectors(&self) -> u64 {
        self.0.values().filter(|held| held.vector.is_some()).count() as u64
    }

    /// The ids of the passages whose text holds `word`, sorted.
    #[must_use]
    pub fn holding(&self, word: &str, filter: &Filter) -> Vec<PassageId> {
        let holds = |held: &&IndexedPassage| held.text.split_whitespace().any(|w| w == word);
        self.allowed(filter).filter(holds).map(|held| held.id).collect()
    }

    /// Every allowed passage with a vector, nearest first, by exact cosine.
    #[must_use]
    pub fn nearest(&self, vector: &[f32], filter: &Filter) -> Vec<Hit> {
        let mut hits: Vec<_> = self
            .allowed(filter)
            .filter_map(|held| {
                let score = cosine(vector, held.vector.as_ref()?);
                Some(Hit { passage: held.id, document: held.document, score })
            })
            .collect();
        hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.passage.cmp(&b.passage)));
        hits
    }

    fn allowed(&self, filter: &Filter) -> impl Iterator<Item = &IndexedPassage> {
        self.0.values().filter(|held| filter.allows(held.collection, held.document, held.id))
    }
}

/// Whether `found` is the head of the `exact` ranking, where scores may differ by `tolerance` and
/// hits closer than twice that may have changed places.
#[must_use]
pub fn same_ranking(found: &[Hit], exact: &[Hit], limit: usize, tolerance: f32) -> bool {
    found.len() == exact.len().min(limit)
        && found.iter().zip(exact).all(|(found, at_rank)| {
            let own = exact.iter().find(|hit| hit.passage == found.passage);
            own.is_some_and(|own| {
                own.document == found.document
                    && (own.score - found.score).abs() <= tolerance
                    && (own.score - at_rank.score).abs() <= 2.0 * tolerance
            })
        })
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    };
    #[expect(clippy::cast_possible_truncation, reason = "scores are f32")]
    let cosine = (dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()) as f32;
    cosine
}

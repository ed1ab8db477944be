//! The vectors in memory: one contiguous matrix of bytes, and who owns which row.

use std::{
    collections::{HashMap, HashSet},
    ops::Range,
    thread,
};

use assay_core::{CollectionId, DocumentId, PassageId, VersionId};

use super::{
    codes::{Query, row_scale},
    log::Op,
};
use crate::{Filter, Hit, embedded::best::Best};

/// Scans of more rows than this run on two threads; below, starting one costs more than it saves.
const PARALLEL_ROWS_MIN: usize = 50_000;

/// In place of a collection number: the row's passage has been removed.
const DEAD: u32 = u32::MAX;

#[derive(Default)]
pub(super) struct Rows {
    dimension: usize,
    /// `dimension` bytes a row.
    codes: Vec<i8>,
    scales: Vec<f32>,
    /// A number from `collection_numbers`, or [`DEAD`]: all that a scan has to look at.
    collections: Vec<u32>,
    owners: Vec<Owner>,
    collection_numbers: HashMap<CollectionId, u32>,
    by_passage: HashMap<PassageId, usize>,
    by_document: HashMap<DocumentId, Vec<usize>>,
}

struct Owner {
    passage: PassageId,
    document: DocumentId,
    version: VersionId,
    collection: CollectionId,
}

impl Rows {
    /// Number of live rows.
    pub(super) fn len(&self) -> usize {
        self.by_passage.len()
    }

    /// The dimension that further vectors must have; none while there is no row.
    pub(super) fn dimension(&self) -> Option<usize> {
        (!self.by_passage.is_empty()).then_some(self.dimension)
    }

    /// Bytes that the live rows take in the log.
    pub(super) fn live_bytes(&self) -> u64 {
        (self.len() * (Op::PUT_BYTES + self.dimension)) as u64
    }

    /// The operations that make the live rows.
    pub(super) fn live(&self) -> impl Iterator<Item = Op> {
        self.owners.iter().enumerate().filter(|(row, _)| self.is_live(*row)).map(|(row, owner)| {
            Op::Put {
                passage: owner.passage,
                document: owner.document,
                version: owner.version,
                collection: owner.collection,
                codes: self.row(row).to_vec(),
            }
        })
    }

    /// Applies one operation; false, and no change, when a vector does not fit.
    pub(super) fn apply(&mut self, op: Op) -> bool {
        match op {
            Op::Put { passage, document, version, collection, codes } => {
                if codes.is_empty() || self.dimension().is_some_and(|known| known != codes.len()) {
                    return false;
                }
                self.remove_passage(passage);
                self.push(Owner { passage, document, version, collection }, &codes);
            }
            Op::RemovePassage(passage) => self.remove_passage(passage),
            Op::RemoveVersion(document, version) => {
                self.remove_where(document, |owner| owner.version == version);
            }
            Op::RemoveDocument(document) => self.remove_where(document, |_| true),
        }
        true
    }

    /// The `limit` live rows nearest to `vector` that `filter` allows, best first.
    pub(super) fn nearest(&self, vector: &[f32], filter: &Filter, limit: usize) -> Vec<Hit> {
        if limit == 0 {
            return Vec::new();
        }
        let query = Query::new(vector);
        let allowed = self.allowed_collections(filter);
        if !filter.documents.is_empty() {
            let documents: HashSet<_> = filter.documents.iter().collect();
            let rows = documents.iter().filter_map(|document| self.by_document.get(document));
            return self.scan(rows.flatten().copied(), &query, &allowed, limit).into_hits();
        }
        let rows = self.owners.len();
        if rows < PARALLEL_ROWS_MIN {
            return self.scan(0..rows, &query, &allowed, limit).into_hits();
        }
        let scan = |rows: Range<usize>| self.scan(rows, &query, &allowed, limit);
        thread::scope(|scope| {
            let second = scope.spawn(|| scan(rows / 2..rows));
            let first = scan(0..rows / 2);
            match second.join() {
                Ok(second) => first.merge(second),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        })
        .into_hits()
    }

    /// For each collection number, whether `filter` allows it.
    fn allowed_collections(&self, filter: &Filter) -> Vec<bool> {
        let mut allowed = vec![filter.collections.is_empty(); self.collection_numbers.len()];
        for collection in &filter.collections {
            let number = self.collection_numbers.get(collection);
            if let Some(slot) = number.and_then(|number| allowed.get_mut(*number as usize)) {
                *slot = true;
            }
        }
        allowed
    }

    fn scan(
        &self,
        rows: impl Iterator<Item = usize>,
        query: &Query,
        allowed: &[bool],
        limit: usize,
    ) -> Best {
        let mut best = Best::new(limit);
        for row in rows {
            if allowed.get(self.collections[row] as usize).copied().unwrap_or(false) {
                let owner = &self.owners[row];
                let score = query.cosine(self.row(row), self.scales[row]);
                best.offer(score, || Hit {
                    passage: owner.passage,
                    document: owner.document,
                    score,
                });
            }
        }
        best
    }

    fn row(&self, row: usize) -> &[i8] {
        &self.codes[row * self.dimension..(row + 1) * self.dimension]
    }

    fn is_live(&self, row: usize) -> bool {
        self.collections[row] != DEAD
    }

    fn push(&mut self, owner: Owner, codes: &[i8]) {
        if self.by_passage.is_empty() {
            *self = Self { dimension: codes.len(), ..Self::default() };
        }
        let next = u32::try_from(self.collection_numbers.len()).unwrap_or(DEAD);
        let number = *self.collection_numbers.entry(owner.collection).or_insert(next);
        let row = self.owners.len();
        self.by_passage.insert(owner.passage, row);
        self.by_document.entry(owner.document).or_default().push(row);
        self.codes.extend_from_slice(codes);
        self.scales.push(row_scale(codes));
        self.collections.push(number);
        self.owners.push(owner);
    }

    fn remove_passage(&mut self, passage: PassageId) {
        if let Some(row) = self.by_passage.get(&passage) {
            let document = self.owners[*row].document;
            self.remove_where(document, |owner| owner.passage == passage);
        }
    }

    fn remove_where(&mut self, document: DocumentId, matches: impl Fn(&Owner) -> bool) {
        let Some(rows) = self.by_document.get_mut(&document) else { return };
        rows.retain(|row| {
            let owner = &self.owners[*row];
            let remove = matches(owner);
            if remove {
                self.collections[*row] = DEAD;
                self.by_passage.remove(&owner.passage);
            }
            !remove
        });
        if rows.is_empty() {
            self.by_document.remove(&document);
        }
    }
}

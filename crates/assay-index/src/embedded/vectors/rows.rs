//! The vectors in memory: one contiguous matrix of bytes, and who owns which row.

use std::{collections::HashMap, ops::Range, thread};

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

/// A filter, as it stands for these rows.
struct Allowed {
    /// One flag a collection number.
    collections: Vec<bool>,
    /// One flag a row; none when all are allowed.
    rows: Option<Vec<bool>>,
}

impl Allowed {
    fn contains(&self, row: usize, collection: u32) -> bool {
        self.rows.as_ref().is_none_or(|flags| flags[row])
            && self.collections.get(collection as usize).copied().unwrap_or(false)
    }
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
        let allowed = Allowed {
            collections: self.allowed_collections(filter),
            rows: self.allowed_rows(filter),
        };
        let rows = self.owners.len();
        let asked = match &allowed.rows {
            Some(flags) => flags.iter().filter(|flag| **flag).count(),
            None => rows,
        };
        if asked < PARALLEL_ROWS_MIN {
            return self.scan(0..rows, &query, &allowed, filter, limit).into_hits();
        }
        let scan = |rows: Range<usize>| self.scan(rows, &query, &allowed, filter, limit);
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

    /// For each row, whether the documents and the set of `filter` allow it; none when they allow
    /// all.
    fn allowed_rows(&self, filter: &Filter) -> Option<Vec<bool>> {
        let chosen = (!filter.documents.is_empty())
            .then(|| self.flags(filter.documents.iter(), std::iter::empty()));
        let set = filter
            .allowed
            .as_ref()
            .map(|allowed| self.flags(allowed.documents.iter(), allowed.passages.iter()));
        match (chosen, set) {
            (Some(mut chosen), Some(set)) => {
                chosen.iter_mut().zip(set).for_each(|(flag, other)| *flag &= other);
                Some(chosen)
            }
            (chosen, set) => chosen.or(set),
        }
    }

    fn flags<'a>(
        &self,
        documents: impl Iterator<Item = &'a DocumentId>,
        passages: impl Iterator<Item = &'a PassageId>,
    ) -> Vec<bool> {
        let mut flags = vec![false; self.owners.len()];
        let of_documents = documents.filter_map(|document| self.by_document.get(document));
        let of_passages = passages.filter_map(|passage| self.by_passage.get(passage));
        for row in of_documents.flatten().chain(of_passages) {
            flags[*row] = true;
        }
        flags
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

    /// Who may see a document is asked only of rows that would be among the best: cheaper than to
    /// mark all that the asker may see.
    fn scan(
        &self,
        rows: Range<usize>,
        query: &Query,
        allowed: &Allowed,
        filter: &Filter,
        limit: usize,
    ) -> Best {
        let mut best = Best::new(limit);
        for row in rows {
            if allowed.contains(row, self.collections[row]) {
                let owner = &self.owners[row];
                let score = query.cosine(self.row(row), self.scales[row]);
                if filter.readable.is_none()
                    || (best.may_take(score) && filter.may_see(owner.document))
                {
                    best.offer(score, || Hit {
                        passage: owner.passage,
                        document: owner.document,
                        score,
                    });
                }
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

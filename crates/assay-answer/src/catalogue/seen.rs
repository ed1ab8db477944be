//! What each reader may see, kept between searches.
//!
//! Readers who stand on the same lists share one set. A change of a document changes the sets that
//! are held by that document alone, so that a request costs the same however many documents there
//! are; only a reader who is new, or a collection that was closed or opened, makes a set anew.

use std::{
    collections::{BTreeMap, HashMap},
    num::NonZeroUsize,
    sync::Arc,
};

use assay_core::{CollectionId, DocumentId, Reader};
use assay_index::Readable;
use assay_store::{AccessList, TenantStore};
use lru::LruCache;

use super::{Held, HeldCollection, entry::Entry};
use crate::AnswerError;

/// Sets of a tenant that are kept: each takes about 20 bytes a document.
const SETS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(31);
/// Readers whose lists are remembered.
const READERS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(999);

/// What a document adds to the sums of a set.
#[derive(Default)]
pub(super) struct Size {
    passages: u64,
    bytes: u64,
}

impl Size {
    pub(super) fn of(entry: &Entry) -> Self {
        Self { passages: entry.passages.into(), bytes: entry.text_bytes.into() }
    }
}

/// The lists of a tenant and the sets of documents that they leave to readers.
pub(super) struct Views {
    lists: BTreeMap<i64, AccessList>,
    /// On which lists a reader stands, as of the newest list.
    standing: LruCache<Reader, (i64, Arc<[i64]>)>,
    /// By the lists that somebody stands on.
    sets: LruCache<Arc<[i64]>, Arc<Readable>>,
}

impl Default for Views {
    fn default() -> Self {
        Self { lists: BTreeMap::new(), standing: LruCache::new(READERS), sets: LruCache::new(SETS) }
    }
}

impl Views {
    /// Takes over what changed: documents with the size that they had before, collections as they
    /// were.
    pub(super) fn follow(
        &mut self,
        tenant: &TenantStore,
        held: &Held,
        before: &HashMap<CollectionId, HeldCollection>,
        changed: &HashMap<DocumentId, Size>,
    ) -> Result<(), AnswerError> {
        self.lists.extend(tenant.access_lists_after(self.newest())?);
        let list_of = |collections: &HashMap<CollectionId, HeldCollection>, id| {
            collections.get(id).and_then(|collection: &HeldCollection| collection.list)
        };
        let was_closed = |id| list_of(before, id) != list_of(&held.collections, id);
        if before.keys().chain(held.collections.keys()).any(was_closed) {
            self.sets.clear();
            return Ok(());
        }
        for (lists, readable) in &mut self.sets {
            // Copied only while a search is at work with it.
            let readable = Arc::make_mut(readable);
            for (id, size) in changed {
                if readable.documents.remove(id) {
                    readable.passages -= size.passages;
                    readable.bytes -= size.bytes;
                }
                if let Some(entry) = held.documents.get(id) {
                    add(readable, held, lists, *id, entry);
                }
            }
        }
        Ok(())
    }

    /// What a reader may see; none for who sees everything, and as long as the tenant never used a
    /// list. With a set, words are counted otherwise: one that came and went with what is closed to
    /// the reader would tell of it.
    pub(super) fn of(&mut self, held: &Held, reader: &Reader) -> Option<Arc<Readable>> {
        reader.holders()?;
        if self.lists.is_empty() {
            return None;
        }
        let lists = self.standing(reader);
        let make = || {
            let mut readable = Readable::default();
            for (id, entry) in &held.documents {
                add(&mut readable, held, &lists, *id, entry);
            }
            Arc::new(readable)
        };
        Some(Arc::clone(self.sets.get_or_insert(Arc::clone(&lists), make)))
    }

    /// The numbers of the lists that a reader stands on, sorted. Lists never change, so that they
    /// are looked through again only when there is a new one.
    fn standing(&mut self, reader: &Reader) -> Arc<[i64]> {
        let newest = self.newest();
        if let Some((of, lists)) = self.standing.get(reader)
            && *of == newest
        {
            return Arc::clone(lists);
        }
        let own = self.lists.iter().filter(|(_, list)| reader.is_on(list));
        let lists: Arc<[i64]> = own.map(|(number, _)| *number).collect();
        self.standing.put(reader.clone(), (newest, Arc::clone(&lists)));
        lists
    }

    fn newest(&self) -> i64 {
        self.lists.last_key_value().map_or(0, |(number, _)| *number)
    }
}

/// Adds a document when its list in force is among those that somebody stands on, by the rule that
/// `assay_store` states for its own statements.
fn add(readable: &mut Readable, held: &Held, lists: &[i64], id: DocumentId, entry: &Entry) {
    // Of a collection that is not known nothing is found.
    let Some(collection) = held.collections.get(&entry.collection) else { return };
    let in_force = entry.list.or(collection.list);
    if in_force.is_none_or(|list| lists.binary_search(&list).is_ok()) {
        let size = Size::of(entry);
        readable.documents.insert(id);
        readable.passages += size.passages;
        readable.bytes += size.bytes;
    }
}

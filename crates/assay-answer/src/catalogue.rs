//! What searches filter, count and weigh by, in memory: the fields of every document that can be
//! found, brought up to date from the records before each search.
//!
//! About one kilobyte a document. A search costs one look at the place of the last change, and
//! reads only the documents that changed since.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard},
};

use assay_core::{CollectionId, DocumentId, Reader, TenantId};
use assay_index::{AllowedSet, Readable};
use assay_store::{Collection, TenantStore};
use lru::LruCache;

use self::{
    entry::{Entry, Names, Pool},
    seen::{Size, Views},
};
use crate::{
    AnswerError, CollectionSettings,
    engine::lock_mutex,
    filter::{Condition, Truth, Value},
    search::weigh::Weighting,
};

mod entry;
mod facet;
mod seen;
#[cfg(test)]
mod tests;

pub(crate) use entry::Seen;

/// Tenants whose catalogue stays in memory; the one not used for longest goes first.
const TENANTS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(15);
/// Conditions of a tenant whose outcome is remembered.
const OUTCOMES: NonZeroUsize = NonZeroUsize::MIN.saturating_add(15);
/// Changes that are read at a time.
const CHANGES: u32 = 2_000;

/// The catalogues of the tenants at work.
pub(crate) struct Catalogues(Mutex<LruCache<TenantId, Arc<Catalogue>>>);

impl Default for Catalogues {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(TENANTS)))
    }
}

impl Catalogues {
    /// Drops what is held of a tenant.
    pub(crate) fn forget(&self, tenant: TenantId) {
        lock_mutex(&self.0).pop(&tenant);
    }

    /// The tenant's catalogue as the records are now; `tenant` has to be open for own work, since the
    /// catalogue holds what everybody may find. Waits for the disk.
    pub(crate) fn current(&self, tenant: &TenantStore) -> Result<Arc<Catalogue>, AnswerError> {
        let new = || Arc::new(Catalogue::default());
        let catalogue = Arc::clone(lock_mutex(&self.0).get_or_insert(tenant.tenant(), new));
        catalogue.follow(tenant)?;
        Ok(catalogue)
    }
}

/// The catalogue of one tenant.
pub(crate) struct Catalogue {
    held: RwLock<Held>,
    /// What readers may see; locked after `held`.
    views: Mutex<Views>,
    outcomes: Mutex<LruCache<String, (u64, Matching)>>,
}

impl Default for Catalogue {
    fn default() -> Self {
        Self {
            held: RwLock::default(),
            views: Mutex::default(),
            outcomes: Mutex::new(LruCache::new(OUTCOMES)),
        }
    }
}

/// What a condition allows.
#[derive(Debug, Clone)]
pub(crate) struct Matching {
    /// For the index.
    pub(crate) allowed: Arc<AllowedSet>,
    /// The documents of its single passages.
    partly: Arc<HashSet<DocumentId>>,
}

impl Matching {
    /// Documents with at least one passage that is allowed.
    pub(crate) fn documents(&self) -> impl Iterator<Item = DocumentId> {
        self.allowed.documents.iter().chain(self.partly.iter()).copied()
    }

    /// How many they are.
    pub(crate) fn count(&self) -> usize {
        self.allowed.documents.len() + self.partly.len()
    }
}

/// Documents and collections up to a place in the order of changes.
#[derive(Default)]
pub(crate) struct Held {
    seq: u64,
    documents: HashMap<DocumentId, Entry>,
    collections: HashMap<CollectionId, HeldCollection>,
    names: Names,
    pool: Pool,
}

/// A collection with what its settings say of searches.
pub(crate) struct HeldCollection {
    pub(crate) name: Value,
    pub(crate) weighting: Weighting,
    /// Its access list.
    list: Option<i64>,
}

impl HeldCollection {
    fn new(collection: &Collection) -> Self {
        let search = CollectionSettings::of(collection).search;
        let weighting = Weighting::of(&search).unwrap_or_else(|error| {
            // Checked when it was set; a condition that a later version refuses must not stop
            // every search.
            tracing::warn!(collection = %collection.id, %error, "search settings are left out");
            Weighting::default()
        });
        Self { name: Value::new(&collection.name), weighting, list: collection.list }
    }
}

impl Catalogue {
    /// What it holds, for reading.
    pub(crate) fn held(&self) -> RwLockReadGuard<'_, Held> {
        self.held.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn follow(&self, tenant: &TenantStore) -> Result<(), AnswerError> {
        if tenant.catalogue_seq()? == self.held().seq {
            return Ok(());
        }
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        // Of a document that changes twice meanwhile, what it was at first.
        let mut changed = HashMap::new();
        loop {
            let changes = tenant.catalogue_after(held.seq, CHANGES)?;
            if changes.is_empty() {
                break;
            }
            for change in changes {
                let Held { documents, names, pool, seq, .. } = &mut *held;
                let before = match &change.now {
                    Some(now) => documents.insert(now.id, Entry::new(now, names, pool)),
                    None => documents.remove(&change.document),
                };
                let size = before.as_ref().map(Size::of).unwrap_or_default();
                changed.entry(change.document).or_insert(size);
                *seq = change.seq;
            }
        }
        let collections = tenant.collections()?;
        let collections =
            collections.iter().map(|found| (found.id, HeldCollection::new(found))).collect();
        let before = std::mem::replace(&mut held.collections, collections);
        lock_mutex(&self.views).follow(tenant, &held, &before, &changed)?;
        held.pool.tidy();
        Ok(())
    }

    /// The documents that a reader may see; none where nothing limits them.
    pub(crate) fn readable(&self, reader: &Reader) -> Option<Arc<Readable>> {
        let held = self.held();
        lock_mutex(&self.views).of(&held, reader)
    }

    /// The documents and passages that a condition holds for, whoever asks.
    pub(crate) fn matching(
        &self,
        tenant: &TenantStore,
        condition: &Condition,
    ) -> Result<Matching, AnswerError> {
        let held = self.held();
        let key = condition.key();
        if let Some((seq, matching)) = lock_mutex(&self.outcomes).get(&key)
            && *seq == held.seq
        {
            return Ok(matching.clone());
        }
        let matching = held.matching(tenant, condition)?;
        lock_mutex(&self.outcomes).put(key, (held.seq, matching.clone()));
        Ok(matching)
    }
}

impl Held {
    /// A document, with the fields of its collection.
    pub(crate) fn document(&self, id: DocumentId) -> Option<Seen<'_>> {
        let entry = self.documents.get(&id)?;
        Some(Seen { entry, collection: self.collections.get(&entry.collection)?, held: self })
    }

    /// Fields that a condition looks at and that no document has which the reader may see.
    pub(crate) fn unknown<'a>(
        &self,
        condition: &'a Condition,
        readable: Option<&Readable>,
    ) -> Vec<&'a str> {
        let is_known = |field: &str| {
            let Some(name) = self.names.known(field) else { return false };
            let has = |id| {
                self.documents.get(id).is_some_and(|entry| entry.values(name).next().is_some())
            };
            readable.is_none_or(|readable| readable.documents.iter().any(has))
        };
        let mut fields = condition.fields();
        fields.retain(|field| field.starts_with("metadata.") && !is_known(field));
        fields
    }

    fn matching(
        &self,
        tenant: &TenantStore,
        condition: &Condition,
    ) -> Result<Matching, AnswerError> {
        let mut allowed = AllowedSet::default();
        let mut undecided = Vec::new();
        for id in self.documents.keys() {
            let Some(seen) = self.document(*id) else { continue };
            match condition.truth(&seen.document()) {
                Truth::Yes => {
                    allowed.documents.insert(*id);
                }
                Truth::Depends => undecided.push(*id),
                Truth::No => {}
            }
        }
        let mut partly = HashSet::new();
        for some in undecided.chunks(CHANGES as usize) {
            for found in tenant.passage_pages(some)? {
                let Some(seen) = self.document(found.document) else { continue };
                let page = found.page.map(|page| Value::new(&page.to_string()));
                if condition.truth(&seen.passage(page.as_ref())) == Truth::Yes {
                    allowed.passages.insert(found.passage);
                    partly.insert(found.document);
                }
            }
        }
        Ok(Matching { allowed: Arc::new(allowed), partly: Arc::new(partly) })
    }

    /// The documents of some collections; of all when none is named.
    pub(crate) fn of_collections(&self, collections: &[CollectionId]) -> HashSet<DocumentId> {
        let all = self.documents.iter();
        let chosen = all
            .filter(|(_, entry)| collections.is_empty() || collections.contains(&entry.collection));
        chosen.map(|(id, _)| *id).collect()
    }

    /// How often each value of some fields occurs among documents, by field.
    pub(crate) fn facets(
        &self,
        fields: &[String],
        top: usize,
        documents: &HashSet<DocumentId>,
    ) -> BTreeMap<String, crate::search::Facet> {
        facet::count(self, fields, top, documents)
    }
}

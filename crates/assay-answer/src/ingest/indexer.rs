//! The index follows the records: outbox entries are applied in order, in groups.

use std::{
    collections::{BTreeSet, HashSet},
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use assay_core::{ErrorChain, PassageId, TenantScope, VersionId};
use assay_index::{IndexChange, IndexedPassage, PassageIndex};
use assay_store::{Change, IndexPassage, OutboxEntry, Store, StoreError, TenantStore};

use crate::{AnswerError, embed::Embeddings, engine::lock_mutex};

/// Outbox entries that become one commit of the index at most.
const GROUP: u32 = 256;
/// Passages that are read at a time, so that one huge document does not fill the memory.
const PASSAGES: u32 = 2_048;
/// Changes that are held before they go to the index: about 10 MB of text. Few in tests, so that
/// a small book takes several commits.
const CHANGES_MAX: usize = if cfg!(test) { 64 } else { 8_192 };
/// What is published within this time becomes one commit: each costs a flush of the disk and a
/// part of the index that has to be merged later.
const LINGER: Duration = Duration::from_millis(150);
/// Pause after a failure of the index, which is a full disk more often than not.
const RETRY: Duration = Duration::from_secs(2);

/// Which tenants have entries that wait, and whether to stop.
#[derive(Default)]
struct Waiting {
    tenants: HashSet<TenantScope>,
    stopping: bool,
}

/// Applies the outbox to the index. A thread follows at once; whoever needs to be sure calls
/// [`Indexer::catch_up`] and waits.
pub(crate) struct Indexer {
    store: Arc<Store>,
    index: Arc<dyn PassageIndex>,
    /// Vectors of another model are of no use: passages without one of this are left to keywords.
    fingerprint: Option<String>,
    waiting: Mutex<Waiting>,
    wake: Condvar,
    /// Rung after each commit.
    applied: Condvar,
    /// One group at a time, so that entries are applied in order. Holds the tenants whose index
    /// this process has compared with the records.
    applying: Mutex<HashSet<TenantScope>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Indexer {
    pub(crate) fn start(
        store: Arc<Store>,
        index: Arc<dyn PassageIndex>,
        embeddings: Option<&Arc<Embeddings>>,
    ) -> Arc<Self> {
        let indexer = Arc::new(Self {
            store,
            index,
            fingerprint: embeddings.map(|embeddings| embeddings.fingerprint().to_owned()),
            waiting: Mutex::default(),
            wake: Condvar::new(),
            applied: Condvar::new(),
            applying: Mutex::default(),
            thread: Mutex::default(),
        });
        let follower = Arc::clone(&indexer);
        let spawned =
            std::thread::Builder::new().name("indexer".to_owned()).spawn(move || follower.follow());
        match spawned {
            Ok(thread) => *lock_mutex(&indexer.thread) = Some(thread),
            Err(error) => tracing::error!(%error, "no thread for the index: it follows on demand"),
        }
        indexer
    }

    /// Says that a tenant has new entries.
    pub(crate) fn notify(&self, scope: &TenantScope) {
        lock_mutex(&self.waiting).tenants.insert(scope.for_own_work());
        self.wake.notify_all();
    }

    /// Drops what is open and known of a tenant.
    pub(crate) fn forget(&self, scope: &TenantScope) {
        lock_mutex(&self.waiting).tenants.remove(&scope.for_own_work());
        lock_mutex(&self.applying).remove(&scope.for_own_work());
        self.index.release(scope);
    }

    /// Ends the thread after the group under way; the rest is applied after the next start.
    pub(crate) fn stop(&self) {
        lock_mutex(&self.waiting).stopping = true;
        self.wake.notify_all();
        if let Some(thread) = lock_mutex(&self.thread).take() {
            let _ = thread.join();
        }
    }

    fn follow(&self) {
        while let Some(scope) = self.next_tenant() {
            if let Err(error) = self.catch_up(&scope) {
                tracing::error!(error = %ErrorChain(&error), "the index could not follow");
                let waiting = lock_mutex(&self.waiting);
                // Woken early only by a stop or by new work, which are both reasons to go on.
                let _ = self.wake.wait_timeout(waiting, RETRY);
                self.notify(&scope);
            }
        }
    }

    fn next_tenant(&self) -> Option<TenantScope> {
        let mut waiting = lock_mutex(&self.waiting);
        loop {
            if waiting.stopping {
                return None;
            }
            if let Some(scope) = waiting.tenants.iter().next().cloned() {
                let linger = self.wake.wait_timeout_while(waiting, LINGER, |now| !now.stopping);
                waiting = linger.unwrap_or_else(PoisonError::into_inner).0;
                waiting.tenants.remove(&scope);
                return Some(scope);
            }
            waiting = self.wake.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits until the thread has applied what is published now, and does it itself when the
    /// thread does not get there.
    pub(crate) fn wait_for_thread(&self, scope: &TenantScope) -> Result<(), AnswerError> {
        let published = self.store.tenant(scope)?.last_position()?;
        let deadline = Instant::now() + RETRY;
        let mut waiting = lock_mutex(&self.waiting);
        while self.index.position(scope)? < published {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || waiting.stopping {
                drop(waiting);
                return self.catch_up(scope);
            }
            let rung = self.applied.wait_timeout(waiting, left);
            waiting = rung.unwrap_or_else(PoisonError::into_inner).0;
        }
        Ok(())
    }

    /// Applies every entry that is there now.
    pub(crate) fn catch_up(&self, scope: &TenantScope) -> Result<(), AnswerError> {
        // Whoever asks for it, the index holds the documents of everybody.
        let scope = &scope.for_own_work();
        let mut compared = lock_mutex(&self.applying);
        let tenant = self.store.tenant(scope)?;
        self.apply_outbox(scope, &tenant)?;
        if !compared.contains(scope) {
            self.repair(scope, &tenant)?;
            compared.insert(scope.clone());
        }
        Ok(())
    }

    /// Makes the index hold what the records do, whatever ended the process before.
    fn repair(&self, scope: &TenantScope, tenant: &TenantStore) -> Result<(), AnswerError> {
        let recorded: BTreeSet<PassageId> = tenant.current_passage_ids()?.into_iter().collect();
        let mut missing = recorded.clone();
        let mut batch = self.batch(scope, self.index.position(scope)?);
        let mut versions = BTreeSet::new();
        for passage in self.index.passages(scope)? {
            if !recorded.contains(&passage) {
                batch.push(IndexChange::RemovePassage(passage))?;
            } else if !missing.remove(&passage) {
                // There twice: putting it again leaves one.
                missing.insert(passage);
            }
        }
        let missing: Vec<PassageId> = missing.into_iter().collect();
        for some in missing.chunks(PASSAGES as usize) {
            versions.extend(tenant.get_passages(some)?.into_iter().map(|passage| passage.version));
        }
        for version in &versions {
            self.put_version(tenant, *version, &mut batch)?;
        }
        if batch.applied + batch.changes.len() > 0 {
            tracing::warn!(missing = missing.len(), "the index is repaired");
            batch.apply()?;
        }
        Ok(())
    }

    fn apply_outbox(&self, scope: &TenantScope, tenant: &TenantStore) -> Result<(), AnswerError> {
        loop {
            let position = self.index.position(scope)?;
            let entries = match tenant.outbox_after(position, GROUP) {
                Err(StoreError::OutboxPruned { .. }) => {
                    self.rebuild_locked(scope, tenant)?;
                    continue;
                }
                entries => entries?,
            };
            let Some(last) = entries.last() else { return Ok(()) };
            let last = last.position;
            let mut batch = self.batch(scope, position);
            self.add_changes(tenant, entries, &mut batch)?;
            batch.position = last;
            batch.apply()?;
            // Held for a moment: whoever found the position too low is waiting by now.
            drop(lock_mutex(&self.waiting));
            self.applied.notify_all();
        }
    }

    fn add_changes(
        &self,
        tenant: &TenantStore,
        entries: Vec<OutboxEntry>,
        batch: &mut Batch<'_>,
    ) -> Result<(), AnswerError> {
        for entry in entries {
            match entry.change {
                // A version that was replaced since has no passages any more: its own removal
                // follows later in the outbox.
                Change::PutVersion { version, .. } => {
                    self.put_version(tenant, version, batch)?;
                }
                Change::RemoveVersion { document, version } => {
                    batch.push(IndexChange::RemoveVersion { document, version })?;
                }
                Change::RemoveDocument { document } => {
                    batch.push(IndexChange::RemoveDocument(document))?;
                }
            }
        }
        Ok(())
    }

    fn put_version(
        &self,
        tenant: &TenantStore,
        version: VersionId,
        batch: &mut Batch<'_>,
    ) -> Result<(), AnswerError> {
        let fingerprint = self.fingerprint.as_deref();
        let mut first = 0;
        loop {
            let passages =
                tenant.version_passages_for_index(version, fingerprint, first, PASSAGES)?;
            let Some(last) = passages.last() else { return Ok(()) };
            first = last.ordinal + 1;
            for passage in passages {
                batch.push(IndexChange::Put(Box::new(indexed(passage))))?;
            }
        }
    }

    /// Makes the index again from the records and returns the number of passages.
    pub(crate) fn rebuild(&self, scope: &TenantScope) -> Result<u64, AnswerError> {
        let scope = &scope.for_own_work();
        let _one = lock_mutex(&self.applying);
        let tenant = self.store.tenant(scope)?;
        self.rebuild_locked(scope, &tenant)?;
        Ok(self.index.stats(scope)?.passages)
    }

    fn rebuild_locked(&self, scope: &TenantScope, tenant: &TenantStore) -> Result<(), AnswerError> {
        self.index.clear(scope)?;
        let current = tenant.all_current_versions()?;
        // Position 0 until all is there: a crash half-way starts over.
        let mut batch = self.batch(scope, 0);
        for version in current.versions {
            self.put_version(tenant, version.version, &mut batch)?;
        }
        batch.position = current.position;
        batch.apply()
    }

    fn batch<'a>(&'a self, scope: &'a TenantScope, position: u64) -> Batch<'a> {
        Batch { index: &*self.index, scope, position, changes: Vec::new(), applied: 0 }
    }
}

/// Changes on their way to the index. Many go in several commits, so that a book, or a hundred, do
/// not fill the memory; a crash between two of them repeats the first, which changes nothing.
struct Batch<'a> {
    index: &'a dyn PassageIndex,
    scope: &'a TenantScope,
    /// What the index knows once the changes are applied.
    position: u64,
    changes: Vec<IndexChange>,
    /// How many were applied before.
    applied: usize,
}

impl Batch<'_> {
    fn push(&mut self, change: IndexChange) -> Result<(), AnswerError> {
        self.changes.push(change);
        if self.changes.len() < CHANGES_MAX { Ok(()) } else { self.apply() }
    }

    fn apply(&mut self) -> Result<(), AnswerError> {
        self.index.apply(self.scope, &self.changes, self.position)?;
        self.applied += self.changes.len();
        self.changes.clear();
        Ok(())
    }
}

fn indexed(passage: IndexPassage) -> IndexedPassage {
    IndexedPassage {
        id: passage.id,
        document: passage.document,
        version: passage.version,
        collection: passage.collection,
        title: passage.title.unwrap_or(passage.name),
        heading_path: passage.heading_path.join(" "),
        // A document may have passages of several languages; a short one says too little itself.
        language: assay_parse::language_within(&passage.text, passage.language.as_deref())
            .map(str::to_owned)
            .or(passage.language),
        text: passage.text,
        vector: passage.vector,
    }
}

#[cfg(test)]
mod tests;

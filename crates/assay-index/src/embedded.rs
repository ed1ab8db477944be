//! The index inside the process: one folder per tenant, opened on first use.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use assay_core::{DocumentId, PassageId, TenantId, TenantScope};
use assay_vault::Vault;
use serde::{Deserialize, Serialize};

use self::tenant::Tenant;
use crate::{
    Filter, Hit, IndexChange, IndexError, IndexStats, PassageIndex, Respelling, TermScore,
    error::io,
};

mod best;
mod keyword;
mod tenant;
#[cfg(test)]
mod tests;
mod vectors;

pub use keyword::has_phrase;

/// Settings of the embedded index.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IndexSettings {
    /// Tenants whose index stays open. Each holds its vectors in memory: one byte per dimension
    /// plus about 400 bytes a passage. The one not used for longest is closed first.
    pub open_tenants_max: usize,
    /// Memory in bytes that writing to one tenant's keyword index may take; at least 15 MB.
    pub writer_memory_bytes: usize,
    /// BM25: how soon repeating a word stops to count. Higher counts more repeats.
    pub bm25_k1: f32,
    /// BM25: how much long passages pay for their length, 0 (nothing) to 1 (in proportion).
    pub bm25_b: f32,
}

impl Default for IndexSettings {
    fn default() -> Self {
        Self { open_tenants_max: 16, writer_memory_bytes: 20_000_000, bm25_k1: 0.9, bm25_b: 0.4 }
    }
}

/// Search inside the process, on local disk: `<root>/<tenant id>/index/{keyword,vectors}`.
pub struct EmbeddedIndex {
    root: PathBuf,
    settings: IndexSettings,
    vault: Arc<Vault>,
    slots: Mutex<HashMap<TenantId, Arc<Slot>>>,
    uses: AtomicU64,
}

/// The place of one tenant. It stays when the index is closed, so that opening and closing the
/// same folder wait for each other here.
#[derive(Default)]
struct Slot {
    tenant: Mutex<Option<Arc<Tenant>>>,
    last_use: AtomicU64,
}

impl EmbeddedIndex {
    /// An index over the tenants' folders below `tenants_root`, which is made if absent.
    ///
    /// # Errors
    /// When the folder cannot be made. A tenant's folder is opened, and its errors show, when it
    /// is first used.
    pub fn open(tenants_root: &Path, settings: &IndexSettings) -> Result<Self, IndexError> {
        Self::open_with(tenants_root, settings, Arc::default())
    }

    /// The same, encrypted with the tenants' keys. An index from before there were keys is started
    /// anew: the records fill it again.
    ///
    /// # Errors
    /// As for [`EmbeddedIndex::open`]. A key that is missing shows when its tenant is first used.
    pub fn open_with(
        tenants_root: &Path,
        settings: &IndexSettings,
        vault: Arc<Vault>,
    ) -> Result<Self, IndexError> {
        std::fs::create_dir_all(tenants_root).map_err(io("create", tenants_root))?;
        Ok(Self {
            root: tenants_root.to_owned(),
            settings: settings.clone(),
            vault,
            slots: Mutex::default(),
            uses: AtomicU64::new(0),
        })
    }

    /// The tenant's open index; makes room by closing others.
    fn tenant(&self, scope: &TenantScope) -> Result<Arc<Tenant>, IndexError> {
        let slot = Arc::clone(lock(&self.slots).entry(scope.tenant()).or_default());
        slot.last_use.store(self.uses.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        let mut place = lock(&slot.tenant);
        if let Some(tenant) = &*place {
            return Ok(Arc::clone(tenant));
        }
        self.close_idle(scope.tenant());
        let folder = self.root.join(scope.tenant().to_string()).join("index");
        // The records of the tenant were opened before, and its key was made then.
        let key = self.vault.tenant(scope.tenant(), false)?;
        let tenant = Arc::new(Tenant::open(&folder, &self.settings, key.as_ref())?);
        *place = Some(Arc::clone(&tenant));
        Ok(tenant)
    }

    /// Closes the tenants not used for longest until one more may be opened. Those at work are
    /// left alone, so that the limit can be passed for a moment.
    fn close_idle(&self, except: TenantId) {
        let mut slots: Vec<_> = {
            let slots = lock(&self.slots);
            slots
                .iter()
                .filter(|(id, _)| **id != except)
                .map(|(_, slot)| Arc::clone(slot))
                .collect()
        };
        slots.sort_by_key(|slot| slot.last_use.load(Ordering::Relaxed));
        let mut places: Vec<_> = slots
            .iter()
            .filter_map(|slot| slot.tenant.try_lock().ok().filter(|place| place.is_some()))
            .collect();
        let surplus = (places.len() + 1).saturating_sub(self.settings.open_tenants_max.max(1));
        for place in places.iter_mut().take(surplus) {
            if let Some(tenant) = place.take() {
                match Arc::try_unwrap(tenant) {
                    Ok(tenant) => tenant.close(),
                    Err(busy) => **place = Some(busy),
                }
            }
        }
    }
}

impl Drop for EmbeddedIndex {
    fn drop(&mut self) {
        for slot in lock(&self.slots).values() {
            if let Some(tenant) = lock(&slot.tenant).take().and_then(Arc::into_inner) {
                tenant.close();
            }
        }
    }
}

impl PassageIndex for EmbeddedIndex {
    fn apply(
        &self,
        scope: &TenantScope,
        changes: &[IndexChange],
        position: u64,
    ) -> Result<(), IndexError> {
        self.tenant(scope)?.apply(changes, position)
    }

    fn position(&self, scope: &TenantScope) -> Result<u64, IndexError> {
        Ok(self.tenant(scope)?.position())
    }

    fn keyword(
        &self,
        scope: &TenantScope,
        query: &str,
        filter: &Filter,
        limit: usize,
    ) -> Result<Vec<Hit>, IndexError> {
        self.tenant(scope)?.keyword(query, filter, limit)
    }

    fn respelled(
        &self,
        scope: &TenantScope,
        query: &str,
        filter: &Filter,
    ) -> Result<Vec<Respelling>, IndexError> {
        self.tenant(scope)?.respelled(query, filter)
    }

    fn rarity(
        &self,
        scope: &TenantScope,
        words: &[&str],
        filter: &Filter,
    ) -> Result<Vec<f32>, IndexError> {
        self.tenant(scope)?.rarity(words, filter)
    }

    fn vector(
        &self,
        scope: &TenantScope,
        vector: &[f32],
        filter: &Filter,
        limit: usize,
    ) -> Result<Vec<Hit>, IndexError> {
        self.tenant(scope)?.vector(vector, filter, limit)
    }

    fn keyword_documents(
        &self,
        scope: &TenantScope,
        query: &str,
        filter: &Filter,
    ) -> Result<HashSet<DocumentId>, IndexError> {
        self.tenant(scope)?.keyword_documents(query, filter)
    }

    fn explain_keyword(
        &self,
        scope: &TenantScope,
        query: &str,
        filter: &Filter,
        passages: &[PassageId],
    ) -> Result<Vec<Vec<TermScore>>, IndexError> {
        self.tenant(scope)?.explain_keyword(query, filter, passages)
    }

    fn passages(&self, scope: &TenantScope) -> Result<Vec<PassageId>, IndexError> {
        self.tenant(scope)?.passages()
    }

    fn stats(&self, scope: &TenantScope) -> Result<IndexStats, IndexError> {
        self.tenant(scope)?.stats()
    }

    fn clear(&self, scope: &TenantScope) -> Result<(), IndexError> {
        self.tenant(scope)?.clear()
    }

    fn release(&self, scope: &TenantScope) {
        let slot = lock(&self.slots).remove(&scope.tenant());
        // Whoever still searches drops the last handle.
        let tenant = slot.and_then(|slot| lock(&slot.tenant).take());
        if let Some(tenant) = tenant.and_then(Arc::into_inner) {
            tenant.close();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

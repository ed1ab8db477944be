//! The principals of warm keys, so that a request costs no look into the database.

use std::{
    collections::HashMap,
    num::NonZeroUsize,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use assay_core::{PrincipalId, Reader, TenantId};
use lru::LruCache;

use crate::{OwnLimits, Permissions, Role, TenantState, standing::Standing};

/// What is known of a key.
#[derive(Debug)]
pub(crate) struct Warm {
    /// The number of changes when it was read: a later number makes it stale.
    pub(crate) version: u64,
    pub(crate) hash: Vec<u8>,
    pub(crate) principal: PrincipalId,
    /// What access lists leave to the principal.
    pub(crate) listed: Reader,
    pub(crate) tenant: TenantId,
    pub(crate) tenant_name: String,
    pub(crate) limits: OwnLimits,
    pub(crate) state: TenantState,
    pub(crate) trial_ends_ms: Option<i64>,
    /// `None` when the principal is no member any more.
    pub(crate) role: Option<Role>,
    pub(crate) scopes: Permissions,
    pub(crate) expires_ms: Option<i64>,
    pub(crate) revoked: bool,
    pub(crate) disabled: bool,
}

/// Warm keys by id, and when keys were used since that was last written down.
#[derive(Debug)]
pub(crate) struct Cache {
    warm: Mutex<LruCache<String, Arc<Warm>>>,
    standings: Mutex<LruCache<String, Arc<Standing>>>,
    uses: Mutex<HashMap<String, i64>>,
}

impl Cache {
    pub(crate) fn new(keys: usize) -> Self {
        let keys = NonZeroUsize::new(keys).unwrap_or(NonZeroUsize::MIN);
        Self {
            warm: Mutex::new(LruCache::new(keys)),
            standings: Mutex::new(LruCache::new(keys)),
            uses: Mutex::default(),
        }
    }

    /// What is known of a key as of change number `version`.
    pub(crate) fn get(&self, id: &str, version: u64) -> Option<Arc<Warm>> {
        let mut warm = lock(&self.warm);
        warm.get(id).filter(|it| it.version == version).map(Arc::clone)
    }

    pub(crate) fn put(&self, id: &str, warm: Arc<Warm>) {
        lock(&self.warm).put(id.to_owned(), warm);
    }

    /// What a user is as of change number `version`.
    pub(crate) fn standing(&self, user: &str, version: u64) -> Option<Arc<Standing>> {
        let mut standings = lock(&self.standings);
        standings.get(user).filter(|it| it.version == version).map(Arc::clone)
    }

    pub(crate) fn put_standing(&self, user: &str, standing: Arc<Standing>) {
        lock(&self.standings).put(user.to_owned(), standing);
    }

    /// Notes that a key was good at this time.
    pub(crate) fn used(&self, id: &str, now_ms: i64) {
        let mut uses = lock(&self.uses);
        match uses.get_mut(id) {
            Some(at) => *at = now_ms,
            None => {
                uses.insert(id.to_owned(), now_ms);
            }
        }
    }

    /// When a key was used, if that was not written down yet.
    pub(crate) fn last_use(&self, id: &str) -> Option<i64> {
        lock(&self.uses).get(id).copied()
    }

    pub(crate) fn take_uses(&self) -> HashMap<String, i64> {
        std::mem::take(&mut lock(&self.uses))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

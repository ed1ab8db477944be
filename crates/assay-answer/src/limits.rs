//! How much a tenant may have and do: told to the store, counted for questions.

use std::{num::NonZeroUsize, sync::Mutex};

use assay_core::{TenantId, TenantScope};
use assay_identity::{Actor, Identities, OwnLimits, TenantLimits, TenantRecord};
use assay_store::{Store, Usage};
use lru::LruCache;

use crate::{AnswerError, Engine, engine::lock_mutex, guarding::TenantGuards, search::blocking};

/// Milliseconds in which questions are counted.
const MINUTE_MS: i64 = 60_000;
/// Tenants whose questions are counted; of more, those that asked longest ago start anew.
const TENANTS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(9_999);

/// Questions of tenants: when the minute began, and how many there were since.
pub(crate) struct Questions(Mutex<LruCache<TenantId, (i64, u64)>>);

impl Default for Questions {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(TENANTS)))
    }
}

impl Questions {
    /// Counts a question, unless there were as many in this minute as there may be.
    fn count(&self, tenant: TenantId, limit: u64, now_ms: i64) -> Result<(), AnswerError> {
        let mut counts = lock_mutex(&self.0);
        let minute = counts.get_or_insert_mut(tenant, || (now_ms, 0));
        if now_ms - minute.0 >= MINUTE_MS {
            *minute = (now_ms, 0);
        }
        if minute.1 >= limit {
            return Err(AnswerError::TooManyQuestions { limit });
        }
        minute.1 += 1;
        Ok(())
    }
}

/// Tells the parts that keep to them what the record of a tenant says.
pub(crate) fn introduce(
    identities: &Identities,
    store: &Store,
    guards: &TenantGuards,
    scope: &TenantScope,
    record: &TenantRecord,
) {
    let TenantLimits { documents, bytes, .. } = identities.limits(record);
    store.set_limits(scope, Usage { documents, bytes });
    guards.introduce(record.id, &record.name);
}

impl Engine {
    /// Sets limits of a tenant; what is `None` stays. They hold from when this returns.
    ///
    /// # Errors
    /// When there is no such tenant.
    pub async fn set_limits(
        self: &std::sync::Arc<Self>,
        actor: Actor,
        scope: TenantScope,
        limits: OwnLimits,
        defaults: Vec<String>,
    ) -> Result<TenantRecord, AnswerError> {
        let engine = std::sync::Arc::clone(self);
        blocking(move || {
            let record = engine.identities.set_limits(&actor, &scope, limits, defaults)?;
            engine.introduce(&scope, &record);
            Ok(record)
        })
        .await
    }

    /// How much a tenant has, and its members.
    ///
    /// # Errors
    /// When the records fail.
    pub async fn usage_of_tenant(
        self: &std::sync::Arc<Self>,
        scope: TenantScope,
    ) -> Result<(Usage, u64), AnswerError> {
        let engine = std::sync::Arc::clone(self);
        blocking(move || {
            let members = engine.identities.members(&scope)?.len() as u64;
            Ok((engine.store.tenant(&scope)?.usage()?, members))
        })
        .await
    }

    /// Tells the store what a tenant may have, and the guard what it is called.
    pub(crate) fn introduce(&self, scope: &TenantScope, record: &TenantRecord) {
        introduce(&self.identities, &self.store, &self.guards, scope, record);
    }

    /// Counts a question against the limit of its tenant.
    pub(crate) async fn admit_question(&self, scope: &TenantScope) -> Result<(), AnswerError> {
        if scope.is_platform() {
            return Ok(());
        }
        let (identities, tenant) = (std::sync::Arc::clone(&self.identities), scope.tenant());
        let limits = blocking(move || Ok(identities.limits(&identities.tenant(tenant)?))).await?;
        match limits.questions_per_minute {
            0 => Ok(()),
            limit => self.questions.count(tenant, limit, self.clock.now_ms()),
        }
    }
}

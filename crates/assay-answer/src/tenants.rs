//! Tenants: made, taken up after a start, erased; and which of them has something due.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use assay_core::{ErrorChain, TenantScope};
use assay_identity::{Actor, Identities, IdentityError, TenantRecord, TenantState};
use assay_store::{StoreError, TenantStore};
use tokio::time::interval;

use crate::{AnswerError, Engine, engine::lock_mutex, search::blocking, sources::forget};

/// How long an erasure waits for work on the tenant's data to end.
const ERASE_WAIT: Duration = Duration::from_secs(30);
/// Pause between two tries of it.
const ERASE_PAUSE: Duration = Duration::from_millis(50);
/// Time after which what the identities hold in memory is written out.
const TEND: Duration = Duration::from_secs(60);

/// When each tenant has its next source due: a number in memory, so that the files of idle tenants
/// stay closed. Runs of sources are Assay's own work, whoever set them up.
#[derive(Debug, Default)]
pub(crate) struct Agenda(Mutex<HashMap<TenantScope, i64>>);

impl Agenda {
    /// The tenants with something due at a time.
    pub(crate) fn due(&self, now_ms: i64) -> Vec<TenantScope> {
        let agenda = lock_mutex(&self.0);
        agenda.iter().filter(|(_, at)| **at <= now_ms).map(|(scope, _)| scope.clone()).collect()
    }

    /// Takes over from the records when a tenant has its next source due.
    pub(crate) fn note(&self, scope: &TenantScope, tenant: &TenantStore) -> Result<(), StoreError> {
        // Held over the read: of two at once the later one must not be overwritten.
        let mut agenda = lock_mutex(&self.0);
        match tenant.next_source_ms()? {
            Some(next_ms) => agenda.insert(scope.for_own_work(), next_ms),
            None => agenda.remove(&scope.for_own_work()),
        };
        Ok(())
    }

    /// Looks at a tenant again later.
    pub(crate) fn put_off(&self, scope: &TenantScope, until_ms: i64) {
        lock_mutex(&self.0).insert(scope.for_own_work(), until_ms);
    }

    fn forget(&self, scope: &TenantScope) {
        lock_mutex(&self.0).remove(&scope.for_own_work());
    }
}

/// Takes up what an earlier process left of every tenant but the platform's, one after the other in
/// the background, and looks after the identities as long as the engine lives.
pub(crate) fn take_up_all(engine: &Arc<Engine>) {
    let weak = Arc::downgrade(engine);
    tokio::spawn(async move {
        let Some(engine) = weak.upgrade() else { return };
        let scopes = engine.store.scopes().unwrap_or_default();
        drop(engine);
        for scope in scopes.into_iter().filter(|scope| !scope.is_platform()) {
            let Some(engine) = weak.upgrade() else { return };
            if let Err(error) = blocking(move || engine.take_up(&scope)).await {
                tracing::error!(error = %ErrorChain(&error), "a tenant could not be taken up");
            }
        }
        let mut rounds = interval(TEND);
        loop {
            rounds.tick().await;
            let Some(engine) = weak.upgrade() else { return };
            if let Err(error) = blocking(move || Ok(engine.identities.tend()?)).await {
                tracing::warn!(error = %ErrorChain(&error), "the identities were not written out");
            }
        }
    });
}

impl Engine {
    /// Takes up the work on a tenant that an earlier process left, and notes what is due.
    pub(crate) fn take_up(&self, scope: &TenantScope) -> Result<(), AnswerError> {
        let tenant = self.store.tenant(scope)?;
        // Without a document there is nothing to go on with, and the index stays closed.
        if tenant.last_position()? > 0 || !tenant.pending()?.is_empty() {
            self.recover(scope)?;
        }
        Ok(self.agenda.note(scope, &tenant)?)
    }

    /// Makes the list of tenants with data and the list of tenants with members the same: a crash
    /// may have come between the two halves of a making or an erasure.
    pub(crate) fn match_tenants(&self) -> Result<(), AnswerError> {
        let stored = self.store.tenants()?;
        for scope in self.store.scopes()? {
            let name = stored.iter().find(|it| it.id == scope.tenant()).map(|it| it.name.as_str());
            let ensured = self.identities.ensure_tenant(&scope, name.unwrap_or_default());
            if let Err(IdentityError::Exists { .. }) = ensured {
                // Another tenant took the name: its id is one that nobody has.
                self.identities.ensure_tenant(&scope, &scope.tenant().to_string())?;
            } else {
                ensured?;
            }
        }
        for record in self.identities.tenants()? {
            if stored.iter().all(|tenant| tenant.id != record.id) {
                let (scope, _) = self.identities.managed_tenant(&record.id.to_string())?;
                self.identities.remove_tenant(&Actor::operator(), &scope)?;
            }
        }
        let records = self.identities.tenants()?;
        for scope in self.store.scopes()? {
            if let Some(record) = records.iter().find(|record| record.id == scope.tenant()) {
                self.introduce(&scope, record);
            }
        }
        Ok(())
    }

    /// Makes a tenant with a data folder of its own and, where one is named, its first owner.
    ///
    /// # Errors
    /// When the name is taken or cannot be one, or there is no such user.
    pub async fn create_tenant(
        self: &Arc<Self>,
        actor: Actor,
        name: String,
        trial_ends_ms: Option<i64>,
        owner: Option<String>,
    ) -> Result<TenantRecord, AnswerError> {
        let engine = Arc::clone(self);
        blocking(move || {
            Identities::check_tenant_name(&name)?;
            if let Some(owner) = &owner {
                engine.identities.user_named(owner)?;
            }
            let made = match engine.store.create_tenant(&name) {
                Err(StoreError::Exists { .. }) => {
                    return Err(IdentityError::Exists { kind: "tenant", name }.into());
                }
                made => made?,
            };
            let scopes = engine.store.scopes()?;
            let scope = scopes.into_iter().find(|scope| scope.tenant() == made.id);
            let scope =
                scope.ok_or(IdentityError::NotFound { kind: "tenant", id: name.clone() })?;
            let record = engine.identities.add_tenant(&actor, &scope, &name, trial_ends_ms)?;
            engine.introduce(&scope, &record);
            if let Some(owner) = owner {
                let role = assay_identity::Role::Owner;
                engine.identities.set_member(&actor, None, &scope, &owner, role)?;
            }
            Ok(record)
        })
        .await
    }

    /// Erases a tenant: its records, originals and index, its tasks, budgets, members and keys. Its audit
    /// log and the entries of the ledger stay, with ids and without a name. Nobody acts for it from the first moment; a crash in between
    /// leaves a cancelled tenant that can be erased again.
    ///
    /// # Errors
    /// When it is the platform tenant, or its data is still at work after half a minute.
    pub async fn erase_tenant(
        self: &Arc<Self>,
        actor: Actor,
        scope: TenantScope,
    ) -> Result<(), AnswerError> {
        let engine = Arc::clone(self);
        blocking(move || {
            let cancelled = TenantState::Cancelled;
            engine.identities.set_tenant_state(&actor, &scope, cancelled, None)?;
            engine.agenda.forget(&scope);
            // Gone already when an erasure was cut off.
            let caches = engine.caches_of(&scope).unwrap_or_default();
            caches.iter().for_each(|folder| forget(folder));
            engine.tasks.forget_tenant(&scope)?;
            engine.ledger.forget_tenant(&scope)?;
            engine.catalogues.forget(scope.tenant());
            let deadline = Instant::now() + ERASE_WAIT;
            loop {
                engine.indexer.forget(&scope);
                match engine.store.delete_tenant(&scope) {
                    Err(StoreError::TenantInUse { .. }) if Instant::now() < deadline => {
                        std::thread::sleep(ERASE_PAUSE);
                    }
                    deleted => break deleted?,
                }
            }
            // A run that was under way may have written again.
            caches.iter().for_each(|folder| forget(folder));
            engine.identities.remove_tenant(&actor, &scope)?;
            Ok(())
        })
        .await
    }
}

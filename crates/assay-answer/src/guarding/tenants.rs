//! Which guard is whose.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, PoisonError, RwLock},
};

use assay_core::{RequestId, TenantId, TenantScope};
use assay_guard::{Guard, GuardSettings, GuardSetupError};

use super::{Guards, Shared, canary};

/// The guards of all tenants: one for each that has settings of its own, one for all others.
pub(crate) struct TenantGuards {
    all: Arc<Guards>,
    /// By the name or id that the settings call a tenant by.
    own: BTreeMap<String, Arc<Guards>>,
    of_id: RwLock<HashMap<TenantId, Arc<Guards>>>,
}

impl TenantGuards {
    /// The guards that the settings ask for. A canary of this process joins those of the settings.
    ///
    /// # Errors
    /// As [`Guard::new`].
    pub(crate) fn new(mut settings: GuardSettings) -> Result<Self, GuardSetupError> {
        // Random bits of two ids, whose times alone could be guessed.
        let secret = format!("{:x}{:x}", RequestId::new().as_u128(), RequestId::new().as_u128());
        settings.canaries.push(canary(&secret));
        let shared = Arc::new(Shared { secret, counts: Default::default() });
        let guard = Guard::new(settings)?;
        let own = guard.of_tenants()?.into_iter();
        let own = own.map(|(tenant, guard)| (tenant, Arc::new(Guards::new(guard, &shared))));
        let own = own.collect();
        let all = Arc::new(Guards::new(guard, &shared));
        Ok(Self { all, own, of_id: RwLock::default() })
    }

    /// Says what a tenant is called, so that settings under its name are found.
    pub(crate) fn introduce(&self, tenant: TenantId, name: &str) {
        let own = self.own.get(name).or_else(|| self.own.get(&tenant.to_string()));
        let mut of_id = self.of_id.write().unwrap_or_else(PoisonError::into_inner);
        match own {
            Some(own) => of_id.insert(tenant, Arc::clone(own)),
            None => of_id.remove(&tenant),
        };
    }

    /// The guards of a tenant.
    pub(crate) fn of(&self, scope: &TenantScope) -> Arc<Guards> {
        let of_id = self.of_id.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(of_id.get(&scope.tenant()).unwrap_or(&self.all))
    }

    /// How often what was found, for all tenants together: the kind of event, its severity, the
    /// number.
    pub(crate) fn totals(&self) -> Vec<(&'static str, &'static str, u64)> {
        self.all.shared.totals()
    }
}

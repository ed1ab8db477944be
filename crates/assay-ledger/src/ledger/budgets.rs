//! Setting, showing and lifting budgets.

use std::sync::{Arc, PoisonError};

use assay_core::{BudgetId, TenantScope};

use super::{Ledger, State, start};
use crate::{
    Alert, Budget, BudgetSpec, BudgetStatus, Dimension, LedgerError, LimitOverride,
    budget::{Taken, book::Book},
    store::Store,
};

/// Budgets of a tenant at most: each one is looked at in its calls.
const BUDGETS_MAX: usize = 10_000;
/// Overrides kept of a budget; the oldest go.
const OVERRIDES_MAX: usize = 20;
/// Counters shown of one budget.
const COUNTERS_SHOWN: usize = 100;

impl Ledger {
    /// Sets a budget for calls of a tenant. What was used in the window so far counts.
    ///
    /// # Errors
    /// [`LedgerError::Invalid`], also for a name that the tenant has given already.
    pub fn create_budget(
        &self,
        scope: &TenantScope,
        spec: BudgetSpec,
    ) -> Result<BudgetStatus, LedgerError> {
        self.check_new(scope, &spec, None)?;
        self.put(Self::budget(BudgetId::new(), scope, spec)?)
    }

    /// Changes a budget of a tenant.
    ///
    /// # Errors
    /// [`LedgerError::NoBudget`], also for one of the configuration or of somebody else;
    /// [`LedgerError::Invalid`].
    pub fn change_budget(
        &self,
        scope: &TenantScope,
        id: BudgetId,
        spec: BudgetSpec,
    ) -> Result<BudgetStatus, LedgerError> {
        let old = self.own(scope, id)?;
        self.check_new(scope, &spec, Some(id))?;
        let budget = Self::budget(id, scope, spec)?;
        self.put(Budget { overrides: old.overrides.clone(), ..budget })
    }

    /// Sets another limit for a time.
    ///
    /// # Errors
    /// As [`Self::change_budget`].
    pub fn override_budget(
        &self,
        scope: &TenantScope,
        id: BudgetId,
        new: LimitOverride,
    ) -> Result<BudgetStatus, LedgerError> {
        let mut budget = Budget::clone(&*self.own(scope, id)?);
        if new.from_ms >= new.until_ms || new.reason.chars().count() > 300 {
            let reason = "it ends after it begins, and its reason has at most 300 characters";
            return Err(invalid("an override", reason));
        }
        if budget.overrides.len() >= OVERRIDES_MAX {
            budget.overrides.remove(0);
        }
        budget.overrides.push(new);
        self.put(budget)
    }

    /// Lifts a budget of a tenant.
    ///
    /// # Errors
    /// As [`Self::change_budget`].
    pub fn delete_budget(&self, scope: &TenantScope, id: BudgetId) -> Result<(), LedgerError> {
        self.own(scope, id)?;
        self.inner.store.forget_budget(id)?;
        self.inner.lock().remove(id);
        Ok(())
    }

    /// The budgets that a tenant may see, by name: its own, and of those of the configuration the
    /// ones that name it. The built-in tenant is the operator's and sees all of the configuration.
    #[must_use]
    pub fn budgets(&self, scope: &TenantScope) -> Vec<BudgetStatus> {
        let now_ms = self.inner.clock.now_ms();
        let state = self.inner.lock();
        let seen = state.book.budgets().filter(|budget| is_seen(budget, scope));
        let mut list: Vec<_> =
            seen.map(|budget| self::status(&state.book, budget, scope, now_ms)).collect();
        list.sort_by(|a, b| a.budget.spec.name.cmp(&b.budget.spec.name));
        list
    }

    /// One budget.
    ///
    /// # Errors
    /// [`LedgerError::NoBudget`], also for one that the tenant may not see.
    pub fn budget_status(
        &self,
        scope: &TenantScope,
        id: BudgetId,
    ) -> Result<BudgetStatus, LedgerError> {
        let now_ms = self.inner.clock.now_ms();
        let state = self.inner.lock();
        let budget = state.book.get(id).filter(|budget| is_seen(budget, scope));
        let budget = budget.ok_or_else(|| LedgerError::NoBudget { id: id.to_string() })?;
        Ok(self::status(&state.book, &budget, scope, now_ms))
    }

    /// The last alerts of the budgets of a tenant, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn alerts(&self, scope: &TenantScope, limit: u32) -> Result<Vec<Alert>, LedgerError> {
        self.flush()?;
        let ids: Vec<_> = self
            .budgets(scope)
            .iter()
            .map(|status| (status.budget.id, status.budget.owner))
            .collect();
        let own: Vec<_> = ids
            .into_iter()
            .filter(|(_, owner)| owner.is_some() || scope.is_platform())
            .map(|(id, _)| id)
            .collect();
        self.inner.store.alerts(&own, limit)
    }

    fn budget(id: BudgetId, scope: &TenantScope, spec: BudgetSpec) -> Result<Budget, LedgerError> {
        Budget::new(id, Some(scope.tenant()), spec)
            .map_err(|reason| LedgerError::Invalid { what: "the budget", reason })
    }

    /// A budget that a tenant may change.
    fn own(&self, scope: &TenantScope, id: BudgetId) -> Result<Arc<Budget>, LedgerError> {
        let budget = self.inner.lock().book.get(id);
        budget
            .filter(|budget| budget.owner == Some(scope.tenant()))
            .ok_or_else(|| LedgerError::NoBudget { id: id.to_string() })
    }

    fn check_new(
        &self,
        scope: &TenantScope,
        spec: &BudgetSpec,
        but: Option<BudgetId>,
    ) -> Result<(), LedgerError> {
        let state = self.inner.lock();
        let mut own = 0;
        for budget in state.book.budgets() {
            if budget.owner != Some(scope.tenant()) || Some(budget.id) == but {
                continue;
            }
            own += 1;
            if budget.spec.name == spec.name {
                return Err(invalid("the budget", "another one has this name"));
            }
        }
        if own >= BUDGETS_MAX {
            return Err(invalid("the budget", "there are as many as can be kept"));
        }
        Ok(())
    }

    /// Puts a budget in place, on disk and in memory, with what was used and what is held of it.
    /// No call is let through meanwhile.
    fn put(&self, budget: Budget) -> Result<BudgetStatus, LedgerError> {
        let now_ms = self.inner.clock.now_ms();
        let (id, budget) = (budget.id, Arc::new(budget));
        self.inner.store.keep_budget(&budget, now_ms)?;
        self.inner.store.forget_alerts(id, budget.spec.window.around(now_ms).0)?;
        self.with_all_written(|state, store, now_ms| {
            state.place(&budget, store, now_ms)?;
            Ok(state.book.status(&budget, COUNTERS_SHOWN, now_ms))
        })
    }

    /// Forgets the budgets of a tenant that is being erased, and whom its requests named. What its calls
    /// cost stays in the books, with ids alone.
    ///
    /// # Errors
    /// When the database or the journal cannot be written.
    pub fn forget_tenant(&self, scope: &TenantScope) -> Result<(), LedgerError> {
        let tenant = scope.tenant();
        self.with_all_written(|state, store, now_ms| {
            store.forget_tenant(tenant)?;
            let State { open, .. } = &mut *state;
            for open in open.values_mut().filter(|it| it.call.labels.tenant_id() == tenant) {
                open.call.labels.forget_end_user();
            }
            let budgets: Vec<_> = state.book.budgets().cloned().collect();
            for budget in budgets {
                if budget.owner == Some(tenant) {
                    state.remove(budget.id);
                } else if budget.spec.selector(Dimension::EndUser).is_some() {
                    state.place(&budget, store, now_ms)?;
                }
            }
            let State { journal, open, waiting, .. } = state;
            journal.rotate(open.values().map(|open| &open.call), waiting)
        })?;
        Ok(self.inner.store.0.empty_log()?)
    }

    /// Does `work` while everything that has ended is in the database and no call begins or ends.
    pub(crate) fn with_all_written<T>(
        &self,
        work: impl FnOnce(&mut State, &Store, i64) -> Result<T, LedgerError>,
    ) -> Result<T, LedgerError> {
        let _moving = self.inner.moving.lock().unwrap_or_else(PoisonError::into_inner);
        let mut state = self.inner.lock();
        let waiting = Arc::from(state.waiting.as_slice());
        self.inner.store.add(&waiting, Vec::new())?;
        state.waiting.clear();
        work(&mut state, &self.inner.store, self.inner.clock.now_ms())
    }
}

impl State {
    /// Takes a budget out, with what is held of it.
    fn remove(&mut self, id: BudgetId) {
        self.book.remove(id);
        self.open.values_mut().for_each(|open| open.holds.retain(|hold| !Book::is_of(hold, id)));
    }

    /// Puts a budget in place with what was used, as the database says, and what is held of it.
    fn place(
        &mut self,
        budget: &Arc<Budget>,
        store: &Store,
        now_ms: i64,
    ) -> Result<(), LedgerError> {
        let id = budget.id;
        self.remove(id);
        self.book.put(Arc::clone(budget));
        start::load_counters(&mut self.book, store, budget, now_ms)?;
        let State { book, open, .. } = self;
        for open in open.values_mut() {
            let call = &open.call;
            let taken = Taken { cost: call.reserved, tokens: call.estimate.total(), calls: 1 };
            if call.at_ms >= budget.spec.window.around(now_ms).0 {
                open.holds.extend(book.hold(id, &call.labels, &taken, now_ms));
            }
        }
        Ok(())
    }
}

fn is_seen(budget: &Budget, scope: &TenantScope) -> bool {
    match budget.owner {
        Some(owner) => owner == scope.tenant(),
        None => {
            let tenant = budget.spec.selector(Dimension::Tenant);
            scope.is_platform()
                || tenant.is_some_and(|it| it == "*" || it == scope.tenant().to_string())
        }
    }
}

/// How a budget stands, without the counters of other tenants.
fn status(book: &Book, budget: &Arc<Budget>, scope: &TenantScope, now_ms: i64) -> BudgetStatus {
    let mut status = book.status(budget, COUNTERS_SHOWN, now_ms);
    if !scope.is_platform() {
        let own = scope.tenant().to_string();
        status.counters.retain(|counter| {
            counter
                .values
                .iter()
                .all(|(dimension, value)| *dimension != Dimension::Tenant || **value == *own)
        });
    }
    status
}

fn invalid(what: &'static str, reason: &str) -> LedgerError {
    LedgerError::Invalid { what, reason: reason.to_owned() }
}

//! What model calls cost, and budgets: the ledger for a tenant, off the threads that serve.

use assay_core::{BudgetId, TenantScope};
use assay_gateway::Gateway;
use assay_ledger::{
    Alert, BudgetSpec, BudgetStatus, CostSummary, Ledger, LimitOverride, Recount, UsageQuery,
    UsageReport,
};

mod meter;

pub(crate) use meter::LedgerMeter;

use crate::{AnswerError, Engine, search::blocking};

impl Engine {
    /// The gateway that every model call goes through.
    #[must_use]
    pub const fn gateway(&self) -> &Gateway {
        &self.gateway
    }

    /// The ledger that every model call is counted in.
    #[must_use]
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// What a tenant used, with its cost in short.
    ///
    /// # Errors
    /// As [`Ledger::usage`].
    pub async fn usage(
        &self,
        scope: &TenantScope,
        query: UsageQuery,
    ) -> Result<(UsageReport, CostSummary), AnswerError> {
        self.on_ledger(scope, move |ledger, scope| {
            Ok((ledger.usage(scope, &query)?, ledger.cost_summary(scope)?))
        })
        .await
    }

    /// What a tenant's use of models costs, in short.
    ///
    /// # Errors
    /// As [`Ledger::cost_summary`].
    pub async fn cost_summary(&self, scope: &TenantScope) -> Result<CostSummary, AnswerError> {
        self.on_ledger(scope, |ledger, scope| Ok(ledger.cost_summary(scope)?)).await
    }

    /// Counts the ledger again.
    ///
    /// # Errors
    /// As [`Ledger::recount`].
    pub async fn recount(&self) -> Result<Recount, AnswerError> {
        let ledger = self.ledger.clone();
        blocking(move || Ok(ledger.recount()?)).await
    }

    /// Sets a budget, or changes the one with this id.
    ///
    /// # Errors
    /// As [`Ledger::create_budget`] and [`Ledger::change_budget`].
    pub async fn set_budget(
        &self,
        scope: &TenantScope,
        id: Option<BudgetId>,
        spec: BudgetSpec,
    ) -> Result<BudgetStatus, AnswerError> {
        self.on_ledger(scope, move |ledger, scope| {
            Ok(match id {
                Some(id) => ledger.change_budget(scope, id, spec)?,
                None => ledger.create_budget(scope, spec)?,
            })
        })
        .await
    }

    /// Sets another limit of a budget for a time.
    ///
    /// # Errors
    /// As [`Ledger::override_budget`].
    pub async fn override_budget(
        &self,
        scope: &TenantScope,
        id: BudgetId,
        limit: LimitOverride,
    ) -> Result<BudgetStatus, AnswerError> {
        let work = move |ledger: &Ledger, scope: &TenantScope| {
            Ok(ledger.override_budget(scope, id, limit)?)
        };
        self.on_ledger(scope, work).await
    }

    /// Lifts a budget.
    ///
    /// # Errors
    /// As [`Ledger::delete_budget`].
    pub async fn delete_budget(
        &self,
        scope: &TenantScope,
        id: BudgetId,
    ) -> Result<(), AnswerError> {
        self.on_ledger(scope, move |ledger, scope| Ok(ledger.delete_budget(scope, id)?)).await
    }

    /// The last alerts of budgets.
    ///
    /// # Errors
    /// As [`Ledger::alerts`].
    pub async fn budget_alerts(
        &self,
        scope: &TenantScope,
        limit: u32,
    ) -> Result<Vec<Alert>, AnswerError> {
        self.on_ledger(scope, move |ledger, scope| Ok(ledger.alerts(scope, limit)?)).await
    }

    async fn on_ledger<T: Send + 'static>(
        &self,
        scope: &TenantScope,
        work: impl FnOnce(&Ledger, &TenantScope) -> Result<T, AnswerError> + Send + 'static,
    ) -> Result<T, AnswerError> {
        let (ledger, scope) = (self.ledger.clone(), scope.clone());
        blocking(move || work(&ledger, &scope)).await
    }
}

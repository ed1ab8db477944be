//! Settings of the ledger, its prices and its budgets.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use assay_core::{NanoUsd, TenantId};
use serde::Deserialize;

use crate::{
    BudgetSpec, Pricing, Rates,
    prices::{Amount, PriceOverride, PriceRow},
};

/// Settings of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LedgerSettings {
    /// Milliseconds between two syncs of the journal to the disk: what a power cut can take. The
    /// death of the process takes nothing.
    pub sync_ms: u64,
    /// What is done with a model that has no price.
    pub unknown_model: UnknownModel,
    /// Prices over those of the table.
    pub prices: Vec<PriceOverride>,
    /// Budgets of the whole installation, over those that tenants set.
    pub budgets: Vec<BudgetSpec>,
    /// Dollars that the machine and what belongs to it cost a month: what `assay ready` adds to the
    /// cost of documents and of a month. 0 where it is not declared.
    pub machine_usd_per_month: Amount,
    /// The tenants of each organisation, by their ids: budgets can be for all of them together.
    pub organisations: BTreeMap<String, Vec<TenantId>>,
}

impl Default for LedgerSettings {
    fn default() -> Self {
        Self {
            sync_ms: 20,
            unknown_model: UnknownModel::default(),
            prices: Vec::new(),
            budgets: Vec::new(),
            machine_usd_per_month: Amount(NanoUsd::ZERO),
            organisations: BTreeMap::new(),
        }
    }
}

impl LedgerSettings {
    /// What is wrong, as key and reason.
    #[must_use]
    pub fn problems(&self) -> Vec<(String, String)> {
        let mut problems = Vec::new();
        if !(1..=1000).contains(&self.sync_ms) {
            problems.push(("sync_ms".to_owned(), "is 1 to 1000".to_owned()));
        }
        for (number, budget) in self.budgets.iter().enumerate() {
            if let Err(reason) = budget.check() {
                problems.push((format!("budgets[{number}]"), reason));
            }
        }
        for (number, price) in self.prices.iter().enumerate() {
            if price.provider.is_empty() || price.model.is_empty() {
                let reason = "names no `provider` and `model`".to_owned();
                problems.push((format!("prices[{number}]"), reason));
            }
        }
        let all = self.organisations.values().flatten();
        let mut seen = HashMap::new();
        for tenant in all {
            if seen.insert(tenant, ()).is_some() {
                let reason = format!("tenant {tenant} belongs to one organisation");
                problems.push(("organisations".to_owned(), reason));
            }
        }
        for name in self.organisations.keys() {
            if let Err(reason) = crate::labels::check("organisation", name) {
                problems.push(("organisations".to_owned(), reason));
            }
        }
        problems
    }

    /// The organisation of each tenant that has one.
    pub(crate) fn organisation_of(&self) -> HashMap<TenantId, Arc<str>> {
        let named = self.organisations.iter().flat_map(|(name, tenants)| {
            let name: Arc<str> = name.as_str().into();
            tenants.iter().map(move |tenant| (*tenant, Arc::clone(&name)))
        });
        named.collect()
    }
}

/// What is done with a model that has no price. It is never free.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UnknownModel {
    /// Whether calls are refused, or charged at the amounts below.
    pub action: UnknownAction,
    /// Dollars per million tokens read.
    pub input: Amount,
    /// Dollars per million tokens written.
    pub output: Amount,
}

/// What is done with a model that has no price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum UnknownAction {
    /// The call is refused.
    #[default]
    Refuse,
    /// The call is charged at the stated maximum.
    Charge,
}

impl Default for UnknownModel {
    /// The amounts are above those of every chat model of the built-in table.
    fn default() -> Self {
        let dollars = |amount: u64| Amount(NanoUsd::from_nanos(amount * 1_000_000_000));
        Self { action: UnknownAction::Refuse, input: dollars(200), output: dollars(800) }
    }
}

impl UnknownModel {
    /// The row that is charged, when one is.
    pub(crate) fn row(&self) -> Option<PriceRow> {
        if self.action == UnknownAction::Refuse {
            return None;
        }
        let rates = Rates {
            input: self.input.0.nanos(),
            output: self.output.0.nanos(),
            ..Rates::default()
        };
        Some(PriceRow {
            provider: "*".to_owned(),
            model: "*".to_owned(),
            pricing: Pricing { rates, ..Pricing::default() },
            context: None,
            max_output: None,
            source: "maximum".to_owned(),
            date: String::new(),
        })
    }
}

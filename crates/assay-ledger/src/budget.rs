//! Budgets: how much of what may be used in which time, and by whom.

use std::{fmt, str::FromStr, sync::Arc};

use assay_core::{BudgetId, NanoUsd, TenantId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Labels, prices::Amount};

pub(crate) mod book;
mod status;
#[cfg(test)]
mod tests;
mod window;

pub use status::{Alert, BudgetStatus, CounterStatus};
pub use window::Window;

/// Longest name of a budget, in characters.
const NAME_CHARS_MAX: usize = 100;
/// Value of a selector that keeps a counter for each value.
const EACH: &str = "*";

/// What a budget counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Measure {
    /// Money, in nano-dollars.
    Usd,
    /// Tokens read and written.
    Tokens,
    /// Calls, those that a cache answered included and those that failed not.
    Calls,
}

/// What a call is told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dimension {
    /// The organisation that the tenant belongs to.
    Organisation,
    /// The tenant.
    Tenant,
    /// The API key.
    Key,
    /// The user or service whose credential came with the call.
    User,
    /// Whom the request names: free text of the caller, who can name another each time.
    #[serde(rename = "end_user")]
    EndUser,
    /// The model provider.
    Provider,
    /// The model.
    Model,
}

impl Dimension {
    /// All of them, in the order of the columns of the ledger.
    pub const ALL: [Self; 7] = [
        Self::Organisation,
        Self::Tenant,
        Self::Key,
        Self::User,
        Self::EndUser,
        Self::Provider,
        Self::Model,
    ];

    /// Its column, as SQL: `user` is a word of Postgres.
    pub(crate) fn column(self) -> String {
        format!("\"{self}\"")
    }

    /// The name, which is also that of its column.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Organisation => "organisation",
            Self::Tenant => "tenant",
            Self::Key => "key",
            Self::User => "user",
            Self::EndUser => "end_user",
            Self::Provider => "provider",
            Self::Model => "model",
        }
    }
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A budget as it is set. Exactly one of the three limits is given. A dimension that is absent is
/// not looked at; one with a value limits the budget to it; `*` keeps a counter for each value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct BudgetSpec {
    /// What it is called, in refusals too.
    pub name: String,
    /// Dollars.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_usd: Option<Amount>,
    /// Tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_tokens: Option<u64>,
    /// Calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_calls: Option<u64>,
    /// The time in which; calendar times in UTC.
    pub window: Window,
    /// Only this organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// Only this tenant, by its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// Only this API key, by its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Only this user, by id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Only whom requests name so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_user: Option<String>,
    /// Only this provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Only this model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Shares of the limit, in percent, whose passing is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alerts: Option<Vec<u8>>,
}

impl BudgetSpec {
    /// What it counts and how much of it may be used.
    ///
    /// # Errors
    /// In words, when it has no limit or more than one.
    pub fn limit(&self) -> Result<(Measure, u64), String> {
        let limits = [
            (Measure::Usd, self.limit_usd.map(|amount| amount.0.nanos())),
            (Measure::Tokens, self.limit_tokens),
            (Measure::Calls, self.limit_calls),
        ];
        let mut given = limits.iter().filter_map(|(measure, limit)| Some((*measure, (*limit)?)));
        match (given.next(), given.next()) {
            (Some(limit), None) => Ok(limit),
            _ => Err("needs one of `limit_usd`, `limit_tokens`, `limit_calls`".to_owned()),
        }
    }

    /// Whether it can be one.
    ///
    /// # Errors
    /// In words.
    pub fn check(&self) -> Result<(), String> {
        self.limit()?;
        if self.name.trim().is_empty() || self.name.chars().count() > NAME_CHARS_MAX {
            return Err(format!("needs a `name` of 1 to {NAME_CHARS_MAX} characters"));
        }
        let alerts = self.alerts();
        if alerts.len() > 10 || alerts.iter().any(|share| !(1..=100).contains(share)) {
            return Err("`alerts` are at most 10 shares of 1 to 100 percent".to_owned());
        }
        for dimension in Dimension::ALL {
            if let Some(value) = self.selector(dimension) {
                crate::labels::check(dimension.as_str(), value)?;
            }
        }
        Ok(())
    }

    /// The shares whose passing is told.
    #[must_use]
    pub fn alerts(&self) -> &[u8] {
        self.alerts.as_deref().unwrap_or(&[50, 80, 100])
    }

    /// What it says of a dimension.
    #[must_use]
    pub fn selector(&self, dimension: Dimension) -> Option<&str> {
        let value = match dimension {
            Dimension::Organisation => &self.organisation,
            Dimension::Tenant => &self.tenant,
            Dimension::Key => &self.key,
            Dimension::User => &self.user,
            Dimension::EndUser => &self.end_user,
            Dimension::Provider => &self.provider,
            Dimension::Model => &self.model,
        };
        value.as_deref()
    }

    /// The dimensions that it keeps counters for each value of.
    pub(crate) fn each(&self) -> impl Iterator<Item = Dimension> + '_ {
        Dimension::ALL.into_iter().filter(|dimension| self.selector(*dimension) == Some(EACH))
    }

    /// The dimensions of which it names one value.
    pub(crate) fn fixed(&self) -> impl Iterator<Item = (Dimension, &str)> {
        Dimension::ALL
            .into_iter()
            .filter_map(|dimension| Some((dimension, self.selector(dimension)?)))
            .filter(|(_, value)| *value != EACH)
    }
}

/// Another limit for a time: an emergency, a launch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitOverride {
    /// The limit meanwhile, in the unit of the budget: nano-dollars, tokens, calls.
    pub limit: u64,
    /// From when, in milliseconds since 1970.
    pub from_ms: i64,
    /// Until when.
    pub until_ms: i64,
    /// Why, for whoever looks later.
    pub reason: String,
}

/// A budget that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// Its id.
    pub id: BudgetId,
    /// Whose calls it is for; none for those of the configuration, which are for all.
    pub owner: Option<TenantId>,
    /// What was set.
    pub spec: BudgetSpec,
    /// What it counts.
    pub measure: Measure,
    /// How much may be used, apart from overrides.
    pub limit: u64,
    /// Limits for a time, the newest last.
    pub overrides: Vec<LimitOverride>,
}

impl Budget {
    pub(crate) fn new(
        id: BudgetId,
        owner: Option<TenantId>,
        spec: BudgetSpec,
    ) -> Result<Self, String> {
        spec.check()?;
        let (measure, limit) = spec.limit()?;
        Ok(Self { id, owner, spec, measure, limit, overrides: Vec::new() })
    }

    /// The id of a budget of the configuration: the same for the same name.
    pub(crate) fn id_of_configured(name: &str) -> BudgetId {
        let mut first = [0; 16];
        for (to, from) in first.iter_mut().zip(Sha256::digest(format!("configured {name}"))) {
            *to = from;
        }
        BudgetId::from_bytes(first)
    }

    /// The limit that holds at a time.
    #[must_use]
    pub fn limit_at(&self, now_ms: i64) -> u64 {
        let holds = |it: &&LimitOverride| (it.from_ms..it.until_ms).contains(&now_ms);
        self.overrides.iter().rev().find(holds).map_or(self.limit, |it| it.limit)
    }

    /// Whether it is for a call, and the values whose counter the call belongs to. A budget for
    /// each value of a dimension is not for calls without one.
    pub(crate) fn counter_of(&self, labels: &Labels) -> Option<Vec<Arc<str>>> {
        if self.owner.is_some_and(|owner| owner != labels.tenant_id()) {
            return None;
        }
        for (dimension, value) in self.spec.fixed() {
            if labels.get(dimension).is_none_or(|label| **label != *value) {
                return None;
            }
        }
        self.spec.each().map(|dimension| labels.get(dimension).cloned()).collect()
    }
}

/// What a call takes of budgets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Taken {
    pub(crate) cost: NanoUsd,
    pub(crate) tokens: u64,
    pub(crate) calls: u64,
}

impl Taken {
    pub(crate) const fn of(&self, measure: Measure) -> u64 {
        match measure {
            Measure::Usd => self.cost.nanos(),
            Measure::Tokens => self.tokens,
            Measure::Calls => self.calls,
        }
    }
}

impl Serialize for Amount {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

impl FromStr for Measure {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "usd" => Ok(Self::Usd),
            "tokens" => Ok(Self::Tokens),
            "calls" => Ok(Self::Calls),
            other => Err(format!("`{other}` is not usd, tokens or calls")),
        }
    }
}

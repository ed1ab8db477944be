//! What model calls cost, and budgets.

use std::collections::BTreeMap;

use assay_core::NanoUsd;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::Error as _};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

/// A number that keeps its digits: written as a JSON number, read from one or from a text.
#[derive(Debug, Clone, PartialEq, Eq, ToSchema)]
#[schema(value_type = f64)]
pub struct Exact(String);

impl Exact {
    /// The digits, as in `0.0000025`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<NanoUsd> for Exact {
    fn from(amount: NanoUsd) -> Self {
        Self(amount.to_string())
    }
}

impl From<u64> for Exact {
    fn from(count: u64) -> Self {
        Self(count.to_string())
    }
}

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.0.clone()).map_err(S::Error::custom)?.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(from)?;
        let digits = raw.get().trim_matches('"');
        if digits.len() > 40 || !digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
            return Err(D::Error::custom("a plain number such as 12.50 is expected"));
        }
        Ok(Self(digits.to_owned()))
    }
}

/// What a report of use is about.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct UsageParams {
    /// From when, as `2026-11-21T16:00:00Z` or `2026-11-21`; the begin of this month when absent.
    pub from: Option<String>,
    /// Until when, not included; now when absent.
    pub to: Option<String>,
    /// Up to three of organisation, tenant, key, user, end_user, provider, model, kind, outcome,
    /// hour, day, query, document, request, call; separated by commas.
    pub group_by: Option<String>,
    /// Only this provider.
    pub provider: Option<String>,
    /// Only this model.
    pub model: Option<String>,
    /// Only this API key.
    pub key: Option<String>,
    /// Only this user or service, by the id that `GET /v1/me` tells as `principal`.
    pub user: Option<String>,
    /// Only whom requests name so.
    pub end_user: Option<String>,
    /// Only this organisation.
    pub organisation: Option<String>,
    /// Only this question, by its request id.
    pub query: Option<String>,
    /// Only this document.
    pub document: Option<String>,
    /// Groups wanted, 1 to 1000; 100 when absent.
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<u32>,
}

/// Sums of calls.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UsageSums {
    /// Calls, those that a cache answered included.
    pub calls: u64,
    /// Of these, those that a cache answered.
    pub cached_calls: u64,
    /// Of these, those that failed and cost nothing.
    pub failed_calls: u64,
    /// Of these, those whose end is not known; they are charged in full.
    pub abandoned_calls: u64,
    /// Of these, those that were answered and cost nothing.
    pub free_calls: u64,
    /// Tokens read.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
    /// Dollars that it cost.
    pub cost_usd: Exact,
    /// The same in billionths of a dollar.
    pub cost_nano_usd: u64,
    /// Dollars that caches saved.
    pub saved_usd: Exact,
}

/// One group of calls.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UsageGroup {
    /// What the calls of the group have in common; empty where they have none.
    pub values: BTreeMap<String, String>,
    /// Their sums.
    pub sums: UsageSums,
}

/// What was used.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UsageResponse {
    /// From when.
    pub from: String,
    /// Until when, not included.
    pub to: String,
    /// All groups together.
    pub total: UsageSums,
    /// The groups, the dearest first; by time where time alone tells them apart.
    pub groups: Vec<UsageGroup>,
    /// Whether there are more groups.
    pub more: bool,
    /// Calls under way.
    pub calls_under_way: usize,
    /// Dollars reserved for them.
    pub reserved_usd: Exact,
    /// The cost in short, in the shape of system 0.
    pub cost_summary: CostSummary,
}

/// The cost in short.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CostSummary {
    /// This month: `api_calls_total`, `api_calls_<provider>`, `estimated_cost_usd`,
    /// `tokens_consumed`.
    pub current_metrics: BTreeMap<String, Exact>,
    /// What the last hour cost.
    pub hourly_cost_usd: Exact,
    /// What a day costs when it goes on as in the last hour.
    pub daily_projection_usd: Exact,
    /// What thirty days cost when it goes on as in the last hour.
    pub monthly_projection_usd: Exact,
    /// What could be done.
    pub optimization_recommendations: Vec<String>,
    /// Share of this month's calls that cost nothing, 0 to 100; none before the first call.
    pub cost_efficiency_score: Option<u64>,
}

/// The ledger, counted again.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RecountResponse {
    /// Whether sums, budgets and prices agree with the entries.
    pub agrees: bool,
    /// Entries.
    pub entries: u64,
    /// Of these, those whose end is not known.
    pub abandoned: u64,
    /// Dollars of all entries.
    pub cost_usd: Exact,
    /// The same in billionths of a dollar.
    pub cost_nano_usd: u64,
    /// Where it does not agree, at most a hundred.
    pub faults: Vec<String>,
}

/// A budget to be set. One of the three limits is given. A dimension that is absent is not looked
/// at; one with a value limits the budget to it; `*` keeps a counter for each value.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BudgetRequest {
    /// What it is called.
    pub name: String,
    /// Dollars, as a number or a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_usd: Option<Exact>,
    /// Tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_tokens: Option<u64>,
    /// Calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_calls: Option<u64>,
    /// `minute`, `hour`, `day` or `month`, in UTC; `day` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<String>,
    /// Which calls.
    #[serde(skip_serializing_if = "BudgetScope::is_empty")]
    pub only: BudgetScope,
    /// Shares in percent whose passing is told; 50, 80 and 100 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alerts: Option<Vec<u8>>,
}

/// Which calls a budget is for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BudgetScope {
    /// The organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// The tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// The API key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The user or service whose credential comes with the call, by the id that `GET /v1/me` tells
    /// as `principal`; `local` where no credential is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Whom the request names (`user`, `metadata.user_id`). Whoever calls can name another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_user: Option<String>,
    /// The provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// The model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

impl BudgetScope {
    /// Whether it is for all calls.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Another limit of a budget for a time.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BudgetOverrideRequest {
    /// The limit meanwhile, in the unit of the budget.
    pub limit: Exact,
    /// From now for so many minutes.
    #[schema(minimum = 1, maximum = 525_600)]
    pub minutes: u32,
    /// Why.
    #[serde(default)]
    pub reason: String,
}

/// A limit for a time.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BudgetOverride {
    /// The limit, in the unit of the budget.
    pub limit: Exact,
    /// From when.
    pub from: String,
    /// Until when.
    pub until: String,
    /// Why.
    pub reason: String,
}

/// A budget and how it stands. Amounts are in its unit.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BudgetResponse {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Its unit: `usd`, `tokens` or `calls`.
    pub unit: String,
    /// The limit that holds now.
    pub limit: Exact,
    /// `minute`, `hour`, `day` or `month`.
    pub window: String,
    /// Which calls.
    pub only: BudgetScope,
    /// Shares in percent whose passing is told.
    pub alerts: Vec<u8>,
    /// Whether it stands in the configuration, where alone it can be changed.
    pub configured: bool,
    /// Limits for a time.
    pub overrides: Vec<BudgetOverride>,
    /// Its counters; those of a budget for each value, the fullest first.
    pub counters: Vec<BudgetCounter>,
}

/// A counter of a budget.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BudgetCounter {
    /// The values that it is for.
    pub values: BTreeMap<String, String>,
    /// Used in this window.
    pub spent: Exact,
    /// Reserved by calls under way.
    pub reserved: Exact,
    /// Left.
    pub left: Exact,
    /// Used in hundredths of the limit, rounded down.
    pub percent: u64,
    /// Calls refused in this window since the start of the server.
    pub refused: u64,
    /// What will be used at the end of the window when it goes on as so far.
    pub projected: Exact,
    /// When the limit will be reached when it goes on as so far.
    pub exhausted_at: Option<String>,
    /// When it begins at nothing again.
    pub resets_at: String,
}

/// Budgets, by name.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BudgetListResponse {
    /// The budgets.
    pub budgets: Vec<BudgetResponse>,
}

/// A share of a budget was passed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BudgetAlert {
    /// The budget.
    pub budget_id: String,
    /// Its name.
    pub name: String,
    /// The values of its counter, separated by commas.
    pub counter: String,
    /// The share in percent.
    pub percent: u8,
    /// When.
    pub at: String,
    /// Begin of the window.
    pub window_start: String,
}

/// Alerts, the last first.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BudgetAlertsResponse {
    /// The alerts.
    pub alerts: Vec<BudgetAlert>,
}

//! Windows, objectives and alerts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::CostSummary;

/// How answers have fared, against what is promised.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PerformanceResponse {
    /// `healthy`, `degraded`, `failing`, or `no_data` before the first measurement.
    pub status: String,
    /// All figures.
    pub performance_summary: PerformanceSummary,
    /// The same figures under the names that older checks read.
    pub monitoring: Monitoring,
    /// What to do about what is not as promised; empty when nothing is.
    pub recommendations: Vec<String>,
    /// When it was measured, in UTC.
    pub timestamp: String,
}

/// All figures.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct PerformanceSummary {
    /// When it was measured, in UTC.
    pub timestamp: String,
    /// 0 to 100: a hundred times the worst compliance rate; none before the first measurement.
    pub health_score: Option<f64>,
    /// Each promise, over the last day.
    pub sla_compliance: BTreeMap<String, Compliance>,
    /// Rules that fire.
    pub active_alerts: Vec<ActiveAlert>,
    /// Each measure.
    pub key_metrics: BTreeMap<String, KeyMetric>,
    /// What calls to models cost the tenant of the caller.
    pub cost_summary: CostSummary,
    /// Requests measured in the last day.
    pub data_points_collected: u64,
    /// Measures.
    pub metrics_tracked: usize,
}

/// How far a promise is kept.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Compliance {
    /// What is promised: milliseconds for a latency, a share for a rate.
    pub target: f64,
    /// Share of the measurements that keep it; none without measurements. It rises when things get
    /// better, for an error rate too.
    pub compliance_rate: Option<f64>,
    /// Measurements.
    pub total_measurements: u64,
    /// Those that keep it.
    pub compliant_measurements: u64,
    /// `compliant` from 95 % on, `degraded` from 90 % on, `failing` below, or `no_data`.
    pub status: String,
    /// Percentiles of a latency in milliseconds; empty for a rate.
    pub percentiles: BTreeMap<String, Option<f64>>,
}

/// A measure.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct KeyMetric {
    /// Its value in the last minute: the median of a latency in milliseconds, or a share; none
    /// without measurements.
    pub latest: Option<f64>,
    /// Percentiles of the last day, in milliseconds.
    pub percentiles: BTreeMap<String, Option<f64>>,
    /// The same for each window: `1m`, `5m`, `1h`, `24h`.
    pub windows: BTreeMap<String, MeasureWindow>,
    /// What is promised.
    pub sla_target: f64,
}

/// How far back to look.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HistoryParams {
    /// `1h` (a point each two minutes, over five minutes) or `24h` (each half hour, over an hour);
    /// `1h` when absent.
    pub window: Option<String>,
}

/// The recent past of the server, point by point.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct HistoryResponse {
    /// `1h` or `24h`.
    pub window: String,
    /// The moments of the points, in seconds since 1970, the oldest first.
    pub times: Vec<i64>,
    /// Median time of requests at each, in milliseconds; none where nothing was measured.
    pub p50_ms: Vec<Option<f64>>,
    /// 95th percentile, in milliseconds.
    pub p95_ms: Vec<Option<f64>>,
    /// Requests a second.
    pub requests: Vec<Option<f64>>,
    /// Those of them that the server failed.
    pub failures: Vec<Option<f64>>,
    /// Memory of the process, in bytes.
    pub memory_bytes: Vec<Option<f64>>,
}

/// A measure in one window.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct MeasureWindow {
    /// Measurements.
    pub count: u64,
    /// Median in milliseconds.
    pub p50: Option<f64>,
    /// 95th percentile in milliseconds.
    pub p95: Option<f64>,
    /// 99th percentile in milliseconds.
    pub p99: Option<f64>,
    /// Share of them that failed.
    pub error_rate: Option<f64>,
}

/// A rule that fires.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ActiveAlert {
    /// The rule.
    pub metric: String,
    /// Its expression, which holds the threshold.
    pub threshold: String,
    /// Series for which it holds.
    pub trigger_count: usize,
}

/// The figures under the names that older checks read.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Monitoring {
    /// As in the summary.
    pub health_score: Option<f64>,
    /// As in the summary.
    pub sla_compliance: BTreeMap<String, Compliance>,
    /// As in the summary.
    pub active_alerts: Vec<ActiveAlert>,
    /// As in the summary.
    pub cost_efficiency: Option<u64>,
}

/// Objectives and their error budgets.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SloResponse {
    /// By name.
    pub objectives: Vec<Objective>,
}

/// How an objective stands.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Objective {
    /// Its name.
    pub name: String,
    /// What is promised.
    pub summary: String,
    /// Share of good events that is promised.
    pub target: f64,
    /// Days over which.
    pub window_days: u32,
    /// `met`, `at_risk` (a fifth of the budget is left, or it burns too fast), `missed` or `no_data`.
    pub status: String,
    /// Events in these days, as far as they were counted.
    pub events: u64,
    /// Those that were bad.
    pub bad_events: u64,
    /// Share of good events; none without events.
    pub achieved: Option<f64>,
    /// Share of the error budget that is left, below zero when it is overdrawn.
    pub error_budget_left: Option<f64>,
    /// Seconds until the budget is gone if it goes on as in the last hour.
    pub exhausted_in_s: Option<f64>,
    /// How fast it goes.
    pub burn_rates: Vec<BurnRate>,
}

/// How fast an error budget goes, in a pair of windows.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BurnRate {
    /// The longer window, such as `1h`.
    pub long_window: String,
    /// The shorter one.
    pub short_window: String,
    /// Times the even use of the budget, in the longer window; none without events.
    pub long_rate: Option<f64>,
    /// In the shorter one.
    pub short_rate: Option<f64>,
    /// The rate from which both together are an alert.
    pub threshold: f64,
    /// Whether they are.
    pub is_alert: bool,
}

/// Alerts.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AlertsResponse {
    /// Pending, firing and lately resolved ones, the newest first.
    pub alerts: Vec<AlertStatus>,
}

/// A rule that holds or held for one series.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AlertStatus {
    /// The rule.
    pub rule: String,
    /// The series, by label.
    pub labels: BTreeMap<String, String>,
    /// `pending`, `firing` or `resolved`.
    pub state: String,
    /// `info`, `warning` or `critical`.
    pub severity: String,
    /// Who has to look.
    pub owner: String,
    /// What is the matter.
    pub summary: String,
    /// The page that says what to do.
    pub runbook: String,
    /// What the expression came to last.
    pub value: Option<f64>,
    /// Since when it holds, in UTC.
    pub since: String,
    /// When it ended.
    pub until: Option<String>,
}

/// The rules that hold.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AlertRulesResponse {
    /// In the order of their evaluation.
    pub rules: Vec<AlertRuleInfo>,
    /// The same as a rule file of Prometheus, in YAML.
    pub prometheus: String,
}

/// A rule.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AlertRuleInfo {
    /// Its name.
    pub name: String,
    /// What it is about.
    pub group: String,
    /// It holds for each series that this finds.
    pub expression: String,
    /// Seconds for which it must hold.
    pub for_seconds: f64,
    /// `info`, `warning` or `critical`.
    pub severity: String,
    /// Who has to look.
    pub owner: String,
    /// The objective at stake; empty for none.
    pub slo: String,
    /// What is the matter when it fires.
    pub summary: String,
    /// The page that says what to do.
    pub runbook: String,
}

//! Where requests to models go.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::MeasureWindow;

/// Where a request would go and why; nothing was sent.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RouteExplanation {
    /// The model as it was asked for.
    pub model: String,
    /// The route, or `provider/model`, that the name stands for.
    pub route: String,
    /// Tokens of the request, estimated.
    pub prompt_tokens: u64,
    /// What the request needs of a model: `vision`, `tools`, `json`.
    pub needs: Vec<String>,
    /// Why the first target is the first.
    pub reasons: Vec<String>,
    /// The targets in the order in which they are tried.
    pub targets: Vec<RouteTarget>,
    /// The targets that are left out.
    pub skipped: Vec<SkippedTarget>,
    /// Attempts that are made at most.
    pub attempts_max: u32,
}

/// A target of a route as it stands.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RouteTarget {
    /// The provider's name in the configuration.
    pub provider: String,
    /// The model as the provider knows it.
    pub model: String,
    /// Which key of the provider, counted from 0.
    pub key: usize,
    /// `free`, `cheap` or `strong`.
    pub tier: String,
    /// `closed`, `open` (it is left alone) or `half_open` (the next call tries it).
    pub circuit_state: String,
    /// Milliseconds to an answer lately; none before the first.
    pub latency_ms: Option<f64>,
}

/// A target that is left out.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SkippedTarget {
    /// The target.
    #[serde(flatten)]
    pub target: RouteTarget,
    /// `capability_required`, `circuit_breaker` or `policy_override`.
    pub reason: String,
    /// The reason in words.
    pub why: String,
}

/// How requests to models have been routed since start.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RouterMetricsResponse {
    /// The figures.
    pub metrics: RouterMetrics,
}

/// How requests to models have been routed since start.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct RouterMetrics {
    /// Attempts at all providers.
    pub total_requests: u64,
    /// Dollars; none while no price is known.
    pub total_cost: Option<f64>,
    /// Each provider.
    pub provider_stats: BTreeMap<String, ProviderStats>,
    /// How often each reason decided among the remembered requests.
    pub recent_routing_reasons: BTreeMap<String, u64>,
    /// Requests that are remembered, at most 1,000.
    pub telemetry_buffer_size: usize,
    /// Whether breakers leave failing targets alone.
    pub circuit_breaker_enabled: bool,
    /// Whether any route tries free targets first.
    pub free_first_enabled: bool,
    /// The share of the remembered requests that free targets answered; none before the first.
    pub free_share: Option<f64>,
    /// How long attempts at providers took in each window: `1m`, `5m`, `1h`, `24h`, and which share of
    /// them failed.
    pub windows: BTreeMap<String, MeasureWindow>,
}

/// One provider since start.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProviderStats {
    /// Attempts.
    pub total_requests: u64,
    /// The share that was answered whole; none before the first.
    pub success_rate: Option<f64>,
    /// Milliseconds of an attempt on average; none before the first.
    pub avg_latency_ms: Option<f64>,
    /// Dollars; none while no price is known.
    pub total_cost: Option<f64>,
    /// Dollars of an attempt on average; none while no price is known.
    pub avg_cost_per_request: Option<f64>,
    /// `closed`, `open` or `half_open`: the worst of its targets.
    pub circuit_state: String,
    /// Failures since the last success.
    pub consecutive_failures: u64,
    /// Attempts that ended in the present minute.
    pub requests_this_minute: u64,
    /// Tokens of the present minute.
    pub tokens_this_minute: u64,
}

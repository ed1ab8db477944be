//! Metrics as JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::MeasureWindow;

/// How the lanes have fared since start.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LaneMetricsResponse {
    /// Requests and lanes, counted.
    pub orchestration_metrics: OrchestrationMetrics,
    /// `healthy`, `degraded` or `no_data`.
    pub orchestrator_health: String,
    /// The same figures under the name that older checks read.
    pub performance_summary: OrchestrationMetrics,
    /// Each public source that is set up, counted since start.
    pub web_providers: BTreeMap<String, ProviderMetrics>,
}

/// One public source, counted since start.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProviderMetrics {
    /// Searches that it answered.
    pub success_count: u64,
    /// Searches that failed.
    pub failure_count: u64,
    /// Searches for which its time ran out.
    pub timeout_count: u64,
    /// Searches for which it was not asked.
    pub skipped_count: u64,
    /// Searches that were answered from memory.
    pub cached_count: u64,
    /// Share that it answered of those that it was asked; none before the first.
    pub success_rate: Option<f64>,
    /// `closed`, `open` (it is left alone) or `half_open` (the next search tries it).
    pub circuit_state: String,
    /// Seconds for which it is left alone.
    pub retry_after_s: Option<f64>,
    /// What it said when it last failed.
    pub last_error: Option<String>,
}

/// Requests and lanes, counted since start.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OrchestrationMetrics {
    /// Requests.
    pub total_requests: u64,
    /// With every lane completed.
    pub successful_requests: u64,
    /// With some lanes completed.
    pub partial_requests: u64,
    /// With none.
    pub failed_requests: u64,
    /// Share of successful requests; none before the first.
    pub success_rate: Option<f64>,
    /// Share of partial requests; none before the first.
    pub partial_rate: Option<f64>,
    /// By lane.
    pub lane_metrics: BTreeMap<String, LaneMetrics>,
    /// The lanes that may start now.
    pub enabled_lanes: Vec<String>,
    /// The breaker of each lane: `closed`, `open` or `half_open`.
    pub circuit_breaker_states: BTreeMap<String, String>,
}

/// One lane, counted since start.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LaneMetrics {
    /// Completed.
    pub success_count: u64,
    /// Failed.
    pub failure_count: u64,
    /// Ran out of time.
    pub timeout_count: u64,
    /// Left out by its breaker.
    pub skipped_count: u64,
    /// Share that completed of those that started; none before the first.
    pub success_rate: Option<f64>,
    /// Mean duration; none before the first.
    pub avg_duration_ms: Option<f64>,
    /// Whether it is left out because it failed too often of late.
    pub circuit_breaker_open: bool,
    /// How long it took in each window: `1m`, `5m`, `1h`, `24h`.
    pub windows: BTreeMap<String, MeasureWindow>,
}

/// How vector search has fared since start.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct VectorMetricsResponse {
    /// `ready` or `absent` (no embedding model).
    pub status: String,
    /// `healthy`, `degraded` or `no_data`.
    pub health: String,
    /// The figures.
    pub performance_metrics: VectorPerformance,
    /// The cache of query embeddings.
    pub cache_status: CacheStatus,
}

/// Figures of vector search since start, and in windows.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct VectorPerformance {
    /// Queries.
    pub total_queries: u64,
    /// Query embeddings found in the cache.
    pub cache_hits: u64,
    /// Query embeddings computed.
    pub cache_misses: u64,
    /// Share of hits; none before the first query.
    pub cache_hit_rate: Option<f64>,
    /// Mean time of a query embedding that was computed; none before the first.
    pub avg_embedding_time_ms: Option<f64>,
    /// Mean time of a vector search; none before the first.
    pub avg_search_time_ms: Option<f64>,
    /// Time to the first inference: how long the first query embedding of this process took, with
    /// whatever was cold then; none before it.
    pub tfti_ms: Option<f64>,
    /// Time to search: the median of the last five minutes; none when nothing was searched.
    pub tts_ms: Option<f64>,
    /// How long vector searches took in each window: `1m`, `5m`, `1h`, `24h`; their error rate is that of
    /// the lane.
    pub windows: BTreeMap<String, MeasureWindow>,
    /// How long query embeddings took that were computed. What fails is counted by the lane.
    pub embedding_windows: BTreeMap<String, MeasureWindow>,
    /// Whether warm-up is over.
    pub warmup_completed: bool,
}

/// How full a cache is.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CacheStatus {
    /// Entries.
    pub size: usize,
    /// Entries at most.
    pub capacity: usize,
    /// Share in use.
    pub utilization: f64,
}

//! Health.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// That the process lives.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct HealthResponse {
    /// `healthy`.
    pub status: String,
    /// Version of Assay.
    pub version: String,
    /// Seconds since start.
    pub uptime_s: f64,
    /// Now.
    pub timestamp: String,
}

/// Whether it can serve, part by part.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReadyResponse {
    /// `ready`, `degraded` (serves, with less) or `not_ready`.
    pub status: String,
    /// The parts.
    pub dependencies: Vec<Dependency>,
    /// How many are not well.
    pub error_count: usize,
}

/// One part that serving needs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Dependency {
    /// `records`, `index`, `tasks`, `disk`, `embedding_model`, `text_recognition`, `writer_model`,
    /// `web` (the public sources) or `lanes`.
    pub name: String,
    /// `ready`, `degraded`, `absent` or `failed`.
    pub status: String,
    /// How long the check took.
    pub response_time_ms: f64,
    /// What is wrong and what to do.
    pub error_message: Option<String>,
}

/// Whether anything is still cold.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WarmupResponse {
    /// Whether all is warm.
    pub warmup_completed: bool,
    /// Parts to warm.
    pub total_tasks: usize,
    /// Parts that are warm.
    pub completed_tasks: usize,
    /// Parts that could not be warmed.
    pub failed_tasks: usize,
    /// Parts being warmed.
    pub in_progress_tasks: usize,
    /// Names of the parts that failed.
    pub failed_task_names: Vec<String>,
}

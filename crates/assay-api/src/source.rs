//! Sources: where documents come from.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A source to set up.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceRequest {
    /// Its name: at most 128 bytes, unique.
    pub name: String,
    /// Name of the collection, made when it does not exist; `default` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collection: Option<String>,
    /// Seconds between two runs, at least 10; none for runs on demand alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every_seconds: Option<u64>,
    /// `kind` (`folder`, `web`, `git`, `s3` or `imap`) and what belongs to it; see the guide on
    /// sources.
    #[schema(value_type = Object)]
    pub settings: serde_json::Value,
}

/// A source.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SourceResponse {
    /// The source.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The collection that its documents go to.
    pub collection: String,
    /// Seconds between two runs.
    pub every_seconds: Option<u64>,
    /// Its settings; secrets are left out.
    #[schema(value_type = Object)]
    pub settings: serde_json::Value,
    /// When it runs next.
    pub next_run_at: Option<String>,
    /// What came of the last run: `seen`, `taken`, `removed`, `problem_count`, `problems`, `error`.
    #[schema(value_type = Option<Object>)]
    pub last_run: Option<serde_json::Value>,
    /// When it was set up.
    pub created_at: String,
}

/// All sources.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SourceListResponse {
    /// By name.
    pub sources: Vec<SourceResponse>,
}

/// A run that was started.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SourceRunResponse {
    /// The job that carries it out.
    pub job_id: String,
}

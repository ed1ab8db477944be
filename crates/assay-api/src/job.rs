//! Background work: where it stands, whether it moves, lists of it.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// How to look at a job.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct JobParams {
    /// Milliseconds to wait for the job to end before answering; at most 30,000.
    #[param(maximum = 30000)]
    pub wait_ms: Option<u64>,
    /// Send an event for each change until the job ends, as with `Accept: text/event-stream`.
    pub stream: Option<bool>,
}

/// Which jobs to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct JobListParams {
    /// `queued`, `running`, `done`, `failed` or `cancelled`; all when absent.
    pub state: Option<String>,
    /// Such as `ingest`; all when absent.
    pub kind: Option<String>,
    /// Continue after this job.
    pub after: Option<String>,
    /// 1 to 1,000; 100 when absent.
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<u32>,
}

/// A page of jobs.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct JobListResponse {
    /// Those accepted last first.
    pub jobs: Vec<JobResponse>,
    /// Give it as `after` for the next page; none at the end.
    pub next: Option<String>,
}

/// The state of a piece of background work.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JobResponse {
    /// The job.
    pub id: String,
    /// What it does, such as `ingest`.
    pub kind: String,
    /// `queued`, `running`, `done`, `failed` (it will not be tried again by itself) or `cancelled`.
    pub state: String,
    /// What is being done: `parsing`, `reading pages`, `embedding`, `publishing` or `cancelling`;
    /// the state where the job does not run.
    pub step: String,
    /// Units of the step that are done and to do, when the job reports them.
    pub progress: Option<JobProgress>,
    /// The document it works on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<JobDocument>,
    /// Whether it does not move on although it should.
    pub stalled: bool,
    /// Why it is stalled, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stalled_reason: Option<String>,
    /// What it gave.
    pub result: Option<serde_json::Value>,
    /// Why it failed, or why the last attempt did.
    pub error: Option<String>,
    /// What to do about the failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Attempts so far.
    pub attempts: u32,
    /// When it was accepted.
    pub created_at: String,
    /// When it last moved: it was taken, got further, ended.
    pub changed_at: String,
    /// When it is tried again, while it waits after a failed attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_at: Option<String>,
}

/// The document that a job works on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobDocument {
    /// The document.
    pub id: String,
    /// Its file name.
    pub name: String,
}

/// How far a job is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobProgress {
    /// Units done.
    pub done: u64,
    /// Units in all, where known.
    pub total: Option<u64>,
    /// What is being done, such as `parsing page 3 of 120`.
    pub message: String,
}

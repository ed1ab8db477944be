//! Durable tasks, schedules that make them, and webhooks that tell of their ends.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::JobProgress;

/// Which tasks to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct TaskListParams {
    /// `ready`, `delayed`, `running`, `done`, `dead`, `parked` or `cancelled`; all when absent.
    pub state: Option<String>,
    /// Such as `ingest`; all when absent.
    pub kind: Option<String>,
    /// Such as `default`; all when absent.
    pub queue: Option<String>,
    /// Continue after this task.
    pub after: Option<String>,
    /// 1 to 1,000; 100 when absent.
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<u32>,
}

/// A page of tasks.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TaskListResponse {
    /// Those made last first.
    pub tasks: Vec<TaskResponse>,
    /// Give it as `after` for the next page; none at the end.
    pub next: Option<String>,
}

/// A task and where it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TaskResponse {
    /// The task.
    pub id: String,
    /// What it does, such as `ingest`.
    pub kind: String,
    /// The queue that it waits in.
    pub queue: String,
    /// `ready` (waits for a worker), `delayed` (waits for its time), `running`, `done`, `dead` (failed
    /// too often or for good), `parked` (its worker was lost too often, or nobody knows its kind) or
    /// `cancelled`.
    pub state: String,
    /// Higher goes first.
    pub priority: i32,
    /// How far it is, when it reports that.
    pub progress: Option<JobProgress>,
    /// Why it does not move on, when it should.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stalled_reason: Option<String>,
    /// What it gave.
    pub result: Option<Value>,
    /// The last failure.
    pub error: Option<String>,
    /// Failed runs so far.
    pub attempts: u32,
    /// Failed runs before it is dead.
    pub attempts_max: u32,
    /// Lost workers since the last finished step.
    pub crashes: u32,
    /// Seconds that a run may take; no limit when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_seconds: Option<f64>,
    /// When it was made.
    pub created_at: String,
    /// When it last moved.
    pub changed_at: String,
    /// It runs not before this time.
    pub run_at: String,
    /// When it ended.
    pub ended_at: Option<String>,
}

/// A task with what happened to it so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TaskDetailResponse {
    /// The task.
    #[serde(flatten)]
    pub task: TaskResponse,
    /// Finished steps, which do not run again; the first thousand.
    pub steps: Vec<TaskStep>,
    /// Runs that failed, took too long or lost their worker; the last fifty.
    pub failures: Vec<TaskRunFailure>,
}

/// A finished step of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TaskStep {
    /// Its name within the task.
    pub name: String,
    /// When it was recorded.
    pub at: Option<String>,
}

/// A run of a task that ended badly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TaskRunFailure {
    /// Its number among all runs of the task, from 1.
    pub run: i64,
    /// When it ended.
    pub at: String,
    /// Why.
    pub reason: String,
}

/// A task to make.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskRequest {
    /// `sync`, `tidy` or `reindex`.
    pub kind: String,
    /// What the kind has to know: `{"source": ID}` for `sync`.
    #[serde(default)]
    pub payload: Option<Value>,
    /// Higher goes first; 0 when absent.
    #[serde(default)]
    pub priority: i32,
    /// Not before this time; at once when absent.
    #[serde(default)]
    pub run_at: Option<String>,
    /// Seconds that a run may take; a longer one counts as failed. No limit when absent.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 604800)]
    pub timeout_seconds: Option<u32>,
    /// Failed runs before it is dead; 5 when absent.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100)]
    pub attempts_max: Option<u32>,
}

/// Which dead letters to replay.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TaskReplayRequest {
    /// Only this kind; all when absent.
    pub kind: Option<String>,
}

/// What a replay did.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TaskReplayResponse {
    /// Tasks that begin anew.
    pub replayed: usize,
}

/// Whether tasks are taken.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TaskDrainResponse {
    /// Whether no further tasks are taken.
    pub draining: bool,
    /// Tasks that still run, those of all tenants together.
    pub running: usize,
}

/// A schedule to set up.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleRequest {
    /// Its name, unique within the tenant.
    pub name: String,
    /// When: minute, hour, day of month, month, day of week, as in `30 6 * * mon-fri`, or `@hourly`,
    /// `@daily`, `@weekly`, `@monthly`, `@yearly`.
    pub cron: String,
    /// The time zone, such as `Europe/Berlin`; `UTC` when absent.
    #[serde(default)]
    pub zone: Option<String>,
    /// What becomes of times that passed while nothing ran: `once` (one task makes up for all, when
    /// absent) or `none`.
    #[serde(default)]
    pub missed: Option<String>,
    /// What is done each time: `sync`, `tidy` or `reindex`.
    pub kind: String,
    /// What the kind has to know: `{"source": ID}` for `sync`.
    #[serde(default)]
    pub payload: Option<Value>,
    /// Higher goes first; 0 when absent.
    #[serde(default)]
    pub priority: i32,
}

/// All schedules.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ScheduleListResponse {
    /// By name.
    pub schedules: Vec<ScheduleResponse>,
}

/// A schedule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ScheduleResponse {
    /// The schedule.
    pub id: String,
    /// Its name.
    pub name: String,
    /// When.
    pub cron: String,
    /// The time zone.
    pub zone: String,
    /// `once` or `none`.
    pub missed: String,
    /// What is done each time.
    pub kind: String,
    /// What the kind has to know.
    pub payload: Value,
    /// Higher goes first.
    pub priority: i32,
    /// Whether it stands still.
    pub paused: bool,
    /// The next five times; none while it stands still.
    pub next: Vec<String>,
    /// When it last made a task.
    pub last_at: Option<String>,
    /// That task.
    pub last_task: Option<String>,
    /// When it was set up.
    pub created_at: String,
}

/// A webhook to set up.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WebhookRequest {
    /// Where to send.
    pub url: String,
    /// Only tasks of these kinds; all when absent.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// Only these ends: `done`, `dead`, `parked`, `cancelled`; all when absent.
    #[serde(default)]
    pub states: Vec<String>,
}

/// All webhooks.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WebhookListResponse {
    /// The oldest first.
    pub webhooks: Vec<WebhookResponse>,
}

/// A webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WebhookResponse {
    /// The webhook.
    pub id: String,
    /// Where it sends.
    pub url: String,
    /// Only tasks of these kinds; all when empty.
    pub kinds: Vec<String>,
    /// Only these ends; all when empty.
    pub states: Vec<String>,
    /// What its requests are signed with; shown once, when it is set up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// When it was set up.
    pub created_at: String,
}

//! A task as callers see it.

use std::{fmt, str::FromStr};

use assay_core::TaskId;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A task to enqueue.
#[derive(Debug, Clone, PartialEq)]
pub struct NewTask {
    /// The queue; workers name the queues that they serve.
    pub queue: String,
    /// Selects the handler.
    pub kind: String,
    /// Idempotency key: unique among the tasks of the tenant and kind.
    pub key: Option<String>,
    /// Input of the handler.
    pub payload: Value,
    /// Higher goes first.
    pub priority: i32,
    /// Not before this time, in milliseconds since 1970; at once when `None`.
    pub run_at_ms: Option<i64>,
    /// Failed runs before the task is dead; from the settings when `None`.
    pub attempts_max: Option<u32>,
    /// Milliseconds that a run may take: a longer one loses its lease and counts as failed. No
    /// limit when `None`.
    pub timeout_ms: Option<u32>,
}

impl NewTask {
    /// The queue of tasks that name none.
    pub const DEFAULT_QUEUE: &'static str = "default";

    /// A task in the default queue, to run at once.
    #[must_use]
    pub fn new(kind: &str, payload: Value) -> Self {
        Self {
            queue: Self::DEFAULT_QUEUE.to_owned(),
            kind: kind.to_owned(),
            key: None,
            payload,
            priority: 0,
            run_at_ms: None,
            attempts_max: None,
            timeout_ms: None,
        }
    }

    /// Whether it is to wait for its time.
    pub(crate) fn is_delayed(&self, now_ms: i64) -> bool {
        self.run_at_ms.is_some_and(|run_at_ms| run_at_ms > now_ms)
    }

    /// The same with an idempotency key.
    #[must_use]
    pub fn with_key(self, key: impl Into<String>) -> Self {
        Self { key: Some(key.into()), ..self }
    }
}

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// Waits for a worker.
    Ready,
    /// Waits for its time, after a failure or by wish.
    Delayed,
    /// A worker holds its lease.
    Running,
    /// Ended well.
    Done,
    /// Failed too often or for good; waits for a replay.
    Dead,
    /// Its worker was lost too often; waits for a replay.
    Parked,
    /// Given up on request.
    Cancelled,
}

impl TaskState {
    const ALL: [Self; 7] = [
        Self::Ready,
        Self::Delayed,
        Self::Running,
        Self::Done,
        Self::Dead,
        Self::Parked,
        Self::Cancelled,
    ];

    /// The state as it is stored and sent, such as `done`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Delayed => "delayed",
            Self::Running => "running",
            Self::Done => "done",
            Self::Dead => "dead",
            Self::Parked => "parked",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether the task will not run again by itself.
    #[must_use]
    pub const fn is_finished(self) -> bool {
        matches!(self, Self::Done | Self::Dead | Self::Parked | Self::Cancelled)
    }
}

impl fmt::Display for TaskState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for TaskState {
    type Err = String;

    /// The state of a name given by [`Self::as_str`]; the error is a message.
    fn from_str(text: &str) -> Result<Self, String> {
        let state = Self::ALL.into_iter().find(|state| state.as_str() == text);
        state.ok_or_else(|| format!("`{text}` is not a task state"))
    }
}

/// How far a running task has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Units done.
    pub done: u64,
    /// Units in all, where known.
    pub total: Option<u64>,
    /// What is being done, for a person.
    pub message: String,
}

/// A task and its history so far. Times are milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TaskRecord {
    /// The id.
    pub id: TaskId,
    /// The queue.
    pub queue: String,
    /// The kind.
    pub kind: String,
    /// The idempotency key.
    pub key: Option<String>,
    /// Input of the handler.
    pub payload: Value,
    /// Higher goes first.
    pub priority: i32,
    /// Where it stands.
    pub state: TaskState,
    /// Not before this time.
    pub run_at_ms: i64,
    /// Failed runs so far.
    pub attempts: u32,
    /// Failed runs before it is dead.
    pub attempts_max: u32,
    /// Milliseconds that a run may take.
    pub timeout_ms: Option<u32>,
    /// Lost workers since the last finished step.
    pub crashes: u32,
    /// Whether somebody asked to cancel it.
    pub is_cancel_asked: bool,
    /// How far the last run came.
    pub progress: Option<Progress>,
    /// What the handler returned.
    pub result: Option<Value>,
    /// The last failure.
    pub error: Option<String>,
    /// When it was enqueued.
    pub created_ms: i64,
    /// When it last changed.
    pub updated_ms: i64,
    /// When it ended.
    pub finished_ms: Option<i64>,
}

/// Which tasks of a tenant to list; the newest come first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskFilter {
    /// Only this queue.
    pub queue: Option<String>,
    /// Only this kind.
    pub kind: Option<String>,
    /// Only these states; all when empty.
    pub states: Vec<TaskState>,
    /// Only tasks older than this one: the last of the page before.
    pub before: Option<TaskId>,
    /// Tasks returned at most.
    pub limit: u32,
}

impl Default for TaskFilter {
    fn default() -> Self {
        Self { queue: None, kind: None, states: Vec::new(), before: None, limit: 100 }
    }
}

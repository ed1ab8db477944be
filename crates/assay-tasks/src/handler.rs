//! What runs a task, and how a run ends when it does not end well.

use std::time::Duration;

use assay_core::{Coded, ErrorChain, ErrorCode};
use serde_json::Value;

use crate::{TaskContext, TaskError};

/// Runs the tasks of one kind.
pub trait Handler: Send + Sync {
    /// The kind.
    fn kind(&self) -> &'static str;

    /// Runs a task once; what it returns is kept as the result of the task.
    ///
    /// It may run again after a crash: what must not happen twice belongs into
    /// [`TaskContext::step`]. A long run asks [`TaskContext::should_stop`] now and then.
    ///
    /// # Errors
    /// A [`TaskFailure`] says what becomes of the task. A panic counts as a retry.
    fn run(&self, context: &TaskContext<'_>) -> Result<Value, TaskFailure>;
}

/// Why a run ended without a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskFailure {
    /// It may work later.
    Retry {
        /// For a person.
        reason: String,
        /// When to try again; after the usual delay when `None`.
        after: Option<Duration>,
    },
    /// It will never work.
    Fatal {
        /// For a person.
        reason: String,
    },
    /// The run was asked to stop, or lost its lease, and gave way. Not a failure: the task goes
    /// on where its journal ends, unless it was cancelled.
    Interrupted,
    /// The run saw that it is work of another kind of length or cost. Not a failure: the task goes
    /// on where its journal ends when a worker of that queue has room, unless it was cancelled.
    Moved {
        /// The queue where it belongs.
        queue: String,
    },
}

impl TaskFailure {
    /// A failure that may pass.
    #[must_use]
    pub fn retry(reason: impl Into<String>) -> Self {
        Self::Retry { reason: reason.into(), after: None }
    }

    /// A failure for good.
    #[must_use]
    pub fn fatal(reason: impl Into<String>) -> Self {
        Self::Fatal { reason: reason.into() }
    }

    /// Retries what may pass by itself and gives up where the request or the content is at fault.
    #[must_use]
    pub fn of<E: Coded>(error: &E) -> Self {
        let reason = ErrorChain(&error as &dyn std::error::Error).to_string();
        match error.code() {
            ErrorCode::BadRequest
            | ErrorCode::Unauthenticated
            | ErrorCode::Forbidden
            | ErrorCode::NotFound
            | ErrorCode::Conflict
            | ErrorCode::TooLarge
            | ErrorCode::UnsupportedMedia
            | ErrorCode::BudgetExceeded
            | ErrorCode::Blocked => Self::fatal(reason),
            ErrorCode::TooManyRequests
            | ErrorCode::Timeout
            | ErrorCode::UpstreamFailed
            | ErrorCode::Unavailable
            | ErrorCode::StorageFull
            | ErrorCode::Internal => Self::retry(reason),
        }
    }
}

impl From<TaskError> for TaskFailure {
    fn from(error: TaskError) -> Self {
        Self::of(&error)
    }
}

//! Why a call to the task engine failed.

use assay_core::{Coded, ErrorCode, ScheduleId, TaskId, WebhookId};
use assay_sqlite::{SqliteError, sql};

use crate::TaskState;

/// A failed call to the task engine. The failure of a task is not one: see
/// [`crate::TaskFailure`].
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    /// The file failed.
    #[error("the task store failed")]
    Store(#[from] SqliteError),
    /// The tenant has no such task.
    #[error("there is no task `{id}`")]
    NotFound {
        /// The id that was asked for.
        id: TaskId,
    },
    /// The task is in a state that does not allow the call.
    #[error("task `{id}` is {state}, which does not allow to {verb} it")]
    WrongState {
        /// The task.
        id: TaskId,
        /// Its state.
        state: TaskState,
        /// What was asked for.
        verb: &'static str,
    },
    /// The tenant has no such schedule.
    #[error("there is no schedule `{id}`")]
    NoSchedule {
        /// The id that was asked for.
        id: ScheduleId,
    },
    /// The tenant has no such webhook.
    #[error("there is no webhook `{id}`")]
    NoWebhook {
        /// The id that was asked for.
        id: WebhookId,
    },
    /// What was asked for cannot be done as it stands.
    #[error("{what}")]
    Invalid {
        /// What is wrong with it.
        what: String,
        /// What to change.
        hint: &'static str,
    },
    /// The name is taken.
    #[error("there is a {what} `{name}` already")]
    Exists {
        /// What has the name.
        what: &'static str,
        /// The name.
        name: String,
    },
    /// The idempotency key belongs to a task with another payload.
    #[error("the key `{key}` was used for a task with another payload")]
    KeyTaken {
        /// The key.
        key: String,
    },
    /// A payload or result is larger than the limit.
    #[error("the {what} has {bytes} bytes as JSON, the limit is {limit}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// Its size.
        bytes: usize,
        /// The limit, `json_bytes_max`.
        limit: usize,
    },
    /// A value does not turn into JSON or back.
    #[error("the {what} cannot be written or read as JSON")]
    Json {
        /// Which value.
        what: &'static str,
        /// Why.
        source: serde_json::Error,
    },
    /// Two handlers of one kind.
    #[error("there are two handlers for tasks of kind `{kind}`")]
    DuplicateHandler {
        /// The kind.
        kind: &'static str,
    },
    /// A thread could not be started.
    #[error("cannot start a worker thread")]
    Thread(#[source] std::io::Error),
}

impl From<sql::Error> for TaskError {
    fn from(error: sql::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Coded for TaskError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Store(error) => error.code(),
            Self::NotFound { .. } | Self::NoSchedule { .. } | Self::NoWebhook { .. } => {
                ErrorCode::NotFound
            }
            Self::WrongState { .. } | Self::Exists { .. } | Self::KeyTaken { .. } => {
                ErrorCode::Conflict
            }
            Self::Invalid { .. } => ErrorCode::BadRequest,
            Self::TooLarge { .. } => ErrorCode::TooLarge,
            Self::Json { .. } | Self::DuplicateHandler { .. } => ErrorCode::Internal,
            Self::Thread(_) => ErrorCode::Unavailable,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Store(error) => error.hint(),
            Self::TooLarge { .. } => Some(
                "store the content elsewhere and pass its id, or raise `json_bytes_max`".into(),
            ),
            Self::Thread(_) => Some("lower the number of worker threads".into()),
            Self::Invalid { hint, .. } => Some((*hint).to_owned()),
            Self::KeyTaken { .. } => Some("send a new key for a new task".to_owned()),
            Self::Exists { what, .. } => Some(format!("give the {what} another name")),
            Self::NotFound { .. }
            | Self::NoSchedule { .. }
            | Self::NoWebhook { .. }
            | Self::WrongState { .. }
            | Self::Json { .. }
            | Self::DuplicateHandler { .. } => None,
        }
    }
}

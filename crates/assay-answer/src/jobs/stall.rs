//! Whether a job moves on, and if not, why.

use assay_store::Store;
use assay_tasks::{TaskRecord, TaskState, Tasks};

use crate::{AnswerError, AnswerSettings, PartState, overview::disk};

/// What all jobs depend on, at one moment.
pub(super) struct Conditions {
    pub(super) now_ms: i64,
    /// A job that should move and has not for so long is stalled.
    pub(super) stall_ms: i64,
    /// What keeps every job from moving on: the disk is full, the task store fails.
    pub(super) obstacle: Option<String>,
    /// Whether a worker is free for any job.
    pub(super) has_free_worker: bool,
}

impl Conditions {
    pub(super) fn now(
        tasks: &Tasks,
        store: &Store,
        settings: &AnswerSettings,
    ) -> Result<Self, AnswerError> {
        let disk = disk(store);
        let disk = disk.message.filter(|_| disk.state != PartState::Ready);
        let trouble = tasks.trouble().map(|trouble| format!("workers cannot go on: {trouble}"));
        Ok(Self {
            now_ms: tasks.now_ms(),
            stall_ms: i64::from(settings.stall_seconds).saturating_mul(1_000),
            obstacle: disk.or(trouble),
            has_free_worker: tasks.count_running()? < settings.ingest_threads,
        })
    }

    /// Why a job does not move on, when it should.
    pub(super) fn stall(&self, record: &TaskRecord) -> Option<String> {
        let is_quiet = self.now_ms.saturating_sub(record.updated_ms) >= self.stall_ms;
        let obstacle = self.obstacle.clone();
        let seconds = self.stall_ms / 1_000;
        match record.state {
            TaskState::Running if is_quiet => Some(obstacle.unwrap_or_else(|| {
                format!(
                    "it has shown no progress for more than {seconds} s; a file that cannot be \
                     read within `answer.parse_seconds_max` is given up"
                )
            })),
            TaskState::Ready if self.has_free_worker && is_quiet => {
                Some(obstacle.unwrap_or_else(|| {
                    format!("no worker has taken it for more than {seconds} s although one is free")
                }))
            }
            TaskState::Ready | TaskState::Delayed => obstacle,
            TaskState::Running
            | TaskState::Done
            | TaskState::Dead
            | TaskState::Parked
            | TaskState::Cancelled => None,
        }
    }
}

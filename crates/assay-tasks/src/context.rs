//! What a handler sees of the task that it runs.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use assay_core::{TaskId, TenantScope};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{Hold, Lease, Progress, TaskFailure, Tasks};

/// Progress is written to disk at most this often: it is for people to watch.
const PROGRESS_EVERY_MS: i64 = 500;

/// Tells a run to stop; clones share it.
#[derive(Debug, Clone, Default)]
pub struct StopFlag(Arc<AtomicBool>);

impl StopFlag {
    /// Asks the run to stop.
    pub fn raise(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether the run was asked to stop.
    #[must_use]
    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// One run of a task.
#[derive(Debug)]
pub struct TaskContext<'a> {
    tasks: &'a Tasks,
    lease: &'a Lease,
    stop: StopFlag,
    journal: Mutex<BTreeMap<String, String>>,
    progress_at_ms: Mutex<Option<i64>>,
}

impl<'a> TaskContext<'a> {
    /// The context of a run under `lease`.
    #[must_use]
    pub fn new(tasks: &'a Tasks, lease: &'a Lease, stop: StopFlag) -> Self {
        let journal = Mutex::new(lease.journal.clone());
        Self { tasks, lease, stop, journal, progress_at_ms: Mutex::default() }
    }

    /// The tenant that enqueued the task.
    #[must_use]
    pub const fn scope(&self) -> &TenantScope {
        &self.lease.scope
    }

    /// The task.
    #[must_use]
    pub const fn task(&self) -> TaskId {
        self.lease.token.task()
    }

    /// The number of this run among those that count, from 1.
    #[must_use]
    pub const fn attempt(&self) -> u32 {
        self.lease.attempt
    }

    /// The input as JSON.
    #[must_use]
    pub const fn payload(&self) -> &Value {
        &self.lease.payload
    }

    /// The input as a type.
    ///
    /// # Errors
    /// [`TaskFailure::Fatal`] when it has another shape.
    pub fn parse_payload<T: DeserializeOwned>(&self) -> Result<T, TaskFailure> {
        T::deserialize(&self.lease.payload)
            .map_err(|error| TaskFailure::fatal(format!("the payload is not understood: {error}")))
    }

    /// Whether the run should end soon: the process stops, the task was cancelled, or the lease is
    /// lost. It then returns [`TaskFailure::Interrupted`].
    #[must_use]
    pub fn should_stop(&self) -> bool {
        self.stop.is_raised()
    }

    /// A text that is the same each time the step of this task runs: for other systems that can
    /// tell by such a key that they did it already.
    #[must_use]
    pub fn effect_key(&self, step: &str) -> String {
        format!("{}/{step}", self.task())
    }

    /// Runs a step, unless its result is in the journal already; then that is returned. Names are
    /// unique within a task: a step in a loop carries its number. Results stay readable for the
    /// next version of the program as long as tasks may be waiting.
    ///
    /// # Errors
    /// What `run` returns; [`TaskFailure::Interrupted`] when the run should stop, before the step or
    /// after it with the lease lost; [`TaskFailure::Fatal`] when the result is too large or the
    /// journal holds another type.
    pub fn step<T: Serialize + DeserializeOwned>(
        &self,
        name: &str,
        run: impl FnOnce() -> Result<T, TaskFailure>,
    ) -> Result<T, TaskFailure> {
        if self.should_stop() {
            return Err(TaskFailure::Interrupted);
        }
        if let Some(json) = lock(&self.journal).get(name) {
            return serde_json::from_str(json).map_err(|error| {
                TaskFailure::fatal(format!(
                    "the result of step `{name}` is not understood: {error}"
                ))
            });
        }
        let value = run()?;
        let (hold, json) = self.tasks.record_step(self.lease.token, name, &value)?;
        self.heed(hold)?;
        lock(&self.journal).insert(name.to_owned(), json);
        Ok(value)
    }

    /// Shows how far the run has come. Calls that follow each other quickly are dropped, but for
    /// the one that reaches the total.
    ///
    /// # Errors
    /// [`TaskFailure::Interrupted`] when the lease is lost, [`TaskFailure::Retry`] when the store
    /// fails.
    pub fn progress(
        &self,
        done: u64,
        total: Option<u64>,
        message: &str,
    ) -> Result<(), TaskFailure> {
        let now_ms = self.tasks.now_ms();
        let last_ms = lock(&self.progress_at_ms).replace(now_ms);
        let is_soon = last_ms.is_some_and(|last_ms| now_ms - last_ms < PROGRESS_EVERY_MS);
        if is_soon && total != Some(done) {
            *lock(&self.progress_at_ms) = last_ms;
            return Ok(());
        }
        let progress = Progress { done, total, message: message.to_owned() };
        self.heed(self.tasks.record_progress(self.lease.token, progress)?)
    }

    fn heed(&self, hold: Hold) -> Result<(), TaskFailure> {
        match hold {
            Hold::Held => Ok(()),
            // What was just done is recorded; the next step does not start.
            Hold::CancelAsked => {
                self.stop.raise();
                Ok(())
            }
            Hold::Lost => {
                self.stop.raise();
                Err(TaskFailure::Interrupted)
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

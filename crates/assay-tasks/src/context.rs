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

/// The last progress that was written, or the start of the run.
#[derive(Debug)]
struct Reported {
    at_ms: i64,
    progress: Option<Progress>,
}

impl Reported {
    /// Whether to write: what is new, at once when it is another thing that is being done, else not
    /// too often. A run that is over quickly writes nothing.
    fn is_due(&self, progress: &Progress, now_ms: i64) -> bool {
        let last = self.progress.as_ref();
        let is_other_work = last.is_some_and(|last| last.message != progress.message);
        let is_soon = now_ms - self.at_ms < PROGRESS_EVERY_MS;
        last != Some(progress) && (is_other_work || !is_soon)
    }
}

/// One run of a task.
#[derive(Debug)]
pub struct TaskContext<'a> {
    tasks: &'a Tasks,
    lease: &'a Lease,
    stop: StopFlag,
    journal: Mutex<BTreeMap<String, String>>,
    reported: Mutex<Reported>,
}

impl<'a> TaskContext<'a> {
    /// The context of a run under `lease`.
    #[must_use]
    pub fn new(tasks: &'a Tasks, lease: &'a Lease, stop: StopFlag) -> Self {
        let journal = Mutex::new(lease.journal.clone());
        let reported = Mutex::new(Reported { at_ms: tasks.now_ms(), progress: None });
        Self { tasks, lease, stop, journal, reported }
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

    /// The queue that the task was taken from.
    #[must_use]
    pub fn queue(&self) -> &str {
        &self.lease.queue
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

    /// Whether somebody asked to cancel the task.
    ///
    /// # Errors
    /// [`TaskFailure::Retry`] when the store fails.
    pub fn is_cancel_asked(&self) -> Result<bool, TaskFailure> {
        let record = self.tasks.get(self.scope(), self.task())?;
        Ok(record.is_some_and(|record| record.is_cancel_asked))
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

    /// Shows how far the run has come; `message` names what is being done. Calls that say nothing
    /// new are dropped, as are those that follow each other quickly with the same message.
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
        let progress = Progress { done, total, message: message.to_owned() };
        let mut reported = lock(&self.reported);
        if !reported.is_due(&progress, now_ms) {
            return Ok(());
        }
        *reported = Reported { at_ms: now_ms, progress: Some(progress.clone()) };
        drop(reported);
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

//! How much there is to do and how it goes: numbers for whoever watches.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use assay_core::TaskId;

use crate::{TaskError, TaskState, Tasks, query};

/// Tasks of one queue in one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueCount {
    /// The queue.
    pub queue: String,
    /// The state.
    pub state: TaskState,
    /// How many tasks.
    pub count: u64,
    /// When the first of them was to run, in milliseconds since 1970.
    pub oldest_ms: i64,
}

/// The end of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunEnd<'a> {
    /// The kind of the task.
    pub kind: &'a str,
    /// What became of the task: it ended, or waits to be tried again.
    pub state: TaskState,
    /// How long the run took.
    pub took: Duration,
}

/// Called at the end of each run.
type OnEnd = Box<dyn Fn(&RunEnd<'_>) + Send + Sync>;

/// What is counted in memory.
#[derive(Default)]
pub(crate) struct Activity {
    workers: AtomicUsize,
    runs: Mutex<HashMap<TaskId, Instant>>,
    on_end: OnceLock<OnEnd>,
}

impl fmt::Debug for Activity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Activity").field("workers", &self.workers).finish_non_exhaustive()
    }
}

/// A worker thread that is counted.
pub(crate) struct Counted<'a>(&'a Activity);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.workers.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Activity {
    /// Counts a worker thread for as long as what is returned lives.
    pub(crate) fn enter(&self) -> Counted<'_> {
        self.workers.fetch_add(1, Ordering::Relaxed);
        Counted(self)
    }

    fn runs(&self) -> MutexGuard<'_, HashMap<TaskId, Instant>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn begin(&self, task: TaskId) {
        self.runs().insert(task, Instant::now());
    }

    /// How long the run of a task took that is over.
    pub(crate) fn end(&self, task: TaskId) -> Duration {
        self.runs().remove(&task).map(|start| start.elapsed()).unwrap_or_default()
    }

    pub(crate) fn tell(&self, end: &RunEnd<'_>) {
        if let Some(on_end) = self.on_end.get() {
            on_end(end);
        }
    }
}

impl Tasks {
    /// Tasks by queue and state, of all tenants together: no tenant is told apart.
    ///
    /// # Errors
    /// [`TaskError::Store`].
    pub fn counts(&self) -> Result<Vec<QueueCount>, TaskError> {
        self.read(|connection| {
            let sql = "SELECT queue, state, count(*) AS tasks, min(run_at_ms) AS oldest_ms \
                FROM task GROUP BY queue, state ORDER BY queue, state";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map([], |row| {
                Ok(QueueCount {
                    queue: row.get("queue")?,
                    state: query::state(row, "state")?,
                    count: row.get("tasks")?,
                    oldest_ms: row.get("oldest_ms")?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Threads of this process that take tasks.
    #[must_use]
    pub fn workers(&self) -> usize {
        self.activity().workers.load(Ordering::Relaxed)
    }

    /// How long the longest run under way in this process has taken so far.
    #[must_use]
    pub fn longest_run(&self) -> Duration {
        let runs = self.activity().runs();
        runs.values().map(Instant::elapsed).max().unwrap_or_default()
    }

    /// Has `on_end` called at the end of each run, on the thread of the worker. There is one such
    /// listener; a second is not called.
    pub fn on_end(&self, on_end: impl Fn(&RunEnd<'_>) + Send + Sync + 'static) {
        let _ = self.activity().on_end.set(Box::new(on_end));
    }
}

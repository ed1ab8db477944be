//! What can be set on the task engine.

use std::collections::BTreeMap;

use assay_sqlite::DatabaseSettings;
use serde::{Deserialize, Serialize};

/// Limits and times of the tasks in one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TaskSettings {
    /// How long a lease lasts without a heartbeat, in milliseconds. A worker that hangs together
    /// with its process is noticed after this time.
    pub lease_ms: u32,
    /// Failed runs before a task is dead, where the task itself does not say.
    pub attempts_max: u32,
    /// Lost workers in a row, with no step finished in between, before a task is parked. From the
    /// second on the task waits before it is tried again: 1 s, 8 s, 64 s and so on.
    pub crashes_max: u32,
    /// Delay after the first failure, in milliseconds; doubles with each further one.
    pub backoff_first_ms: u32,
    /// Longest delay after a failure, in milliseconds.
    pub backoff_max_ms: u32,
    /// Hours for which done and cancelled tasks are kept. So long is a key remembered.
    pub keep_done_hours: u32,
    /// Hours for which dead and parked tasks are kept for a replay.
    pub keep_dead_hours: u32,
    /// Milliseconds for which a ready task of a kind that no worker knows waits for a program that
    /// does, before it is parked.
    pub unknown_kind_ms: u32,
    /// Bytes of a payload, of a result and of the result of a step, as JSON.
    pub json_bytes_max: usize,
    /// The SQLite file.
    pub database: DatabaseSettings,
}

impl Default for TaskSettings {
    fn default() -> Self {
        Self {
            lease_ms: 60_000,
            attempts_max: 5,
            crashes_max: 5,
            backoff_first_ms: 1_000,
            backoff_max_ms: 3_600_000,
            keep_done_hours: 7 * 24,
            keep_dead_hours: 90 * 24,
            unknown_kind_ms: 600_000,
            json_bytes_max: 4 << 20,
            database: DatabaseSettings::default(),
        }
    }
}

/// Threads that run tasks, and what they take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WorkerSettings {
    /// Tasks that run at the same time.
    pub threads: usize,
    /// Queues that are served. Of these the highest priority goes first, then the oldest task; within
    /// a queue and priority the tenants take turns.
    pub queues: Vec<String>,
    /// Tasks of a queue that may run at the same time, so that long ones do not take every thread;
    /// a queue that is not named has no limit.
    pub limits: BTreeMap<String, usize>,
}

impl Default for WorkerSettings {
    fn default() -> Self {
        let queues = vec![crate::NewTask::DEFAULT_QUEUE.to_owned()];
        Self { threads: 4, queues, limits: BTreeMap::new() }
    }
}

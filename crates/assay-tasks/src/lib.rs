#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod backoff;
mod bell;
mod context;
mod error;
mod handler;
mod lease;
mod query;
mod schema;
mod settings;
mod settle;
mod stats;
mod task;
mod tasks;
mod workers;

pub use context::{StopFlag, TaskContext};
pub use error::TaskError;
pub use handler::{Handler, TaskFailure};
pub use lease::{Hold, Lease, LeaseRequest, LeaseToken};
pub use settings::{TaskSettings, WorkerSettings};
pub use stats::{QueueCount, RunEnd};
pub use task::{NewTask, Progress, TaskFilter, TaskRecord, TaskState};
pub use tasks::Tasks;
pub use workers::{Stopped, Workers};

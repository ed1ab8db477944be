#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod backoff;
mod bell;
mod beside;
mod context;
mod due;
mod error;
mod handler;
mod history;
mod insert;
mod lease;
mod query;
mod schedule;
mod schema;
mod settings;
mod settle;
mod stats;
mod task;
mod tasks;
mod turn;
mod webhook;
mod workers;

pub use context::{StopFlag, TaskContext};
pub use error::TaskError;
pub use handler::{Handler, TaskFailure};
pub use history::{FailureRecord, History, StepRecord};
pub use lease::{Hold, Lease, LeaseRequest, LeaseToken};
pub use schedule::{Cron, InvalidCron, Missed, NewSchedule, Schedule};
pub use schema::{BACK, MIGRATIONS, SCHEMA};
pub use settings::{TaskSettings, WorkerSettings};
pub use stats::{QueueCount, RunEnd};
pub use task::{NewTask, Progress, TaskFilter, TaskRecord, TaskState};
pub use tasks::Tasks;
pub use webhook::{Delivery, Webhook};
pub use workers::{Stopped, Workers};

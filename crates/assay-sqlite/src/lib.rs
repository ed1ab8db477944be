#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod connection;
mod contents;
pub mod copy;
mod database;
mod error;
mod log;
mod migration;
mod postgres;
mod readers;
mod sealed;
mod settings;
pub mod sql;
#[cfg(any(test, feature = "testing"))]
#[expect(
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test that cannot start its server fails; it asks the variables which engine it is for"
)]
pub mod testing;
mod times;
mod writer;

pub use contents::Contents;
pub use database::Database;
pub use error::SqliteError;
pub use log::{Keeper, Logs, Reach, Still, beside as log_beside, faults, fold, schema_version};
pub use migration::{Migration, WayBack, step_back};
pub use postgres::{Failure, Guard, Presence, Schema, Server, ServerSettings};
pub use sealed::is_plain;
pub use settings::DatabaseSettings;
pub use times::{StatementTimes, statement_times};

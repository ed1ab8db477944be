#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod connection;
mod database;
mod error;
mod migration;
mod readers;
mod sealed;
mod settings;
mod writer;

pub use database::Database;
pub use error::SqliteError;
pub use migration::Migration;
pub use rusqlite;
pub use sealed::is_plain;
pub use settings::DatabaseSettings;

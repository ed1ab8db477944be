#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod connection;
mod database;
mod error;
mod migration;
mod postgres;
mod readers;
mod settings;
pub mod sql;
mod writer;

pub use database::Database;
pub use error::SqliteError;
pub use migration::Migration;
pub use postgres::{Failure, Guard, Schema, Server, ServerSettings};
pub use settings::DatabaseSettings;

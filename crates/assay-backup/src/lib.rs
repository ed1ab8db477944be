#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod ahead;
mod back;
mod check;
mod error;
mod files;
mod generation;
mod location;
mod manifest;
mod medium;
mod place;
mod prune;
mod restore;
mod settings;
mod taking;
#[cfg(test)]
mod tests;

pub use assay_sqlite::Logs;
pub use back::{BothWays, Rehearsed, Returned, go_back, rehearse};
pub use check::{Checked, databases, faults};
pub use error::BackupError;
pub use location::{InvalidLocation, Location};
pub use manifest::{Manifest, Summary};
pub use place::Place;
pub use restore::{Plan, Restored};
pub use settings::{BackupSettings, S3Settings};
pub use taking::{Backups, Shipping, Source};

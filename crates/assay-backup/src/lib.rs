#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod error;
mod files;
mod generation;
mod manifest;
mod place;
mod prune;
mod restore;
mod settings;
mod taking;
#[cfg(test)]
mod tests;

pub use assay_sqlite::Logs;
pub use error::BackupError;
pub use manifest::{Manifest, Summary};
pub use place::Place;
pub use restore::{Checked, Plan, Restored, databases, faults};
pub use settings::BackupSettings;
pub use taking::{Backups, Shipping, Source};

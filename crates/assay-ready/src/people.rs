//! What people say: attestations, waivers, sign-offs.

pub mod attest;
pub mod sign;
pub mod waive;

use std::path::Path;

use crate::{catalogue::Catalogue, error::ReadyError};

/// What people have said, as far as it counts.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// In the order in which they were given; the last of a check counts.
    pub attestations: Vec<attest::Attestation>,
    /// Waivers, at most one of a check.
    pub waivers: Vec<waive::Waiver>,
}

impl Said {
    /// Reads and lints what lies in a folder.
    ///
    /// # Errors
    /// With every problem at once, before anything runs.
    pub fn load(folder: &Path, catalogue: &Catalogue) -> Result<Self, ReadyError> {
        Ok(Self {
            attestations: attest::load(folder, catalogue)?,
            waivers: waive::load(folder, catalogue)?,
        })
    }
}

/// The text of a file; empty when there is none.
pub(crate) fn text(path: &Path) -> Result<String, ReadyError> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(ReadyError::io(path, error)),
    }
}

/// A moment from a day (`2026-12-31`, its end) or a timestamp.
///
/// # Errors
/// When it is neither.
pub fn moment(text: &str) -> Result<jiff::Timestamp, String> {
    if let Ok(moment) = text.parse() {
        return Ok(moment);
    }
    format!("{text}T23:59:59Z")
        .parse()
        .map_err(|_| format!("`{text}` is no day such as 2026-12-31"))
}

#[cfg(test)]
mod tests;

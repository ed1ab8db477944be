//! Why a guard cannot be made.

use assay_core::{Coded, ErrorCode};
use thiserror::Error;

/// A setting that no guard can follow.
#[derive(Debug, Error)]
#[error("`guard.{place}`: {what}")]
pub struct GuardSetupError {
    /// The key below `guard`, such as `rules[2].pattern`.
    pub place: String,
    /// What is wrong with it.
    pub what: String,
}

impl Coded for GuardSetupError {
    fn code(&self) -> ErrorCode {
        ErrorCode::BadRequest
    }

    fn hint(&self) -> Option<String> {
        Some("docs/guide/guard.md lists the kinds and shows rules that work".to_owned())
    }
}

//! The closed set of error codes, and how an error chain is printed.

use std::{error::Error, fmt};

use serde::{Deserialize, Serialize};

/// What a caller can do about a failure. Every error of every crate answers one of these; the
/// server maps them to HTTP status codes in one place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The request is malformed: change it.
    BadRequest,
    /// The request carries no valid credential.
    Unauthenticated,
    /// The credential does not allow this.
    Forbidden,
    /// There is no such thing, or it belongs to somebody else.
    NotFound,
    /// It exists already, or somebody else holds it.
    Conflict,
    /// A size limit was passed.
    TooLarge,
    /// This kind of content cannot be read.
    UnsupportedMedia,
    /// A rate or concurrency limit was passed: wait.
    TooManyRequests,
    /// A budget of money or tokens is used up.
    BudgetExceeded,
    /// A guard refused the content.
    Blocked,
    /// The time budget ran out.
    Timeout,
    /// A model provider or another outside service failed.
    UpstreamFailed,
    /// A part of Assay is not there yet or not any more: try again later.
    Unavailable,
    /// The disk is full.
    StorageFull,
    /// A fault of Assay itself.
    Internal,
}

impl ErrorCode {
    /// The code as it stands on the wire, such as `not_found`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "bad_request",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::TooLarge => "too_large",
            Self::UnsupportedMedia => "unsupported_media",
            Self::TooManyRequests => "too_many_requests",
            Self::BudgetExceeded => "budget_exceeded",
            Self::Blocked => "blocked",
            Self::Timeout => "timeout",
            Self::UpstreamFailed => "upstream_failed",
            Self::Unavailable => "unavailable",
            Self::StorageFull => "storage_full",
            Self::Internal => "internal",
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An error that knows its [`ErrorCode`] and may know the next step.
pub trait Coded: Error {
    /// What the caller can do.
    fn code(&self) -> ErrorCode;

    /// What to try next, for a person: a setting, a command, a limit. Never repeats the message.
    fn hint(&self) -> Option<String> {
        None
    }
}

/// Prints an error with all its sources on one line, each once: `a: b: c`.
pub struct ErrorChain<'a>(pub &'a dyn Error);

impl fmt::Display for ErrorChain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

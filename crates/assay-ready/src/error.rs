//! What can go wrong before and while a run is made.

use assay_core::{Coded, ErrorCode};

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum ReadyError {
    /// A checklist, a profile, a waiver or an attestation is not what it should be; every problem is
    /// named, and nothing was run.
    #[error("{what} has {} problem(s):{}", problems.len(), lines(problems))]
    BadInput {
        /// What was read.
        what: String,
        /// What is wrong with it, each with its place.
        problems: Vec<String>,
    },
    /// A file of the folder could not be read or written.
    #[error("`{path}`: {error}")]
    Io {
        /// The file.
        path: String,
        /// What the system said.
        error: std::io::Error,
    },
    /// The deployment does not answer.
    #[error("{url} does not answer: {why}")]
    Unreachable {
        /// The address that was asked.
        url: String,
        /// What came instead.
        why: String,
    },
}

fn lines(problems: &[String]) -> String {
    problems.iter().map(|problem| format!("\n  {problem}")).collect()
}

impl ReadyError {
    /// One problem of an input.
    pub fn bad(what: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::BadInput { what: what.into(), problems: vec![problem.into()] }
    }

    /// Says which file it was.
    pub fn io(path: &std::path::Path, error: std::io::Error) -> Self {
        Self::Io { path: path.display().to_string(), error }
    }
}

impl Coded for ReadyError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::BadInput { .. } => ErrorCode::BadRequest,
            Self::Io { .. } => ErrorCode::Internal,
            Self::Unreachable { .. } => ErrorCode::Unavailable,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::BadInput { .. } => {
                "nothing was run; the page docs/reference/ready.md has the forms"
            }
            Self::Io { .. } => {
                "look at the permissions and the space of the folder, or give --folder"
            }
            Self::Unreachable { .. } => "start it with `assay serve`, or give --url",
        };
        Some(hint.to_owned())
    }
}

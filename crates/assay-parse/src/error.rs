//! Why a whole file could not be read.

use assay_core::{Coded, ErrorCode};

/// The file as a whole is unusable. A fault in one page or part is a
/// [`Problem`](crate::Problem) of the result instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// The content is encrypted and no password is known.
    #[error("the file is encrypted")]
    Encrypted,
    /// No parser reads this kind of content.
    #[error("content of type `{media_type}` cannot be read")]
    Unsupported {
        /// What the content looks like.
        media_type: String,
    },
    /// The file is larger than the limit.
    #[error("the file has {bytes} bytes, {limit} are allowed")]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// The content contradicts its format so far that nothing can be read.
    #[error("the file is damaged: {reason}")]
    Malformed {
        /// What is wrong with it.
        reason: String,
    },
    /// Reading took longer than the limit.
    #[error("the file could not be read within {seconds} s")]
    TimedOut {
        /// The limit.
        seconds: u64,
    },
    /// Whoever wanted the file read wants it no longer.
    #[error("reading was stopped")]
    Stopped,
    /// The file holds no byte.
    #[error("the file is empty")]
    Empty,
}

impl ParseError {
    pub(crate) fn malformed(reason: impl ToString) -> Self {
        Self::Malformed { reason: reason.to_string() }
    }
}

impl Coded for ParseError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Encrypted | Self::Malformed { .. } | Self::Empty => ErrorCode::BadRequest,
            Self::Unsupported { .. } => ErrorCode::UnsupportedMedia,
            Self::TooLarge { .. } => ErrorCode::TooLarge,
            Self::TimedOut { .. } => ErrorCode::Timeout,
            Self::Stopped => ErrorCode::Unavailable,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Encrypted => "remove the password and send the file again",
            Self::Unsupported { .. } => {
                "docs/guide/ingest.md lists the formats that are read; save it as one of them"
            }
            Self::TooLarge { .. } => "split the file or raise the limit on file bytes",
            Self::Malformed { .. } => "open the file in its own program and save it anew",
            Self::TimedOut { .. } => "split the file or raise the time limit for parsing",
            Self::Stopped | Self::Empty => return None,
        };
        Some(hint.to_owned())
    }
}

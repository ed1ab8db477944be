//! What can go wrong in an index.

use std::{io, path::PathBuf};

use assay_core::{Coded, ErrorCode, PassageId};
use assay_vault::VaultError;

/// A failure of the index.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// Another process holds the folder.
    #[error("index folder `{}` is in use by another process", path.display())]
    Locked {
        /// The tenant's index folder.
        path: PathBuf,
    },
    /// A vector of another dimension than those in the index: the embedding model has changed.
    #[error("a vector of {found} dimensions does not fit an index of {expected}")]
    DimensionMismatch {
        /// Dimensions of the vectors in the index.
        expected: usize,
        /// Dimensions of the vector given.
        found: usize,
    },
    /// A vector that is empty, all zero, not finite or too long cannot be compared.
    #[error("the vector of {} is empty, zero, not finite or too long", match passage {
        Some(passage) => format!("passage `{passage}`"),
        None => "the query".to_owned(),
    })]
    InvalidVector {
        /// The passage, or none when the vector is a query.
        passage: Option<PassageId>,
    },
    /// The disk or the file system failed.
    #[error("cannot {action} `{}`", path.display())]
    Io {
        /// What was tried, such as `write`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// The key of the tenant is not to be had.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The keyword engine failed.
    #[error("keyword index cannot {action}")]
    Keyword {
        /// What was tried, such as `commit`.
        action: &'static str,
        /// Why it failed.
        source: Box<tantivy::TantivyError>,
    },
}

impl Coded for IndexError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Locked { .. } | Self::DimensionMismatch { .. } => ErrorCode::Conflict,
            Self::InvalidVector { .. } => ErrorCode::BadRequest,
            Self::Vault(error) => error.code(),
            Self::Io { source, .. } => code_of(source),
            Self::Keyword { source, .. } => match source.as_ref() {
                tantivy::TantivyError::IoError(error) => code_of(error),
                _ => ErrorCode::Internal,
            },
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Locked { .. } => {
                Some("stop the other `assay` process, or give this one another data folder".into())
            }
            Self::DimensionMismatch { .. } => Some(
                "the embedding model has changed: run `assay index rebuild`, or set the old model"
                    .into(),
            ),
            Self::Vault(error) => error.hint(),
            Self::InvalidVector { .. } => None,
            Self::Io { .. } | Self::Keyword { .. } => match self.code() {
                ErrorCode::StorageFull => Some("free disk space; nothing has been lost".into()),
                _ => Some("check the disk; `assay index rebuild` makes the index anew".into()),
            },
        }
    }
}

fn code_of(error: &io::Error) -> ErrorCode {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => ErrorCode::StorageFull,
        _ => ErrorCode::Internal,
    }
}

/// Names the failed action and file on an I/O error.
pub(crate) fn io(
    action: &'static str,
    path: &std::path::Path,
) -> impl FnOnce(io::Error) -> IndexError {
    move |source| IndexError::Io { action, path: path.to_owned(), source }
}

/// Names the failed action on an error of the keyword engine.
pub(crate) fn keyword<E: Into<tantivy::TantivyError>>(
    action: &'static str,
) -> impl FnOnce(E) -> IndexError {
    move |source| IndexError::Keyword { action, source: Box::new(source.into()) }
}

//! Why a database call failed, sorted by what the caller can do.

use std::path::{Path, PathBuf};

use assay_core::{Coded, ErrorCode};
use rusqlite::{Error, ffi};

use crate::sealed::last_damage;

/// A failed call to a database.
#[derive(Debug, thiserror::Error)]
pub enum SqliteError {
    /// The file could not be opened or prepared.
    #[error("cannot open the database `{}`", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: Error,
    },
    /// A step of the schema failed; the file stands as the step before left it.
    #[error("migration {version} (`{name}`) failed")]
    Migration {
        /// Version that the step leads to.
        version: u32,
        /// Name of the step.
        name: &'static str,
        /// Why.
        source: Error,
    },
    /// The file was written by a newer program.
    #[error("the database has schema version {found}, this program knows {known}")]
    NewerSchema {
        /// Version in the file.
        found: u32,
        /// Newest version known.
        known: u32,
    },
    /// No room on the disk; nothing of the job was kept.
    #[error("the disk of the database is full")]
    Full(#[source] Error),
    /// The file or its folder cannot be written, or a read job tried to write.
    #[error("the database is read-only")]
    ReadOnly(#[source] Error),
    /// Another process holds the lock for longer than the busy timeout.
    #[error("the database is locked by another process")]
    Busy(#[source] Error),
    /// The file is damaged or no database.
    #[error("the database file is damaged")]
    Corrupt(#[source] Error),
    /// A part of an encrypted file does not open: it was changed, moved, or encrypted with another key.
    /// Nothing of it was given out.
    #[error("the encrypted database `{}` does not open at {what}", path.display())]
    Sealed {
        /// The file.
        path: PathBuf,
        /// Which page or frame.
        what: String,
    },
    /// Another job of the same transaction made SQLite give it up, as a full disk does; nothing of
    /// this job was kept.
    #[error("the transaction was lost to a failure of another write")]
    Aborted(#[source] Error),
    /// A statement failed: a constraint, a mistake in the SQL, a value of another type.
    #[error("a database query failed")]
    Query(#[source] Error),
    /// The job panicked; its changes were taken back.
    #[error("a database job panicked: {message}")]
    Panicked {
        /// What the panic said.
        message: String,
    },
    /// A job tried to start another write, which would wait for itself.
    #[error("a database write was started inside another one")]
    NestedWrite,
    /// The writer thread has ended.
    #[error("the database is closed")]
    WriterGone,
}

impl SqliteError {
    /// The failure to open the file at `path`.
    pub(crate) fn opening(path: &Path, source: Error) -> Self {
        of_sealed(&source).unwrap_or_else(|| Self::Open { path: path.to_owned(), source })
    }

    /// Whether a `UNIQUE` or `PRIMARY KEY` constraint refused a row.
    #[must_use]
    pub fn is_duplicate(&self) -> bool {
        let Self::Query(Error::SqliteFailure(failure, _)) = self else { return false };
        matches!(
            failure.extended_code,
            ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
        )
    }
}

/// The error with its place, when it says that something sealed did not open. SQLite hands on a number
/// alone; the thread knows the rest, because it is the one that read.
fn of_sealed(error: &Error) -> Option<SqliteError> {
    let Error::SqliteFailure(failure, _) = error else { return None };
    let place = last_damage().filter(|_| failure.extended_code == ffi::SQLITE_IOERR_DATA)?;
    Some(SqliteError::Sealed { path: place.path, what: place.what })
}

impl From<Error> for SqliteError {
    fn from(error: Error) -> Self {
        use rusqlite::ErrorCode as Code;
        if let Some(sealed) = of_sealed(&error) {
            return sealed;
        }
        match error.sqlite_error_code() {
            Some(Code::DiskFull) => Self::Full(error),
            Some(Code::ReadOnly) => Self::ReadOnly(error),
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => Self::Busy(error),
            Some(Code::DatabaseCorrupt | Code::NotADatabase) => Self::Corrupt(error),
            Some(Code::OperationAborted) => Self::Aborted(error),
            _ => Self::Query(error),
        }
    }
}

impl Coded for SqliteError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Full(_) => ErrorCode::StorageFull,
            Self::Busy(_) | Self::Aborted(_) | Self::WriterGone => ErrorCode::Unavailable,
            Self::Open { .. }
            | Self::Migration { .. }
            | Self::NewerSchema { .. }
            | Self::ReadOnly(_)
            | Self::Corrupt(_)
            | Self::Sealed { .. }
            | Self::Query(_)
            | Self::Panicked { .. }
            | Self::NestedWrite => ErrorCode::Internal,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Open { .. } => {
                "check that the folder exists, that it can be written, and that no other process \
                 uses the file"
            }
            Self::NewerSchema { .. } => {
                "start the version that wrote it, or restore a backup made before the upgrade"
            }
            Self::Full(_) => "free space on the disk that holds the data folder, then try again",
            Self::ReadOnly(_) => "make the data folder writable for the user that runs the program",
            Self::Busy(_) => "stop the other process that has the database open",
            Self::Sealed { .. } => {
                "restore the file from a backup, with the keys folder of the same time; keep the \
                 damaged file for analysis"
            }
            Self::Corrupt(_) => "restore the last backup; keep the damaged file for analysis",
            Self::Migration { .. } => "restore a backup if the older version must run meanwhile",
            Self::Aborted(_) => "try again",
            Self::Query(_) | Self::Panicked { .. } | Self::NestedWrite | Self::WriterGone => {
                return None;
            }
        };
        Some(hint.to_owned())
    }
}

/// The same failure once more: a failed commit is reported to every job of its group, and
/// `rusqlite` errors cannot be cloned.
pub(crate) fn copy_of(error: &Error) -> Error {
    match error {
        Error::SqliteFailure(failure, message) => Error::SqliteFailure(*failure, message.clone()),
        other => {
            Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_INTERNAL), Some(other.to_string()))
        }
    }
}

//! Why a statement failed, before it is sorted by what the caller can do.

use rusqlite::types::{FromSqlError, Type};

use crate::postgres::Failure;

/// A failed statement, or a value that is not of the wanted type.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// From the embedded engine; with both engines: no row, or a value of another type.
    #[error(transparent)]
    Value(#[from] rusqlite::Error),
    /// From Postgres.
    #[error(transparent)]
    Postgres(#[from] Failure),
}

/// What calls of this module return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A text column whose content the caller cannot read.
    pub fn unreadable(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        rusqlite::Error::FromSqlConversionFailure(0, Type::Text, why.into()).into()
    }

    /// The same failure once more: a failed commit is reported to every job of its group, and
    /// `rusqlite` errors cannot be cloned.
    pub(crate) fn copy(&self) -> Self {
        use rusqlite::{Error as E, ffi};
        match self {
            Self::Postgres(failure) => Self::Postgres(failure.clone()),
            Self::Value(E::SqliteFailure(failure, message)) => {
                E::SqliteFailure(*failure, message.clone()).into()
            }
            Self::Value(other) => {
                let internal = ffi::Error::new(ffi::SQLITE_INTERNAL);
                E::SqliteFailure(internal, Some(other.to_string())).into()
            }
        }
    }
}

impl From<FromSqlError> for Error {
    fn from(error: FromSqlError) -> Self {
        Self::Value(error.into())
    }
}

/// A row that may be missing.
pub trait OptionalExtension<T> {
    /// `None` where there was no row.
    ///
    /// # Errors
    /// Every other failure.
    fn optional(self) -> Result<Option<T>>;
}

impl<T> OptionalExtension<T> for Result<T> {
    fn optional(self) -> Result<Option<T>> {
        match self {
            Err(Error::Value(rusqlite::Error::QueryReturnedNoRows)) => Ok(None),
            other => other.map(Some),
        }
    }
}

//! Why a database call failed, sorted by what the caller can do.

use std::path::{Path, PathBuf};

use assay_core::{Coded, ErrorCode};
use rusqlite::ffi;

use crate::{postgres::Failure, sql::Error};

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
    /// The tables of the server were made for an older program.
    #[error("the tables `{schema}` have version {found}, this program needs {known}")]
    OlderSchema {
        /// Which of them.
        schema: &'static str,
        /// Version in the database; 0 when they were never made.
        found: u32,
        /// Version needed.
        known: u32,
    },
    /// Policies of Postgres do not hold for this role.
    #[error("the role `{role}` can read past the policies of the tables")]
    Role {
        /// The role.
        role: String,
    },
    /// There is no such role.
    #[error("the server has no role `{role}`")]
    NoRole {
        /// The role.
        role: String,
    },
    /// What was given is no address of a server. It is not repeated, for it may hold a password.
    #[error("the address of the database is not one of Postgres")]
    Address,
    /// What the address says of TLS cannot be done.
    #[error("the address of the database cannot be used: {0}")]
    Tls(&'static str),
    /// The certificates that the server is judged by cannot be used.
    #[error("the root certificates `{}` cannot be used: {reason}", path.display())]
    Certificates {
        /// The file, or `system`.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The server speaks no TLS, or its certificate is not taken; nothing was sent in plain text.
    #[error("there is no safe connection to the database server")]
    Unsafe(#[source] Error),
    /// Rows that were copied are not those that were sent.
    #[error(
        "the table `{table}` differs after the copy: {sent} rows were sent, {arrived} are there"
    )]
    Differs {
        /// The table.
        table: &'static str,
        /// Rows in the source.
        sent: u64,
        /// Rows in the target.
        arrived: u64,
    },
    /// Another process has the database of the server.
    #[error("the database of the server is in use by another process")]
    Held,
    /// The server cannot be reached, or went away; what was not acknowledged is not kept, unless it
    /// went away while it was keeping it.
    #[error("the database server cannot be reached")]
    Unreachable(#[source] Error),
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
        match self {
            Self::Query(Error::Value(rusqlite::Error::SqliteFailure(failure, _))) => matches!(
                failure.extended_code,
                ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
            ),
            Self::Query(Error::Postgres(failure)) => failure.state == "23505",
            _ => false,
        }
    }
}

/// The error with its place, when it says that something sealed did not open. SQLite hands on a number
/// alone; the thread knows the rest, because it is the one that read.
fn of_sealed(error: &Error) -> Option<SqliteError> {
    let Error::Value(rusqlite::Error::SqliteFailure(failure, _)) = error else { return None };
    let place = last_damage().filter(|_| failure.extended_code == ffi::SQLITE_IOERR_DATA)?;
    Some(SqliteError::Sealed { path: place.path, what: place.what })
}

impl From<Error> for SqliteError {
    fn from(error: Error) -> Self {
        use rusqlite::ErrorCode as Code;
        let failure = match &error {
            Error::Value(failure) => failure,
            Error::Postgres(failure) => return of_postgres(failure.clone()),
        };
        if let Some(sealed) = of_sealed(&error) {
            return sealed;
        }
        match failure.sqlite_error_code() {
            Some(Code::DiskFull) => Self::Full(error),
            Some(Code::ReadOnly) => Self::ReadOnly(error),
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => Self::Busy(error),
            Some(Code::DatabaseCorrupt | Code::NotADatabase) => Self::Corrupt(error),
            Some(Code::OperationAborted) => Self::Aborted(error),
            _ => Self::Query(error),
        }
    }
}

/// The SQLSTATEs are those of the appendix "PostgreSQL Error Codes" of its manual.
fn of_postgres(failure: Failure) -> SqliteError {
    match failure.state.as_str() {
        _ if failure.is_tls => SqliteError::Unsafe(failure.into()),
        _ if failure.is_unreachable() => SqliteError::Unreachable(failure.into()),
        "53100" => SqliteError::Full(failure.into()),
        "25006" => SqliteError::ReadOnly(failure.into()),
        "55P03" | "57014" => SqliteError::Busy(failure.into()),
        "XX001" | "XX002" => SqliteError::Corrupt(failure.into()),
        state if state.starts_with("40") || state == "25P02" => {
            SqliteError::Aborted(failure.into())
        }
        _ => SqliteError::Query(failure.into()),
    }
}

impl From<Failure> for SqliteError {
    fn from(failure: Failure) -> Self {
        of_postgres(failure)
    }
}

impl From<rusqlite::Error> for SqliteError {
    fn from(error: rusqlite::Error) -> Self {
        Error::from(error).into()
    }
}

impl Coded for SqliteError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Full(_) => ErrorCode::StorageFull,
            Self::Busy(_)
            | Self::Aborted(_)
            | Self::WriterGone
            | Self::Unreachable(_)
            | Self::Unsafe(_) => ErrorCode::Unavailable,
            Self::Address | Self::Tls(_) | Self::Certificates { .. } => ErrorCode::BadRequest,
            Self::Held | Self::Differs { .. } => ErrorCode::Conflict,
            Self::Open { .. }
            | Self::Migration { .. }
            | Self::NewerSchema { .. }
            | Self::OlderSchema { .. }
            | Self::Role { .. }
            | Self::NoRole { .. }
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
                "start the version that wrote it, or let that one run `assay migrate --back`; \
                 docs/howto/upgrade.md"
            }
            Self::OlderSchema { .. } => {
                "run `assay migrate --database ADDRESS` with the role that owns the tables"
            }
            Self::Role { .. } => {
                "use a role that owns no table and is neither SUPERUSER nor BYPASSRLS; \
                 `docs/howto/postgres.md` shows how to make one"
            }
            Self::NoRole { .. } => "make it first: `CREATE ROLE … LOGIN PASSWORD …`",
            Self::Differs { .. } => {
                "the target holds other rows of this tenant, or a user of the same name: nothing was \
                 removed from the source"
            }
            Self::Held => "stop the other server, or wait half a minute when its machine was lost",
            Self::Address => {
                "write it as `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=verify-full`"
            }
            Self::Tls(_) => {
                "write `sslmode=verify-full` with `sslrootcert=FILE`; `sslmode=disable` is for a socket, \
                 the same machine or a tunnel"
            }
            Self::Certificates { .. } => {
                "name a file of certificates in PEM as `sslrootcert`, or `system`"
            }
            Self::Unsafe(_) => {
                "check that the server has `ssl = on`, that its certificate names the host of the \
                 address as an alternative name, and that `sslrootcert` holds its issuer"
            }
            Self::Unreachable(_) => {
                "check that the server runs and that its address, role and password are right; \
                 then try again"
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

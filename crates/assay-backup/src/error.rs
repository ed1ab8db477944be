//! Why a backup was not taken, or is not restored.

use std::{
    io,
    path::{Path, PathBuf},
};

use assay_core::{Coded, ErrorCode, timestamp};
use assay_sqlite::SqliteError;
use assay_vault::VaultError;

/// A backup that failed.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The file system refused.
    #[error("cannot {action} `{}`", path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A service that holds backups refused, or does not answer.
    #[error("cannot {action} `{}`: {reason}", path.display())]
    Service {
        /// What was tried.
        action: &'static str,
        /// The file, as `s3://BUCKET/KEY`.
        path: PathBuf,
        /// What the service says, or why it cannot be reached.
        reason: String,
        /// What to do.
        hint: &'static str,
    },
    /// The settings lead to no bucket.
    #[error("the bucket cannot be used: {what}")]
    Bucket {
        /// What is wrong.
        what: String,
    },
    /// A file of the place is longer than any that was written.
    #[error("`{}` is too long", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
    },
    /// The folder holds something else.
    #[error("`{}` is no place of backups: it has no backup.json and is not empty", path.display())]
    NotAPlace {
        /// The folder.
        path: PathBuf,
    },
    /// There is no backup here.
    #[error("there is no backup in `{}`", path.display())]
    Nothing {
        /// The folder.
        path: PathBuf,
    },
    /// No backup reaches back so far.
    #[error("no backup in `{}` is as old as {}", path.display(), timestamp(*at_ms))]
    NotSoOld {
        /// The folder.
        path: PathBuf,
        /// The moment that was asked for, in milliseconds since 1970.
        at_ms: i64,
    },
    /// The place was written by a program that knows more.
    #[error("the backup has {what} {found}, this program knows {known}")]
    Newer {
        /// What has the version: the format, or the schema of a database.
        what: String,
        /// Version found.
        found: u32,
        /// Newest version known.
        known: u32,
    },
    /// Something of the backup is not what was written.
    #[error("the backup is damaged: `{}` {what}", path.display())]
    Damaged {
        /// The file of the backup, or of the data that was restored from it.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The place is sealed and the key is not there.
    #[error("the backups in `{}` are sealed with the key {id}; given is {given}", path.display())]
    OtherKey {
        /// The folder.
        path: PathBuf,
        /// The id of the key.
        id: String,
        /// The ids of the keys that are configured, or `none`.
        given: String,
    },
    /// The place is in clear and a key is configured, or the other way round.
    #[error("the backups in `{}` are in clear, and a key is configured", path.display())]
    InClear {
        /// The folder.
        path: PathBuf,
    },
    /// Another process writes to the place.
    #[error("another server writes its backups to `{}`", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// A folder that is to be written holds something.
    #[error("`{}` is not empty", path.display())]
    Occupied {
        /// The folder.
        path: PathBuf,
    },
    /// A folder that must not be written.
    #[error("`{}` {what}", path.display())]
    Refused {
        /// The folder.
        path: PathBuf,
        /// Why not.
        what: &'static str,
    },
    /// No key to be had.
    #[error(transparent)]
    Key(#[from] VaultError),
    /// A database of the backup does not open.
    #[error(transparent)]
    Database(#[from] SqliteError),
}

impl Coded for BackupError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::File { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                ErrorCode::StorageFull
            }
            Self::Service { .. } => ErrorCode::UpstreamFailed,
            Self::NotAPlace { .. }
            | Self::Bucket { .. }
            | Self::OtherKey { .. }
            | Self::InClear { .. }
            | Self::Newer { .. } => ErrorCode::BadRequest,
            Self::Occupied { .. } | Self::InUse { .. } => ErrorCode::Conflict,
            Self::Refused { .. } => ErrorCode::Forbidden,
            Self::Nothing { .. } | Self::NotSoOld { .. } => ErrorCode::NotFound,
            Self::File { .. } | Self::Damaged { .. } | Self::TooLong { .. } => ErrorCode::Internal,
            Self::Key(error) => error.code(),
            Self::Database(error) => error.code(),
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Service { hint, .. } => hint,
            Self::Bucket { .. } => "set backup.s3.endpoint, region and the keys of the service",
            Self::File { .. } => "check free space and permissions",
            Self::NotAPlace { .. } => "name an empty folder, or one that backups were written to",
            Self::Nothing { .. } => "check the path, and that a backup was finished",
            Self::NotSoOld { .. } => "`assay backup list` shows how far back each reaches",
            Self::Newer { .. } => {
                "restore it with the version of Assay that wrote it, or a newer one"
            }
            Self::Damaged { .. } | Self::TooLong { .. } => {
                "take another copy of the backup, or an older point: `assay backup list`"
            }
            Self::OtherKey { .. } => {
                "set backup.key_file, backup.key_command or ASSAY_BACKUP_KEY to that key"
            }
            Self::InClear { .. } => "name another folder for sealed backups, or configure no key",
            Self::InUse { .. } => "give each data folder a place of its own",
            Self::Occupied { .. } => "name a folder that is empty or not there",
            Self::Refused { .. } => "docs/guide/backup.md says which folders may be named",
            Self::Key(error) => return error.hint(),
            Self::Database(error) => return error.hint(),
        };
        Some(hint.to_owned())
    }
}

/// For `map_err`: what was tried with which file.
pub(crate) fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> BackupError {
    move |source| BackupError::File { action, path: path.to_owned(), source }
}

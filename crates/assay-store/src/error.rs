//! Why a call to the store failed, sorted by what the caller can do.

use std::{io, path::PathBuf};

use assay_core::{Coded, ErrorCode, TenantId, VersionId};
use assay_sqlite::{SqliteError, sql};
use assay_vault::VaultError;

use crate::{BlobHash, VersionState};

/// A failed call to the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database of the tenant or of the installation failed.
    #[error("the records could not be read or written")]
    Database(#[from] SqliteError),
    /// A file or folder of the data folder failed.
    #[error("cannot {action} `{}`", path.display())]
    File {
        /// What was tried, such as `write`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// This tenant has no such thing.
    #[error("there is no {kind} `{key}`")]
    NotFound {
        /// Such as `document`.
        kind: &'static str,
        /// Its id, name or hash.
        key: String,
    },
    /// The tenant would have more than it may have.
    #[error("the tenant may have {limit} {what}, and this would be more")]
    Limit {
        /// `documents` or `bytes`.
        what: &'static str,
        /// How many.
        limit: u64,
    },
    /// The name is taken.
    #[error("there is a {kind} named `{name}` already")]
    Exists {
        /// Such as `collection`.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// The version is in a state that does not allow the step.
    #[error("cannot {action} version `{version}`: it is {}", state.as_str())]
    State {
        /// The step, such as `publish`.
        action: &'static str,
        /// The version.
        version: VersionId,
        /// Its state.
        state: VersionState,
    },
    /// The tenant cannot be deleted while somebody holds a handle to it.
    #[error("tenant `{tenant}` is in use")]
    TenantInUse {
        /// The tenant.
        tenant: TenantId,
    },
    /// The bytes of a blob are not those that were put.
    #[error("blob `{hash}` is damaged: `{}`", path.display())]
    DamagedBlob {
        /// Its name.
        hash: BlobHash,
        /// Its file.
        path: PathBuf,
    },
    /// The key of the tenant or of the installation is not to be had.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A record does not read as it was written.
    #[error("the record of a {kind} is damaged: {why}")]
    DamagedRecord {
        /// Such as `passage`.
        kind: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// The index stands before the oldest outbox entry and has to be rebuilt.
    #[error("the outbox was pruned up to position {pruned}, position {asked} is gone")]
    OutboxPruned {
        /// Where the index stands.
        asked: u64,
        /// Last position that is gone.
        pruned: u64,
    },
    /// The caller gave something that cannot be stored.
    #[error("this {what} cannot be stored: {why}")]
    Invalid {
        /// Such as `collection name`.
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

impl StoreError {
    /// Whether the version was overtaken: a newer one is published or the document is deleted. Work
    /// on it is then finished, not failed.
    #[must_use]
    pub const fn is_outdated(&self) -> bool {
        matches!(self, Self::State { state: VersionState::Superseded | VersionState::Deleted, .. })
    }

    /// There is no thing of this kind with this key.
    pub fn not_found(kind: &'static str, key: impl ToString) -> Self {
        Self::NotFound { kind, key: key.to_string() }
    }
}

impl From<sql::Error> for StoreError {
    fn from(error: sql::Error) -> Self {
        Self::Database(error.into())
    }
}

impl Coded for StoreError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Database(error) => error.code(),
            Self::Vault(error) => error.code(),
            Self::File { source, .. } if is_full(source) => ErrorCode::StorageFull,
            Self::NotFound { .. } => ErrorCode::NotFound,
            Self::Exists { .. }
            | Self::State { .. }
            | Self::TenantInUse { .. }
            | Self::OutboxPruned { .. } => ErrorCode::Conflict,
            Self::Invalid { .. } => ErrorCode::BadRequest,
            Self::Limit { what: "bytes", .. } => ErrorCode::TooLarge,
            Self::Limit { .. } => ErrorCode::Forbidden,
            Self::File { .. } | Self::DamagedBlob { .. } | Self::DamagedRecord { .. } => {
                ErrorCode::Internal
            }
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Database(error) => return error.hint(),
            Self::Vault(error) => return error.hint(),
            Self::File { source, .. } if is_full(source) => {
                "free space on the disk that holds the data folder, then try again"
            }
            Self::File { .. } => {
                "check that the data folder exists and can be written by the user that runs the \
                 program"
            }
            Self::Exists { .. } => "choose another name, or use the one that exists",
            Self::Limit { .. } => "delete what is not needed, or ask for a higher limit",
            Self::TenantInUse { .. } => "wait until its requests and tasks have ended",
            Self::DamagedBlob { .. } => {
                "ingest the file again, or restore it from a backup; check the disk"
            }
            Self::DamagedRecord { .. } => "restore the last backup; check the disk",
            Self::OutboxPruned { .. } => "rebuild the search index from the records",
            Self::NotFound { .. } | Self::State { .. } | Self::Invalid { .. } => return None,
        };
        Some(hint.to_owned())
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

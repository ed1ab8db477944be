//! Why a key is not to be had.

use std::{io, path::PathBuf};

use assay_core::{Coded, ErrorCode};

/// A key that cannot be read, made or used.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The setting, file, variable or command of the root key gives none.
    #[error("the key from {from} cannot be used: {what}")]
    Root {
        /// Where it was looked for.
        from: String,
        /// What is wrong.
        what: String,
    },
    /// The data is sealed and no root key is configured.
    #[error("the data is encrypted under the root key {expected}, and no root key is configured")]
    NoRoot {
        /// The id of the root key.
        expected: String,
    },
    /// A data key is wrapped by a root key that is not the configured one.
    #[error("the data key of {owner} needs the root key {expected}; configured is {given}")]
    OtherRoot {
        /// Whose data key.
        owner: String,
        /// The id of the root key that it needs.
        expected: String,
        /// The ids of the root keys that are configured.
        given: String,
    },
    /// Sealed data without its key.
    #[error("the data of {owner} is encrypted, and its data key `{}` is missing", path.display())]
    Missing {
        /// Whose data.
        owner: String,
        /// Where the key should be.
        path: PathBuf,
    },
    /// The key was destroyed.
    #[error("the data key of {owner} was destroyed: its data cannot be read any more")]
    Destroyed {
        /// Whose key.
        owner: String,
    },
    /// A wrapped key that was changed, or is of somebody else.
    #[error("the key file `{}` is damaged: {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// A rotation where the next root key is not there yet.
    #[error("there is no second root key in {from} to rotate to")]
    NoNextRoot {
        /// Where root keys come from.
        from: String,
    },
    /// Encryption is not set up.
    #[error("data at rest is not encrypted: no root key is configured")]
    Off,
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
    /// The system gave no random numbers.
    #[error("the random numbers of the system cannot be read")]
    Random,
}

impl Coded for VaultError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Root { .. } | Self::NoNextRoot { .. } | Self::Off => ErrorCode::BadRequest,
            Self::Destroyed { .. } => ErrorCode::NotFound,
            Self::File { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                ErrorCode::StorageFull
            }
            Self::NoRoot { .. }
            | Self::OtherRoot { .. }
            | Self::Missing { .. }
            | Self::Damaged { .. }
            | Self::File { .. }
            | Self::Random => ErrorCode::Internal,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Root { .. } => {
                "a root key is 32 random bytes in base64: `openssl rand -base64 32`"
            }
            Self::NoRoot { .. } => {
                "set encryption.root_key_file, encryption.root_key_command or ASSAY_ROOT_KEY"
            }
            Self::OtherRoot { .. } => "configure the root key with that id",
            Self::Missing { .. } | Self::Damaged { .. } => {
                "restore the keys folder from its backup; without the key the data is lost"
            }
            Self::Destroyed { .. } => return None,
            Self::NoNextRoot { .. } => {
                "let it give two keys, the new one first, and run the command again"
            }
            Self::Off => "docs/howto/encryption.md says how to switch it on",
            Self::File { .. } => "check free space and permissions",
            Self::Random => return None,
        };
        Some(hint.to_owned())
    }
}

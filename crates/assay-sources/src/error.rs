//! What can end a run as a whole.

use std::{io, path::PathBuf};

use assay_core::{Coded, ErrorCode};
use assay_net::Blocked;

use crate::SettingProblem;

/// A source that cannot be opened or looked at.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The settings cannot be used; all that is wrong with them.
    #[error("the settings of the source cannot be used: {}", list(.0))]
    Settings(Vec<SettingProblem>),
    /// The policy of the server does not allow this source.
    #[error("{what} is not allowed: {reason}")]
    Forbidden {
        /// The host, folder or address.
        what: String,
        /// Which rule.
        reason: String,
    },
    /// The state of the last run is not one of this source.
    #[error("the state of the last run cannot be read")]
    State(#[source] serde_json::Error),
    /// A file or folder of the source cannot be read.
    #[error("`{}` cannot be read", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The other side does not accept the credentials.
    #[error("{what} refuses the credentials: {reason}")]
    Refused {
        /// The host.
        what: String,
        /// What it said.
        reason: String,
    },
    /// The other side cannot be reached or answers nonsense.
    #[error("{what} cannot be read: {reason}")]
    Failed {
        /// The host, bucket, repository or folder.
        what: String,
        /// Why.
        reason: String,
    },
    /// A program that this source needs cannot be started.
    #[error("the program `{program}` cannot be started")]
    NoProgram {
        /// Its name.
        program: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The HTTP or TLS client could not be built.
    #[error("the network client could not be set up: {0}")]
    Setup(String),
}

impl From<Blocked> for SourceError {
    fn from(blocked: Blocked) -> Self {
        let reason = blocked.reason.to_owned();
        Self::Forbidden { what: format!("the host `{}`", blocked.host), reason }
    }
}

fn list(problems: &[SettingProblem]) -> String {
    let texts: Vec<_> = problems.iter().map(ToString::to_string).collect();
    texts.join("; ")
}

impl Coded for SourceError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Settings(_) => ErrorCode::BadRequest,
            Self::Forbidden { .. } | Self::Refused { .. } => ErrorCode::Forbidden,
            Self::State(_) | Self::Setup(_) => ErrorCode::Internal,
            Self::File { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                ErrorCode::NotFound
            }
            Self::File { .. } | Self::NoProgram { .. } => ErrorCode::Unavailable,
            Self::Failed { .. } => ErrorCode::UpstreamFailed,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::Forbidden { .. } => Some(
                "whoever runs the server can allow it in `allow_private_hosts` or `allow_folders`"
                    .to_owned(),
            ),
            Self::State(_) => Some("start again with an empty state".to_owned()),
            Self::NoProgram { program, .. } => Some(format!("install `{program}`")),
            _ => None,
        }
    }
}

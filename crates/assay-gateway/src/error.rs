//! What can go wrong in a call to a provider.

use assay_core::{Coded, ErrorCode};

use crate::Fault;

/// A failed call to a provider.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The base URL is not an HTTP URL.
    #[error("`{url}` is not the base URL of a model provider")]
    BaseUrl {
        /// The URL as it was set.
        url: String,
    },
    /// A header of a provider is none.
    #[error("the header `{header}` of the provider `{provider}` cannot be sent")]
    Header {
        /// The provider's name.
        provider: String,
        /// The header's name.
        header: String,
    },
    /// The client could not be built.
    #[error("the HTTP client could not be set up")]
    Setup(#[source] reqwest::Error),
    /// No connection, or it broke before the answer began.
    #[error("the provider at `{host}` could not be reached")]
    Unreachable {
        /// The host of the base URL.
        host: String,
        /// Why.
        #[source]
        source: reqwest::Error,
    },
    /// The provider answered with an error status.
    #[error("the provider at `{host}` refused the call with status {status}: {message}")]
    Refused {
        /// The host of the base URL.
        host: String,
        /// The HTTP status.
        status: u16,
        /// The provider's own message, cut to 300 characters.
        message: String,
    },
    /// No target answered.
    #[error("{}", .0.message)]
    Failed(Box<Fault>),
    /// The answer is not what the protocol says.
    #[error("the provider at `{host}` sent an answer that cannot be read: {reason}")]
    Malformed {
        /// The host of the base URL.
        host: String,
        /// What is wrong.
        reason: String,
    },
    /// The stream ended before the provider said that it was finished.
    #[error("the stream from `{host}` was cut after {characters} characters")]
    Cut {
        /// The host of the base URL.
        host: String,
        /// Characters of text that had arrived.
        characters: usize,
    },
    /// Nothing came for too long.
    #[error("the provider at `{host}` sent nothing for {seconds} s")]
    Stalled {
        /// The host of the base URL.
        host: String,
        /// The limit that was passed.
        seconds: u64,
    },
}

impl Coded for GatewayError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::BaseUrl { .. } | Self::Header { .. } => ErrorCode::BadRequest,
            Self::Setup(_) => ErrorCode::Internal,
            Self::Failed(fault) => fault.kind.error_code(),
            Self::Stalled { .. } => ErrorCode::Timeout,
            Self::Refused { status: 429, .. } => ErrorCode::TooManyRequests,
            Self::Unreachable { .. }
            | Self::Refused { .. }
            | Self::Malformed { .. }
            | Self::Cut { .. } => ErrorCode::UpstreamFailed,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Self::BaseUrl { .. } => {
                Some("give it as `https://host/v1`, without the path of a route".to_owned())
            }
            Self::Unreachable { .. } => {
                Some("check `base_url`, and that the server there is running".to_owned())
            }
            Self::Refused { status: 401 | 403, .. } => {
                Some("check the API key of this endpoint".to_owned())
            }
            Self::Refused { status: 404, .. } => Some(
                "check that `base_url` ends in `/v1` and that the model's name is right".to_owned(),
            ),
            _ => None,
        }
    }
}

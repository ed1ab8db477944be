//! Why a provider gave nothing.

use std::time::Duration;

use assay_net::HttpError;

/// A provider that could not be asked or did not answer as it should.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// The request or the answer failed.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// It refused.
    #[error("it answered with status {status}{message}")]
    Status {
        /// The status.
        status: u16,
        /// What it said, after a colon; or nothing.
        message: String,
    },
    /// It asks to be left alone.
    #[error("it asks to wait for {} s", .0.as_secs())]
    Wait(Duration),
    /// The answer is not in the form that its documentation promises.
    #[error("its answer cannot be read: {0}")]
    Malformed(String),
    /// The calls of this minute are used up.
    #[error("its {0} calls a minute are used up")]
    OutOfCalls(usize),
    /// Redirects that lead nowhere or out of TLS.
    #[error("it redirects {0}")]
    Redirect(&'static str),
}

/// The client for the providers could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum WebSetupError {
    /// An entry of `allow_private_hosts` names nothing.
    #[error("`web.allow_private_hosts` {0}")]
    Host(#[from] assay_net::InvalidHost),
    /// A base URL is not one.
    #[error("`web.{provider}.base_url` is not an `http` or `https` URL: `{url}`")]
    BaseUrl {
        /// The provider.
        provider: crate::ProviderName,
        /// What is set.
        url: String,
    },
    /// TLS could not be set up.
    #[error(transparent)]
    Http(#[from] assay_net::SetupError),
}

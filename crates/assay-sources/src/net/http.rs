//! The fenced HTTP client for callers that block: a run of a source is a thread of its own.

use std::ops::Deref;

use assay_net::{Answer, Get, Guard};
use tokio::runtime::Handle;

use crate::{SettingProblem, SourceContext, SourceError};

/// How the crawler calls itself, to servers and to `robots.txt`.
pub(crate) const AGENT: &str = "assay";

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpError {
    #[error(transparent)]
    Net(#[from] assay_net::HttpError),
    #[error("the run ended before it was read")]
    Ended,
}

/// Makes requests to what the policy allows. Redirects are given back, never followed.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    client: assay_net::Http,
    runtime: Handle,
}

impl Http {
    pub(crate) fn new(context: &SourceContext) -> Result<Self, SourceError> {
        let agent = concat!("assay/", env!("CARGO_PKG_VERSION"));
        let client = assay_net::Http::new(guard(context)?, agent)
            .map_err(|error| SourceError::Setup(assay_core::ErrorChain(&error).to_string()))?;
        Ok(Self { client, runtime: context.runtime.clone() })
    }

    /// Makes the request and reads the whole answer.
    pub(crate) fn get(&self, get: Get<'_>) -> Result<Answer, HttpError> {
        Ok(self.runtime.block_on(self.client.get(get))?)
    }
}

impl Deref for Http {
    type Target = assay_net::Http;

    fn deref(&self) -> &assay_net::Http {
        &self.client
    }
}

/// What the policy allows to be reached.
pub(crate) fn guard(context: &SourceContext) -> Result<std::sync::Arc<Guard>, SourceError> {
    Guard::new(&context.policy.allow_private_hosts).map_err(|error| {
        let problem = SettingProblem::new("allow_private_hosts", error.to_string());
        SourceError::Settings(vec![problem])
    })
}

//! What a provider is.

use std::{fmt, str::FromStr};

use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use crate::{ProviderError, WebPage, WebQuery, calls::Calls};

/// A public source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProviderName {
    /// The free encyclopedia.
    Wikipedia,
    /// Stack Overflow, or another site of Stack Exchange.
    #[serde(alias = "stackexchange")]
    StackOverflow,
    /// The documentation of the web platform.
    Mdn,
    /// Repositories, issues and code.
    Github,
}

impl ProviderName {
    /// The word of the API and of the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wikipedia => "wikipedia",
            Self::StackOverflow => "stackoverflow",
            Self::Mdn => "mdn",
            Self::Github => "github",
        }
    }
}

impl fmt::Display for ProviderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ProviderName {
    type Err = ();

    /// Takes the words of [`Self::as_str`] and `stackexchange`, in any case.
    fn from_str(text: &str) -> Result<Self, ()> {
        match text.to_ascii_lowercase().as_str() {
            "wikipedia" => Ok(Self::Wikipedia),
            "stackoverflow" | "stackexchange" => Ok(Self::StackOverflow),
            "mdn" => Ok(Self::Mdn),
            "github" => Ok(Self::Github),
            _ => Err(()),
        }
    }
}

/// A client of one public source. It speaks the protocol; limits, breaker, cache and the fence
/// against the inner network are around it.
pub(crate) trait Provider: Send + Sync {
    /// Its name.
    fn name(&self) -> ProviderName;

    /// Calls that it may make a minute.
    fn calls_per_minute(&self) -> usize;

    /// Up to [`WebQuery::results`] pages, best first.
    fn search<'a>(
        &'a self,
        query: &'a WebQuery,
        calls: &'a Calls<'a>,
    ) -> BoxFuture<'a, Result<Vec<WebPage>, ProviderError>>;
}

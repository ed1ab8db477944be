#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod cache;
mod calls;
mod error;
mod github;
mod markup;
mod mdn;
mod minute;
mod page;
mod provider;
mod settings;
mod stack_exchange;
mod web;
mod wikipedia;

pub use error::{ProviderError, WebSetupError};
pub use page::{PageFormat, WebPage};
pub use provider::ProviderName;
pub use settings::{
    GithubSettings, MdnSettings, StackExchangeSettings, WebSettings, WikipediaSettings,
};
pub use web::{ProviderReport, ProviderState, ProviderStatus, Web, WebFound, WebQuery};

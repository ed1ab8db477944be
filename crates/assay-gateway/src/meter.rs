//! The seam to whatever counts tokens and money.
//!
//! Every attempt at a provider, of whatever route, goes through [`Meter`]: it reserves before the
//! attempt, settles with what was measured after it, and takes the reservation back when nothing
//! was used. The gateway keeps no money of its own.
//!
//! What the gateway promises to an implementation:
//! - `reserve` comes before the first byte of an attempt, once for each attempt: a retry and a
//!   fallback reserve anew.
//! - Each reservation ends exactly once: by `settle`, by `refund`, or, when the process dies, by
//!   neither. A caller who leaves ends in `settle`, from a destructor: neither may block or wait.
//! - `settle` says whether the provider counted ([`Measured::exact`]) or the gateway estimated.

use std::{future::Future, pin::Pin, time::Duration};

use assay_core::{DocumentId, RequestId, TenantScope};

/// Who calls what: everything that a budget or a report can be kept by.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The tenant.
    pub scope: &'a TenantScope,
    /// Names the key that the caller came with; none while there are no credentials.
    pub key: Option<&'a str>,
    /// The user or service that the credential belongs to; none of a call that nobody asked for.
    pub user: Option<&'a str>,
    /// The end user as the caller names it: free text of the caller, of at most 128 bytes.
    pub end_user: Option<&'a str>,
    /// The provider's name in the configuration.
    pub provider: &'a str,
    /// Its name in price lists; none for a server that only speaks the OpenAI protocol.
    pub listed_as: Option<&'a str>,
    /// The model as the provider knows it.
    pub model: &'a str,
    /// The route, or the name of the model as it was asked for where no route stands between.
    pub route: &'a str,
    /// The request of the caller, shared by all its attempts.
    pub request_id: RequestId,
    /// The question that it helps to answer, of a call of Assay's own.
    pub query: Option<RequestId>,
    /// The document that it helps to take in, of a call of Assay's own.
    pub document: Option<DocumentId>,
    /// What is done.
    pub operation: Operation,
    /// 0 for the first attempt of the request, then 1, 2, …
    pub attempt: u16,
}

/// What is asked of a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// A conversation, in whatever dialect.
    Chat,
    /// Vectors of texts.
    Embeddings,
    /// How many tokens a conversation has; providers do not charge for it.
    CountTokens,
}

impl Operation {
    /// The name in the conventions of OpenTelemetry.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Embeddings => "embeddings",
            Self::CountTokens => "count_tokens",
        }
    }
}

/// Tokens that an attempt may use at most, as far as that is known before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// Tokens read: a quarter of the bytes of the request, images not counted by their bytes.
    pub prompt_tokens: u64,
    /// Tokens written at most, as the request limits them; none when it does not.
    pub completion_tokens: Option<u64>,
    /// Answers asked for (`n`).
    pub choices: u64,
}

/// Tokens that an attempt used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Measured {
    /// Tokens read, those from the provider's cache included.
    pub prompt_tokens: u64,
    /// Tokens written, those of reasoning included.
    pub completion_tokens: u64,
    /// Of `prompt_tokens`: read from the provider's cache.
    pub cached_tokens: u64,
    /// Of `prompt_tokens`: written to the provider's cache.
    pub cache_write_tokens: u64,
    /// Of `completion_tokens`: reasoning that is not shown.
    pub reasoning_tokens: u64,
    /// Whether the provider said so. Otherwise the stream ended before it did, and both figures are
    /// a quarter of the bytes that went each way.
    pub exact: bool,
}

/// The meter does not let an attempt happen.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct Refused {
    /// Which budget, how much of it is used.
    pub message: String,
    /// When it is open again.
    pub retry_after: Option<Duration>,
    /// Why.
    pub why: Why,
}

/// Why a meter does not let an attempt happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// A budget of the caller has no room, whoever were to answer.
    Budget,
    /// A budget of this provider or model has no room; another may have.
    TargetBudget,
    /// Nobody knows what the model costs.
    NoPrice,
    /// It cannot be recorded.
    Failed,
}

/// How an attempt ended that used something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// By itself.
    Completed,
    /// The provider broke off.
    Cut,
    /// The caller left.
    Cancelled,
}

/// A future of a boxed type, because traits have none of their own that can be boxed.
pub type Reserving<'a> =
    Pin<Box<dyn Future<Output = Result<Box<dyn Reservation>, Refused>> + Send + 'a>>;

/// Counts what calls use, and may refuse them.
pub trait Meter: Send + Sync + 'static {
    /// Takes what an attempt may use, before it.
    ///
    /// # Errors
    /// When a budget does not hold it; nothing is reserved then.
    fn reserve<'a>(&'a self, call: Call<'a>, estimate: Estimate) -> Reserving<'a>;

    /// What a call to a model of a provider would cost, in nano-dollars; none where no price is
    /// known. The answer is reckoned with the tokens that it may have, and with 1,000 where the
    /// request does not say.
    fn price(
        &self,
        provider: &str,
        listed_as: Option<&str>,
        model: &str,
        estimate: &Estimate,
    ) -> Option<u64>;

    /// Notes a call that a cache answered; returns what it saved, in nano-dollars.
    ///
    /// # Errors
    /// When a budget of calls has no room for it.
    fn cached(&self, call: &Call<'_>, measured: &Measured) -> Result<u64, Refused>;
}

/// What was taken for one attempt.
pub trait Reservation: Send + Sync {
    /// Ends it with what was used; returns the cost in nano-dollars where prices are known.
    fn settle(self: Box<Self>, measured: &Measured, ending: Ending) -> Option<u64>;

    /// Ends it with nothing used: the provider refused or was not reached.
    fn refund(self: Box<Self>);
}

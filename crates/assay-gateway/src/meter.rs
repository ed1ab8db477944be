//! The seam to whatever counts tokens and money.
//!
//! Every attempt at a provider, of whatever route, goes through [`Meter`]: it reserves before the
//! attempt, settles with what was measured after it, and takes the reservation back when nothing
//! was used. [`Counter`] is the implementation that only counts tokens; a ledger is another. The
//! gateway keeps no money of its own.
//!
//! What the gateway promises to an implementation:
//! - `reserve` comes before the first byte of an attempt, once for each attempt: a retry, a
//!   fallback and a shadow reserve anew.
//! - Each reservation ends exactly once: by `settle`, by `refund`, or, when the process dies, by
//!   neither. A caller who leaves ends in `settle`, from a destructor: neither may block or wait.
//! - `settle` says whether the provider counted ([`Measured::exact`]) or the gateway estimated.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use assay_core::{RequestId, TenantScope};

/// Who calls what: everything that a budget or a report can be kept by.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The tenant.
    pub scope: &'a TenantScope,
    /// Names the key that the caller came with; none while there are no credentials.
    pub key: Option<&'a str>,
    /// The end user as the caller names it: free text of the caller, of at most 128 characters.
    pub user: Option<&'a str>,
    /// The provider's name in the configuration.
    pub provider: &'a str,
    /// The model as the provider knows it.
    pub model: &'a str,
    /// The route, or the name of the model as it was asked for where no route stands between.
    pub route: &'a str,
    /// The request of the caller, shared by all its attempts.
    pub request_id: RequestId,
    /// What is done.
    pub operation: Operation,
    /// Whether it is a copy whose answer nobody sees.
    pub shadow: bool,
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
    /// Whether only this provider or model is refused, so that another may be tried.
    pub only_here: bool,
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
}

/// What was taken for one attempt.
pub trait Reservation: Send + Sync {
    /// Ends it with what was used; returns the cost in nano-dollars where prices are known.
    fn settle(self: Box<Self>, measured: &Measured) -> Option<u64>;

    /// Ends it with nothing used: the provider refused or was not reached.
    fn refund(self: Box<Self>);
}

/// Counts tokens of the whole process and refuses nothing; knows no prices.
#[derive(Debug, Clone, Default)]
pub struct Counter(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    open: AtomicU64,
    settled: AtomicU64,
    refunded: AtomicU64,
    prompt_tokens: AtomicU64,
    completion_tokens: AtomicU64,
}

/// What a [`Counter`] has counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CounterTotals {
    /// Reservations that have not ended.
    pub open: u64,
    /// Attempts settled.
    pub settled: u64,
    /// Attempts refunded.
    pub refunded: u64,
    /// Tokens read.
    pub prompt_tokens: u64,
    /// Tokens written.
    pub completion_tokens: u64,
}

impl Counter {
    /// The totals as they stand.
    #[must_use]
    pub fn totals(&self) -> CounterTotals {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        CounterTotals {
            open: read(&self.0.open),
            settled: read(&self.0.settled),
            refunded: read(&self.0.refunded),
            prompt_tokens: read(&self.0.prompt_tokens),
            completion_tokens: read(&self.0.completion_tokens),
        }
    }
}

impl Meter for Counter {
    fn reserve<'a>(&'a self, _: Call<'a>, _: Estimate) -> Reserving<'a> {
        self.0.open.fetch_add(1, Ordering::Relaxed);
        let counted: Box<dyn Reservation> = Box::new(Counted(Arc::clone(&self.0)));
        Box::pin(std::future::ready(Ok(counted)))
    }
}

struct Counted(Arc<Counts>);

impl Reservation for Counted {
    fn settle(self: Box<Self>, measured: &Measured) -> Option<u64> {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
        self.0.settled.fetch_add(1, Ordering::Relaxed);
        self.0.prompt_tokens.fetch_add(measured.prompt_tokens, Ordering::Relaxed);
        self.0.completion_tokens.fetch_add(measured.completion_tokens, Ordering::Relaxed);
        None
    }

    fn refund(self: Box<Self>) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
        self.0.refunded.fetch_add(1, Ordering::Relaxed);
    }
}

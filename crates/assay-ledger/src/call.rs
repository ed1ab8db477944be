//! A call as the ledger keeps it: what is known before it, and what came of it.

use std::{borrow::Cow, fmt};

use assay_core::{CallId, DocumentId, NanoUsd, RequestId, TenantId};
use serde::{Deserialize, Serialize};

use crate::{Caller, Dimension, Labels, LedgerError, Usage};

/// What is about to be called.
#[derive(Debug, Clone)]
pub struct NewCall<'a> {
    /// The kind of call.
    pub kind: CallKind,
    /// The provider, as the configuration names it.
    pub provider: &'a str,
    /// The name that it has in price lists, where that is another.
    pub listed_as: Option<&'a str>,
    /// The model, as the provider knows it.
    pub model: &'a str,
    /// The most that the call can use: its input, and the limit of its output. What is reserved is
    /// what this costs.
    pub estimate: Usage,
    /// The request that it is for; retries and fallbacks of one request share it.
    pub request: RequestId,
    /// The question that it helps to answer.
    pub query: Option<RequestId>,
    /// The document that it helps to take in.
    pub document: Option<DocumentId>,
    /// 0 for the first attempt of a request, then 1, 2, …
    pub attempt: u16,
}

impl<'a> NewCall<'a> {
    /// A first attempt that belongs to no question and no document.
    #[must_use]
    pub fn new(kind: CallKind, provider: &'a str, model: &'a str, estimate: Usage) -> Self {
        Self {
            kind,
            provider,
            listed_as: None,
            model,
            estimate,
            request: RequestId::new(),
            query: None,
            document: None,
            attempt: 0,
        }
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// The word in the ledger and on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The value of a word.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// What kind of call it is.
    CallKind {
        /// A chat completion, in whichever dialect.
        Chat = "chat",
        /// Embeddings.
        Embeddings = "embeddings",
        /// Reranking.
        Rerank = "rerank",
    }
}

words! {
    /// What came of a call.
    Outcome {
        /// It came to its end.
        Completed = "completed",
        /// The provider's stream broke off; what had come is charged.
        Cut = "cut",
        /// The client left; what had come is charged.
        Cancelled = "cancelled",
        /// The provider refused or could not be reached; nothing is charged.
        Failed = "failed",
        /// Nobody said what came of it, because the process died or the code that called gave up:
        /// what was reserved is charged in full, for the provider may charge it.
        Abandoned = "abandoned",
        /// A cache answered; nothing is charged, and `saved` says what would have been.
        Cached = "cached",
    }
}

/// A call that was let through.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) id: CallId,
    pub(crate) at_ms: i64,
    pub(crate) labels: Labels,
    pub(crate) kind: CallKind,
    pub(crate) request: RequestId,
    pub(crate) query: Option<RequestId>,
    pub(crate) document: Option<DocumentId>,
    pub(crate) attempt: u16,
    pub(crate) price: i64,
    pub(crate) reserved: NanoUsd,
    pub(crate) estimate: Usage,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct End {
    pub(crate) settled_ms: i64,
    pub(crate) outcome: Outcome,
    pub(crate) usage: Usage,
    pub(crate) is_estimated: bool,
    pub(crate) cost: NanoUsd,
    pub(crate) saved: NanoUsd,
}

impl End {
    /// The stated end of a call of which nothing is known: charged in full.
    pub(crate) const fn abandoned(call: &Call, now_ms: i64) -> Self {
        Self {
            settled_ms: now_ms,
            outcome: Outcome::Abandoned,
            usage: call.estimate,
            is_estimated: true,
            cost: call.reserved,
            saved: NanoUsd::ZERO,
        }
    }
}

/// A line of the ledger.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) call: Call,
    pub(crate) end: End,
}

/// A call in the journal.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct CallRecord<'a> {
    id: u128,
    at_ms: i64,
    tenant: u128,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    organisation: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    key: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    user: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    end_user: Option<Cow<'a, str>>,
    #[serde(borrow)]
    provider: Cow<'a, str>,
    #[serde(borrow)]
    model: Cow<'a, str>,
    kind: CallKind,
    request: u128,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    query: Option<u128>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    document: Option<u128>,
    attempt: u16,
    price: i64,
    reserved: NanoUsd,
    estimate: Usage,
}

impl<'a> From<&'a Call> for CallRecord<'a> {
    fn from(call: &'a Call) -> Self {
        let label = |dimension| call.labels.get(dimension).map(|text| Cow::Borrowed(&**text));
        Self {
            id: call.id.as_u128(),
            at_ms: call.at_ms,
            tenant: call.labels.tenant_id().as_u128(),
            organisation: label(Dimension::Organisation),
            key: label(Dimension::Key),
            user: label(Dimension::User),
            end_user: label(Dimension::EndUser),
            provider: label(Dimension::Provider).unwrap_or_default(),
            model: label(Dimension::Model).unwrap_or_default(),
            kind: call.kind,
            request: call.request.as_u128(),
            query: call.query.map(RequestId::as_u128),
            document: call.document.map(DocumentId::as_u128),
            attempt: call.attempt,
            price: call.price,
            reserved: call.reserved,
            estimate: call.estimate,
        }
    }
}

impl CallRecord<'_> {
    pub(crate) fn into_call(self) -> Result<Call, LedgerError> {
        let mut caller = Caller::of_recorded(TenantId::from_u128(self.tenant));
        if let Some(organisation) = &self.organisation {
            caller = caller.organisation(organisation)?;
        }
        if let Some(key) = &self.key {
            caller = caller.key(key)?;
        }
        if let Some(user) = &self.user {
            caller = caller.user(user)?;
        }
        if let Some(end_user) = &self.end_user {
            caller = caller.end_user(end_user)?;
        }
        Ok(Call {
            id: CallId::from_u128(self.id),
            at_ms: self.at_ms,
            labels: Labels::new(&caller, &self.provider, &self.model)?,
            kind: self.kind,
            request: RequestId::from_u128(self.request),
            query: self.query.map(RequestId::from_u128),
            document: self.document.map(DocumentId::from_u128),
            attempt: self.attempt,
            price: self.price,
            reserved: self.reserved,
            estimate: self.estimate,
        })
    }
}

#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod breaker;
mod clock;
mod error;
mod id;
mod limits;
mod money;
mod reader;
mod scope;
mod secret;
mod span;
mod trace;

pub use breaker::{Breaker, BreakerSettings, BreakerState, Pass};
pub use clock::{Clock, FakeClock, SystemClock, parse_timestamp_ms, timestamp};
pub use error::{Coded, ErrorChain, ErrorCode};
pub use id::{
    BudgetId, CallId, CollectionId, DocumentId, GroupId, InvalidId, InvitationId, PassageId,
    PrincipalId, RequestId, ScheduleId, SessionId, SourceId, TaskId, TenantId, VersionId,
    WebhookId,
};
pub use limits::{Deadline, ParseLimits};
pub use money::{InvalidAmount, NanoUsd};
pub use reader::{Holder, Reader};
pub use scope::TenantScope;
pub use secret::Secret;
pub use span::{Origin, PageBox, Span, TextRange};
pub use trace::TraceContext;

#![doc = include_str!("../README.md")]

pub mod cache;
mod call;
mod chat;
mod common;
mod dialect;
mod embeddings;
mod endpoint;
mod error;
mod explain;
mod fault;
mod fields;
mod gateway;
mod metrics;
mod own;
mod plan;
mod provider;
mod registry;
mod request;
mod rerank;
mod schema;
mod settings;
mod sse;
mod wishes;

pub mod inspect;
pub mod meter;

pub use call::{Answerer, Answering, Conversation};
pub use chat::{ChatAnswer, ChatEvent, ChatRequest, ChatStream, Message, Role, Usage};
pub use dialect::Dialect;
pub use endpoint::{Endpoint, EndpointSettings};
pub use error::GatewayError;
pub use explain::{ExplainedTarget, Explanation, RouterTotals};
pub use fault::{Fault, FaultKind};
pub use gateway::{Frames, Gateway, Incoming, Reply, ReplyBody};
pub use own::{OwnModel, Purpose};
pub use plan::Reason;
pub use provider::Kind;
pub use registry::ProviderTotals;
pub use settings::{
    GatewaySettings, Order, Problem, ProviderSettings, RouteSettings, TargetSettings, Tier,
    Unsupported,
};
pub use wishes::{Complexity, Role as TargetRole, Wishes};

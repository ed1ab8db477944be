#![doc = include_str!("../README.md")]

pub mod cache;
mod chat;
mod embeddings;
mod endpoint;
mod error;
mod rerank;
mod sse;

pub use chat::{ChatEvent, ChatRequest, ChatStream, Message, Role, Usage};
pub use endpoint::{Endpoint, EndpointSettings};
pub use error::GatewayError;

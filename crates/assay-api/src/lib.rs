#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod access;
mod citation;
mod collection;
mod document;
mod error;
mod gateway;
mod guard;
mod health;
mod identity;
mod job;
mod metrics;
mod money;
mod openai;
mod origin;
mod query;
mod search;
mod session;
mod settings;
mod source;
mod task;
mod telemetry;
mod web;

pub use access::*;
pub use citation::*;
pub use collection::*;
pub use document::*;
pub use error::*;
pub use gateway::*;
pub use guard::*;
pub use health::*;
pub use identity::*;
pub use job::*;
pub use metrics::*;
pub use money::*;
pub use openai::*;
pub use origin::*;
pub use query::*;
pub use search::*;
pub use session::*;
pub use settings::*;
pub use source::*;
pub use task::*;
pub use telemetry::*;
pub use web::*;

//! The engine for more than one machine: a Postgres server.

mod failure;
mod pool;
mod rewrite;
mod schema;
mod server;
mod session;
mod tls;
mod value;
mod wait;

#[cfg(test)]
mod tests;

pub use failure::Failure;
pub(crate) use pool::{Place, Pool};
pub use schema::{Guard, Schema};
pub use server::{Presence, Server, ServerSettings};
pub(crate) use session::{Prepared, Session};
pub(crate) use value::value_at;

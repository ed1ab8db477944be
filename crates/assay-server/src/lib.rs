#![doc = include_str!("../README.md")]

mod app;
mod drain;
mod failure;
mod metrics;
mod origin;
mod present;
mod route;
mod serve;
mod status;

pub use app::{App, ServerSettings};
pub use route::{openapi, router};
pub use serve::{ServeError, bind, serve};

#![doc = include_str!("../README.md")]

mod app;
mod auth;
mod drain;
mod edge;
mod failure;
mod metrics;
mod origin;
mod performance;
mod present;
mod rates;
mod route;
mod serve;
mod sockets;
mod status;
mod tls;
mod ui;
mod watch;

pub use app::{App, ServerSettings};
pub use rates::RateSettings;
pub use route::{backup_point, openapi, router};
pub use serve::{ServeError, bind, check_exposure, serve};
pub use tls::{Certificates, TlsSettings};
pub use watch::Watch;

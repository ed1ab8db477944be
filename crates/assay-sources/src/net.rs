//! Requests to hosts that a setting names.

pub(crate) mod http;
pub(crate) mod xml;

//! Requests to hosts that a setting names.

pub(crate) mod http;

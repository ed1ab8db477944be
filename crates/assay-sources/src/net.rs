//! Requests to hosts that a setting names: only to addresses that are allowed, never without end.

pub(crate) mod address;
pub(crate) mod guard;
pub(crate) mod http;
pub(crate) mod xml;

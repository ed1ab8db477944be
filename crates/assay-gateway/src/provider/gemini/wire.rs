//! The format `generateContent`: requests, answers and streams.

mod read;
mod request;

pub(crate) use read::{FrameParts, parts_of};
pub(crate) use request::write;

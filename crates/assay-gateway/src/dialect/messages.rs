//! `messages` of Anthropic, for requests that go to another provider.

mod read;
mod write;

pub(super) use read::prompt;
pub(super) use write::Writer;

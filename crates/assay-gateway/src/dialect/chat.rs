//! `chat/completions` of OpenAI, for requests that cannot stay as they are.

mod read;
mod write;

pub(super) use read::prompt;
pub(super) use write::Writer;

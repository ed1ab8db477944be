//! The format `messages`: requests, answers and streams.

mod pass;
mod read;
mod request;

pub(crate) use pass::{Events, pass, put_right};
pub(crate) use read::{EventParts, parts_of};
pub(crate) use request::write;

use serde::Deserialize;

use crate::meter::Measured;

/// The version of the API whose format this is.
pub(crate) const VERSION: &str = "2023-06-01";
/// The tool by which an answer keeps to a schema: the format has no other way that all models know.
pub(super) const ANSWER_TOOL: &str = "json_answer";

#[derive(Deserialize, Default)]
struct Usage {
    #[serde(default)]
    input_tokens: Option<u64>,
    #[serde(default)]
    output_tokens: Option<u64>,
    #[serde(default)]
    cache_read_input_tokens: Option<u64>,
    #[serde(default)]
    cache_creation_input_tokens: Option<u64>,
}

impl Usage {
    /// The figures of a stream come twice, the later ones over the earlier ones.
    fn over(self, earlier: Option<Measured>) -> Measured {
        let earlier = earlier.unwrap_or_default();
        let cached = self.cache_read_input_tokens.unwrap_or(earlier.cached_tokens);
        let written = self.cache_creation_input_tokens.unwrap_or(earlier.cache_write_tokens);
        let before = earlier.cached_tokens + earlier.cache_write_tokens;
        let read =
            self.input_tokens.unwrap_or_else(|| earlier.prompt_tokens.saturating_sub(before));
        Measured {
            prompt_tokens: read.saturating_add(cached).saturating_add(written),
            completion_tokens: self.output_tokens.unwrap_or(earlier.completion_tokens),
            cached_tokens: cached,
            cache_write_tokens: written,
            reasoning_tokens: 0,
            exact: true,
        }
    }
}

//! Mistral, which refuses fields that it does not know.
//!
//! Source: <https://docs.mistral.ai/api/#tag/chat>.

use super::{Limit, Preset};

pub(super) const PRESET: Preset = Preset {
    otel: "mistral_ai",
    base_url: Some("https://api.mistral.ai/v1"),
    key_variable: Some("MISTRAL_API_KEY"),
    limit: Limit::Old,
    renamed: &[("seed", "random_seed")],
    unsupported: &[
        "logprobs",
        "top_logprobs",
        "logit_bias",
        "user",
        "store",
        "service_tier",
        "stream_options",
        "reasoning_effort",
    ],
    // Its streams end with the usage without being asked.
    stream_options: false,
    ..Preset::COMPATIBLE
};

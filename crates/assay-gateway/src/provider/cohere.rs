//! Cohere by its endpoint for OpenAI clients.
//!
//! Source: <https://docs.cohere.com/docs/compatibility-api>, which lists what it does not take.

use super::{Limit, Preset};

pub(super) const PRESET: Preset = Preset {
    otel: "cohere",
    base_url: Some("https://api.cohere.ai/compatibility/v1"),
    key_variable: Some("COHERE_API_KEY"),
    limit: Limit::Old,
    unsupported: &[
        "store",
        "metadata",
        "logit_bias",
        "top_logprobs",
        "n",
        "modalities",
        "prediction",
        "audio",
        "service_tier",
        "parallel_tool_calls",
    ],
    ..Preset::COMPATIBLE
};

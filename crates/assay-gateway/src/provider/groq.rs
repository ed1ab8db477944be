//! Groq.
//!
//! Source: <https://console.groq.com/docs/openai>, which lists what it refuses with 400.

use super::{Limit, Preset};

pub(super) const PRESET: Preset = Preset {
    otel: "groq",
    base_url: Some("https://api.groq.com/openai/v1"),
    key_variable: Some("GROQ_API_KEY"),
    limit: Limit::New,
    unsupported: &["logprobs", "logit_bias", "top_logprobs", "n"],
    ..Preset::COMPATIBLE
};

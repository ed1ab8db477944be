//! DeepSeek.
//!
//! Source: <https://api-docs.deepseek.com/api/create-chat-completion>.

use super::{Limit, Preset};

pub(super) const PRESET: Preset = Preset {
    otel: "deepseek",
    base_url: Some("https://api.deepseek.com/v1"),
    key_variable: Some("DEEPSEEK_API_KEY"),
    limit: Limit::Old,
    unsupported: &["n", "seed", "logit_bias", "parallel_tool_calls", "service_tier", "store"],
    ..Preset::COMPATIBLE
};

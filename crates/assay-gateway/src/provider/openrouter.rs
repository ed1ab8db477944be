//! OpenRouter.
//!
//! Source: <https://openrouter.ai/docs/api-reference/overview>. Keep-alives are comments, and errors
//! after the first token are frames with `error` and a choice whose finish reason is `error`.

use super::Preset;

pub(super) const PRESET: Preset = Preset {
    otel: "openrouter",
    base_url: Some("https://openrouter.ai/api/v1"),
    key_variable: Some("OPENROUTER_API_KEY"),
    ..Preset::COMPATIBLE
};

//! Anthropic.
//!
//! Source: <https://docs.anthropic.com/en/api/messages>.

use super::{Auth, Preset, Wire};

pub(crate) mod wire;

pub(super) const PRESET: Preset = Preset {
    otel: "anthropic",
    wire: Wire::Messages,
    base_url: Some("https://api.anthropic.com/v1"),
    key_variable: Some("ANTHROPIC_API_KEY"),
    auth: Auth::Header("x-api-key"),
    ..Preset::COMPATIBLE
};

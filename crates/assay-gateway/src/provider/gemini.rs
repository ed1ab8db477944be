//! Google Gemini.
//!
//! Source: <https://ai.google.dev/api/generate-content>.

use super::{Auth, Preset, Wire};

pub(crate) mod wire;

pub(super) const PRESET: Preset = Preset {
    otel: "gcp.gemini",
    wire: Wire::Gemini,
    base_url: Some("https://generativelanguage.googleapis.com/v1beta"),
    key_variable: Some("GEMINI_API_KEY"),
    auth: Auth::Header("x-goog-api-key"),
    ..Preset::COMPATIBLE
};

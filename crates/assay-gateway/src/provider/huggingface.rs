//! The router of Hugging Face, which passes calls on to the provider that a model names.
//!
//! Source: <https://huggingface.co/docs/inference-providers/tasks/chat-completion>.

use super::{Limit, Preset};

pub(super) const PRESET: Preset = Preset {
    otel: "huggingface",
    base_url: Some("https://router.huggingface.co/v1"),
    key_variable: Some("HF_TOKEN"),
    limit: Limit::Old,
    ..Preset::COMPATIBLE
};

//! OpenAI.
//!
//! Source: <https://platform.openai.com/docs/api-reference/chat>.

use super::{Limit, Preset};

pub(crate) mod wire;

pub(super) const PRESET: Preset = Preset {
    base_url: Some("https://api.openai.com/v1"),
    key_variable: Some("OPENAI_API_KEY"),
    limit: Limit::New,
    developer: true,
    ..Preset::COMPATIBLE
};

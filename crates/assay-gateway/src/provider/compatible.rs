//! Any server that speaks the OpenAI protocol, by its URL.

use super::Preset;

pub(super) const PRESET: Preset = Preset::COMPATIBLE;

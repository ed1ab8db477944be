//! What a call used, as it is billed.

use serde::{Deserialize, Serialize};

/// Units of one call.
///
/// The kinds of input do not overlap: a token that was read from a cache is not
/// counted in `input` as well. Providers differ here (OpenAI's `prompt_tokens` holds the cached
/// ones, Anthropic's `input_tokens` does not), so that whoever fills this in has to know which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Usage {
    /// Tokens read, apart from those below.
    #[serde(skip_serializing_if = "is_zero")]
    pub input: u64,
    /// Tokens that the provider had in its cache.
    #[serde(skip_serializing_if = "is_zero")]
    pub cache_read: u64,
    /// Tokens written to the provider's cache, for minutes.
    #[serde(skip_serializing_if = "is_zero")]
    pub cache_write: u64,
    /// Tokens written to the provider's cache, for an hour.
    #[serde(skip_serializing_if = "is_zero")]
    pub cache_write_long: u64,
    /// Tokens of sound read.
    #[serde(skip_serializing_if = "is_zero")]
    pub audio_input: u64,
    /// Tokens written as text, those of the reasoning included.
    #[serde(skip_serializing_if = "is_zero")]
    pub output: u64,
    /// Tokens of sound written.
    #[serde(skip_serializing_if = "is_zero")]
    pub audio_output: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde wants")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl Usage {
    /// Text in and text out, no cache.
    #[must_use]
    pub fn tokens(input: u64, output: u64) -> Self {
        Self { input, output, ..Self::default() }
    }

    /// Everything that was read: what decides whether a long context is charged.
    #[must_use]
    pub const fn read(&self) -> u64 {
        self.input
            .saturating_add(self.cache_read)
            .saturating_add(self.cache_write)
            .saturating_add(self.cache_write_long)
            .saturating_add(self.audio_input)
    }

    /// Everything that was written.
    #[must_use]
    pub const fn written(&self) -> u64 {
        self.output.saturating_add(self.audio_output)
    }

    /// All tokens.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.read().saturating_add(self.written())
    }
}

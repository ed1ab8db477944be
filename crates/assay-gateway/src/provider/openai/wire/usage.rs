//! What a provider counted, in the variants that servers have of it.

use serde::Deserialize;

use crate::meter::Measured;

#[derive(Deserialize)]
struct Wire {
    #[serde(default)]
    prompt_tokens: Option<f64>,
    #[serde(default)]
    completion_tokens: Option<f64>,
    #[serde(default)]
    total_tokens: Option<f64>,
    #[serde(default)]
    prompt_tokens_details: Option<PromptDetails>,
    #[serde(default)]
    completion_tokens_details: Option<CompletionDetails>,
    /// DeepSeek's.
    #[serde(default)]
    prompt_cache_hit_tokens: Option<f64>,
}

#[derive(Deserialize)]
struct PromptDetails {
    #[serde(default)]
    cached_tokens: Option<f64>,
}

#[derive(Deserialize)]
struct CompletionDetails {
    #[serde(default)]
    reasoning_tokens: Option<f64>,
}

/// The figures of a `usage` object; `None` when it holds none.
pub(crate) fn usage_of(json: &str) -> Option<Measured> {
    let wire: Wire = serde_json::from_str(json).ok()?;
    // Some servers write 12.0; a float also takes what is beyond 64 bits without failing.
    let whole = |number: Option<f64>| number.unwrap_or(0.0).max(0.0) as u64;
    if wire.prompt_tokens.is_none() && wire.completion_tokens.is_none() {
        return None;
    }
    let prompt_tokens = whole(wire.prompt_tokens);
    let completion_tokens = match wire.completion_tokens {
        Some(_) => whole(wire.completion_tokens),
        None => whole(wire.total_tokens).saturating_sub(prompt_tokens),
    };
    let cached = wire.prompt_tokens_details.and_then(|details| details.cached_tokens);
    let reasoning = wire.completion_tokens_details.and_then(|details| details.reasoning_tokens);
    Some(Measured {
        prompt_tokens,
        completion_tokens,
        cached_tokens: whole(cached.or(wire.prompt_cache_hit_tokens)).min(prompt_tokens),
        cache_write_tokens: 0,
        reasoning_tokens: whole(reasoning).min(completion_tokens),
        exact: true,
    })
}

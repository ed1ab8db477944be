//! From the price list of the package `litellm` to rows.

use std::collections::BTreeMap;

use assay_core::NanoUsd;
use serde_json::value::RawValue;

use super::{
    PriceRow,
    decimal::{DOLLARS_A_MILLION, DOLLARS_A_TOKEN, scaled},
};
use crate::{LedgerError, LongContext, Pricing, Rates};

/// The file in the wheel.
pub const FILE: &str = "litellm/model_prices_and_context_window_backup.json";
/// The licence of that file; folders of the package that it does not cover are not read.
pub const LICENCE: &str = "MIT, Copyright 2023 Berri AI";

/// Kinds of models that are charged by tokens or by call.
const MODES: [&str; 5] = ["chat", "completion", "embedding", "rerank", "responses"];
/// Thresholds of long contexts that the list knows, in thousands of tokens.
const THRESHOLDS: [u64; 4] = [128, 200, 256, 272];

type Fields<'a> = BTreeMap<&'a str, &'a RawValue>;

/// The rows of the list.
///
/// Entries that are charged by something else than tokens or calls are left
/// out, and so are those whose prices are all zero, unless their name says `:free`: in such lists
/// a zero mostly means that nobody looked.
///
/// # Errors
/// [`LedgerError::PriceFile`] when the file is not that list.
pub fn rows(json: &str, source: &str, date: &str) -> Result<Vec<PriceRow>, LedgerError> {
    let failed = |error: serde_json::Error| LedgerError::PriceFile {
        path: FILE.to_owned(),
        reason: error.to_string(),
    };
    let entries: BTreeMap<&str, &RawValue> = serde_json::from_str(json).map_err(failed)?;
    let mut rows = Vec::new();
    for (name, entry) in entries {
        let fields: Fields<'_> = serde_json::from_str(entry.get()).map_err(failed)?;
        rows.extend(row(name, &fields, source, date));
    }
    Ok(rows)
}

fn row(name: &str, fields: &Fields<'_>, source: &str, date: &str) -> Option<PriceRow> {
    let text = |key: &str| fields.get(key).map(|value| value.get().trim_matches('"'));
    let listed = text("litellm_provider")?;
    if name == "sample_spec" || !MODES.contains(&text("mode")?) {
        return None;
    }
    let writes = !matches!(text("mode")?, "embedding" | "rerank");
    if writes && !fields.contains_key("output_cost_per_token") {
        return None;
    }
    let pricing = pricing(fields)?;
    if pricing.is_free() && !name.ends_with(":free") {
        return None;
    }
    let provider = match listed {
        "azure_ai" => "azure",
        "bedrock_converse" => "bedrock",
        "cohere_chat" => "cohere",
        "text-completion-openai" => "openai",
        other => other,
    };
    let model = name.strip_prefix(listed).or_else(|| name.strip_prefix(provider));
    let model = model.and_then(|rest| rest.strip_prefix('/')).unwrap_or(name);
    let count = |key: &str| fields.get(key).and_then(|value| scaled(value.get(), 0));
    Some(PriceRow {
        provider: provider.to_owned(),
        model: model.to_owned(),
        pricing,
        context: count("max_input_tokens").filter(|count| *count > 0),
        max_output: count("max_output_tokens").filter(|count| *count > 0),
        source: source.to_owned(),
        date: date.to_owned(),
    })
}

fn pricing(fields: &Fields<'_>) -> Option<Pricing> {
    let per_call = fields.get("input_cost_per_query");
    let per_call = per_call.and_then(|value| scaled(value.get(), DOLLARS_A_MILLION));
    let rates = rates(fields, "", None).or_else(|| per_call.map(|_| Rates::default()))?;
    let long = THRESHOLDS.iter().find_map(|thousands| {
        let suffix = format!("_above_{thousands}k_tokens");
        let changed = ["input", "output"]
            .iter()
            .any(|kind| fields.contains_key(format!("{kind}_cost_per_token{suffix}").as_str()));
        let rates = changed.then(|| self::rates(fields, &suffix, Some(rates))).flatten()?;
        Some(LongContext { above: thousands * 1000, rates })
    });
    Some(Pricing { rates, per_call: NanoUsd::from_nanos(per_call.unwrap_or(0)), long })
}

/// The rates whose names end in `suffix`; what is not listed is as in `base`.
fn rates(fields: &Fields<'_>, suffix: &str, base: Option<Rates>) -> Option<Rates> {
    let rate = |kind: &str| {
        let value = fields.get(format!("{kind}{suffix}").as_str())?;
        scaled(value.get(), DOLLARS_A_TOKEN)
    };
    let known = base.unwrap_or_default();
    let input = rate("input_cost_per_token").or_else(|| base.map(|base| base.input))?;
    // Tokens of the reasoning are output; where they have a price of their own the dearer counts.
    let output = rate("output_cost_per_token").max(rate("output_cost_per_reasoning_token"));
    Some(Rates {
        input,
        output: output.or_else(|| base.map(|base| base.output)).unwrap_or(0),
        cache_read: rate("cache_read_input_token_cost").or(known.cache_read),
        // Some entries hold 0 for a cache that is written without a charge of its own: the tokens
        // are charged as input then.
        cache_write: rate("cache_creation_input_token_cost")
            .filter(|rate| *rate > 0)
            .or(known.cache_write),
        cache_write_long: rate("cache_creation_input_token_cost_above_1hr")
            .filter(|rate| *rate > 0)
            .or(known.cache_write_long),
        audio_input: rate("input_cost_per_audio_token").or(known.audio_input),
        audio_output: rate("output_cost_per_audio_token").or(known.audio_output),
    })
}

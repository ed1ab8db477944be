//! From the price list of the package `genai-prices` to rows.

use assay_core::NanoUsd;

use super::{
    PriceRow,
    decimal::{DOLLARS_A_MILLION, scaled},
    literal::Literal,
};
use crate::{LedgerError, LongContext, Pricing, Rates};

/// The file in the wheel: Python source that only builds values, which are read and not run.
pub const FILE: &str = "genai_prices/data.py";
/// The licence of the package.
pub const LICENCE: &str = "MIT, Copyright Pydantic Services Inc. 2025 to present";

/// What comes before the list.
const START: &str = "providers: list[Provider] = ";
/// What routes through Hugging Face begin with; the provider behind it follows.
const HUGGING_FACE: &str = "huggingface_";

/// The rows of the list, which is of the day `date` (`YYYY-MM-DD`), as they hold then: later prices are left out, and so are
/// models that are charged by something else than tokens and calls.
///
/// # Errors
/// [`LedgerError::PriceFile`] when the file is not that list.
pub fn rows(python: &str, source: &str, date: &str) -> Result<Vec<PriceRow>, LedgerError> {
    let failed = |reason: String| LedgerError::PriceFile { path: FILE.to_owned(), reason };
    let (_, list) =
        python.split_once(START).ok_or_else(|| failed("it holds no list".to_owned()))?;
    let providers = Literal::parse(list).map_err(failed)?;
    let mut rows = Vec::new();
    for provider in providers.values() {
        let id = provider.get("id").and_then(Literal::text).unwrap_or_default();
        let models = provider.get("models").map(Literal::values).unwrap_or_default();
        for model in models {
            rows.extend(model_rows(id, model, source, date));
        }
    }
    Ok(rows)
}

fn model_rows(provider: &str, model: &Literal<'_>, source: &str, date: &str) -> Vec<PriceRow> {
    let name = model.get("id").and_then(Literal::text).unwrap_or_default();
    let Some((prices, since)) = model.get("prices").and_then(|it| current(it, date)) else {
        return Vec::new();
    };
    let Some(pricing) = pricing(prices) else { return Vec::new() };
    if pricing.is_free() && !name.ends_with(":free") {
        return Vec::new();
    }
    let mut names = vec![name];
    if let Some(rule) = model.get("match") {
        exact_names(rule, &mut names);
    }
    names.sort_unstable();
    names.dedup();
    let window = model.get("context_window").and_then(Literal::text);
    let window = window.and_then(|count| scaled(count, 0));
    let behind = provider.strip_prefix(HUGGING_FACE);
    let row = |model: &str| PriceRow {
        provider: our_name(provider).to_owned(),
        model: behind.map_or_else(|| model.to_owned(), |by| format!("{model}:{by}")),
        pricing,
        context: window,
        max_output: None,
        source: source.to_owned(),
        date: if since.is_empty() { date.to_owned() } else { since.clone() },
    };
    names.into_iter().map(row).collect()
}

/// The names that a rule names as a whole; what it says of beginnings is not taken over, so that a
/// model nobody listed stays unknown.
fn exact_names<'a>(rule: &'a Literal<'_>, names: &mut Vec<&'a str>) {
    match rule.name() {
        "ClauseEquals" => names.extend(rule.get("equals").and_then(Literal::text)),
        "ClauseOr" => {
            for part in rule.get("or_").map(Literal::values).unwrap_or_default() {
                exact_names(part, names);
            }
        }
        _ => {}
    }
}

/// The prices of today and the day since when: of several the last that has begun. None for a model
/// whose price depends on the hour: what is written without an hour is the cheaper one as often as
/// not.
fn current<'a, 'b>(prices: &'a Literal<'b>, today: &str) -> Option<(&'a Literal<'b>, String)> {
    if prices.name() == "ModelPrice" {
        return Some((prices, String::new()));
    }
    let is_by_hour = |choice: &&Literal<'_>| {
        choice.get("constraint").is_some_and(|rule| rule.name() == "TimeOfDateConstraint")
    };
    if prices.values().iter().any(is_by_hour) {
        return None;
    }
    let begun = prices.values().into_iter().filter_map(|choice| {
        let since = match choice.get("constraint") {
            Some(rule) if rule.name() == "StartDateConstraint" => day(rule.get("start_date")?)?,
            Some(rule) if rule.text() != Some("None") => return None,
            _ => String::new(),
        };
        (since.as_str() <= today).then_some((choice.get("prices")?, since))
    });
    begun.max_by(|a, b| a.1.cmp(&b.1))
}

/// `datetime.date(2026, 10, 14)` as `2026-10-14`.
fn day(date: &Literal<'_>) -> Option<String> {
    let parts: Option<Vec<u32>> =
        date.values().into_iter().map(|part| part.text()?.parse().ok()).collect();
    let [year, month, day] = parts?.try_into().ok()?;
    Some(format!("{year:04}-{month:02}-{day:02}"))
}

fn pricing(prices: &Literal<'_>) -> Option<Pricing> {
    let above = ["input_mtok", "output_mtok"].iter().find_map(|kind| {
        let tiers = prices.get(kind)?.get("tiers")?.values();
        scaled(tiers.first()?.get("start")?.text()?, 0)
    });
    let base = rates(prices, false)?;
    let long = above.map(|above| Some(LongContext { above, rates: rates(prices, true)? }));
    let calls = prices.get("requests_kcount").and_then(|it| amount(it, false));
    let per_call = NanoUsd::from_nanos(calls.unwrap_or(0).div_ceil(1000));
    Some(Pricing { rates: base, per_call, long: long.flatten() })
}

/// The rates, those of the highest tier for a long context: a table of more tiers than one is
/// charged at its dearest.
fn rates(prices: &Literal<'_>, is_long: bool) -> Option<Rates> {
    let rate = |kind: &str| prices.get(kind).and_then(|it| amount(it, is_long));
    Some(Rates {
        input: rate("input_mtok")?,
        output: rate("output_mtok").max(rate("output_reasoning_mtok")).unwrap_or(0),
        cache_read: rate("cache_read_mtok"),
        cache_write: rate("cache_write_mtok"),
        cache_write_long: rate("cache_write_1h_mtok"),
        audio_input: rate("input_audio_mtok"),
        audio_output: rate("output_audio_mtok"),
    })
}

/// `Decimal('2.5')`, or `TieredPrices(base=Decimal('2.5'), tiers=[Tier(start=…, price=…)])`.
fn amount(price: &Literal<'_>, is_long: bool) -> Option<u64> {
    let Some(base) = price.get("base") else {
        return scaled(price.values().first()?.text()?, DOLLARS_A_MILLION);
    };
    let tiers = price.get("tiers").map(Literal::values).unwrap_or_default();
    match tiers.last() {
        Some(tier) if is_long => amount(tier.get("price")?, false),
        _ => amount(base, false),
    }
}

/// The names under which providers are configured.
fn our_name(provider: &str) -> &str {
    match provider {
        "google" => "gemini",
        "aws" => "bedrock",
        "x-ai" => "xai",
        "together" => "together_ai",
        "fireworks" => "fireworks_ai",
        name if name.starts_with(HUGGING_FACE) => "huggingface",
        name => name,
    }
}

//! `assay models prices`.

use std::path::Path;

use assay_answer::PRICES;
use assay_core::{Clock, SystemClock};
use assay_ledger::prices::{
    PriceFile, PriceList, PriceRow, PriceTable, decimal::dollars_a_million, genai, litellm,
};
use assay_models::{PackageFile, package_file};
use serde_json::json;

use super::Context;
use crate::{
    cli::Prices,
    output::{json as print, line, note, told},
};

/// Bytes of a price list at most; the longest has 2.4 MB.
const LIST_BYTES_MAX: u64 = 32 << 20;

pub(super) fn run(context: &Context, args: Prices) -> anyhow::Result<()> {
    let path = context.config.data().join(PRICES);
    match args {
        Prices::List { provider, model } => list(context, &path, provider, model),
        Prices::Update => update(context, &path),
    }
}

fn list(
    context: &Context,
    path: &Path,
    provider: Option<String>,
    model: Option<String>,
) -> anyhow::Result<()> {
    let file = if path.is_file() { PriceFile::load(path) } else { PriceFile::built_in() };
    let settings = &context.config.ledger;
    let table = PriceTable::new(&file.map_err(told)?, &settings.prices, &settings.unknown_model);
    let rows: Vec<&PriceRow> = table
        .rows()
        .into_iter()
        .filter(|row| provider.as_ref().is_none_or(|wanted| row.provider == *wanted))
        .filter(|row| model.as_ref().is_none_or(|part| row.model.contains(part.as_str())))
        .collect();
    if context.json {
        let unit = "nano-dollars per million tokens";
        return print(&json!({ "unit": unit, "prices": rows }));
    }
    for row in rows {
        let rates = row.pricing.rates;
        line(&format!(
            "{:>10} in {:>10} out  {} {}  ({} {})",
            dollars_a_million(rates.input),
            dollars_a_million(rates.output),
            row.provider,
            row.model,
            row.source,
            row.date,
        ));
    }
    Ok(())
}

fn update(context: &Context, path: &Path) -> anyhow::Result<()> {
    let today = SystemClock.now().strftime("%Y-%m-%d").to_string();
    let tell = |text: &str| {
        if !context.json {
            note(text);
        }
    };
    tell("downloading litellm");
    let first = package_file("litellm", litellm::FILE, LIST_BYTES_MAX).map_err(told)?;
    tell("downloading genai-prices");
    let second = package_file("genai-prices", genai::FILE, LIST_BYTES_MAX).map_err(told)?;
    let file = PriceFile::of_lists(list_of(&first, &today), list_of(&second, &today));
    let file = file.map_err(told)?;
    assay_answer::make_data_folder(&context.config.data())?;
    file.save(path).map_err(told)?;
    if context.json {
        return print(&json!({ "path": path, "prices": file.rows.len(), "sources": file.sources }));
    }
    line(&format!("{} prices are at {}", file.rows.len(), path.display()));
    line("a running server charges by them from its next start on");
    Ok(())
}

fn list_of<'a>(file: &'a PackageFile, today: &'a str) -> PriceList<'a> {
    let date = file.date.as_deref().unwrap_or(today);
    PriceList { version: &file.version, date, text: &file.text }
}

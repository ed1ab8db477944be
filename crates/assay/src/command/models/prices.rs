//! `assay models prices`.

use std::path::Path;

use assay_answer::PRICES;
use assay_core::{Clock, SystemClock};
use assay_ledger::prices::{
    PriceFile, PriceRow, PriceSource, PriceTable, decimal::dollars_a_million, genai, litellm,
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
    let date = |file: &PackageFile| file.date.clone().unwrap_or_else(|| today.clone());
    let name = |package: &str, file: &PackageFile| format!("{package} {}", file.version);
    let rows = litellm::rows(&first.text, &name("litellm", &first), &date(&first));
    let rows_first = rows.map_err(told)?;
    let rows = genai::rows(&second.text, &name("genai-prices", &second), &date(&second));
    let rows_second = rows.map_err(told)?;
    let first = table("litellm", litellm::FILE, litellm::LICENCE, first, rows_first);
    let second = table("genai-prices", genai::FILE, genai::LICENCE, second, rows_second);
    let file = second.over(first);
    std::fs::create_dir_all(context.config.data())?;
    file.save(path).map_err(told)?;
    if context.json {
        return print(&json!({ "path": path, "prices": file.rows.len(), "sources": file.sources }));
    }
    line(&format!("{} prices are at {}", file.rows.len(), path.display()));
    line("a running server charges by them from its next start on");
    Ok(())
}

fn table(
    package: &str,
    file: &str,
    licence: &str,
    fetched: PackageFile,
    rows: Vec<PriceRow>,
) -> PriceFile {
    let source = PriceSource {
        package: package.to_owned(),
        version: fetched.version,
        file: file.to_owned(),
        sha256: fetched.sha256,
        licence: licence.to_owned(),
    };
    PriceFile { sources: vec![source], rows }
}

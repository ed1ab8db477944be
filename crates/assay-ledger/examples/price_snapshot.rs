//! Writes the price table that the program is built with: the models of the providers that the
//! gateway knows, without regional twins.
//!
//! `cargo run -p assay-ledger --example price_snapshot -- LITELLM VERSION DATE GENAI VERSION DATE`,
//! where the first and the fourth are the files of the two packages that `litellm::FILE` and
//! `genai::FILE` name.

use std::{error::Error, path::Path};

use assay_ledger::prices::{PriceFile, PriceList, PriceRow};

const PROVIDERS: [&str; 11] = [
    "anthropic",
    "azure",
    "bedrock",
    "cohere",
    "deepseek",
    "gemini",
    "groq",
    "huggingface",
    "mistral",
    "openai",
    "openrouter",
];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [first, first_version, first_date, second, second_version, second_date] =
        arguments.as_slice()
    else {
        return Err("give two files, each with its version and date".into());
    };
    let (first, second) = (std::fs::read_to_string(first)?, std::fs::read_to_string(second)?);
    let mut file = PriceFile::of_lists(
        PriceList { version: first_version, date: first_date, text: &first },
        PriceList { version: second_version, date: second_date, text: &second },
    )?;
    file.rows.retain(is_common);
    file.save(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/prices/snapshot.json"))?;
    Ok(())
}

/// Whether a model is one that people name. Routers and clouds list each model many times: by
/// region, by version, by the provider behind it.
fn is_common(row: &PriceRow) -> bool {
    // Some rows are off by a thousand: nothing that is sold costs that much.
    let rates = row.pricing.rates;
    if rates.input > 200_000_000_000 || rates.output > 800_000_000_000 {
        return false;
    }
    let starts = |names: &[&str]| names.iter().any(|name| row.model.starts_with(name));
    let is_twin = match row.provider.as_str() {
        "azure" => !starts(&["gpt-", "o1", "o3", "o4", "text-embedding", "codex", "model-router"]),
        "gemini" => !starts(&["gemini", "gemma", "text-embedding"]),
        "bedrock" => {
            row.model.contains('/')
                || starts(&["us.", "eu.", "apac.", "au.", "jp.", "ca.", "global.", "us-gov."])
        }
        "openai" => row.model.starts_with("ft:"),
        "openrouter" => {
            row.model.contains(':')
                || !starts(&["anthropic/", "openai/", "google/", "mistralai/", "deepseek/"])
        }
        "huggingface" => true,
        _ => false,
    };
    PROVIDERS.contains(&row.provider.as_str()) && !is_twin
}

//! Writes the price table that the program is built with: of a table that `assay models prices
//! update` wrote, the models of the providers that the gateway knows, without regional twins.
//!
//! `cargo run -p assay-ledger --example price_snapshot -- prices.json`

use std::{error::Error, path::Path};

use assay_ledger::prices::{PriceFile, PriceRow};

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
    let from = std::env::args_os().nth(1).ok_or("give the file that an update wrote")?;
    let mut file = PriceFile::load(Path::new(&from))?;
    file.rows.retain(is_common);
    let to = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/prices/snapshot.json");
    file.save(&to)?;
    Ok(())
}

/// Whether a model is one that people name. Routers and clouds list each model many times: by
/// region, by version, by the provider behind it.
fn is_common(row: &PriceRow) -> bool {
    let is_twin = match row.provider.as_str() {
        "azure" | "bedrock" => row.model.contains('/') || row.model.contains("us-gov"),
        "openai" => row.model.starts_with("ft:"),
        "openrouter" => {
            let makers =
                ["anthropic/", "openai/", "google/", "mistralai/", "meta-llama/", "deepseek/"];
            !makers.iter().any(|maker| row.model.starts_with(maker))
        }
        "huggingface" => row.model.contains(':'),
        _ => false,
    };
    PROVIDERS.contains(&row.provider.as_str()) && !is_twin
}

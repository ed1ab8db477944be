//! The price table: which model costs what, who says so, and as of when.

use std::{collections::HashMap, sync::Arc};

use assay_core::NanoUsd;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{LedgerError, Pricing, UnknownModel};

pub mod decimal;
mod file;
pub mod genai;
mod lists;
pub mod litellm;
mod literal;
mod overrides;
#[cfg(test)]
mod tests;

pub use file::{PriceFile, PriceSource};
pub use lists::PriceList;
pub use overrides::{Amount, PriceOverride};

/// The prices of one model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceRow {
    /// The provider's name, such as `openai`.
    pub provider: String,
    /// The model's name as the provider knows it.
    pub model: String,
    /// What is charged.
    #[serde(flatten)]
    pub pricing: Pricing,
    /// Tokens that a call may read, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<u64>,
    /// Tokens that a call may write, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_output: Option<u64>,
    /// Who says so: a package with its version, `configuration`, `maximum` or `built in`.
    pub source: String,
    /// The day as of which it says so, as `YYYY-MM-DD`; empty where that is not known.
    pub date: String,
}

/// A row with its number in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// The first 63 bits of the SHA-256 of the row: the same row has the same number anywhere.
    pub id: i64,
    /// The row.
    pub row: PriceRow,
}

impl Price {
    pub(crate) fn new(row: PriceRow) -> Self {
        let text = serde_json::to_vec(&row).unwrap_or_default();
        let mut first = [0; 8];
        for (to, from) in first.iter_mut().zip(Sha256::digest(text)) {
            *to = from;
        }
        Self { id: i64::from_be_bytes(first) & i64::MAX, row }
    }
}

/// Prices by provider and model. Nothing is guessed: a model that is not listed, and is no dated
/// version of one that is, is unknown.
#[derive(Debug, Default)]
pub struct PriceTable {
    rows: HashMap<String, Arc<Price>>,
    /// Rows for all models of a provider, or all that begin alike; the longest first.
    patterns: Vec<(String, Arc<Price>)>,
    unknown: Option<Arc<Price>>,
}

impl PriceTable {
    /// The rows of `file`, with `overrides` over them.
    #[must_use]
    pub fn new(file: &PriceFile, overrides: &[PriceOverride], unknown: &UnknownModel) -> Self {
        let own = overrides.iter().map(PriceOverride::row);
        let built_in = PriceRow::free("assay", "*", "built in");
        let mut table =
            Self { unknown: unknown.row().map(Price::new).map(Arc::new), ..Self::default() };
        for row in file.rows.iter().cloned().chain([built_in]).chain(own) {
            table.insert(row);
        }
        table.patterns.sort_by_key(|(start, _)| std::cmp::Reverse(start.len()));
        table
    }

    /// The price of a model.
    ///
    /// # Errors
    /// [`LedgerError::UnknownModel`] when it has none and unknown models are refused.
    pub fn find(&self, provider: &str, model: &str) -> Result<Arc<Price>, LedgerError> {
        self.find_as(provider, None, model)
    }

    /// The price of a model of a provider that has a name of its own in the configuration, and
    /// another one in price lists. A price under its own name comes first.
    ///
    /// # Errors
    /// As [`Self::find`].
    pub fn find_as(
        &self,
        provider: &str,
        listed_as: Option<&str>,
        model: &str,
    ) -> Result<Arc<Price>, LedgerError> {
        let found = self
            .listed(provider, model)
            .or_else(|| self.listed(listed_as?, model))
            .or(self.unknown.as_ref());
        found.cloned().ok_or_else(|| LedgerError::UnknownModel {
            provider: provider.to_owned(),
            model: model.chars().take(200).collect(),
        })
    }

    fn listed(&self, provider: &str, model: &str) -> Option<&Arc<Price>> {
        let key = key(provider, model);
        let pattern =
            || self.patterns.iter().find(|(start, _)| key.starts_with(start)).map(|it| &it.1);
        self.rows.get(&key).or_else(pattern).or_else(|| self.rows.get(undated(&key)))
    }

    /// All rows, by provider and model.
    #[must_use]
    pub fn rows(&self) -> Vec<&PriceRow> {
        let patterns = self.patterns.iter().map(|(_, price)| price);
        let mut rows: Vec<_> = self.rows.values().chain(patterns).map(|price| &price.row).collect();
        rows.sort_by(|a, b| (&a.provider, &a.model).cmp(&(&b.provider, &b.model)));
        rows
    }

    fn insert(&mut self, row: PriceRow) {
        let key = key(&row.provider, &row.model);
        match key.strip_suffix('*') {
            Some(start) => {
                // A later row takes the place of an earlier one, as it does below.
                self.patterns.retain(|(known, _)| known != start);
                self.patterns.push((start.to_owned(), Arc::new(Price::new(row))));
            }
            None => {
                self.rows.insert(key, Arc::new(Price::new(row)));
            }
        }
    }
}

impl PriceRow {
    /// A row of a model that costs nothing.
    fn free(provider: &str, model: &str, source: &str) -> Self {
        Self {
            provider: provider.to_owned(),
            model: model.to_owned(),
            pricing: Pricing::default(),
            context: None,
            max_output: None,
            source: source.to_owned(),
            date: String::new(),
        }
    }

    /// What the dearest call of this model can cost: all of its context read, all of its output
    /// written. Nothing where these are not known.
    #[must_use]
    pub fn dearest_call(&self) -> Option<NanoUsd> {
        let (input, output) = (self.context?, self.max_output?);
        Some(self.pricing.cost(&crate::Usage::tokens(input, output)))
    }
}

fn key(provider: &str, model: &str) -> String {
    format!("{provider}\u{1f}{model}").to_lowercase()
}

/// The name without the day of a version: `gpt-4o-2024-08-06`, `claude-sonnet-4-20250514` and
/// `mistral-large-latest` are sold at the price of the name before it unless they are listed.
fn undated(key: &str) -> &str {
    if let Some(name) = key.strip_suffix("-latest") {
        return name;
    }
    for (length, dashes) in [(11, [0, 5, 8].as_slice()), (9, [0].as_slice())] {
        let Some(at) = key.len().checked_sub(length) else { continue };
        let Some((name, date)) = key.split_at_checked(at) else { continue };
        let is_date = date.bytes().enumerate().all(|(at, byte)| {
            if dashes.contains(&at) { byte == b'-' } else { byte.is_ascii_digit() }
        });
        if is_date && date[1..].starts_with("20") {
            return name;
        }
    }
    key
}

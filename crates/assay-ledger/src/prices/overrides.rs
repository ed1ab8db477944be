//! Prices that the configuration sets over those of the table.

use assay_core::NanoUsd;
use serde::Deserialize;

use super::PriceRow;
use crate::{LongContext, Pricing, Rates};

/// A price of the configuration, in dollars per million tokens. A model `*`, or one that ends in
/// `*`, stands for all that begin so; one without any amount is free.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct PriceOverride {
    /// The provider's name.
    pub provider: String,
    /// The model's name.
    pub model: String,
    /// Dollars per million tokens read, such as `"2.50"`.
    pub input: Amount,
    /// Dollars per million tokens written.
    pub output: Amount,
    /// Dollars per million tokens that the provider had in its cache; `input` when absent.
    pub cache_read: Option<Amount>,
    /// Dollars per million tokens written to the provider's cache; `input` when absent.
    pub cache_write: Option<Amount>,
    /// Dollars for each call.
    pub per_call: Amount,
    /// Tokens read above which a call costs `long_input` and `long_output`.
    pub long_above: Option<u64>,
    /// Dollars per million tokens read by a long call; `input` when absent.
    pub long_input: Option<Amount>,
    /// Dollars per million tokens written by a long call; `output` when absent.
    pub long_output: Option<Amount>,
    /// Since when, as `YYYY-MM-DD`.
    pub date: String,
}

/// Dollars, written as a text or a whole number: a float cannot hold most amounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amount(pub NanoUsd);

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "an amount in dollars as a text such as \"2.50\"")]
        enum Written {
            Text(String),
            Whole(u64),
        }
        let text = match Written::deserialize(from)? {
            Written::Text(text) => text,
            Written::Whole(dollars) => dollars.to_string(),
        };
        text.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

impl PriceOverride {
    pub(super) fn row(&self) -> PriceRow {
        let rates = Rates {
            input: self.input.0.nanos(),
            output: self.output.0.nanos(),
            cache_read: self.cache_read.map(|amount| amount.0.nanos()),
            cache_write: self.cache_write.map(|amount| amount.0.nanos()),
            ..Rates::default()
        };
        let long_rates = Rates {
            input: self.long_input.map_or(rates.input, |amount| amount.0.nanos()),
            output: self.long_output.map_or(rates.output, |amount| amount.0.nanos()),
            ..rates
        };
        let long = self.long_above.map(|above| LongContext { above, rates: long_rates });
        PriceRow {
            provider: self.provider.clone(),
            model: self.model.clone(),
            pricing: Pricing { rates, per_call: self.per_call.0, long },
            context: None,
            max_output: None,
            source: "configuration".to_owned(),
            date: self.date.clone(),
        }
    }
}

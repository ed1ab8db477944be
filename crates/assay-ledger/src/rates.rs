//! What a unit of a model costs, and what a call comes to.

use assay_core::NanoUsd;
use serde::{Deserialize, Serialize};

use crate::Usage;

#[cfg(test)]
mod tests;

/// Tokens that a rate is for.
const PER_TOKENS: u128 = 1_000_000;

/// Prices in nano-dollars per million tokens.
///
/// These are whole numbers down to a thousandth of a nano-dollar a token. Where a model has no price of its own for a kind of token, the table holds the one that
/// is charged, so that nothing is free by omission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Rates {
    /// Tokens read.
    pub input: u64,
    /// Tokens written, with those of the reasoning.
    pub output: u64,
    /// Tokens found in the provider's cache; the price of input when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_read: Option<u64>,
    /// Tokens written to the provider's cache; the price of input when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_write: Option<u64>,
    /// Tokens written to the provider's cache for an hour; `cache_write` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_write_long: Option<u64>,
    /// Tokens of sound read; the price of input when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio_input: Option<u64>,
    /// Tokens of sound written; the price of output when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audio_output: Option<u64>,
}

/// How a model is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Pricing {
    /// The prices.
    #[serde(flatten)]
    pub rates: Rates,
    /// For each call, whatever its tokens.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub per_call: NanoUsd,
    /// Other prices for a whole call that reads more than so many tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub long: Option<LongContext>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde wants")]
const fn is_nothing(amount: &NanoUsd) -> bool {
    amount.is_zero()
}

/// Prices of calls with a long context.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LongContext {
    /// A call that reads more tokens than this is charged so.
    pub above: u64,
    /// The prices.
    pub rates: Rates,
}

impl Pricing {
    /// What a call comes to: all products are added up, and the sum is rounded up once to the
    /// nano-dollar, so that no use is free that has a price.
    #[must_use]
    pub fn cost(&self, usage: &Usage) -> NanoUsd {
        let long = self.long.filter(|long| usage.read() > long.above);
        let sum = long.map_or(self.rates, |long| long.rates).sum(usage);
        let nanos = u64::try_from(sum.div_ceil(PER_TOKENS)).unwrap_or(u64::MAX);
        NanoUsd::from_nanos(nanos).plus(self.per_call)
    }

    /// Whether no use costs anything.
    #[must_use]
    pub fn is_free(&self) -> bool {
        let rates = [Some(self.rates), self.long.map(|long| long.rates)];
        self.per_call.is_zero() && rates.into_iter().flatten().all(|rates| rates.is_free())
    }
}

impl Rates {
    /// Millionths of a nano-dollar. At most 7 · 2^128 would be needed and cannot be: the counts
    /// and the rates come from tables and requests that are bounded far below, and it saturates.
    fn sum(&self, usage: &Usage) -> u128 {
        let cache_write = self.cache_write.unwrap_or(self.input);
        let parts = [
            (usage.input, self.input),
            (usage.cache_read, self.cache_read.unwrap_or(self.input)),
            (usage.cache_write, cache_write),
            (usage.cache_write_long, self.cache_write_long.unwrap_or(cache_write)),
            (usage.audio_input, self.audio_input.unwrap_or(self.input)),
            (usage.output, self.output),
            (usage.audio_output, self.audio_output.unwrap_or(self.output)),
        ];
        parts.iter().fold(0, |sum, (count, rate)| {
            let part = u128::from(*count) * u128::from(*rate);
            u128::saturating_add(sum, part)
        })
    }

    fn is_free(&self) -> bool {
        let further = [
            self.cache_read,
            self.cache_write,
            self.cache_write_long,
            self.audio_input,
            self.audio_output,
        ];
        self.input == 0 && self.output == 0 && further.into_iter().flatten().all(|rate| rate == 0)
    }
}

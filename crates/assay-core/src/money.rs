//! Money as whole billionths of a US dollar. There is no float in it, nor in what computes it.

use std::{fmt, iter::Sum, str::FromStr};

use serde::{Deserialize, Serialize};

#[cfg(test)]
mod tests;

/// Billionths in a dollar.
const PER_DOLLAR: u64 = 1_000_000_000;
/// Digits after the point that an amount can have.
const DIGITS: usize = 9;

/// An amount in nano-dollars (1e-9 US dollars): a token of the cheapest models costs some tens of
/// them. At most [`NanoUsd::MAX`], so that it fits a signed column of a database; sums stop there.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct NanoUsd(u64);

impl NanoUsd {
    /// Nothing.
    pub const ZERO: Self = Self(0);
    /// Nine billion dollars.
    pub const MAX: Self = Self(i64::MAX as u64);

    /// This many billionths of a dollar.
    #[must_use]
    pub const fn from_nanos(nanos: u64) -> Self {
        if nanos > Self::MAX.0 { Self::MAX } else { Self(nanos) }
    }

    /// The billionths of a dollar.
    #[must_use]
    pub const fn nanos(self) -> u64 {
        self.0
    }

    /// Whether it is nothing.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self::from_nanos(self.0.saturating_add(other.0))
    }

    /// The difference; nothing where `other` is more.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Sum for NanoUsd {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Self::plus)
    }
}

impl fmt::Display for NanoUsd {
    /// Dollars with all their digits and no more, such as `0.0000025`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / PER_DOLLAR, self.0 % PER_DOLLAR);
        if part == 0 {
            return write!(f, "{whole}");
        }
        let part = format!("{part:09}");
        write!(f, "{whole}.{}", part.trim_end_matches('0'))
    }
}

/// A text that is no amount of money.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is not an amount in US dollars (such as 12.50, with at most 9 digits after the point)"
)]
pub struct InvalidAmount {
    /// The text as it was given, cut to 40 characters.
    pub text: String,
}

impl FromStr for NanoUsd {
    type Err = InvalidAmount;

    /// Reads dollars, with or without `$`.
    fn from_str(text: &str) -> Result<Self, InvalidAmount> {
        parse(text).ok_or_else(|| InvalidAmount { text: text.chars().take(40).collect() })
    }
}

fn parse(text: &str) -> Option<NanoUsd> {
    let text = text.trim();
    let text = text.strip_prefix('$').unwrap_or(text);
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() + part.len() == 0 || !is_number(whole) || !is_number(part) {
        return None;
    }
    if part.len() > DIGITS {
        return None;
    }
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let part: u64 = format!("{part:0<9}").parse().ok()?;
    let nanos = whole.checked_mul(PER_DOLLAR)?.checked_add(part)?;
    (nanos <= NanoUsd::MAX.0).then_some(NanoUsd(nanos))
}

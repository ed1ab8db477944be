//! The times that budgets are for.

use assay_core::timestamp;
use jiff::{ToSpan, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// Milliseconds of an hour.
pub(crate) const HOUR_MS: i64 = 3_600_000;

/// A time of the calendar, in UTC. A call counts in the one in which it was reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Window {
    /// A minute.
    Minute,
    /// An hour.
    Hour,
    /// A day.
    #[default]
    Day,
    /// A month.
    Month,
}

impl Window {
    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Month => "month",
        }
    }

    /// The window that a moment lies in, from its first millisecond to that of the next window.
    #[must_use]
    pub fn around(self, now_ms: i64) -> (i64, i64) {
        let even = |length: i64| {
            let start = now_ms - now_ms.rem_euclid(length);
            (start, start + length)
        };
        match self {
            Self::Minute => even(60_000),
            Self::Hour => even(HOUR_MS),
            Self::Day => even(24 * HOUR_MS),
            Self::Month => month(now_ms).unwrap_or_else(|| even(30 * 24 * HOUR_MS)),
        }
    }
}

/// Times at the ends of the calendar have no next month.
fn month(now_ms: i64) -> Option<(i64, i64)> {
    let first = timestamp(now_ms).to_zoned(TimeZone::UTC).date().first_of_month();
    let next = first.checked_add(1.month()).ok()?;
    let start = |date: jiff::civil::Date| Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp());
    Some((start(first)?.as_millisecond(), start(next)?.as_millisecond()))
}

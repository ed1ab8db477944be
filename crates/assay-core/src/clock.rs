//! The time of day as a dependency.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;

/// Tells the time. Code that stores or compares times takes a clock, so that tests control it.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// Now, in UTC.
    fn now(&self) -> Timestamp;

    /// Now, in milliseconds since 1970: what the stores keep.
    fn now_ms(&self) -> i64 {
        self.now().as_millisecond()
    }
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A clock that moves only when told to; for tests.
#[derive(Debug)]
pub struct FakeClock(AtomicI64);

impl FakeClock {
    /// A clock that stands at `ms` milliseconds since 1970.
    #[must_use]
    pub const fn at_ms(ms: i64) -> Self {
        Self(AtomicI64::new(ms))
    }

    /// Moves the clock by `ms` milliseconds, backwards when negative.
    pub fn advance_ms(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// The time that is `ms` milliseconds after 1970, as read back from a store; 1970 itself for a
/// number that is no time.
#[must_use]
pub fn timestamp(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or_default()
}

/// The moment that a text such as `2026-11-21T16:00:00Z` names, in milliseconds since 1970.
#[must_use]
pub fn parse_timestamp_ms(text: &str) -> Option<i64> {
    Some(text.parse::<Timestamp>().ok()?.as_millisecond())
}

//! The time of day as a dependency.

use std::{
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use jiff::Timestamp;

/// Tells the time. Code that stores or compares times takes a clock, so that tests control it.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// Now, in UTC.
    fn now(&self) -> Timestamp;

    /// Now, in milliseconds since 1970: what the stores keep.
    fn now_ms(&self) -> i64 {
        self.now().as_millisecond()
    }

    /// Steady time, and [`Self::now_ms`] at the same moment. Steady time counts from some moment of
    /// this process and goes on evenly, whatever is done to the time of day.
    fn both(&self) -> (Duration, i64);
}

/// What steady time of [`SystemClock`] counts from.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn both(&self) -> (Duration, i64) {
        (START.elapsed(), self.now_ms())
    }
}

/// A clock that moves only when told to; for tests.
#[derive(Debug)]
pub struct FakeClock(Mutex<Times>);

#[derive(Debug)]
struct Times {
    now_ms: i64,
    steady_ms: i64,
}

impl FakeClock {
    /// A clock that stands at `ms` milliseconds since 1970.
    #[must_use]
    pub const fn at_ms(ms: i64) -> Self {
        Self(Mutex::new(Times { now_ms: ms, steady_ms: 0 }))
    }

    fn times(&self) -> MutexGuard<'_, Times> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets `ms` milliseconds pass. With a negative number the time of day goes back.
    pub fn advance_ms(&self, ms: i64) {
        let mut times = self.times();
        times.now_ms += ms;
        times.steady_ms += ms.max(0);
    }

    /// Sets the time of day forth by `ms` milliseconds, or back, while no time passes.
    pub fn jump_ms(&self, ms: i64) {
        self.times().now_ms += ms;
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        timestamp(self.times().now_ms)
    }

    fn both(&self) -> (Duration, i64) {
        let times = self.times();
        (Duration::from_millis(times.steady_ms.unsigned_abs()), times.now_ms)
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

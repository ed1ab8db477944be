//! Bounds on work: deadlines that nest, and what a parser may consume.

use std::time::{Duration, Instant};

/// A moment by which work has to be done. Deadlines nest: a part may get less time than the whole,
/// never more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(Instant);

impl Deadline {
    /// `budget` from now.
    #[must_use]
    pub fn after(budget: Duration) -> Self {
        Self(Instant::now() + budget)
    }

    /// The deadline of a part: `budget` from now, but not after this one.
    #[must_use]
    pub fn part(self, budget: Duration) -> Self {
        self.min(Self::after(budget))
    }

    /// Time left; zero when it has passed.
    #[must_use]
    pub fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Whether it has passed.
    #[must_use]
    pub fn has_passed(self) -> bool {
        self.left().is_zero()
    }

    /// The moment itself, for timers.
    #[must_use]
    pub const fn instant(self) -> Instant {
        self.0
    }
}

/// What a parser may consume on one file. Passing a limit is a recorded problem, not a crash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseLimits {
    /// Bytes of the original file.
    pub file_bytes: u64,
    /// Pages read; later pages are reported as a problem.
    pub pages: u32,
    /// Bytes of extracted text; at most 4 GiB.
    pub text_bytes: u32,
    /// Bytes that a compressed part may unpack to.
    pub unpacked_bytes: u64,
    /// Levels of nesting in lists, tables, elements.
    pub nesting: u32,
    /// Time for the whole file.
    pub time: Duration,
}

impl Default for ParseLimits {
    fn default() -> Self {
        Self {
            file_bytes: 200 << 20,
            pages: 5_000,
            text_bytes: 64 << 20,
            unpacked_bytes: 512 << 20,
            nesting: 256,
            time: Duration::from_secs(120),
        }
    }
}

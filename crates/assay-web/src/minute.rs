//! A limit of calls a minute.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

const MINUTE: Duration = Duration::from_secs(60);

/// Counts the calls of the last 60 seconds, not of the minute of the clock: no two minutes' worth of
/// calls fit around its turn.
#[derive(Debug)]
pub(crate) struct MinuteLimit {
    most: usize,
    calls: Mutex<VecDeque<Instant>>,
}

impl MinuteLimit {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, calls: Mutex::default() }
    }

    pub(crate) const fn most(&self) -> usize {
        self.most
    }

    /// Whether one more call may be made, which is then counted.
    pub(crate) fn take(&self, now: Instant) -> bool {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        while calls.front().is_some_and(|&at| now.saturating_duration_since(at) >= MINUTE) {
            calls.pop_front();
        }
        let free = calls.len() < self.most;
        if free {
            calls.push_back(now);
        }
        free
    }
}

#[cfg(test)]
mod tests {
    //! How many pass.

    use super::*;

    #[test]
    fn no_sixty_seconds_hold_more_than_the_limit() {
        let (limit, start) = (MinuteLimit::new(3), Instant::now());
        let passed: Vec<u64> =
            (0..200).filter(|&second| limit.take(start + Duration::from_secs(second))).collect();
        assert_eq!(passed, [0, 1, 2, 60, 61, 62, 120, 121, 122, 180, 181, 182]);
    }
}

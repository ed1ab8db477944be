//! How the providers have fared since start.

use std::sync::{Mutex, PoisonError};

use std::time::{Duration, Instant};

/// Counts the attempts at one provider.
#[derive(Debug, Default)]
pub(crate) struct ProviderStats(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    totals: ProviderTotals,
    /// When the present minute began.
    minute: Option<Instant>,
}

/// What a provider was asked and answered.
#[derive(Debug, Clone, Copy, Default)]
pub struct ProviderTotals {
    /// Attempts that ended.
    pub requests: u64,
    /// Of these: answered whole.
    pub succeeded: u64,
    /// Time of all attempts together.
    pub took: Duration,
    /// Cost of all attempts whose price is known, in nano-dollars.
    pub cost_nanos: u64,
    /// Whether any price was known.
    pub priced: bool,
    /// Failures since the last success.
    pub consecutive_failures: u64,
    /// Attempts that ended in the present minute.
    pub requests_this_minute: u64,
    /// Tokens of the present minute.
    pub tokens_this_minute: u64,
}

impl ProviderStats {
    /// Notes an attempt that ended.
    pub(crate) fn note(
        &self,
        now: Instant,
        is_success: bool,
        took: Duration,
        tokens: u64,
        cost_nanos: Option<u64>,
    ) {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.turn_minute(now);
        let totals = &mut inner.totals;
        totals.requests += 1;
        totals.succeeded += u64::from(is_success);
        totals.took += took;
        totals.cost_nanos = totals.cost_nanos.saturating_add(cost_nanos.unwrap_or(0));
        totals.priced |= cost_nanos.is_some();
        totals.consecutive_failures = if is_success { 0 } else { totals.consecutive_failures + 1 };
        totals.requests_this_minute += 1;
        totals.tokens_this_minute = totals.tokens_this_minute.saturating_add(tokens);
    }

    pub(crate) fn totals(&self, now: Instant) -> ProviderTotals {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.turn_minute(now);
        inner.totals
    }
}

impl Inner {
    fn turn_minute(&mut self, now: Instant) {
        let minute = *self.minute.get_or_insert(now);
        if now.saturating_duration_since(minute) >= Duration::from_secs(60) {
            self.minute = Some(now);
            self.totals.requests_this_minute = 0;
            self.totals.tokens_this_minute = 0;
        }
    }
}

//! A breaker leaves alone for a while what keeps failing, and then tries it once.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// When a breaker opens, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerSettings {
    /// So many failures open it, when they lie within `window`.
    pub failures: usize,
    /// How long a failure counts.
    pub window: Duration,
    /// How long it stays open the first time; every probe that fails doubles it.
    pub rest: Duration,
    /// It never stays open longer than this.
    pub rest_max: Duration,
}

impl Default for BreakerSettings {
    /// Five failures in 60 s open it for 60 s, 120 s, and so on up to an hour.
    fn default() -> Self {
        Self {
            failures: 5,
            window: Duration::from_secs(60),
            rest: Duration::from_secs(60),
            rest_max: Duration::from_secs(3_600),
        }
    }
}

/// How a breaker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    /// Everything passes.
    Closed,
    /// Nothing passes for so long.
    Open(Duration),
    /// One call may try, and decides.
    HalfOpen,
}

impl BreakerState {
    /// The word of the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open(_) => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

/// Counts the recent failures of one thing.
#[derive(Debug)]
pub struct Breaker {
    settings: BreakerSettings,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    /// When it failed, oldest first; never more than open it.
    failures: VecDeque<Instant>,
    open_until: Option<Instant>,
    /// Times that it opened since it was last closed.
    trips: u32,
    probing: bool,
}

/// Leave for one call. What becomes of the call is said with [`Pass::succeeded`] or
/// [`Pass::failed`]; a pass that is dropped, because nobody waits for the call any more, counts as
/// neither.
#[derive(Debug)]
#[must_use]
pub struct Pass<'a> {
    breaker: &'a Breaker,
    is_probe: bool,
}

impl Breaker {
    /// A closed breaker.
    #[must_use]
    pub fn new(settings: BreakerSettings) -> Self {
        Self { settings, inner: Mutex::default() }
    }

    /// Leave for a call, or the time after which to ask again.
    ///
    /// # Errors
    /// The time that it stays open; zero while a probe is under way.
    pub fn pass(&self, now: Instant) -> Result<Pass<'_>, Duration> {
        let mut inner = self.inner();
        let Some(until) = inner.open_until else {
            return Ok(Pass { breaker: self, is_probe: false });
        };
        let left = until.saturating_duration_since(now);
        if !left.is_zero() || inner.probing {
            return Err(left);
        }
        inner.probing = true;
        Ok(Pass { breaker: self, is_probe: true })
    }

    /// Opens it for `time`, because the other side asked for that; not longer than
    /// [`BreakerSettings::rest_max`], and never shorter than it is open already.
    pub fn rest(&self, now: Instant, time: Duration) {
        let mut inner = self.inner();
        let until = now + time.min(self.settings.rest_max);
        inner.open_until = Some(inner.open_until.map_or(until, |open| open.max(until)));
    }

    /// How it stands.
    #[must_use]
    pub fn state(&self, now: Instant) -> BreakerState {
        match self.inner().open_until.map(|until| until.saturating_duration_since(now)) {
            None => BreakerState::Closed,
            Some(Duration::ZERO) => BreakerState::HalfOpen,
            Some(left) => BreakerState::Open(left),
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pass<'_> {
    /// The call did what it should: a probe closes the breaker, unless [`Breaker::rest`] has
    /// opened it anew since.
    pub fn succeeded(self, now: Instant) {
        if self.is_probe {
            let mut inner = self.breaker.inner();
            let asked = inner.open_until.filter(|&until| until > now);
            *inner = Inner { open_until: asked, ..Inner::default() };
        }
    }

    /// The call failed or was too slow.
    pub fn failed(self, now: Instant) {
        let settings = &self.breaker.settings;
        let mut inner = self.breaker.inner();
        if !self.is_probe {
            if inner.open_until.is_some() {
                // It began before the breaker opened and says nothing new.
                return;
            }
            inner.failures.push_back(now);
            while inner
                .failures
                .front()
                .is_some_and(|&at| now.saturating_duration_since(at) > settings.window)
            {
                inner.failures.pop_front();
            }
            if inner.failures.len() < settings.failures {
                return;
            }
        }
        inner.failures.clear();
        let factor = 2_u32.saturating_pow(inner.trips);
        let rest = settings.rest.saturating_mul(factor).min(settings.rest_max);
        inner.trips = inner.trips.saturating_add(1);
        let until = now + rest;
        inner.open_until = Some(inner.open_until.map_or(until, |open| open.max(until)));
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if self.is_probe {
            self.breaker.inner().probing = false;
        }
    }
}

#[cfg(test)]
mod tests;

//! How often a client and a tenant may ask.
//!
//! One number for each: the time at which its bucket would be empty again (GCRA). Only where
//! credentials are asked for: on one's own machine nobody has to be kept back.

use std::{
    num::NonZeroUsize,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use lru::LruCache;
use serde::Deserialize;

/// Clients that are remembered; of more, those that asked longest ago start anew.
const CLIENTS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(99_999);

/// Settings of rates.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RateSettings {
    /// Requests a minute of one client: of a key, or of an address without a valid one. 0 for any
    /// number.
    pub client_per_minute: u32,
    /// Requests of one client at once, after a pause.
    pub client_burst: u32,
    /// Requests a minute of all clients of a tenant. 0 for any number.
    pub tenant_per_minute: u32,
}

impl Default for RateSettings {
    fn default() -> Self {
        Self { client_per_minute: 60, client_burst: 10, tenant_per_minute: 100 }
    }
}

/// How a limit stands after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    /// Requests a minute.
    limit: u32,
    /// Requests that would be let through now.
    left: u32,
    /// Until all of them are there again.
    whole_in: Duration,
    /// Until the next is let through; nothing when this one was.
    retry_in: Option<Duration>,
}

/// When the bucket of each client would be empty again.
#[derive(Debug)]
pub(crate) struct Rates {
    start: Instant,
    settings: RateSettings,
    empty_at: Mutex<LruCache<String, Duration>>,
}

impl Rates {
    pub(crate) fn new(settings: RateSettings) -> Self {
        Self { start: Instant::now(), settings, empty_at: Mutex::new(LruCache::new(CLIENTS)) }
    }

    /// Counts a request of a client that showed no valid credential.
    pub(crate) fn stranger(&self, from: &str) -> Option<Standing> {
        let RateSettings { client_per_minute, client_burst, .. } = self.settings;
        self.count(&format!("from {from}"), client_per_minute, client_burst, self.start.elapsed())
    }

    /// Counts a request of a caller: the client and the tenant, of which the tighter one is told.
    /// `own` is the limit of the tenant itself, 0 where it has none.
    pub(crate) fn caller(&self, client: &str, tenant: &str, own: u64) -> Option<Standing> {
        let RateSettings { client_per_minute, client_burst, tenant_per_minute } = self.settings;
        let tenant_per_minute = match own {
            0 => tenant_per_minute,
            own => u32::try_from(own).unwrap_or(u32::MAX),
        };
        let now = self.start.elapsed();
        let own = self.count(&format!("of {client}"), client_per_minute, client_burst, now);
        if own.is_some_and(|standing| standing.retry_in.is_some()) {
            return own;
        }
        let all = self.count(&format!("for {tenant}"), tenant_per_minute, tenant_per_minute, now);
        [own, all].into_iter().flatten().min_by_key(|it| (it.retry_in.is_none(), it.left))
    }

    fn count(&self, who: &str, per_minute: u32, burst: u32, now: Duration) -> Option<Standing> {
        if per_minute == 0 {
            return None;
        }
        let gap = Duration::from_secs(60) / per_minute;
        let room = gap * burst.max(1);
        let mut empty_at = self.empty_at.lock().unwrap_or_else(PoisonError::into_inner);
        let before = empty_at.get(who).copied().unwrap_or_default().max(now);
        let after = before + gap;
        let standing = |filled: Duration, retry_in| Standing {
            limit: per_minute,
            left: u32::try_from(room.saturating_sub(filled).as_nanos() / gap.as_nanos().max(1))
                .unwrap_or(u32::MAX),
            whole_in: filled,
            retry_in,
        };
        if after - now > room {
            return Some(standing(before - now, Some(after - now - room)));
        }
        empty_at.put(who.to_owned(), after);
        Some(standing(after - now, None))
    }
}

impl Standing {
    /// Whether the request has to wait.
    pub(crate) const fn is_refused(self) -> bool {
        self.retry_in.is_some()
    }

    /// Tells the client in the headers of its answer.
    pub(crate) fn tell(self, headers: &mut HeaderMap) {
        let seconds = |time: Duration| time.as_millis().div_ceil(1_000).to_string();
        let mut set = |name: HeaderName, value: String| {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        };
        set(HeaderName::from_static("ratelimit-limit"), self.limit.to_string());
        set(HeaderName::from_static("ratelimit-remaining"), self.left.to_string());
        set(HeaderName::from_static("ratelimit-reset"), seconds(self.whole_in));
        if let Some(wait) = self.retry_in {
            set(header::RETRY_AFTER, seconds(wait).max("1".to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    //! As many as allowed pass, and no more, whenever they come.

    use super::*;

    fn rates(client_per_minute: u32, client_burst: u32, tenant_per_minute: u32) -> Rates {
        Rates::new(RateSettings { client_per_minute, client_burst, tenant_per_minute })
    }

    #[test]
    fn a_burst_passes_then_one_a_second() {
        let rates = rates(60, 10, 0);
        let at = |ms| rates.count("x", 60, 10, Duration::from_millis(ms)).unwrap();
        for left in (0..10).rev() {
            let passed = at(0);
            assert_eq!((passed.left, passed.is_refused()), (left, false));
        }
        let refused = at(0);
        assert!(refused.is_refused());
        assert_eq!(refused.retry_in, Some(Duration::from_secs(1)));
        assert!(at(999).is_refused() && !at(1_000).is_refused() && at(1_000).is_refused());
    }

    #[test]
    fn in_any_minute_there_are_at_most_the_rate_and_the_burst() {
        let rates = rates(60, 10, 0);
        let passed = |from_ms: u64| {
            (from_ms..from_ms + 60_000)
                .step_by(7)
                .filter(|ms| {
                    !rates.count("x", 60, 10, Duration::from_millis(*ms)).unwrap().is_refused()
                })
                .count()
        };
        assert!((60..=70).contains(&passed(0)));
        assert!((59..=61).contains(&passed(60_000)), "the burst does not come again");
    }

    #[test]
    fn clients_and_tenants_are_apart_and_zero_is_no_limit() {
        let rates = rates(60, 3, 4);
        assert!((0..3).all(|_| !rates.caller("a", "acme", 0).unwrap().is_refused()));
        assert!(rates.caller("a", "acme", 0).unwrap().is_refused());
        assert!(!rates.caller("b", "acme", 0).unwrap().is_refused());
        assert!(rates.caller("c", "acme", 0).unwrap().is_refused(), "the tenant has had four");
        assert!(!rates.caller("c", "globex", 0).unwrap().is_refused());
        // A tenant with a limit of its own goes by that.
        assert!(!rates.caller("d", "initech", 1).unwrap().is_refused());
        assert!(rates.caller("e", "initech", 1).unwrap().is_refused());
        assert!(!rates.stranger("10.0.0.1").unwrap().is_refused());
        let unlimited = Rates::new(RateSettings { client_per_minute: 0, ..Default::default() });
        assert_eq!(unlimited.stranger("10.0.0.1"), None);
    }
}

//! What a deployment has counted since it started, and what lies between two such readings.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::probe::{histogram, samples, selector};

/// Which deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// The one that serves now.
    Stable,
    /// The one that is to serve.
    Canary,
    /// The one that the canary is compared with: a third, or the stable one.
    Baseline,
}

/// What a deployment says of itself. Counts are since its start.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// Its version.
    pub version: String,
    /// When it started, in seconds of Unix time by its own clock: tells one process from another.
    pub started: f64,
    /// For how long it is up, in seconds.
    pub uptime: f64,
    /// Counts.
    pub counts: Window,
    /// Rules of critical alerts that fire; absent when it does not tell.
    pub critical: Option<Vec<String>>,
}

/// Counts of requests: since a start, or between two readings. Requests for health, metrics and
/// alerts, which are not those of users, are left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Window {
    /// Requests answered.
    pub requests: u64,
    /// Those answered with 500 or more.
    pub errors: u64,
    /// Upper bounds of latency in seconds.
    pub le: Vec<f64>,
    /// How many took at most the bound in the same place.
    pub at_most: Vec<u64>,
    /// Latencies in all.
    pub measured: u64,
    /// Dollars that its calls to models cost; absent when it does not tell.
    pub cost_usd: Option<f64>,
}

/// Routes that are asked by those who look, not by users.
const USERS: &str = r#"{route=~"/(|[^hmv].*|v1/[^a].*|v1/a[^l].*|m[^e].*|h[^e].*|v[^1].*)"}"#;

impl Reading {
    /// Reads the answers of `/health`, `/metrics`, `/v1/alerts` and `/v1/usage`; the last two are
    /// absent where they were refused.
    ///
    /// # Errors
    /// In words, when the first two are not what they should be.
    pub fn of(
        health: &str,
        metrics: &str,
        alerts: Option<&str>,
        usage: Option<&str>,
    ) -> Result<Self, String> {
        let health: Json = serde_json::from_str(health).map_err(|_| "/health is no JSON")?;
        let text = |name: &str| health.get(name).and_then(Json::as_str).unwrap_or_default();
        let uptime = health.get("uptime_s").and_then(Json::as_f64).unwrap_or_default();
        let now: jiff::Timestamp =
            text("timestamp").parse().map_err(|_| "/health does not say the time")?;
        let samples = samples(metrics);
        let sum = |word: &str| -> Result<u64, String> {
            let selector = selector(word)?;
            let covered = samples.iter().filter(|it| selector.covers(it));
            Ok(covered.map(|it| it.value).sum::<f64>() as u64)
        };
        let requests = "assay_http_requests_total";
        let seconds = selector(&format!("assay_http_request_duration_seconds{USERS}"))?;
        let (le, at_most, measured) = histogram(&samples, &seconds).unwrap_or_default();
        let errors = USERS.replace('}', r#",status=~"5.."}"#);
        let cost_usd = usage.and_then(|text| {
            serde_json::from_str::<Json>(text).ok()?.pointer("/total/cost_usd")?.as_f64()
        });
        Ok(Self {
            version: text("version").to_owned(),
            started: now.as_millisecond() as f64 / 1_000.0 - uptime,
            uptime,
            counts: Window {
                requests: sum(&format!("{requests}{USERS}"))?,
                errors: sum(&format!("{requests}{errors}"))?,
                le,
                at_most,
                measured,
                cost_usd,
            },
            critical: alerts.and_then(critical),
        })
    }

    /// Whether both, taken at about the same time, are of one process.
    #[must_use]
    pub fn is_same_process(&self, other: &Self) -> bool {
        self.version == other.version && (self.started - other.started).abs() < 0.25
    }

    /// Whether the process of an earlier reading still runs.
    pub(super) fn continues(&self, earlier: &Self) -> bool {
        // Not by the time of the start, which moves when the clock of the machine is put right.
        self.uptime >= earlier.uptime && self.counts.since(&earlier.counts).is_some()
    }
}

fn critical(text: &str) -> Option<Vec<String>> {
    let document: Json = serde_json::from_str(text).ok()?;
    let word = |alert: &Json, name: &str| {
        alert.get(name).and_then(Json::as_str).unwrap_or_default().to_owned()
    };
    let alerts = document.get("alerts")?.as_array()?.iter();
    let firing =
        alerts.filter(|it| word(it, "state") == "firing" && word(it, "severity") == "critical");
    Some(firing.map(|it| word(it, "rule")).collect())
}

impl Window {
    /// What was counted since `earlier`; nothing when it counted less than then, which is another
    /// process.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Option<Self> {
        let less = |now: &[u64], then: &[u64]| -> Option<Vec<u64>> {
            // A family that was empty then began at nothing.
            let then = then.iter().copied().chain(std::iter::repeat(0));
            now.iter().zip(then).map(|(now, then)| now.checked_sub(then)).collect()
        };
        let has_bounds = earlier.le.is_empty() || earlier.le == self.le;
        Some(Self {
            requests: self.requests.checked_sub(earlier.requests)?,
            errors: self.errors.checked_sub(earlier.errors)?,
            le: self.le.clone(),
            at_most: less(&self.at_most, &earlier.at_most).filter(|_| has_bounds)?,
            measured: self.measured.checked_sub(earlier.measured)?,
            cost_usd: self.cost_usd.zip(earlier.cost_usd).map(|(now, then)| now - then),
        })
    }

    /// Both together: what was counted in two windows of one deployment.
    pub(super) fn and(&self, other: &Self) -> Self {
        let longest = self.at_most.len().max(other.at_most.len());
        let at = |counts: &[u64], place| counts.get(place).copied().unwrap_or(0);
        Self {
            requests: self.requests + other.requests,
            errors: self.errors + other.errors,
            le: if self.le.is_empty() { other.le.clone() } else { self.le.clone() },
            at_most: (0..longest)
                .map(|place| at(&self.at_most, place) + at(&other.at_most, place))
                .collect(),
            measured: self.measured + other.measured,
            cost_usd: self.cost_usd.zip(other.cost_usd).map(|(one, other)| one + other),
        }
    }

    /// How many took longer than the bound of a place.
    pub(super) fn beyond(&self, place: usize) -> u64 {
        self.measured.saturating_sub(self.at_most.get(place).copied().unwrap_or(self.measured))
    }

    /// The bound that the quantile does not pass.
    pub(super) fn quantile(&self, share: f64) -> Option<f64> {
        let wanted = share * self.measured as f64;
        let at = self.at_most.iter().position(|count| *count as f64 >= wanted)?;
        self.le.get(at).copied().filter(|_| self.measured > 0)
    }
}

/// Who answered behind the proxy, asked some times.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Served {
    /// Times that it was asked.
    pub asked: u64,
    /// Times that the canary answered, told by its version and its start.
    pub canary: u64,
    /// Times that nobody did.
    pub nobody: u64,
}

impl Served {
    /// Asks so many times; `health` gives what `/health` says through the proxy.
    pub fn ask(
        times: u64,
        canary: Option<&Reading>,
        mut health: impl FnMut(u64) -> Result<String, String>,
    ) -> Self {
        let mut served = Self { asked: times, ..Self::default() };
        for number in 0..times {
            match health(number).and_then(|text| Reading::of(&text, "", None, None)) {
                Err(_) => served.nobody += 1,
                Ok(read) => {
                    let is_canary = canary.is_some_and(|canary| canary.is_same_process(&read));
                    served.canary += u64::from(is_canary);
                }
            }
        }
        served
    }
}

#[cfg(test)]
mod tests {
    //! What is counted, and what is left out.

    use super::*;

    #[test]
    fn only_requests_of_users_count() {
        let selector = selector(&format!("x{USERS}")).unwrap();
        let covers = |route: &str| {
            let line = format!("x{{route=\"{route}\"}} 1");
            samples(&line).iter().all(|it| selector.covers(it))
        };
        for route in ["/search", "/query", "/v1/documents", "/v1/answers/{id}", "/", "/v1/audit"] {
            assert!(covers(route), "{route}");
        }
        for route in ["/health", "/health/live", "/metrics", "/metrics/lanes", "/v1/alerts"] {
            assert!(!covers(route), "{route}");
        }
    }

    #[test]
    fn a_reading_is_read_and_a_counter_that_fell_is_another_process() {
        let health = r#"{"version": "1", "uptime_s": 10.0, "timestamp": "2026-01-01T00:00:10Z"}"#;
        let metrics = "assay_http_requests_total{route=\"/query\",method=\"POST\",status=\"200\"} 8\n\
            assay_http_requests_total{route=\"/query\",method=\"POST\",status=\"503\"} 2\n\
            assay_http_requests_total{route=\"/health\",method=\"GET\",status=\"200\"} 70\n\
            assay_http_request_duration_seconds_bucket{le=\"0.1\",route=\"/query\"} 9\n\
            assay_http_request_duration_seconds_bucket{le=\"+Inf\",route=\"/query\"} 10\n\
            assay_http_request_duration_seconds_bucket{le=\"0.1\",route=\"/metrics\"} 5\n";
        let alerts = r#"{"alerts": [{"rule": "a", "state": "firing", "severity": "critical"},
            {"rule": "b", "state": "resolved", "severity": "critical"}]}"#;
        let usage = r#"{"total": {"cost_usd": 0.5}}"#;
        let read = Reading::of(health, metrics, Some(alerts), Some(usage)).unwrap();
        let counts = &read.counts;
        assert_eq!((counts.requests, counts.errors, counts.measured), (10, 2, 10));
        assert_eq!(
            (counts.beyond(0), counts.quantile(0.9), counts.quantile(0.95)),
            (1, Some(0.1), None)
        );
        assert_eq!(read.critical.as_deref(), Some(&["a".to_owned()][..]));
        assert!((read.started - 1_767_225_600.0).abs() < 1e-6 && counts.cost_usd == Some(0.5));
        let nothing = Window::default();
        assert_eq!(counts.since(&nothing).unwrap().requests, 10);
        let twice = counts.and(counts);
        assert_eq!((twice.requests, twice.beyond(0), twice.cost_usd), (20, 2, Some(1.0)));
        assert_eq!(twice.since(counts), Some(counts.clone()));
        assert_eq!(nothing.and(counts).requests, 10);
        assert_eq!(nothing.since(counts), None);
    }
}

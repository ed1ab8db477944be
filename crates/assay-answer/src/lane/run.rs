//! Runs lanes: breaker, budget, report.

use std::time::{Duration, Instant};

use assay_core::{
    Breaker, BreakerSettings, BreakerState, Coded, Deadline, ErrorChain, ErrorCode, Pass,
};
use assay_web::ProviderReport;
use tracing::Instrument as _;

use super::{LaneReport, LaneState, LaneTotals, totals::LaneCounters};
use crate::{
    AnswerError,
    measure::{Measured, Stopwatch},
};

/// The lanes, by the names of their reports. A new lane gets its breaker and its counts here.
const NAMES: [&str; 5] = ["keyword", "vector", "web", "reranker", "writer"];
/// Five failures within 60 s leave a lane out for 60 s; then one request tries it.
const BREAKER: BreakerSettings = BreakerSettings {
    failures: 5,
    window: Duration::from_secs(60),
    rest: Duration::from_secs(60),
    rest_max: Duration::from_secs(60),
};

/// The breakers and counts of all lanes.
#[derive(Debug)]
pub(crate) struct Lanes {
    breakers: [(&'static str, Breaker); NAMES.len()],
    counters: LaneCounters,
    stopwatch: Stopwatch,
}

/// What a lane gave.
#[derive(Debug)]
pub(crate) struct LaneOutput<T> {
    pub(crate) items: Vec<T>,
    pub(crate) state: LaneState,
    /// What is missing.
    pub(crate) error: Option<String>,
    pub(crate) providers: Vec<ProviderReport>,
}

impl<T> From<Vec<T>> for LaneOutput<T> {
    fn from(items: Vec<T>) -> Self {
        Self { items, state: LaneState::Completed, error: None, providers: Vec::new() }
    }
}

/// Leave of a lane's breaker. Dropped unsettled, because the client went away, it says nothing.
#[derive(Debug)]
#[must_use]
pub(crate) struct LanePass<'a>(Option<Pass<'a>>);

impl LanePass<'_> {
    /// Tells the breaker how the lane ended.
    pub(crate) fn settle(self, state: LaneState) {
        let (Some(pass), now) = (self.0, Instant::now()) else { return };
        match state {
            LaneState::Completed => pass.succeeded(now),
            LaneState::TimedOut | LaneState::Failed => pass.failed(now),
            LaneState::Skipped | LaneState::Broken => {}
        }
    }
}

impl Default for Lanes {
    fn default() -> Self {
        Self {
            breakers: NAMES.map(|name| (name, Breaker::new(BREAKER))),
            counters: LaneCounters::default(),
            stopwatch: Stopwatch::default(),
        }
    }
}

impl Lanes {
    /// Lanes whose times are told.
    pub(crate) fn timed(stopwatch: Stopwatch) -> Self {
        Self { stopwatch, ..Self::default() }
    }

    /// Leave to start a lane, or the report that it is left out.
    pub(crate) fn pass(&self, name: &'static str) -> Result<LanePass<'_>, LaneReport> {
        let breaker = self.breakers.iter().find(|(known, _)| *known == name);
        let pass = breaker.map(|(_, breaker)| breaker.pass(Instant::now())).transpose();
        pass.map(LanePass).map_err(|left| LaneReport::broken(name, left))
    }

    /// Waits for `work` until `deadline` and reports how it went. Work that is late goes on by
    /// itself to its next check of the deadline, and its result is thrown away.
    pub(crate) async fn run<T, O: Into<LaneOutput<T>>>(
        &self,
        name: &'static str,
        deadline: Deadline,
        work: impl Future<Output = Result<O, AnswerError>>,
    ) -> (LaneReport, Vec<T>) {
        let pass = match self.pass(name) {
            Ok(pass) => pass,
            Err(report) => return (report, Vec::new()),
        };
        let (start, budget) = (Instant::now(), deadline.left());
        let span = tracing::debug_span!(
            "lane",
            otel.name = format_args!("lane {name}"),
            assay.lane = name,
            assay.lane.state = tracing::field::Empty,
            assay.lane.found = tracing::field::Empty,
            otel.status_code = tracing::field::Empty,
        );
        let outcome =
            tokio::time::timeout_at(deadline.instant().into(), work).instrument(span.clone()).await;
        let missing = |state, error| LaneOutput { state, error: Some(error), ..Vec::new().into() };
        let mut is_fault = true;
        let output = match outcome {
            Ok(Ok(output)) => output.into(),
            Ok(Err(error)) => {
                // What the caller asked for wrongly says nothing about the lane.
                is_fault = !matches!(error.code(), ErrorCode::BadRequest | ErrorCode::NotFound);
                missing(LaneState::Failed, ErrorChain(&error).to_string())
            }
            Err(_) => {
                let error = format!("not finished after {} ms", budget.as_millis());
                missing(LaneState::TimedOut, error)
            }
        };
        span.record("assay.lane.state", output.state.as_str());
        span.record("assay.lane.found", output.items.len());
        if is_fault {
            if matches!(output.state, LaneState::Failed | LaneState::TimedOut) {
                span.record("otel.status_code", "ERROR");
            }
            pass.settle(output.state);
        }
        let report = LaneReport {
            name,
            state: output.state,
            found: output.items.len(),
            error: output.error,
            took: start.elapsed(),
            budget,
            providers: output.providers,
        };
        (report, output.items)
    }

    /// Counts the lanes of one search.
    pub(crate) fn add(&self, reports: &[LaneReport]) {
        reports.iter().for_each(|report| self.tell(report));
        self.counters.add(reports);
    }

    /// Counts a lane that is no part of a search.
    pub(crate) fn add_one(&self, report: &LaneReport) {
        self.tell(report);
        self.counters.add_one(report);
    }

    fn tell(&self, report: &LaneReport) {
        if !matches!(report.state, LaneState::Skipped | LaneState::Broken) {
            self.stopwatch.tell(Measured::Lane(report.name), report.took);
        }
    }

    pub(crate) fn totals(&self) -> LaneTotals {
        let now = Instant::now();
        let mut totals = self.counters.totals();
        totals.breakers =
            self.breakers.iter().map(|(name, breaker)| (*name, breaker.state(now))).collect();
        totals
    }

    /// The lanes that are left out, and for how long.
    pub(crate) fn broken(&self) -> impl Iterator<Item = (&'static str, Duration)> + '_ {
        let now = Instant::now();
        self.breakers.iter().filter_map(move |(name, breaker)| match breaker.state(now) {
            BreakerState::Open(left) => Some((*name, left)),
            BreakerState::Closed | BreakerState::HalfOpen => None,
        })
    }
}

//! A lane: one way of finding evidence, with a time budget, and how it has fared.

use std::{
    collections::BTreeMap,
    sync::Mutex,
    time::{Duration, Instant},
};

use assay_core::{Deadline, ErrorChain};

use crate::AnswerError;

/// How a lane ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LaneState {
    /// It did what it was asked.
    Completed,
    /// Its budget ran out; nothing of it is used.
    TimedOut,
    /// It failed.
    Failed,
    /// It was not started; the report says why.
    Skipped,
}

impl LaneState {
    /// The word of the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::TimedOut => "timeout",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// What one lane did for one request.
#[derive(Debug, Clone)]
pub struct LaneReport {
    /// `keyword`, `vector`, `reranker` or `writer`.
    pub name: &'static str,
    /// How it ended.
    pub state: LaneState,
    /// How many results it gave.
    pub found: usize,
    /// Why it failed or was skipped.
    pub error: Option<String>,
    /// How long it took.
    pub took: Duration,
    /// What it was given.
    pub budget: Duration,
}

impl LaneReport {
    /// A lane that was not started.
    #[must_use]
    pub fn skipped(name: &'static str, reason: impl Into<String>) -> Self {
        Self {
            name,
            state: LaneState::Skipped,
            found: 0,
            error: Some(reason.into()),
            took: Duration::ZERO,
            budget: Duration::ZERO,
        }
    }
}

/// Waits for `work` until `deadline` and reports how it went. Work that is late goes on by itself
/// to its next check of the deadline, and its result is thrown away.
pub(crate) async fn run<T>(
    name: &'static str,
    deadline: Deadline,
    work: impl Future<Output = Result<Vec<T>, AnswerError>>,
) -> (LaneReport, Vec<T>) {
    let (start, budget) = (Instant::now(), deadline.left());
    let outcome = tokio::time::timeout_at(deadline.instant().into(), work).await;
    let (state, error, items) = match outcome {
        Ok(Ok(items)) => (LaneState::Completed, None, items),
        Ok(Err(error)) => (LaneState::Failed, Some(ErrorChain(&error).to_string()), Vec::new()),
        Err(_) => {
            let error = format!("not finished after {} ms", budget.as_millis());
            (LaneState::TimedOut, Some(error), Vec::new())
        }
    };
    let report =
        LaneReport { name, state, found: items.len(), error, took: start.elapsed(), budget };
    (report, items)
}

/// One lane, counted since start.
#[derive(Debug, Clone, Copy, Default)]
pub struct LaneCounts {
    /// Times that it completed.
    pub completed: u64,
    /// Times that it failed.
    pub failed: u64,
    /// Times that its budget ran out.
    pub timed_out: u64,
    /// Time spent in all, skipped runs apart.
    pub took: Duration,
}

/// Requests and lanes, counted since start.
#[derive(Debug, Clone, Default)]
pub struct LaneTotals {
    /// Requests in which every started lane completed.
    pub whole: u64,
    /// Requests in which some did.
    pub partial: u64,
    /// Requests in which none did.
    pub failed: u64,
    /// By name.
    pub lanes: BTreeMap<&'static str, LaneCounts>,
}

/// Counts lanes.
#[derive(Debug, Default)]
pub(crate) struct LaneCounters(Mutex<LaneTotals>);

impl LaneCounters {
    /// Adds the lanes of one request.
    pub(crate) fn add(&self, reports: &[LaneReport]) {
        let mut totals = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let started = || reports.iter().filter(|report| report.state != LaneState::Skipped);
        for report in started() {
            let counts = totals.lanes.entry(report.name).or_default();
            counts.took += report.took;
            match report.state {
                LaneState::Completed => counts.completed += 1,
                LaneState::TimedOut => counts.timed_out += 1,
                LaneState::Failed | LaneState::Skipped => counts.failed += 1,
            }
        }
        let completed = started().filter(|report| report.state == LaneState::Completed).count();
        match completed {
            all if all == started().count() => totals.whole += 1,
            0 => totals.failed += 1,
            _ => totals.partial += 1,
        }
    }

    pub(crate) fn totals(&self) -> LaneTotals {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

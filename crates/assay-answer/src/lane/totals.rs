//! How lanes have fared since start.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use assay_core::BreakerState;

use super::{LaneReport, LaneState};

/// One lane, counted since start.
#[derive(Debug, Clone, Copy, Default)]
pub struct LaneCounts {
    /// Times that it completed.
    pub completed: u64,
    /// Times that it failed.
    pub failed: u64,
    /// Times that its budget ran out.
    pub timed_out: u64,
    /// Times that its breaker left it out.
    pub broken: u64,
    /// Time spent in all, runs that were not started apart.
    pub took: Duration,
}

/// Requests and lanes, counted since start.
#[derive(Debug, Clone, Default)]
pub struct LaneTotals {
    /// Requests in which every wanted lane completed.
    pub whole: u64,
    /// Requests in which some did.
    pub partial: u64,
    /// Requests in which none did.
    pub failed: u64,
    /// By name.
    pub lanes: BTreeMap<&'static str, LaneCounts>,
    /// How the breaker of each lane stands.
    pub breakers: BTreeMap<&'static str, BreakerState>,
}

/// Counts lanes.
#[derive(Debug, Default)]
pub(super) struct LaneCounters(Mutex<LaneTotals>);

impl LaneCounters {
    /// Adds the lanes of one request.
    pub(super) fn add(&self, reports: &[LaneReport]) {
        let mut totals = self.lock();
        let wanted = || reports.iter().filter(|report| report.state != LaneState::Skipped);
        for report in wanted() {
            count(&mut totals, report);
        }
        let completed = wanted().filter(|report| report.state == LaneState::Completed).count();
        match completed {
            all if all == wanted().count() => totals.whole += 1,
            0 => totals.failed += 1,
            _ => totals.partial += 1,
        }
    }

    pub(super) fn add_one(&self, report: &LaneReport) {
        if report.state != LaneState::Skipped {
            count(&mut self.lock(), report);
        }
    }

    pub(super) fn totals(&self) -> LaneTotals {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, LaneTotals> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn count(totals: &mut LaneTotals, report: &LaneReport) {
    let counts = totals.lanes.entry(report.name).or_default();
    counts.took += report.took;
    match report.state {
        LaneState::Completed => counts.completed += 1,
        LaneState::TimedOut => counts.timed_out += 1,
        LaneState::Broken => counts.broken += 1,
        LaneState::Failed | LaneState::Skipped => counts.failed += 1,
    }
}

//! What the use of models costs an hour, and what could be done about it.

use assay_core::{NanoUsd, TenantScope};

use crate::{GroupBy, Ledger, LedgerError, UsageGroup, UsageQuery, UsageSum, Window};

/// Milliseconds of an hour.
const HOUR_MS: i64 = 3_600_000;
/// Hours of a day and of a month of thirty days.
const DAY_HOURS: u64 = 24;
const MONTH_HOURS: u64 = 720;
/// Goals of the checklists: dollars an hour, share of free calls and of cache hits in percent.
const HOURLY: NanoUsd = NanoUsd::from_nanos(1_000_000_000);
const FREE_PERCENT: u64 = 70;
const CACHED_PERCENT: u64 = 30;
/// Calls below which shares say nothing.
const CALLS_MIN: u64 = 20;

/// The cost of a tenant in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostSummary {
    /// This month so far.
    pub month: UsageSum,
    /// This month so far, by provider.
    pub providers: Vec<UsageGroup>,
    /// What the last hour cost.
    pub hourly: NanoUsd,
    /// What a day costs when it goes on as in the last hour.
    pub daily_projection: NanoUsd,
    /// What thirty days cost when it goes on as in the last hour.
    pub monthly_projection: NanoUsd,
    /// What could be done.
    pub recommendations: Vec<String>,
    /// Share of this month's calls that cost nothing, in percent; none before the first call.
    pub efficiency_score: Option<u64>,
}

impl Ledger {
    /// The cost of a tenant in short.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn cost_summary(&self, scope: &TenantScope) -> Result<CostSummary, LedgerError> {
        let now_ms = self.inner.clock.now_ms();
        let (from_ms, to_ms) = Window::Month.around(now_ms);
        let by_provider = UsageQuery {
            from_ms,
            to_ms,
            group_by: vec![GroupBy::Provider],
            ..UsageQuery::default()
        };
        let month = self.usage(scope, &by_provider)?;
        // To the millisecond, so by single entries.
        let hour = UsageQuery {
            from_ms: now_ms - HOUR_MS,
            to_ms: now_ms + 1,
            group_by: vec![GroupBy::Call],
            limit: 1,
            ..UsageQuery::default()
        };
        let hourly = self.usage(scope, &hour)?.total.cost;
        let times = |hours: u64| NanoUsd::from_nanos(hourly.nanos().saturating_mul(hours));
        let paid = |sum: &UsageSum| sum.calls - sum.cached - sum.free;
        Ok(CostSummary {
            recommendations: recommendations(&month.total, hourly),
            efficiency_score: (month.total.calls > 0)
                .then(|| 100 - percent(paid(&month.total), month.total.calls)),
            month: month.total,
            providers: month.groups,
            hourly,
            daily_projection: times(DAY_HOURS),
            monthly_projection: times(MONTH_HOURS),
        })
    }
}

fn recommendations(sum: &UsageSum, hourly: NanoUsd) -> Vec<String> {
    let mut told = Vec::new();
    if hourly > HOURLY {
        told.push(format!("the last hour cost ${hourly}, above the goal of ${HOURLY}"));
    }
    if sum.calls < CALLS_MIN {
        return told;
    }
    let free = percent(sum.free + sum.cached, sum.calls);
    if free < FREE_PERCENT {
        told.push(format!(
            "{free} % of the calls cost nothing, below the goal of {FREE_PERCENT} %: put a free \
             model or a local one first in the route"
        ));
    }
    let cached = percent(sum.cached, sum.calls);
    if cached < CACHED_PERCENT {
        told.push(format!(
            "caches answered {cached} % of the calls, below the goal of {CACHED_PERCENT} %: look \
             at their times and at questions that repeat"
        ));
    }
    if sum.abandoned > 0 {
        told.push(format!(
            "{} calls have no known end and are charged in full: look for kills of the process",
            sum.abandoned
        ));
    }
    told
}

fn percent(part: u64, whole: u64) -> u64 {
    part.saturating_mul(100).checked_div(whole).unwrap_or(0)
}

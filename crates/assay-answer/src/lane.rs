//! A lane: one way of finding evidence, with a time budget and a breaker, and how it has fared.

use std::time::Duration;

use assay_web::ProviderReport;

mod run;
mod totals;

pub(crate) use run::{LaneOutput, Lanes};
pub use totals::{LaneCounts, LaneTotals};

/// How a lane ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LaneState {
    /// It did what it was asked.
    Completed,
    /// Its budget ran out; of a lane with several providers, what was there by then is used.
    TimedOut,
    /// It failed.
    Failed,
    /// It was not started, because it was not wanted or is not set up; the report says why.
    Skipped,
    /// It was not started, because it has failed too often of late.
    Broken,
}

impl LaneState {
    /// The word of the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::TimedOut => "timeout",
            Self::Failed => "failed",
            Self::Skipped | Self::Broken => "skipped",
        }
    }

    /// Whether evidence may be missing that the lane would have given.
    #[must_use]
    pub const fn is_missing(self) -> bool {
        matches!(self, Self::TimedOut | Self::Failed | Self::Broken)
    }
}

/// What one lane did for one request.
#[derive(Debug, Clone)]
pub struct LaneReport {
    /// `keyword`, `vector`, `web`, `reranker`, `rewriter` or `writer`.
    pub name: &'static str,
    /// How it ended.
    pub state: LaneState,
    /// How many results it gave.
    pub found: usize,
    /// Why it failed or was skipped, or what of it is missing.
    pub error: Option<String>,
    /// How long it took.
    pub took: Duration,
    /// What it was given.
    pub budget: Duration,
    /// How each public source fared; empty for other lanes than `web`.
    pub providers: Vec<ProviderReport>,
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
            providers: Vec::new(),
        }
    }

    /// A lane whose breaker does not let it start for so long.
    pub(crate) fn broken(name: &'static str, left: Duration) -> Self {
        let seconds = left.as_secs() + 1;
        let reason = format!("it failed too often of late and is left alone for {seconds} s");
        Self { state: LaneState::Broken, ..Self::skipped(name, reason) }
    }

    /// What a reader of the answer has to know of the lane: that it is missing, or what of it.
    #[must_use]
    pub fn notice(&self) -> Option<String> {
        let reason = self.error.as_deref().unwrap_or("no reason given");
        match self.state {
            LaneState::Completed if self.error.is_none() => None,
            LaneState::Completed => {
                Some(format!("the lane `{}` is missing in part: {reason}", self.name))
            }
            _ => Some(format!("the lane `{}` is missing: {reason}", self.name)),
        }
    }
}

#[cfg(test)]
mod tests;

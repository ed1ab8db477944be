//! How budgets stand, for people.

use std::sync::Arc;

use assay_core::BudgetId;
use serde::{Deserialize, Serialize};

use super::{Budget, Dimension};

/// A budget with its counters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetStatus {
    /// The budget.
    pub budget: Arc<Budget>,
    /// The limit that holds now.
    pub limit: u64,
    /// Its counters; those of a budget for each value, the fullest first.
    pub counters: Vec<CounterStatus>,
}

/// One counter of a budget. Amounts are in the unit of the budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CounterStatus {
    /// The values that it is for.
    pub values: Vec<(Dimension, Arc<str>)>,
    /// Begin of the window, in milliseconds since 1970.
    pub start_ms: i64,
    /// End of the window: when it begins at nothing again.
    pub end_ms: i64,
    /// Used.
    pub spent: u64,
    /// Reserved by calls under way.
    pub reserved: u64,
    /// Calls refused in this window since the start of the process.
    pub refused: u64,
    /// What will be used at the end of the window when it goes on as so far.
    pub projected: u64,
    /// When the limit will be reached when it goes on as so far; none when it will not be.
    pub exhausted_ms: Option<i64>,
}

impl CounterStatus {
    /// Fills the projection in: what was used, stretched from the part of the window that is over
    /// to the whole. The first hundredth of a window tells nothing and counts as one.
    pub(crate) fn project(&mut self, limit: u64, now_ms: i64) {
        let length = (self.end_ms - self.start_ms).max(1);
        let over = (now_ms - self.start_ms).clamp(length / 100 + 1, length);
        let stretched = u128::from(self.spent) * u128::from(length.unsigned_abs())
            / u128::from(over.unsigned_abs());
        self.projected = u64::try_from(stretched).unwrap_or(u64::MAX);
        if self.spent >= limit {
            self.exhausted_ms = Some(now_ms.min(self.end_ms));
        } else if self.projected > limit {
            let until =
                u128::from(limit) * u128::from(over.unsigned_abs()) / u128::from(self.spent);
            self.exhausted_ms = i64::try_from(until).ok().map(|ms| self.start_ms + ms);
        }
    }
}

/// A share of a budget was passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// The budget.
    pub budget: BudgetId,
    /// Its name.
    pub name: String,
    /// The values of its counter, separated by commas; empty for a budget with one.
    pub counter: String,
    /// Begin of the window, in milliseconds since 1970.
    pub window_ms: i64,
    /// The share in percent.
    pub percent: u8,
    /// What was used then, in the unit of the budget.
    pub spent: u64,
    /// The limit then.
    pub limit: u64,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
}

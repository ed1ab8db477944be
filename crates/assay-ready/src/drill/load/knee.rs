//! The rate at which the promise breaks.

use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;

use super::{Load, Outcome, Scenario, load};
use crate::{Deployment, observation::Value};

/// Times that the rate is doubled at most.
const DOUBLINGS: u32 = 12;
/// Halvings of the interval between a rate that held and one that broke.
const HALVINGS: u32 = 3;
/// Share of requests that must begin in time and be right.
const HOLDS: f64 = 0.99;

/// What the search found.
#[derive(Debug, Clone, Serialize)]
pub struct Knee {
    /// The highest rate at which the promise held; 0 when none did.
    pub knee_per_second: f64,
    /// Why the next one broke; empty when none broke.
    pub limit: String,
    /// By how much the knee is above the rate that is expected: 0.3 is thirty percent.
    pub headroom: f64,
    /// Rate, P95 in milliseconds, whether it held.
    pub steps: Vec<(f64, f64, bool)>,
}

/// Doubles the rate until the promise breaks, then halves the interval.
#[must_use]
pub fn knee(
    deployment: &Deployment<'_>,
    scenario: &Scenario,
    first: Load,
    stop: &AtomicBool,
) -> Knee {
    let mut found =
        Knee { knee_per_second: 0.0, limit: String::new(), headroom: -1.0, steps: Vec::new() };
    let mut broke = f64::INFINITY;
    let mut rate = first.rate;
    for _ in 0..DOUBLINGS + HALVINGS {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let outcome = load(deployment, scenario, Load { rate, ..first }, stop);
        let why = broken(&outcome, first.target_ms);
        found.steps.push((rate, outcome.p95_ms, why.is_none()));
        match why {
            None => found.knee_per_second = found.knee_per_second.max(rate),
            Some(why) => {
                broke = broke.min(rate);
                found.limit = why;
            }
        }
        if broke.is_infinite() {
            rate *= 2.0;
        } else if broke - found.knee_per_second < broke / 8.0 {
            break;
        } else {
            rate = f64::midpoint(found.knee_per_second, broke);
        }
    }
    found.headroom = found.knee_per_second / first.rate - 1.0;
    found
}

/// Which part of the promise broke.
fn broken(outcome: &Outcome, target_ms: f64) -> Option<String> {
    let share = |value: &Value| match value {
        Value::Share { count, of } => *count as f64 / (*of).max(1) as f64,
        _ => 0.0,
    };
    if share(&outcome.errors) > 1.0 - HOLDS {
        return Some(format!("errors: {}", outcome.errors.shown()));
    }
    if outcome.p95_ms > target_ms {
        return Some(format!("P95 of {:.0} ms", outcome.p95_ms));
    }
    (share(&outcome.held) < HOLDS).then(|| "requests could not begin when they were due".to_owned())
}

//! The grade of a load, with everything that it is made of.

use serde::Serialize;

/// Share of errors that costs nothing: 99.9 % success is asked for.
const ERRORS_FREE: f64 = 0.001;
/// Share of errors from which the grade is D at best.
const ERRORS_HARD: f64 = 0.05;
/// How many times the median P99 may be without a loss.
const TAIL_FREE: f64 = 5.0;

/// A grade and its parts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Grade {
    /// A (90 or more), B (80), C (70), D (60), F.
    pub letter: char,
    /// 100 without what was lost.
    pub points: f64,
    /// Lost for errors: 10 for each percent beyond 0.1 %.
    pub lost_for_errors: f64,
    /// Lost for P95 beyond half of its target: 40 for each whole target, at most 40.
    pub lost_for_p95: f64,
    /// Lost for P99 beyond five medians: 2 for each further median, at most 15.
    pub lost_for_tail: f64,
    /// Lost for requests that could not begin when they were due: 2 for each percent, at most 30.
    pub lost_for_rate: f64,
    /// A hard limit was passed: P95 over its target, or 5 % errors.
    pub capped: bool,
}

/// Grades shares of errors and of requests that began in time, and quantiles in milliseconds.
#[must_use]
pub fn grade(errors: f64, held: f64, p50: f64, p95: f64, p99: f64, target: f64) -> Grade {
    let lost_for_errors = ((errors - ERRORS_FREE).max(0.0) * 1_000.0).min(100.0);
    let lost_for_p95 = ((p95 / target.max(1.0) - 0.5).max(0.0) * 40.0).min(40.0);
    let lost_for_tail = ((p99 / p50.max(1.0) - TAIL_FREE).max(0.0) * 2.0).min(15.0);
    let lost_for_rate = ((1.0 - held) * 200.0).min(30.0);
    let lost = lost_for_errors + lost_for_p95 + lost_for_tail + lost_for_rate;
    let capped = p95 > target || errors > ERRORS_HARD;
    let points = if capped { (100.0 - lost).clamp(0.0, 69.0) } else { 100.0 - lost };
    let letter = match points {
        it if it >= 90.0 => 'A',
        it if it >= 80.0 => 'B',
        it if it >= 70.0 => 'C',
        it if it >= 60.0 => 'D',
        _ => 'F',
    };
    Grade { letter, points, lost_for_errors, lost_for_p95, lost_for_tail, lost_for_rate, capped }
}

//! The canary against the baseline, over the same window. Pure.
//!
//! Four verdicts: *fail* when it is shown to be worse by more than is accepted, *pass* when it is shown
//! not to be, *inconclusive* when the sample shows neither, *error* when there is nothing to compare.

use serde::{Deserialize, Serialize};

use super::{exact, plan::Limits, reading::Window};
use crate::{bound::upper, verdict::Verdict};

/// The quantile that is compared.
const QUANTILE: f64 = 0.95;

/// One thing that was compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// `errors`, `latency`, `cost`, `alerts`, `answers`, `process`, `share`, `served`.
    pub what: String,
    /// What came of it.
    pub verdict: Verdict,
    /// What was seen, with the size of the effect and the chance of seeing it without one.
    pub says: String,
}

/// Everything that was compared.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The worst of the findings.
    pub verdict: Verdict,
    /// Requests of the canary that it rests on.
    pub sample: u64,
    /// Each.
    pub findings: Vec<Finding>,
}

impl Comparison {
    /// Of findings: a failure decides, then what could not be compared, then what is not decided.
    #[must_use]
    pub fn of(sample: u64, findings: Vec<Finding>) -> Self {
        let order = [Verdict::Fail, Verdict::Error, Verdict::Inconclusive];
        let has = |verdict: &Verdict| findings.iter().any(|it| it.verdict == *verdict);
        let verdict = order.into_iter().find(has).unwrap_or(Verdict::Pass);
        Self { verdict, sample, findings }
    }

    /// What decided it, in a line.
    #[must_use]
    pub fn says(&self) -> String {
        let deciding = self.findings.iter().filter(|it| it.verdict == self.verdict);
        deciding.map(|it| it.says.as_str()).collect::<Vec<_>>().join("; ")
    }

    /// Adds a finding.
    #[must_use]
    pub fn with(mut self, finding: Finding) -> Self {
        self.findings.push(finding);
        Self::of(self.sample, self.findings)
    }
}

impl Finding {
    /// A finding.
    pub fn new(what: &str, verdict: Verdict, says: impl Into<String>) -> Self {
        Self { what: what.to_owned(), verdict, says: says.into() }
    }
}

/// Compares errors and latency.
#[must_use]
pub fn compare(limits: &Limits, canary: &Window, baseline: &Window) -> Comparison {
    let findings = vec![errors(limits, canary, baseline), latency(limits, canary, baseline)];
    Comparison::of(canary.requests, findings)
}

fn errors(limits: &Limits, canary: &Window, baseline: &Window) -> Finding {
    let (hits, tries) = (canary.errors, canary.requests);
    let (other_hits, other_tries) = (baseline.errors, baseline.requests);
    if tries == 0 || other_tries == 0 {
        return empty("errors", tries, other_tries);
    }
    let share = hits as f64 / tries as f64;
    let other = other_hits as f64 / other_tries as f64;
    let chance = exact::fisher(hits, tries, other_hits, other_tries);
    let most = upper(hits, tries);
    let says = format!(
        "errors {hits} of {tries} against {other_hits} of {other_tries}: {:+.2} points (chance {chance:.1e}), \
         at most {:.2} % with 95 %, accepted {:.2} %",
        (share - other) * 100.0,
        most * 100.0,
        (other + limits.extra_errors) * 100.0
    );
    let verdict = if chance <= limits.chance && share - other > limits.extra_errors {
        Verdict::Fail
    } else if most <= other + limits.extra_errors {
        Verdict::Pass
    } else {
        Verdict::Inconclusive
    };
    Finding::new("errors", verdict, says)
}

/// The P95 of the canary is at most so many times that of the baseline when at most 5 % of its answers
/// take longer than that; bounds are those of the buckets, the next above.
fn latency(limits: &Limits, canary: &Window, baseline: &Window) -> Finding {
    let (tries, other_tries) = (canary.measured, baseline.measured);
    if tries == 0 || other_tries == 0 {
        return empty("latency", tries, other_tries);
    }
    let Some(p95) = baseline.quantile(QUANTILE) else {
        // Nobody can be slower than what the histogram does not tell apart.
        return Finding::new(
            "latency",
            Verdict::Pass,
            "the P95 of the baseline lies above the last bucket: a slower one cannot be told",
        );
    };
    let accepted = p95 * limits.slower;
    let Some(place) = canary.le.iter().position(|bound| *bound >= accepted) else {
        return Finding::new(
            "latency",
            Verdict::Pass,
            format!(
                "the accepted P95, {accepted:.3} s, lies above the last bucket: a slower one cannot be told"
            ),
        );
    };
    let bound = canary.le.get(place).copied().unwrap_or_default();
    let (hits, other_hits) = (canary.beyond(place), baseline.beyond(place));
    let share = hits as f64 / tries as f64;
    let chance = exact::fisher(hits, tries, other_hits, other_tries);
    let most = upper(hits, tries);
    let shown = canary
        .quantile(QUANTILE)
        .map_or_else(|| "above the last bucket".to_owned(), |it| format!("≤ {it} s"));
    let says = format!(
        "P95 {shown} against ≤ {p95} s; {hits} of {tries} take more than {bound} s, of the baseline {other_hits} \
         of {other_tries}: {:+.2} points (chance {chance:.1e}), at most {:.2} % with 95 %, accepted 5 %",
        (share - other_hits as f64 / other_tries as f64) * 100.0,
        most * 100.0
    );
    let rest = 1.0 - QUANTILE;
    let verdict = if chance <= limits.chance && share > rest {
        Verdict::Fail
    } else if most <= rest {
        Verdict::Pass
    } else {
        Verdict::Inconclusive
    };
    Finding::new("latency", verdict, says)
}

fn empty(what: &str, tries: u64, other: u64) -> Finding {
    Finding::new(
        what,
        Verdict::Error,
        format!(
            "{what}: {tries} requests of the canary, {other} of the baseline: nothing to compare"
        ),
    )
}

/// Cost of a request in windows of the same time: in how many the canary was dearer than is accepted,
/// by the sign test, because costs have no distribution to lean on.
pub(super) fn cost(limits: &Limits, pairs: &[(f64, f64)]) -> Finding {
    let dearer =
        pairs.iter().filter(|(canary, baseline)| *canary > baseline * limits.dearer).count() as u64;
    let tries = pairs.len() as u64;
    if tries == 0 {
        return Finding::new(
            "cost",
            Verdict::Error,
            "cost: no window in which both called a model",
        );
    }
    let mean = |of: &dyn Fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / tries as f64;
    let (own, other) = (mean(&|it| it.0), mean(&|it| it.1));
    let chance = exact::sign(dearer, tries);
    let says = format!(
        "cost ${own:.6} against ${other:.6} a request; in {dearer} of {tries} windows more than {} times as \
         much (chance {chance:.1e})",
        limits.dearer
    );
    let verdict = if chance <= limits.chance {
        Verdict::Fail
    } else if exact::sign(tries - dearer, tries) <= 0.05 {
        Verdict::Pass
    } else {
        Verdict::Inconclusive
    };
    Finding::new("cost", verdict, says)
}

/// Critical alerts of the canary that the baseline does not have.
pub(super) fn alerts(canary: Option<&Vec<String>>, baseline: Option<&Vec<String>>) -> Finding {
    let (Some(canary), Some(baseline)) = (canary, baseline) else {
        return Finding::new(
            "alerts",
            Verdict::Inconclusive,
            "alerts: a deployment does not tell /v1/alerts: give it a key that may, or set limits.alerts = false",
        );
    };
    let own: Vec<&str> =
        canary.iter().filter(|it| !baseline.contains(it)).map(String::as_str).collect();
    if own.is_empty() {
        return Finding::new("alerts", Verdict::Pass, "no critical alert of the canary's own");
    }
    Finding::new(
        "alerts",
        Verdict::Fail,
        format!("critical alerts of the canary: {}", own.join(", ")),
    )
}

#[cfg(test)]
mod tests {
    //! Worse, not worse, not decided, nothing to compare.

    use super::*;

    fn window(requests: u64, errors: u64, slow: u64) -> Window {
        Window {
            requests,
            errors,
            le: vec![0.1, 0.25, 1.0],
            at_most: vec![requests - slow - requests / 50, requests - slow, requests],
            measured: requests,
            cost_usd: None,
        }
    }

    fn verdicts(canary: &Window, baseline: &Window) -> (Verdict, Verdict) {
        let compared = compare(&Limits::default(), canary, baseline);
        (compared.findings[0].verdict, compared.findings[1].verdict)
    }

    #[test]
    fn four_verdicts() {
        let good = window(10_000, 20, 0);
        assert_eq!(verdicts(&window(1_000, 2, 0), &good), (Verdict::Pass, Verdict::Pass));
        assert_eq!(verdicts(&window(1_000, 22, 0), &good).0, Verdict::Fail);
        assert_eq!(verdicts(&window(1_000, 0, 120), &good).1, Verdict::Fail);
        assert_eq!(verdicts(&window(100, 0, 0), &good).0, Verdict::Inconclusive);
        assert_eq!(verdicts(&window(0, 0, 0), &good), (Verdict::Error, Verdict::Error));
        assert_eq!(verdicts(&good, &window(0, 0, 0)), (Verdict::Error, Verdict::Error));
        // Shown, but less than what is accepted: 0.1 points of a million.
        let much = window(1_000_000, 2_000, 0);
        assert_eq!(verdicts(&window(1_000_000, 3_000, 0), &much).0, Verdict::Pass);
    }

    #[test]
    fn cost_and_alerts_are_judged() {
        let limits = Limits { dearer: 1.5, ..Limits::default() };
        assert_eq!(cost(&limits, &[(2.0, 1.0); 20]).verdict, Verdict::Fail);
        assert_eq!(cost(&limits, &[(1.0, 1.0); 20]).verdict, Verdict::Pass);
        assert_eq!(cost(&limits, &[(2.0, 1.0); 3]).verdict, Verdict::Inconclusive);
        assert_eq!(cost(&limits, &[]).verdict, Verdict::Error);
        let names = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        let (one, none) = (names(&["disk"]), names(&[]));
        assert_eq!(alerts(Some(&one), Some(&none)).verdict, Verdict::Fail);
        assert_eq!(alerts(Some(&one), Some(&one)).verdict, Verdict::Pass);
        assert_eq!(alerts(None, Some(&one)).verdict, Verdict::Inconclusive);
    }
}

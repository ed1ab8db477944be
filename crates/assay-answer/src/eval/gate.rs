//! Bounds on figures, for a build that should fail when quality does.

use std::path::Path;

use serde_json::Value;

use crate::AnswerError;

/// Figures of which less is better.
const LESS_IS_BETTER: [&str; 3] = ["ece", "failures", "errors"];
/// Slack for the last digit of a figure that was printed and read again.
const ROUNDING: f64 = 1e-9;

/// A bound on one figure: `ndcg_at_10>=0.6`, `latency_ms.p95<=50`.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    figure: String,
    bound: f64,
    at_least: bool,
}

impl std::str::FromStr for Gate {
    type Err = AnswerError;

    fn from_str(text: &str) -> Result<Self, AnswerError> {
        let parts = [(">=", true), ("<=", false)]
            .into_iter()
            .find_map(|(sign, at_least)| Some((text.split_once(sign)?, at_least)));
        let gate = parts.and_then(|((figure, bound), at_least)| {
            let bound = bound.trim().parse().ok().filter(|bound: &f64| bound.is_finite())?;
            let figure = figure.trim().to_owned();
            (!figure.is_empty()).then_some(Self { figure, bound, at_least })
        });
        gate.ok_or_else(|| AnswerError::Invalid {
            what: format!("`{text}` is not a gate"),
            hint: "write NAME>=NUMBER or NAME<=NUMBER, such as ndcg_at_10>=0.6",
        })
    }
}

/// What became of a gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateOutcome {
    /// Whether it holds.
    pub passed: bool,
    /// The figure and its bound, in words.
    pub words: String,
}

impl Gate {
    /// Holds the gate against `figures`. A figure that is absent or was not measured fails: no data
    /// is not a pass.
    #[must_use]
    pub fn check(&self, figures: &Value) -> GateOutcome {
        let Self { figure, bound, at_least } = self;
        let sign = if *at_least { "at least" } else { "at most" };
        let Some(value) = number(figures, figure) else {
            let words = format!("`{figure}` was not measured, and {sign} {bound} is asked for");
            return GateOutcome { passed: false, words };
        };
        let passed =
            if *at_least { value + ROUNDING >= *bound } else { value - ROUNDING <= *bound };
        let words = format!("`{figure}` is {value:.4}, and {sign} {bound} is asked for");
        GateOutcome { passed, words }
    }
}

/// Holds `figures` against those of an earlier run: no share may be worse by more than `max_drop`,
/// and no fault counted more often. Counts of the data and times are left out.
#[must_use]
pub fn against_baseline(baseline: &Value, figures: &Value, max_drop: f64) -> Vec<GateOutcome> {
    let Value::Object(fields) = baseline else { return Vec::new() };
    let compared = fields.iter().filter_map(|(name, before)| {
        let less = LESS_IS_BETTER.contains(&name.as_str());
        // Shares are written with a point, counts without.
        if !(before.is_f64() || less && before.is_number()) {
            return None;
        }
        let before = before.as_f64()?;
        let bound = if less { before + max_drop } else { before - max_drop };
        let gate = Gate { figure: name.clone(), bound, at_least: !less };
        let outcome = gate.check(figures);
        let words = match number(figures, name) {
            Some(value) => {
                format!("`{name}` is {value:.4} after {before:.4}; it may change by {max_drop}")
            }
            None => format!("`{name}` was not measured, and was {before:.4} before"),
        };
        Some(GateOutcome { passed: outcome.passed, words })
    });
    compared.collect()
}

/// The figures in a file that `eval` wrote: of a run of questions, or the last line of any other
/// kind.
///
/// # Errors
/// When the file cannot be read or holds no figures.
pub fn read_figures(path: &Path) -> Result<Value, AnswerError> {
    let failure =
        |reason: String| AnswerError::EvalData { path: path.display().to_string(), reason };
    let text = std::fs::read_to_string(path).map_err(|error| failure(error.to_string()))?;
    let last = text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("");
    let value: Value = serde_json::from_str(&text)
        .or_else(|_| serde_json::from_str(last))
        .map_err(|error| failure(format!("it holds no figures: {error}")))?;
    let figures = value.get("figures").cloned().unwrap_or(value);
    match figures {
        Value::Object(_) => Ok(figures),
        _ => Err(failure("it holds no figures".to_owned())),
    }
}

/// The number under a name with dots.
fn number(figures: &Value, name: &str) -> Option<f64> {
    name.split('.').try_fold(figures, |value, part| value.get(part))?.as_f64()
}

#[cfg(test)]
mod tests {
    //! Bounds that hold, that do not, and that cannot be told.

    use serde_json::json;

    use super::{Gate, against_baseline};

    #[test]
    fn a_gate_holds_or_not_and_never_for_lack_of_data() {
        let figures = json!({ "ndcg": 0.6, "none": null, "latency_ms": { "p95": 20.5 } });
        for (gate, passes) in [
            ("ndcg>=0.6", true),
            ("ndcg >= 0.61", false),
            ("latency_ms.p95<=20.5", true),
            ("latency_ms.p95<=20", false),
            ("none>=0", false),
            ("absent>=0", false),
        ] {
            let gate: Gate = gate.parse().unwrap();
            assert_eq!(gate.check(&figures).passed, passes, "{gate:?}");
        }
        for text in ["ndcg", "ndcg>0.6", ">=1", "ndcg>=x", "ndcg>=NaN"] {
            assert!(text.parse::<Gate>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_baseline_is_about_shares_and_faults() {
        let before = json!({
            "ndcg": 0.7, "recall": 0.9, "ece": 0.05, "failures": 1, "queries": 300,
            "latency_ms": { "p95": 1.5 }, "mode": "hybrid"
        });
        let after = json!({
            "ndcg": 0.69, "recall": null, "ece": 0.08, "failures": 0, "queries": 10
        });
        let mut failed: Vec<String> = against_baseline(&before, &after, 0.02)
            .into_iter()
            .filter(|outcome| !outcome.passed)
            .map(|outcome| outcome.words)
            .collect();
        failed.sort();
        assert_eq!(failed.len(), 2, "{failed:?}");
        assert!(failed[0].contains("`ece` is 0.0800 after 0.0500"), "{failed:?}");
        assert!(failed[1].contains("`recall` was not measured"), "{failed:?}");
    }
}

//! Findings in SARIF, the form that scanners and linters share.

use serde_json::Value;

use super::severity;

/// The findings of a report: those that count.
#[derive(Debug, Default)]
pub(super) struct Report(Vec<Finding>);

#[derive(Debug)]
struct Finding {
    level: String,
    /// The score, where a scanner gives one.
    score: Option<String>,
}

impl Report {
    pub(super) fn all(&self) -> u64 {
        self.0.len() as u64
    }

    /// Warnings and errors.
    pub(super) fn warnings(&self) -> u64 {
        self.0.iter().filter(|it| matches!(it.level.as_str(), "warning" | "error")).count() as u64
    }

    /// Those that are high by their score; without one, errors.
    pub(super) fn high(&self) -> u64 {
        let is_high = |finding: &&Finding| match &finding.score {
            Some(score) => severity::is_high(score),
            None => finding.level == "error",
        };
        self.0.iter().filter(is_high).count() as u64
    }
}

/// Reads a report; nothing when the text is no SARIF.
pub(super) fn parse(text: &str) -> Result<Option<Report>, String> {
    let Ok(document) = serde_json::from_str::<Value>(text) else { return Ok(None) };
    let is_sarif = document.get("version").and_then(Value::as_str).is_some_and(|it| it == "2.1.0");
    let Some(runs) = document.get("runs").and_then(Value::as_array).filter(|_| is_sarif) else {
        return Ok(None);
    };
    if runs.is_empty() {
        return Err("it has no run: no tool has looked at anything".to_owned());
    }
    let mut report = Report::default();
    for run in runs {
        let driver = run.pointer("/tool/driver").ok_or("a run does not name its tool")?;
        let invocations = run.get("invocations").and_then(Value::as_array).into_iter().flatten();
        let is_whole = |it: &Value| it.get("executionSuccessful") != Some(&Value::Bool(false));
        if !invocations.into_iter().all(is_whole) {
            return Err("a tool says of itself that it did not come to its end".to_owned());
        }
        let results = run.get("results").and_then(Value::as_array);
        let results = results.ok_or("a run has no results: the tool was only described")?;
        report.0.extend(results.iter().filter(|it| counts(it)).map(|it| finding(it, driver)));
    }
    Ok(Some(report))
}

/// Whether a result is a finding that stands: not one that passed, was suppressed or is gone.
fn counts(result: &Value) -> bool {
    let text = |name: &str| result.get(name).and_then(Value::as_str);
    let suppressed = result.get("suppressions").and_then(Value::as_array);
    text("kind").is_none_or(|kind| matches!(kind, "fail" | "review" | "open"))
        && text("baselineState") != Some("absent")
        && suppressed.is_none_or(Vec::is_empty)
}

fn finding(result: &Value, driver: &Value) -> Finding {
    let rules = driver.get("rules").and_then(Value::as_array);
    let by_index = || {
        let index = result.get("ruleIndex")?.as_u64()?;
        rules?.get(usize::try_from(index).ok()?)
    };
    let by_id = || {
        let id = result.get("ruleId")?;
        rules?.iter().find(|rule| rule.get("id") == Some(id))
    };
    let rule = by_index().or_else(by_id);
    let level = result.get("level").or_else(|| rule?.pointer("/defaultConfiguration/level"));
    let score = |of: &Value| {
        let score = of.pointer("/properties/security-severity")?;
        Some(score.as_str().map_or_else(|| score.to_string(), str::to_owned))
    };
    Finding {
        level: level.and_then(Value::as_str).unwrap_or("warning").to_owned(),
        score: score(result).or_else(|| score(rule?)),
    }
}

//! SARIF 2.1.0 for code scanning. Every result has a place, because an upload with one that has none
//! is refused whole: it is the line of the checklist that defines the check.

use serde_json::{Value, json};

use crate::{Outcome, catalogue::place, check::Severity, run::Run, verdict::Verdict};

/// The checks of a run that failed, as SARIF.
#[must_use]
pub fn sarif(run: &Run) -> String {
    let failed = || run.outcomes.iter().filter(|it| it.verdict == Verdict::Fail);
    let rules: Vec<Value> = failed().map(rule).collect();
    let results: Vec<Value> = failed().map(result).collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "assay ready", "version": run.version, "rules": rules,
            } },
            "automationDetails": { "id": format!("readiness/{}/{}", run.profile, run.id) },
            "results": results,
        }],
    });
    format!("{document:#}\n")
}

fn rule(outcome: &Outcome) -> Value {
    json!({
        "id": outcome.id,
        "shortDescription": { "text": outcome.title },
        "help": { "text": outcome.remedy },
        "properties": { "tags": [outcome.section, outcome.severity.as_str()] },
    })
}

fn result(outcome: &Outcome) -> Value {
    let (file, line) = place(&outcome.id);
    json!({
        "ruleId": outcome.id,
        "level": match outcome.severity {
            Severity::Blocker => "error",
            Severity::Major => "warning",
            Severity::Minor => "note",
        },
        "message": { "text": format!("{}: {}", outcome.title, outcome.says) },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": format!("crates/assay-ready/checks/{file}") },
            "region": { "startLine": line },
        } }],
        "partialFingerprints": { "check": outcome.id },
    })
}

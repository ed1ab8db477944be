//! Findings in the own forms of some tools: advisories, images, secrets, descriptions of an API.

use serde_json::Value;

use super::{Values, severity};

/// Names of files that an image scanner calls bad enough.
const HIGH: [&str; 2] = ["HIGH", "CRITICAL"];

/// Advisories that are high or worse, by `cargo audit`, `npm audit` or Trivy.
pub(super) fn advisories(text: &str) -> Result<Option<(&'static str, Values)>, String> {
    let Ok(document) = serde_json::from_str::<Value>(text) else { return Ok(None) };
    if let Some(list) = document.pointer("/vulnerabilities/list").and_then(Value::as_array) {
        return cargo_audit(&document, list).map(|read| Some(("cargo audit", read)));
    }
    if let Some(counts) = document.pointer("/metadata/vulnerabilities") {
        return npm_audit(&document, counts).map(|read| Some(("npm audit", read)));
    }
    Ok(trivy_of(&document)?.map(|count| ("Trivy", Values::Count(count))))
}

fn cargo_audit(document: &Value, list: &[Value]) -> Result<Values, String> {
    let known = document.pointer("/database/advisory-count").and_then(Value::as_u64);
    if known.is_none_or(|known| known == 0) {
        return Err("`cargo audit` had no database of advisories".to_owned());
    }
    let packages = document.pointer("/lockfile/dependency-count").and_then(Value::as_u64);
    if packages.is_none_or(|packages| packages == 0) {
        return Err("`cargo audit` looked at no package".to_owned());
    }
    let is_harmless = |found: &&Value| {
        let vector = found.pointer("/advisory/cvss").and_then(Value::as_str);
        vector.is_some_and(severity::is_below_high)
    };
    let high = list.iter().filter(|found| !is_harmless(found)).count() as u64;
    let day = document.pointer("/database/last-updated").and_then(Value::as_str);
    Ok(day.map_or(Values::Count(high), |day| Values::Dated(high, day.to_owned())))
}

fn npm_audit(document: &Value, counts: &Value) -> Result<Values, String> {
    let packages = document.pointer("/metadata/dependencies/total").and_then(Value::as_u64);
    if packages.is_none_or(|packages| packages == 0) {
        return Err("`npm audit` looked at no package".to_owned());
    }
    let of = |name: &str| {
        let count = counts.get(name).and_then(Value::as_u64);
        count.ok_or_else(|| format!("`npm audit` does not count `{name}`"))
    };
    Ok(Values::Count(of("high")?.saturating_add(of("critical")?)))
}

/// Vulnerabilities that are high or worse, by Trivy; nothing when it is not of Trivy.
pub(super) fn trivy(text: &str) -> Result<Option<u64>, String> {
    serde_json::from_str::<Value>(text).map_or(Ok(None), |document| trivy_of(&document))
}

fn trivy_of(document: &Value) -> Result<Option<u64>, String> {
    if document.get("SchemaVersion").is_none() || document.get("ArtifactName").is_none() {
        return Ok(None);
    }
    let results = document.get("Results").and_then(Value::as_array);
    let Some(results) = results.filter(|results| !results.is_empty()) else {
        return Err("Trivy names nothing that it looked at".to_owned());
    };
    let found = results.iter().filter_map(|it| it.get("Vulnerabilities")?.as_array()).flatten();
    let is_high = |it: &&Value| {
        // One of unknown severity is not known to be harmless.
        it.get("Severity")
            .and_then(Value::as_str)
            .is_none_or(|severity| HIGH.contains(&severity) || severity == "UNKNOWN")
    };
    Ok(Some(found.filter(is_high).count() as u64))
}

/// Secrets by gitleaks (a list), or by the guard (a document for each text that was looked at).
pub(super) fn secrets(text: &str) -> Result<Option<(&'static str, Values)>, String> {
    if let Ok(list) = serde_json::from_str::<Vec<Value>>(text) {
        let is_of_gitleaks = list.iter().all(|it| it.get("RuleID").is_some());
        let count = Values::Count(list.len() as u64);
        return Ok(is_of_gitleaks.then_some(("gitleaks", count)));
    }
    let mut count = 0_u64;
    for document in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        let Ok(document) = document else { return Ok(None) };
        let findings = document.get("findings").and_then(Value::as_array);
        let (Some(findings), Some(_)) = (findings, document.get("blocked")) else {
            return Ok(None);
        };
        count = count.saturating_add(findings.len() as u64);
    }
    Ok(Some(("assay guard", Values::Count(count))))
}

/// Operations that are deprecated without a day on which they end (`x-sunset`, or a date in the
/// description); nothing when it is no description of an API.
pub(super) fn openapi(text: &str) -> Result<Option<u64>, String> {
    let Ok(document) = serde_json::from_str::<Value>(text) else { return Ok(None) };
    let paths = document.get("paths").and_then(Value::as_object);
    let (Some(paths), Some(_)) = (paths, document.get("openapi")) else { return Ok(None) };
    let operations: Vec<&Value> =
        paths.values().filter_map(Value::as_object).flat_map(|path| path.values()).collect();
    if operations.is_empty() {
        return Err("it describes no operation".to_owned());
    }
    let is_deprecated = |it: &&&Value| it.get("deprecated") == Some(&Value::Bool(true));
    let has_day = |it: &Value| {
        let text = |name: &str| it.get(name).and_then(Value::as_str).is_some_and(has_date);
        text("x-sunset") || text("description")
    };
    let open = operations.iter().filter(is_deprecated).filter(|it| !has_day(it)).count();
    Ok(Some(open as u64))
}

/// Whether a text holds a day such as 2027-01-31.
fn has_date(text: &str) -> bool {
    text.as_bytes().windows(10).any(|part| {
        std::str::from_utf8(part).is_ok_and(|part| part.parse::<jiff::civil::Date>().is_ok())
    })
}

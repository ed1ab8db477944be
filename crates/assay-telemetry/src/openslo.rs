//! Objectives as OpenSLO has them.
//!
//! Source: <https://github.com/OpenSLO/OpenSLO>, version 1 of the specification, objects of kind `SLO`
//! with a ratio of counters.

use serde_json::{Value, json};

use crate::{ObjectiveSettings, TelemetryError, TelemetrySettings, objective, token_duration};

const DAY_MS: i64 = 86_400_000;

/// The objectives that hold, each a document of YAML, which JSON is.
///
/// # Errors
/// When one cannot be kept.
pub fn export_openslo(settings: &TelemetrySettings) -> Result<String, TelemetryError> {
    let query = |query: &str| json!({ "metricSource": { "type": "Prometheus", "spec": { "query": query } } });
    let documents = objective::written(settings)?.into_iter().map(|(name, it)| {
        // Names are those of DNS there.
        let name = name.replace('_', "-");
        let document = json!({
            "apiVersion": "openslo/v1",
            "kind": "SLO",
            "metadata": { "name": name },
            "spec": {
                "description": it.summary,
                "service": "assay",
                "indicator": {
                    "metadata": { "name": name },
                    "spec": { "ratioMetric": {
                        "counter": true, "bad": query(&it.bad), "total": query(&it.all),
                    } },
                },
                "timeWindow": [{ "duration": format!("{}d", it.days), "isRolling": true }],
                "budgetingMethod": "Occurrences",
                "objectives": [{ "displayName": name, "target": it.target }],
            },
        });
        format!("---\n{document:#}\n")
    });
    Ok(documents.collect())
}

/// An objective from a document of OpenSLO; its name and what is promised.
///
/// # Errors
/// When the document is of another kind, promises in another way than by a ratio of counters over
/// days, or asks for a metric that there is not.
pub fn import_openslo(document: &Value) -> Result<(String, ObjectiveSettings), TelemetryError> {
    let text = |pointer: &str| document.pointer(pointer).and_then(Value::as_str);
    let name = text("/metadata/name").unwrap_or_default().replace(['-', '.'], "_");
    let wrong = |what: &str| TelemetryError::Rule { name: name.clone(), what: what.to_owned() };
    let version = text("/apiVersion").unwrap_or_default();
    if !version.starts_with("openslo/v1") || text("/kind") != Some("SLO") || name.is_empty() {
        return Err(wrong("it is no object of kind `SLO` of `openslo/v1` with a name"));
    }
    let query = |part: &str| {
        let metric = format!("/spec/indicator/spec/ratioMetric/{part}/metricSource/spec/query");
        text(&metric).map(str::trim)
    };
    let all = query("total").ok_or_else(|| wrong("its `ratioMetric` has no query for `total`"))?;
    let bad = match (query("bad"), query("good")) {
        (Some(bad), _) => bad.to_owned(),
        (None, Some(good)) => format!("({all}) - ({good})"),
        (None, None) => return Err(wrong("its `ratioMetric` has neither `bad` nor `good`")),
    };
    let number = |pointer: &str| match document.pointer(pointer)? {
        Value::String(text) => text.parse::<f64>().ok(),
        value => value.as_f64(),
    };
    let target = number("/spec/objectives/0/target")
        .or_else(|| Some(number("/spec/objectives/0/targetPercent")? / 100.0))
        .ok_or_else(|| wrong("its first objective has no `target`"))?;
    let days = text("/spec/timeWindow/0/duration").and_then(token_duration).map(|ms| ms / DAY_MS);
    let days = days.and_then(|days| u32::try_from(days).ok()).filter(|days| *days > 0);
    let days = days.ok_or_else(|| wrong("its `timeWindow` is no number of days such as `30d`"))?;
    let summary = text("/spec/description").unwrap_or_default().trim().to_owned();
    let settings = ObjectiveSettings { target, days, bad, all: all.to_owned(), summary };
    let mut alone = TelemetrySettings::default();
    alone.objectives.insert(name.clone(), settings.clone());
    crate::Objectives::new(&alone)?;
    Ok((name, settings))
}

#[cfg(test)]
mod tests {
    //! What is written out is read back, and what cannot be kept is refused.

    use serde_json::{Value, json};

    use super::{export_openslo, import_openslo};
    use crate::TelemetrySettings;

    #[test]
    fn what_ships_is_written_out_and_read_back() {
        let text = export_openslo(&TelemetrySettings::default()).unwrap();
        let documents: Vec<Value> = text
            .split("---\n")
            .filter(|document| !document.is_empty())
            .map(|document| serde_json::from_str(document).unwrap())
            .collect();
        assert_eq!(documents.len(), 3);
        for document in &documents {
            let (name, read) = import_openslo(document).unwrap();
            let written = crate::objective::written(&TelemetrySettings::default()).unwrap();
            assert_eq!(format!("{:?}", written[&name]), format!("{read:?}"));
        }
    }

    #[test]
    fn good_events_will_do_and_what_cannot_be_kept_is_refused() {
        let text = export_openslo(&TelemetrySettings::default()).unwrap();
        let mut document: Value =
            serde_json::from_str(text.split("---\n").nth(2).unwrap()).unwrap();
        let ratio = document.pointer_mut("/spec/indicator/spec/ratioMetric").unwrap();
        let bad = ratio.as_object_mut().unwrap().remove("bad").unwrap();
        ratio["good"] = bad;
        let (_, read) = import_openslo(&document).unwrap();
        assert!(read.bad.starts_with("(sum(") && read.bad.contains(") - (sum("), "{}", read.bad);
        for (pointer, value) in [
            ("/kind", json!("Service")),
            ("/spec/objectives/0/target", json!(1.5)),
            ("/spec/timeWindow/0/duration", json!("a month")),
            (
                "/spec/indicator/spec/ratioMetric/total/metricSource/spec/query",
                json!("sum(nobody_total)"),
            ),
        ] {
            let mut wrong = document.clone();
            *wrong.pointer_mut(pointer).unwrap() = value;
            assert!(import_openslo(&wrong).is_err(), "{pointer}");
        }
    }
}

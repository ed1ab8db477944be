//! Everything as JSON; its schema is `docs/reference/readiness.schema.json`.

use serde_json::{Value, json};

use super::headline;
use crate::{run::Run, verdict::Verdict};

/// The run with what follows from it.
#[must_use]
pub fn document(run: &Run) -> Value {
    let mut document = serde_json::to_value(run).unwrap_or_default();
    let counts: serde_json::Map<String, Value> = Verdict::ALL
        .into_iter()
        .map(|verdict| (verdict.to_string(), json!(run.count(verdict))))
        .collect();
    let blockers: Vec<&str> = run.blockers().map(|it| it.id.as_str()).collect();
    if let Some(fields) = document.as_object_mut() {
        fields.insert("ready".to_owned(), json!(run.is_ready()));
        fields.insert("headline".to_owned(), json!(headline(run)));
        fields.insert("counts".to_owned(), json!(counts));
        fields.insert("blockers".to_owned(), json!(blockers));
    }
    document
}

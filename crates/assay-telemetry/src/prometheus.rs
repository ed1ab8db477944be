//! The same rules for a Prometheus.

use std::fmt::Write as _;

use crate::AlertRule;

/// The rules as a rule file of Prometheus, in YAML. `runbooks` is what stands before the name of a
/// runbook's page in its address.
#[must_use]
pub fn prometheus_rules(rules: &[AlertRule], runbooks: &str) -> String {
    let mut text = "groups:\n".to_owned();
    let mut group = "";
    for rule in rules {
        if rule.group != group {
            group = &rule.group;
            let _ = write!(text, "  - name: assay-{group}\n    rules:\n");
        }
        let AlertRule { name, expression, severity, owner, slo, summary, runbook, .. } = rule;
        let fields = [("owner", owner.as_str()), ("slo", slo)];
        let labels = fields.iter().filter(|(_, value)| !value.is_empty());
        let labels: String = labels
            .map(|(label, value)| format!("          {label}: {}\n", quoted(value)))
            .collect();
        let page =
            if runbook.contains("://") { runbook.clone() } else { format!("{runbooks}{runbook}") };
        let _ = write!(
            text,
            "      - alert: {name}\n        expr: {}\n        for: {}ms\n        labels:\n          \
             severity: {}\n{labels}        annotations:\n          summary: {}\n          \
             runbook_url: {}\n",
            quoted(expression.as_str()),
            rule.for_ms,
            severity.as_str(),
            quoted(summary),
            quoted(&page),
        );
    }
    text
}

/// A scalar in double quotes: JSON's strings are YAML's.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

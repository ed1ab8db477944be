//! The same rules for a Prometheus.

use std::fmt::Write as _;

use crate::AlertRule;

/// A rule that only somebody else can evaluate: a server that is down tells nobody.
#[derive(Debug, Clone, Copy)]
pub struct OutsideRule {
    /// Its name.
    pub name: &'static str,
    /// Seconds for which it must hold.
    pub for_seconds: u32,
    expression: &'static str,
    severity: &'static str,
    summary: &'static str,
}

/// What a Prometheus tells beyond the rules of the server: that it is down, by its own reading and by the
/// word of a prober, and that alerts still arrive.
pub const OUTSIDE_RULES: [OutsideRule; 3] = [
    OutsideRule {
        name: "AssayDown",
        expression: r#"up{job=~".*assay.*"} == 0 or absent(up{job=~".*assay.*"})"#,
        for_seconds: 30,
        severity: "critical",
        summary: "A server of Assay does not answer, or none is asked.",
    },
    OutsideRule {
        name: "AssayUnreachable",
        expression: r#"probe_success{job=~".*assay.*"} == 0"#,
        for_seconds: 60,
        severity: "critical",
        summary: "A prober outside does not reach Assay.",
    },
    OutsideRule {
        name: "Watchdog",
        expression: "vector(1)",
        for_seconds: 0,
        severity: "none",
        summary: "Always fires: when it does not arrive any more, no alert does.",
    },
];

/// The page of the runbooks about [`OUTSIDE_RULES`].
const OUTSIDE_RUNBOOK: &str = "server-down";

/// The rules as a rule file of Prometheus, in YAML. `runbooks` is what stands before the name of a
/// runbook's page in its address.
#[must_use]
pub fn prometheus_rules(rules: &[AlertRule], runbooks: &str) -> String {
    let mut text = "groups:\n".to_owned();
    let mut group = "";
    for rule in rules {
        if rule.group != group {
            group = &rule.group;
            begin(&mut text, group);
        }
        let AlertRule { name, expression, severity, owner, slo, summary, runbook, .. } = rule;
        let page =
            if runbook.contains("://") { runbook.clone() } else { format!("{runbooks}{runbook}") };
        let labels = [("owner", owner.as_str()), ("slo", slo)];
        let held = (expression.as_str(), rule.for_ms);
        add(&mut text, name, held, severity.as_str(), &labels, [summary, &page]);
    }
    text
}

/// What [`prometheus_rules`] writes, and the rules that only a Prometheus can tell of: it has jobs whose
/// names hold `assay`, one that reads `/metrics`, and, where there is a prober, one that has it ask.
#[must_use]
pub fn prometheus_rules_and_outside(rules: &[AlertRule], runbooks: &str) -> String {
    let mut text = prometheus_rules(rules, runbooks);
    begin(&mut text, "outside");
    let page = format!("{runbooks}{OUTSIDE_RUNBOOK}");
    for rule in OUTSIDE_RULES {
        let held = (rule.expression, i64::from(rule.for_seconds) * 1_000);
        let labels = [("owner", "platform")];
        add(&mut text, rule.name, held, rule.severity, &labels, [rule.summary, &page]);
    }
    text
}

fn begin(text: &mut String, group: &str) {
    let _ = write!(text, "  - name: assay-{group}\n    rules:\n");
}

/// Adds a rule; labels without a value are left out.
fn add(
    text: &mut String,
    name: &str,
    (expression, for_ms): (&str, i64),
    severity: &str,
    labels: &[(&str, &str)],
    [summary, page]: [&str; 2],
) {
    let labels = labels.iter().filter(|(_, value)| !value.is_empty());
    let labels: String =
        labels.map(|(label, value)| format!("          {label}: {}\n", quoted(value))).collect();
    let _ = write!(
        text,
        "      - alert: {name}\n        expr: {}\n        for: {for_ms}ms\n        labels:\n          \
         severity: {severity}\n{labels}        annotations:\n          summary: {}\n          \
         runbook_url: {}\n",
        quoted(expression),
        quoted(summary),
        quoted(page),
    );
}

/// A scalar in double quotes: JSON's strings are YAML's.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

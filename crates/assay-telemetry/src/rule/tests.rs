//! The rules that ship are whole, and settings change them or are refused.

use std::collections::BTreeSet;

use super::{rules, shipped_rules};
use crate::TelemetrySettings;

fn settings(text: &str) -> TelemetrySettings {
    toml::from_str(text).unwrap()
}

#[test]
fn every_shipped_rule_has_an_owner_a_summary_and_a_runbook_with_a_page() {
    let runbooks = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/runbooks");
    let shipped = shipped_rules().unwrap();
    assert!(shipped.len() >= 35, "{} rules", shipped.len());
    for rule in &shipped {
        assert!(!rule.owner.is_empty() && rule.summary.ends_with('.'), "{}", rule.name);
        let page = format!("{runbooks}/{}.md", rule.runbook);
        let page = std::fs::read_to_string(&page).unwrap_or_else(|_| panic!("{page} is missing"));
        for part in ["**See.**", "**Decide.**", "**Fix.**"] {
            assert!(page.contains(part), "{} lacks {part}", rule.runbook);
        }
    }
    let names: BTreeSet<_> = shipped.iter().map(|rule| &rule.name).collect();
    assert_eq!(names.len(), shipped.len());
}

#[test]
fn settings_turn_rules_off_and_change_them() {
    let changed = settings(
        "[alerts.DeadLetters]\nenabled = false\n[alerts.QueueBacklog]\nfor_seconds = 5\nowner = \"me\"\n\
         expression = 'sum(assay_tasks) > 3'",
    );
    let rules = rules(&changed).unwrap();
    assert!(rules.iter().all(|rule| rule.name != "DeadLetters"));
    let backlog = rules.iter().find(|rule| rule.name == "QueueBacklog").unwrap();
    assert_eq!((backlog.for_ms, backlog.owner.as_str()), (5000, "me"));
    assert_eq!(backlog.expression.as_str(), "sum(assay_tasks) > 3");
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    for (text, what) in [
        ("[alerts.NoSuchRule]\nenabled = false", "no rule of this name"),
        ("[[rules]]\nname = \"CpuHigh\"\nexpression = 'assay_passages'", "two rules"),
        ("[[rules]]\nname = \"a b\"\nexpression = 'assay_passages'", "letters and digits"),
        ("[[rules]]\nname = \"X\"\nexpression = 'rate(assay_passages)'", "window"),
    ] {
        let error = rules(&settings(text)).unwrap_err().to_string();
        assert!(error.contains(what), "{error}");
    }
}

#[test]
fn a_scaled_rule_asks_the_same_of_a_shorter_past() {
    let rules = shipped_rules().unwrap();
    for rule in &rules {
        let scaled = rule.scaled(60.0).unwrap();
        assert_eq!(scaled.expression.metrics(), rule.expression.metrics());
        assert_eq!(rule.scaled(1.0).unwrap().for_ms, rule.for_ms);
    }
    let rule = rules.iter().find(|rule| rule.name == "ThroughputDropped").unwrap();
    let scaled = rule.scaled(60.0).unwrap();
    assert_eq!(scaled.for_ms, 5_000);
    assert_eq!(
        scaled.expression.as_str(),
        "sum(rate(assay_tasks_ended_total[5000ms])) < 0.5 * sum(rate(assay_tasks_ended_total\
         [30000ms])) and on () sum(assay_tasks{state=\"ready\"}) > 0"
    );
}

//! The guard as its callers see it.

use crate::{Guard, GuardSettings, Scope, built_in_rules};

fn guard() -> Guard {
    Guard::new(GuardSettings::default()).unwrap()
}

#[test]
fn every_rule_finds_its_examples() {
    let guard = guard();
    for rule in built_in_rules() {
        for example in rule.examples {
            let found = guard.scan(example, Scope::Everything);
            let rules: Vec<_> = found.iter().map(|finding| finding.rule.as_str()).collect();
            assert!(rules.contains(&rule.id.as_ref()), "{} not in {example:?}: {rules:?}", rule.id);
        }
    }
}

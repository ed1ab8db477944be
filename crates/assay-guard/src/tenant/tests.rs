//! What a tenant sets goes before what holds for all, and nothing of it goes lost.

use crate::{Action, Guard, GuardSettings, Kind, Place, Pseudonyms, Scope};

fn settings(text: &str) -> GuardSettings {
    toml::from_str(text).unwrap()
}

const BOTH: &str = r#"
    allow = ["support@example.org"]
    [actions]
    pii = "flag"
    "pii.card" = "block"
    [places.question.actions]
    "pii.email" = "redact"
    [tenants.acme]
    allow = ["press@example.org"]
    [tenants.acme.actions]
    pii = "redact"
    [tenants.acme.places.question]
    bytes_max = 100
    [[tenants.acme.rules]]
    id = "case"
    pattern = 'CASE-\d+'
"#;

fn acme() -> Guard {
    let all = settings(BOTH);
    let own = all.with(&all.tenants["acme"]);
    Guard::new(all).unwrap().like(own).unwrap()
}

#[test]
fn a_family_of_the_tenant_outranks_a_kind_of_all() {
    let guard = acme();
    assert_eq!(guard.action(Kind::Phone), Action::Redact);
    assert_eq!(guard.action(Kind::Card), Action::Redact, "the tenant spoke of the family");
    assert_eq!(guard.at(Place::Question).action(Kind::Email), Action::Redact);
}

#[test]
fn lists_and_rules_are_added_to_those_of_all() {
    let text = "CASE-17: write to support@example.org, press@example.org or ada@example.org";
    let passed = acme().redact(text, Scope::Outgoing, &mut Pseudonyms::new());
    let found: Vec<_> = passed.findings.iter().map(|finding| finding.rule).collect();
    assert_eq!(found, ["case", "email"], "{}", passed.text);
    let all = Guard::new(settings(BOTH)).unwrap();
    assert_eq!(all.scan(text, Scope::Outgoing).len(), 2, "both addresses that only Acme allows");
}

#[test]
fn what_is_said_of_a_place_is_said_field_by_field() {
    let guard = acme().at(Place::Question);
    let passed = guard.redact(&"a".repeat(101), Scope::Outgoing, &mut Pseudonyms::new());
    assert!(passed.failed && !passed.blocked);
}

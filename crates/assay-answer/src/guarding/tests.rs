//! Stand-ins come back however an answer is cut; marks and canaries cannot be guessed.

use std::sync::{Arc, LazyLock};

use assay_core::{RequestId, SystemClock, TenantScope};
use assay_gateway::inspect::{Inspector, Source, Verdict};
use assay_guard::{Place, Pseudonyms, Scope};
use assay_identity::{Actor, AuthSettings, Identities};
use proptest::prelude::*;

use super::{Gate, Guards, Restorer, TenantGuards};

static STANDING_IN: LazyLock<Arc<Guards>> =
    LazyLock::new(|| guards(serde_json::json!({"actions": {"pii.email": "pseudonymise"}})));

fn of_tenants(settings: serde_json::Value) -> TenantGuards {
    TenantGuards::new(serde_json::from_value(settings).unwrap()).unwrap()
}

fn guards(settings: serde_json::Value) -> Arc<Guards> {
    of_tenants(settings).of(&TenantScope::built_in())
}

proptest! {
    #[test]
    fn stand_ins_are_put_back_in_any_cut(
        parts in prop::collection::vec(prop::sample::select(&["[EMAIL_1]", "[EMAIL_2]", "[", "]", "[EMAIL_", "a", "é", " [PHONE]"][..]), 0..12),
        size in 1usize..12,
    ) {
        let mut names = Pseudonyms::new();
        let _ = STANDING_IN.usual().redact("from a@example.org to b@example.org", Scope::Outgoing, &mut names);
        let text = parts.concat();
        let mut restorer = Restorer::default();
        let (mut out, mut at) = (String::new(), 0);
        while at < text.len() {
            let end = text.ceil_char_boundary((at + size).min(text.len()));
            out.push_str(&restorer.push(&names, &text[at..end]));
            at = end;
        }
        out.push_str(&restorer.finish());
        prop_assert_eq!(out, names.restore(&text));
    }
}

#[test]
fn marks_and_canaries_are_those_of_one_process() {
    let (one, other) = (guards(serde_json::json!({})), guards(serde_json::json!({})));
    assert_ne!(one.canary(), other.canary());
    assert_ne!(one.mark("a"), other.mark("a"));
    assert_eq!(one.mark("a"), one.mark("a"));
    let text = format!("my rules say {}", one.canary());
    let (passed, notes) = one.answer("", &text);
    assert_eq!(passed, "my rules say [CANARY]");
    assert_eq!(notes[0].kind.as_str(), "secret.canary");
    assert_eq!(one.shared.totals(), [("sensitive_leak", "critical", 1)]);
}

#[test]
fn a_text_too_long_to_be_looked_at_passes_or_not_as_the_place_says() {
    let places = serde_json::json!({"places": {
        "request": {"bytes_max": 10, "on_failure": "closed"}, "question": {"bytes_max": 10},
    }});
    let guards = guards(places);
    let pass = |place| {
        guards.pass(place, "longer than ten bytes", Scope::Everything, &mut Pseudonyms::new()).0
    };
    let (closed, open) = (pass(Place::Request), pass(Place::Question));
    assert_eq!((closed.blocked, closed.failed, closed.text.as_str()), (true, true, ""));
    assert_eq!(
        (open.blocked, open.failed, open.text.as_str()),
        (false, true, "longer than ten bytes")
    );
    assert_eq!(guards.shared.totals(), [("guard_failed", "high", 2)]);
}

#[test]
fn what_a_call_was_refused_for_is_in_the_audit_log_and_what_was_flagged_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(SystemClock);
    let identities =
        Arc::new(Identities::open(folder.path(), AuthSettings::default(), clock).unwrap());
    let blocking = serde_json::json!({"places": {"request": {"actions": {"secret": "block"}}}});
    let scope = TenantScope::built_in();
    let gate = Gate {
        guards: Arc::new(of_tenants(blocking)),
        identities: Arc::clone(&identities),
        actor: Actor::unknown(None, RequestId::new()),
    };
    let call = gate.begin(&scope, RequestId::new()).unwrap();
    let asked = |text| call.asked(Source::User, "", text);
    assert_eq!(asked("write to julian.galvez@rhyta.com"), Verdict::Pass);
    let key = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
    assert!(matches!(asked(&format!("the key is {key}")), Verdict::Refuse(_)));
    drop(call);
    let entries = identities.audit_entries(&scope, 0, 100).unwrap();
    let acts: Vec<_> = entries.iter().filter(|entry| entry.action.starts_with("guard.")).collect();
    let told = acts.iter().map(|it| (&*it.action, &*it.object, &*it.outcome, &*it.detail));
    let told: Vec<_> = told.collect();
    assert_eq!(told, [("guard.blocked", "place:request", "denied", "secret.token=1;block")]);
    assert_eq!(acts[0].actor, "unknown");
}

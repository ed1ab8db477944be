//! Any single edit, deletion, reorder or cut of an export is found.

use std::sync::Arc;

use assay_core::FakeClock;
use proptest::prelude::*;

use super::*;
use crate::{AuthSettings, contract};

const ALL: u32 = 10_000;

fn open(folder: &std::path::Path) -> Identities {
    let clock = Arc::new(FakeClock::at_ms(1_760_000_000_000));
    contract::open(folder, AuthSettings::default(), clock)
}

/// An export of `entries` entries, with a checkpoint in its middle, and the key.
fn exported(entries: usize) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    let identities = open(folder.path());
    for number in 0..entries {
        let event = Event::done("document.add", format!("document:{number}")).detail("1 kB");
        identities.record(Actor::operator(), event).unwrap();
        if number == entries / 2 {
            identities.checkpoint_all().unwrap();
        }
    }
    let (text, last) = identities.export_audit(&TenantScope::built_in(), 0, ALL).unwrap();
    assert_eq!(last, entries as u64);
    (text, identities.audit_public_key())
}

#[test]
fn a_sound_export_is_sound() {
    let (text, key) = exported(200);
    let verified = verify(&text, Some(&key), None).unwrap();
    assert_eq!(verified.entries, 200);
    assert!(text.lines().filter(|line| line.contains("\"checkpoint\"")).count() > 3);
    verify(&text, Some(&key), Some(&verified.newest)).unwrap();
}

#[test]
fn every_deleted_doubled_or_exchanged_line_is_found() {
    let (text, key) = exported(12);
    let lines: Vec<&str> = text.lines().collect();
    let check = |lines: &[&str]| verify(&lines.join("\n"), Some(&key), None);
    check(&lines).unwrap();
    for at in 0..lines.len() {
        let mut without = lines.clone();
        without.remove(at);
        // The checkpoint in the middle may go: the one at the end covers the same entries.
        let is_inner = lines[at].starts_with("{\"checkpoint\"") && at > 0 && at + 1 < lines.len();
        assert_eq!(check(&without).is_ok(), is_inner, "line {at} deleted");
        assert!(at == 0 || check(&lines[..at]).is_err(), "cut before line {at}");
        for other in at + 1..lines.len() {
            let mut exchanged = lines.clone();
            exchanged.swap(at, other);
            let same = lines[at] == lines[other];
            assert_eq!(check(&exchanged).is_ok(), same, "lines {at} and {other} exchanged");
        }
        let mut doubled = lines.clone();
        doubled.insert(at, lines[at]);
        let harmless = lines[at].starts_with("{\"checkpoint\"") && at > 0;
        assert_eq!(check(&doubled).is_ok(), harmless, "line {at} doubled");
    }
}

#[test]
fn an_older_export_does_not_pass_for_the_newest() {
    let folder = tempfile::tempdir().unwrap();
    let identities = open(folder.path());
    let scope = TenantScope::built_in();
    identities.record(Actor::operator(), Event::done("a", "")).unwrap();
    let (old, _) = identities.export_audit(&scope, 0, ALL).unwrap();
    identities.record(Actor::operator(), Event::done("b", "")).unwrap();
    let (new, _) = identities.export_audit(&scope, 0, ALL).unwrap();
    let given_away = verify(&new, None, None).unwrap().newest;
    verify(&old, None, None).unwrap();
    assert!(verify(&old, None, Some(&given_away)).is_err());
    // Somebody with another key cannot write the log anew.
    let other = tempfile::tempdir().unwrap();
    let other = open(other.path());
    other.record(Actor::operator(), Event::done("a", "")).unwrap();
    let (forged, _) = other.export_audit(&scope, 0, ALL).unwrap();
    verify(&forged, None, None).unwrap();
    assert!(verify(&forged, Some(&identities.audit_public_key()), None).is_err());
}

#[test]
fn the_database_refuses_to_change_or_delete_entries() {
    let folder = tempfile::tempdir().unwrap();
    let identities = open(folder.path());
    identities.record(Actor::operator(), Event::done("a", "")).unwrap();
    for sql in ["DELETE FROM audit", "UPDATE audit SET line = ''", "DELETE FROM checkpoint"] {
        identities.checkpoint_all().unwrap();
        let done = identities.write_quietly(move |tx| Ok(tx.execute(sql, [])?));
        assert!(done.is_err(), "{sql}");
    }
}

#[test]
fn each_tenant_has_a_chain_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let identities = open(folder.path());
    let acme = TenantScope::of_stored_tenant(TenantId::new());
    let actor = Actor::operator().in_tenant(acme.tenant());
    for number in 0..5 {
        identities.record(actor.clone(), Event::done("a", number.to_string())).unwrap();
        identities.record(Actor::operator(), Event::done("b", number.to_string())).unwrap();
    }
    let (own, _) = identities.export_audit(&acme, 0, ALL).unwrap();
    assert_eq!(verify(&own, None, None).unwrap().entries, 5);
    assert!(!own.contains("\"b\""));
    assert!(identities.audit_entries(&acme, 0, 9).unwrap().iter().all(|it| it.action == "a"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn every_flipped_bit_is_found(at in 0.0..1.0_f64, bit in 0..8_u32) {
        thread_local! {
            static EXPORT: (String, String) = exported(9);
        }
        EXPORT.with(|(text, key)| {
            let mut bytes = text.clone().into_bytes();
            let at = (at * bytes.len() as f64) as usize;
            bytes[at] ^= 1 << bit;
            let changed = String::from_utf8_lossy(&bytes).into_owned();
            let found = verify(&changed, Some(key), None).is_err();
            // The last line may end without its line break.
            prop_assert!(found || changed.trim_end() == text.trim_end(), "byte {at}, bit {bit}");
            Ok(())
        })?;
    }
}

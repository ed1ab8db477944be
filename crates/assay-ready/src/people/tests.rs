//! What people may say, and what is refused before anything runs.

use super::*;
use crate::people::{attest::Attestation, waive::Waiver};

fn catalogue() -> Catalogue {
    Catalogue::load(None).unwrap()
}

fn waiver() -> Waiver {
    Waiver {
        check: "BCK-05".to_owned(),
        reason: "the first backup runs tonight".to_owned(),
        owner: "eve".to_owned(),
        control: "the data can be taken in again".to_owned(),
        approver: "ada".to_owned(),
        created: "2026-01-01T00:00:00Z".parse().unwrap(),
        expires: "2026-02-01T00:00:00Z".parse().unwrap(),
    }
}

fn refused(change: impl Fn(&mut Waiver)) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut waiver = waiver();
    change(&mut waiver);
    waive::add(folder.path(), &catalogue(), waiver).unwrap_err().to_string()
}

#[test]
fn waivers_are_linted() {
    let folder = tempfile::tempdir().unwrap();
    waive::add(folder.path(), &catalogue(), waiver()).unwrap();
    assert_eq!(waive::load(folder.path(), &catalogue()).unwrap(), [waiver()]);
    assert!(refused(|it| it.check = "BCK-*".to_owned()).contains("no wildcards"));
    assert!(refused(|it| it.check = "BCK-99".to_owned()).contains("no such check"));
    assert!(refused(|it| it.approver = "Eve".to_owned()).contains("of their own"));
    assert!(refused(|it| it.reason = "later".to_owned()).contains("`reason`"));
    assert!(refused(|it| it.control = String::new()).contains("`control`"));
    assert!(refused(|it| it.expires = "2026-07-01T00:00:00Z".parse().unwrap()).contains("90 days"));
    let path = folder.path().join("waivers.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let without: String =
        text.lines().filter(|line| !line.starts_with("expires")).collect::<Vec<_>>().join("\n");
    std::fs::write(&path, without).unwrap();
    let told = waive::load(folder.path(), &catalogue()).unwrap_err().to_string();
    assert!(told.contains("expires"), "{told}");
}

#[test]
fn attestations_need_the_role_and_a_second_person() {
    let folder = tempfile::tempdir().unwrap();
    let word = Attestation {
        check: "ONC-04".to_owned(),
        by: "ada".to_owned(),
        role: "operations".to_owned(),
        second: "eve".to_owned(),
        text: "exercised on Tuesday with the whole team".to_owned(),
        link: String::new(),
        file_sha256: String::new(),
        at: "2026-01-01T00:00:00Z".parse().unwrap(),
        expires: "2026-03-01T00:00:00Z".parse().unwrap(),
    };
    let add = |word: &Attestation| attest::add(folder.path(), &catalogue(), word);
    add(&word).unwrap();
    assert_eq!(attest::load(folder.path(), &catalogue()).unwrap(), std::slice::from_ref(&word));
    let alone = Attestation { second: "ada".to_owned(), ..word.clone() };
    assert!(add(&alone).unwrap_err().to_string().contains("second person"));
    let other = Attestation { role: "product".to_owned(), ..word.clone() };
    assert!(add(&other).unwrap_err().to_string().contains("for operations to attest"));
    let looked = Attestation { check: "HLT-01".to_owned(), ..word };
    assert!(add(&looked).unwrap_err().to_string().contains("decided by looking"));
}

#[test]
fn days_end_in_the_evening() {
    assert_eq!(moment("2026-12-31").unwrap().to_string(), "2026-12-31T23:59:59Z");
    assert!(moment("soon").is_err());
}

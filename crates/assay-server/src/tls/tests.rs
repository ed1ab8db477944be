//! Certificates that fit, that do not, and that are renewed.

use std::{fs, path::Path};

use tempfile::TempDir;

use super::*;

fn put(folder: &Path, name: &str, as_name: &str) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/certificates").join(name);
    fs::copy(from, folder.join(as_name)).unwrap();
}

fn settings() -> (TempDir, TlsSettings) {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "one.pem", "it.pem");
    put(folder.path(), "one.key", "it.key");
    let settings = TlsSettings {
        certificate: folder.path().join("it.pem"),
        key: folder.path().join("it.key"),
    };
    (folder, settings)
}

fn shown(certificates: &Certificates) -> Vec<u8> {
    certificates.current.0.read().unwrap().cert[0].to_vec()
}

#[test]
fn without_files_there_is_no_tls() {
    assert!(Certificates::load(&TlsSettings::default()).unwrap().is_none());
}

#[test]
fn what_cannot_be_used_is_refused_with_its_file() {
    let (folder, settings) = settings();
    assert!(Certificates::load(&settings).unwrap().is_some());
    let refused = |settings: &TlsSettings| Certificates::load(settings).unwrap_err().to_string();
    let no_key = TlsSettings { key: folder.path().join("no.key"), ..settings.clone() };
    assert!(refused(&no_key).contains("no.key"), "{}", refused(&no_key));
    let half = TlsSettings { key: Default::default(), ..settings.clone() };
    assert!(refused(&half).contains("it.pem"), "{}", refused(&half));
    put(folder.path(), "two.key", "it.key");
    assert!(refused(&settings).contains("it.pem"), "the key is of another certificate");
    fs::write(folder.path().join("it.pem"), "no certificate").unwrap();
    assert!(refused(&settings).contains("it.pem"));
}

#[test]
fn a_renewed_certificate_is_taken_when_both_files_fit() {
    let (folder, settings) = settings();
    let certificates = Certificates::load(&settings).unwrap().unwrap();
    let first = shown(&certificates);
    assert!(!certificates.reload().unwrap(), "nothing has changed");
    put(folder.path(), "two.pem", "it.pem");
    assert!(certificates.reload().is_err(), "half of the change");
    assert!(!certificates.reload().unwrap(), "it is told once");
    assert_eq!(shown(&certificates), first, "the old one is served on");
    put(folder.path(), "two.key", "it.key");
    assert!(certificates.reload().unwrap());
    assert_ne!(shown(&certificates), first);
}

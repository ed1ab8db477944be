//! An encrypted data folder: nothing is shown, what was there before is taken over, and what belongs
//! to a destroyed key stays lost.

use std::{fs, path::PathBuf};

use assay_core::{Coded, ErrorCode, FakeClock};
use assay_vault::VaultError;
use tempfile::TempDir;

use super::super::*;
use crate::fixture::{Fixture, copy_folder, open, receive, under};

/// A text that no file may show.
const PLANTED: &str = "planted-plaintext-that-nobody-may-read";

fn files(folder: &Path) -> Vec<PathBuf> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for path in entries(&folder).unwrap() {
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files
}

fn shows(folder: &Path, text: &str) -> bool {
    let is_in = |path: &PathBuf| {
        let bytes = fs::read(path).unwrap();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    };
    files(folder).iter().any(is_in)
}

fn blob_files(fixture: &Fixture) -> Vec<PathBuf> {
    let is_blob = |path: &PathBuf| path.to_string_lossy().contains("/blobs/");
    files(fixture.data.path()).into_iter().filter(is_blob).collect()
}

#[test]
fn nothing_of_a_document_is_shown_by_any_file_and_its_hash_names_none() {
    let fixture = Fixture::sealed(b'A');
    let received = fixture.ingest(PLANTED, &PLANTED.repeat(3_000));
    let blob = fixture.tenant.version(received.version).unwrap().blob;
    assert!(!shows(fixture.data.path(), PLANTED));
    let names: String =
        files(fixture.data.path()).iter().map(|it| it.display().to_string()).collect();
    assert!(!names.contains(&blob.to_string()[2..]));
    let crashed = fixture.crashed();
    assert_eq!(crashed.tenant.blob(blob).unwrap(), PLANTED.repeat(3_000).as_bytes());
    let fixture = fixture.reopen();
    assert!(!shows(fixture.data.path(), PLANTED));
    assert_eq!(fixture.tenant.version(received.version).unwrap().blob, blob);
    assert!(fixture.tenant.damaged_blobs().unwrap().is_empty());
}

#[test]
fn a_damaged_blob_is_an_error_that_names_the_file_and_putting_it_repairs_a_cut_one() {
    let fixture = Fixture::sealed(b'A');
    let text = PLANTED.repeat(3_000);
    let received = fixture.ingest("a.txt", &text);
    let blob = fixture.tenant.version(received.version).unwrap().blob;
    let file = blob_files(&fixture).remove(0);
    let whole = fs::read(&file).unwrap();
    let mut flipped = whole.clone();
    flipped[70_000] ^= 1;
    for damage in [&flipped[..], &whole[..70_000], &whole[..0]] {
        fs::write(&file, damage).unwrap();
        let error = fixture.tenant.blob(blob).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Internal);
        assert!(error.to_string().contains(&file.display().to_string()), "{error}");
    }
    fixture.tenant.put_blob(text.as_bytes()).unwrap();
    assert_eq!(fixture.tenant.blob(blob).unwrap(), text.as_bytes());
}

#[test]
fn blobs_that_nothing_names_are_swept_under_their_hidden_names() {
    let fixture = Fixture::sealed(b'A');
    let received = fixture.receive("a.txt", "named");
    let orphan = fixture.tenant.put_blob(b"orphan").unwrap();
    fixture.clock.advance_ms(2 * 3600 * 1000);
    let swept = fixture.tenant.sweep_blobs(std::time::Duration::from_secs(3600)).unwrap();
    assert_eq!(swept.blobs, 1);
    assert!(!fixture.tenant.contains_blob(orphan).unwrap());
    let named = fixture.tenant.version(received.version).unwrap().blob;
    assert!(fixture.tenant.contains_blob(named).unwrap());
}

#[test]
fn what_was_there_before_the_key_is_encrypted_by_the_start_and_reads_as_before() {
    let fixture = Fixture::new();
    let other = fixture.store.create_tenant("other").unwrap();
    let scope = TenantScope::of_stored_tenant(other.id);
    receive(&fixture.store.tenant(&scope).unwrap(), "b.txt", PLANTED);
    let received = fixture.ingest("a.txt", &PLANTED.repeat(2_000));
    let blob = fixture.tenant.version(received.version).unwrap().blob;
    assert!(shows(fixture.data.path(), PLANTED));

    let fixture = fixture.reopen_sealed(b'A');
    assert!(!shows(fixture.data.path(), PLANTED), "also of the tenant that nobody asked for");
    assert_eq!(fixture.tenant.blob(blob).unwrap(), PLANTED.repeat(2_000).as_bytes());
    assert_eq!(fixture.tenant.counts().unwrap().passages, 1);
    let again = fixture.ingest("c.txt", "more");
    let fixture = fixture.reopen();
    assert_eq!(fixture.tenant.version(again.version).unwrap().size, 4);
    assert!(fixture.tenant.damaged_blobs().unwrap().is_empty());
}

#[test]
fn a_blob_that_a_crash_left_between_both_forms_is_taken_over() {
    let fixture = Fixture::new();
    fixture.ingest("a.txt", "first");
    fixture.ingest("b.txt", PLANTED);
    let plain = blob_files(&fixture);
    let copies: Vec<_> = plain.iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect();
    let records = |fixture: &Fixture| {
        let tenant = TenantScope::built_in().tenant().to_string();
        fixture.data.path().join("tenants").join(tenant).join(RECORDS_FILE)
    };
    let path = records(&fixture);
    let fixture = {
        drop((fixture.tenant, fixture.store));
        (fixture.data, fixture.clock)
    };
    let before = fs::read(&path).unwrap();
    let (data, clock) = fixture;
    open(data.path(), &clock, &under(b'A')).unwrap();
    // As if the records had not been reached, and one blob not been removed.
    fs::write(&path, before).unwrap();
    let (left, bytes) = &copies[0];
    fs::write(left, bytes).unwrap();
    let store = open(data.path(), &clock, &under(b'A')).unwrap();
    assert!(!shows(data.path(), PLANTED));
    assert!(!left.try_exists().unwrap());
    let tenant = store.tenant(&TenantScope::built_in()).unwrap();
    assert!(tenant.damaged_blobs().unwrap().is_empty());
}

#[test]
fn a_start_without_the_root_key_or_with_another_is_refused() {
    let fixture = Fixture::sealed(b'A');
    let (data, clock) = {
        drop((fixture.tenant, fixture.store));
        (fixture.data, fixture.clock)
    };
    for wrong in [assay_vault::EncryptionSettings::default(), under(b'B')] {
        let error = open(data.path(), &clock, &wrong).unwrap_err();
        assert!(matches!(error, StoreError::Vault(_)), "{error}");
        assert!(error.hint().is_some());
    }
    open(data.path(), &clock, &under(b'A')).unwrap();
}

/// A data folder with a second tenant that has a document, and that tenant.
fn with_doomed() -> (TempDir, Arc<FakeClock>, Store, TenantScope) {
    let fixture = Fixture::sealed(b'A');
    let doomed = fixture.store.create_tenant("doomed").unwrap();
    let scope = TenantScope::of_stored_tenant(doomed.id);
    receive(&fixture.store.tenant(&scope).unwrap(), "secret.txt", PLANTED);
    drop(fixture.tenant);
    (fixture.data, fixture.clock, fixture.store, scope)
}

#[test]
fn erasing_a_tenant_makes_a_backup_of_before_unreadable() {
    let (data, clock, store, doomed) = with_doomed();
    let backup = tempfile::tempdir().unwrap();
    copy_folder(&data.path().join("tenants"), backup.path());
    store.delete_tenant(&doomed).unwrap();
    drop(store);
    // The backup goes back to where it was: its tenant's folder, and the list of tenants with it.
    copy_over(backup.path(), &data.path().join("tenants"));
    let store = open(data.path(), &clock, &under(b'A')).unwrap();
    let tenant = Tenant { id: doomed.tenant(), name: "doomed".to_owned(), created_ms: 0 };
    store.insert(tenant.id, &tenant.name).unwrap();
    let error = store.tenant(&doomed).unwrap_err();
    assert!(matches!(error, StoreError::Vault(VaultError::Destroyed { .. })), "{error}");
    assert!(!shows(backup.path(), PLANTED));
}

#[test]
fn a_backup_with_its_keys_is_unreadable_once_the_root_key_of_its_time_is_gone() {
    let (data, clock, store, doomed) = with_doomed();
    drop(store);
    let backup = tempfile::tempdir().unwrap();
    copy_folder(data.path(), backup.path());
    // With the root key of its time the copy of everything still opens: that is what it is for.
    open(backup.path(), &clock, &under(b'A')).unwrap().tenant(&doomed).unwrap();

    let both = assay_core::Secret::new(format!("{}A= {}A=", "B".repeat(42), "A".repeat(42)));
    let settings = assay_vault::EncryptionSettings { root_key: Some(both), ..under(b'A') };
    let vault = Vault::open(data.path(), &settings).unwrap();
    vault.rotate().unwrap();
    vault.destroy(doomed.tenant(), 0).unwrap();
    let root_key = Some(assay_core::Secret::new(format!("{}A=", "B".repeat(42))));
    let settings = assay_vault::EncryptionSettings { root_key, ..settings };
    let error = open(backup.path(), &clock, &settings).unwrap_err();
    assert!(matches!(error, StoreError::Vault(VaultError::OtherRoot { .. })), "{error}");
    let store = open(data.path(), &clock, &settings).unwrap();
    store.tenant(&TenantScope::built_in()).unwrap();
    let error = store.tenant(&doomed).unwrap_err();
    assert!(matches!(error, StoreError::Vault(VaultError::Destroyed { .. })), "{error}");
}

#[test]
fn the_built_in_tenant_goes_on_with_another_key() {
    let fixture = Fixture::sealed(b'A');
    let scope = TenantScope::built_in();
    let key = fixture.store.vault.tenant(scope.tenant(), false).unwrap();
    fixture.ingest("a.txt", PLANTED);
    drop(fixture.tenant);
    fixture.store.delete_tenant(&scope).unwrap();
    let tenant = fixture.store.tenant(&scope).unwrap();
    assert_eq!(tenant.counts().unwrap().passages, 0);
    assert!(fixture.store.vault.tenant(scope.tenant(), false).unwrap() != key);
}

fn copy_over(from: &Path, to: &Path) {
    for path in entries(from).unwrap() {
        let target = to.join(path.file_name().unwrap());
        if !target.try_exists().unwrap() {
            fs::create_dir(&target).unwrap();
            copy_folder(&path, &target);
        }
    }
}

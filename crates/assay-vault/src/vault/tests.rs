//! Keys outlive starts and rotations, are refused under another root key, and stay destroyed.

use assay_core::Secret;

use super::*;

const FIRST: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const SECOND: &str = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

fn by_variable(keys: &str) -> EncryptionSettings {
    let root_key = Some(Secret::new(keys.to_owned()));
    EncryptionSettings { root_key, ..EncryptionSettings::default() }
}

fn by_file(path: &Path) -> EncryptionSettings {
    fs::write(path, FIRST).unwrap();
    EncryptionSettings { root_key_file: Some(path.to_owned()), ..EncryptionSettings::default() }
}

#[test]
fn without_a_root_key_there_are_no_keys_and_nothing_is_made() {
    let data = tempfile::tempdir().unwrap();
    let vault = Vault::open(data.path(), &EncryptionSettings::default()).unwrap();
    assert!(!vault.is_on());
    assert!(vault.installation().is_none());
    assert!(vault.tenant(TenantId::new(), true).unwrap().is_none());
    assert_eq!(fs::read_dir(data.path()).unwrap().count(), 0);
}

#[test]
fn a_wrong_or_missing_root_key_is_refused_with_the_id_of_the_right_one() {
    let data = tempfile::tempdir().unwrap();
    let vault = Vault::open(data.path(), &by_variable(FIRST)).unwrap();
    let id = vault.states().unwrap()[0].root_key.clone().unwrap();
    let error = Vault::open(data.path(), &EncryptionSettings::default()).unwrap_err();
    assert!(matches!(&error, VaultError::NoRoot { expected } if *expected == id), "{error}");
    let error = Vault::open(data.path(), &by_variable(SECOND)).unwrap_err();
    assert!(matches!(&error, VaultError::OtherRoot { expected, .. } if *expected == id), "{error}");
    for (text, says) in [("", "empty"), ("short", "base64"), ("AAAA", "3 bytes")] {
        let error = Vault::open(data.path(), &by_variable(text)).unwrap_err().to_string();
        assert!(error.contains(says) && error.contains("ASSAY_ROOT_KEY"), "{error}");
    }
    fs::remove_file(data.path().join("keys/installation.json")).unwrap();
    let error = Vault::open(data.path(), &by_variable(FIRST)).unwrap_err();
    assert!(matches!(error, VaultError::Missing { .. }), "{error}");
}

#[test]
fn keys_of_tenants_differ_outlive_a_start_and_are_not_made_over_sealed_data() {
    let data = tempfile::tempdir().unwrap();
    let (first, second) = (TenantId::new(), TenantId::new());
    let vault = Vault::open(data.path(), &by_variable(FIRST)).unwrap();
    let key = vault.tenant(first, true).unwrap().unwrap();
    assert_ne!(key.bytes(), vault.tenant(second, true).unwrap().unwrap().bytes());
    let again = Vault::open(data.path(), &by_variable(FIRST)).unwrap();
    assert!(again.tenant(first, false).unwrap().unwrap() == key);
    let error = again.tenant(TenantId::new(), false).unwrap_err();
    assert!(matches!(error, VaultError::Missing { .. }), "{error}");
    // The file of one tenant under the name of another.
    let path = |tenant: TenantId| data.path().join(format!("keys/{tenant}.json"));
    fs::copy(path(first), path(second)).unwrap();
    let error = again.tenant(second, false).unwrap_err();
    assert!(matches!(error, VaultError::Damaged { .. }), "{error}");
}

#[test]
fn a_destroyed_key_stays_destroyed() {
    let data = tempfile::tempdir().unwrap();
    let tenant = TenantId::new();
    let vault = Vault::open(data.path(), &by_variable(FIRST)).unwrap();
    let key = vault.tenant(tenant, true).unwrap().unwrap();
    vault.destroy(tenant, 7).unwrap();
    vault.destroy(tenant, 8).unwrap();
    for may_make in [false, true] {
        let error = vault.tenant(tenant, may_make).unwrap_err();
        assert!(matches!(error, VaultError::Destroyed { .. }), "{error}");
    }
    assert!(vault.states().unwrap().iter().any(|state| state.destroyed_ms == Some(7)));
    let keyless = TenantId::new();
    vault.destroy(keyless, 9).unwrap();
    assert!(matches!(vault.tenant(keyless, true), Err(VaultError::Destroyed { .. })));
    let other = TenantId::new();
    let before = vault.tenant(other, true).unwrap().unwrap();
    vault.renew(other).unwrap();
    assert!(vault.tenant(other, true).unwrap().unwrap() != before);
    drop(key);
}

#[test]
fn a_rotation_of_a_file_makes_a_new_root_key_and_an_open_vault_follows() {
    let data = tempfile::tempdir().unwrap();
    let settings = by_file(&data.path().join("root.key"));
    let running = Vault::open(data.path(), &settings).unwrap();
    let tenant = TenantId::new();
    let key = running.tenant(tenant, true).unwrap().unwrap();
    let old = running.states().unwrap()[0].root_key.clone().unwrap();

    let rotation = Vault::open(data.path(), &settings).unwrap().rotate().unwrap();
    assert_eq!((rotation.rewrapped, rotation.keys), (2, 2));
    assert_ne!(rotation.root_key, old);
    assert!(running.tenant(tenant, false).unwrap().unwrap() == key, "read again while running");
    running.tenant(TenantId::new(), true).unwrap();
    let states = running.states().unwrap();
    assert!(states.iter().all(|it| it.root_key.as_deref() == Some(&rotation.root_key)));
    let error = Vault::open(data.path(), &by_variable(FIRST)).unwrap_err();
    assert!(matches!(error, VaultError::OtherRoot { .. }), "the old root key opens nothing");
}

#[test]
fn a_rotation_that_was_cut_off_is_finished_and_other_sources_need_two_keys() {
    let data = tempfile::tempdir().unwrap();
    let vault = Vault::open(data.path(), &by_variable(FIRST)).unwrap();
    vault.tenant(TenantId::new(), true).unwrap();
    assert!(matches!(vault.rotate(), Err(VaultError::NoNextRoot { .. })));
    let both = by_variable(&format!("{SECOND},{FIRST}"));
    let vault = Vault::open(data.path(), &both).unwrap();
    assert_eq!(vault.rotate().unwrap().rewrapped, 2);
    assert_eq!(vault.rotate().unwrap().rewrapped, 0);
    Vault::open(data.path(), &by_variable(SECOND)).unwrap();
}

#[test]
fn a_command_gives_the_root_key_and_two_sources_are_refused() {
    let data = tempfile::tempdir().unwrap();
    let command = |script: &str| EncryptionSettings {
        root_key_command: ["sh", "-c", script].map(str::to_owned).to_vec(),
        ..EncryptionSettings::default()
    };
    Vault::open(data.path(), &command(&format!("echo {FIRST}"))).unwrap();
    Vault::open(data.path(), &by_variable(FIRST)).unwrap();
    let error = Vault::open(data.path(), &command("exit 3")).unwrap_err().to_string();
    assert!(error.contains("`sh`") && error.contains('3'), "{error}");
    let both = EncryptionSettings { ..command("true") };
    let both = EncryptionSettings { root_key: by_variable(FIRST).root_key, ..both };
    assert!(Vault::open(data.path(), &both).unwrap_err().to_string().contains("as well"));
}

//! Tenants are kept apart, opened when needed, and deleted with their files.

use std::{fs, path::Path, sync::Arc};

use assay_core::{Coded, ErrorCode, FakeClock, TenantId, TenantScope};
use tempfile::TempDir;

use super::{Store, Tenant};
use crate::{
    StoreSettings,
    fixture::{open_store, parsed, receive},
};

mod sealed;

fn open(data: &Path, open_tenants_max: usize) -> Store {
    let settings = StoreSettings { open_tenants_max, ..StoreSettings::default() };
    open_store(data, Arc::new(FakeClock::at_ms(0)), &settings).unwrap()
}

fn scope(tenant: &Tenant) -> TenantScope {
    TenantScope::of_recorded_task(tenant.id)
}

fn folder(data: &Path, tenant: TenantId) -> std::path::PathBuf {
    data.join("tenants").join(tenant.to_string())
}

#[test]
fn tenants_see_nothing_of_each_other() {
    let data = TempDir::new().unwrap();
    let store = open(data.path(), 8);
    let a = store.tenant(&TenantScope::built_in()).unwrap();
    let b = store.tenant(&scope(&store.create_tenant("b").unwrap())).unwrap();
    let received = receive(&a, "a.txt", "secret");
    a.save_parsed(received.version, parsed("secret")).unwrap();
    a.publish(received.version).unwrap();
    let passages = a.current_passage_ids().unwrap();
    let blob = a.version(received.version).unwrap().blob;

    assert!(b.get_passages(&passages).unwrap().is_empty());
    assert_eq!(b.document(received.document).unwrap_err().code(), ErrorCode::NotFound);
    assert_eq!(b.version(received.version).unwrap_err().code(), ErrorCode::NotFound);
    assert_eq!(b.text(received.version).unwrap_err().code(), ErrorCode::NotFound);
    assert_eq!(b.publish(received.version).unwrap_err().code(), ErrorCode::NotFound);
    assert_eq!(b.delete_document(received.document).unwrap_err().code(), ErrorCode::NotFound);
    assert_eq!(b.blob(blob).unwrap_err().code(), ErrorCode::NotFound);
    assert!(b.outbox_after(0, 10).unwrap().is_empty());
    assert_eq!(a.get_passages(&passages).unwrap().len(), 1);
}

#[test]
fn an_unknown_tenant_is_not_found_and_gets_no_folder() {
    let data = TempDir::new().unwrap();
    let store = open(data.path(), 8);
    let unknown = TenantId::new();
    let error = store.tenant(&TenantScope::of_recorded_task(unknown)).unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotFound);
    assert!(!folder(data.path(), unknown).try_exists().unwrap());
}

#[test]
fn tenants_are_found_by_name_after_a_restart() {
    let data = TempDir::new().unwrap();
    let store = open(data.path(), 8);
    let created = store.create_tenant("acme").unwrap();
    assert_eq!(store.create_tenant("acme").unwrap_err().code(), ErrorCode::Conflict);
    drop(store);
    let store = open(data.path(), 8);
    assert_eq!(store.tenant_named("acme").unwrap(), created);
    assert_eq!(store.tenant_named("other").unwrap_err().code(), ErrorCode::NotFound);
    let names: Vec<_> = store.tenants().unwrap().into_iter().map(|tenant| tenant.name).collect();
    assert_eq!(names, ["acme", TenantScope::DEFAULT_NAME]);
}

#[test]
fn idle_tenants_are_closed_and_used_ones_are_not() {
    let data = TempDir::new().unwrap();
    let store = open(data.path(), 2);
    let held = store.tenant(&TenantScope::built_in()).unwrap();
    let tenants: Vec<_> =
        (0..4).map(|number| store.create_tenant(&number.to_string()).unwrap()).collect();
    for tenant in &tenants {
        receive(&store.tenant(&scope(tenant)).unwrap(), "a.txt", &tenant.name);
        assert!(store.open.lock().unwrap().stores.len() <= 2);
    }
    assert!(store.open.lock().unwrap().stores.contains_key(&held.tenant()));
    for tenant in &tenants {
        assert_eq!(store.tenant(&scope(tenant)).unwrap().pending().unwrap().len(), 1);
    }
}

#[test]
fn deleting_a_tenant_removes_its_files() {
    let data = TempDir::new().unwrap();
    let store = open(data.path(), 8);
    let tenant = store.create_tenant("acme").unwrap();
    let handle = store.tenant(&scope(&tenant)).unwrap();
    receive(&handle, "a.txt", "one");
    let error = store.delete_tenant(&scope(&tenant)).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Conflict, "somebody holds a handle");
    drop(handle);
    store.delete_tenant(&scope(&tenant)).unwrap();
    assert!(!folder(data.path(), tenant.id).try_exists().unwrap());
    assert_eq!(store.tenant(&scope(&tenant)).unwrap_err().code(), ErrorCode::NotFound);
    assert_eq!(store.delete_tenant(&scope(&tenant)).unwrap_err().code(), ErrorCode::NotFound);
}

#[test]
fn a_deletion_that_a_crash_cut_off_is_finished_at_the_start() {
    let data = TempDir::new().unwrap();
    let store = open(data.path(), 8);
    let tenant = store.create_tenant("acme").unwrap();
    receive(&store.tenant(&scope(&tenant)).unwrap(), "a.txt", "one");
    drop(store);
    let doomed = data.path().join("tenants").join(format!("{}.deleted", tenant.id));
    fs::rename(folder(data.path(), tenant.id), &doomed).unwrap();
    let store = open(data.path(), 8);
    assert!(!doomed.try_exists().unwrap());
    assert_eq!(store.tenant_named("acme").unwrap_err().code(), ErrorCode::NotFound);
}

#[test]
fn the_built_in_tenant_is_emptied_and_stays() {
    let data = TempDir::new().unwrap();
    let store = open(data.path(), 8);
    let scope = TenantScope::built_in();
    receive(&store.tenant(&scope).unwrap(), "a.txt", "one");
    store.delete_tenant(&scope).unwrap();
    assert!(store.tenant(&scope).unwrap().pending().unwrap().is_empty());
}

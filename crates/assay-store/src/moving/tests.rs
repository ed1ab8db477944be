//! A tenant that was moved there and back is what it was, and nothing is left behind.

use std::{path::Path, sync::Arc};

use assay_core::{Coded, ErrorCode, FakeClock, TenantScope};
use assay_sqlite::{Server, ServerSettings, testing::Postgres};

use crate::{
    SCHEMAS, Store, StoreSettings,
    fixture::{parsed, receive},
    isolation::fill,
};

fn stores(data: &Path) -> Option<(Store, Store)> {
    let url = Postgres::shared()?.database(&SCHEMAS).unwrap();
    let server = Server::at(&url, &ServerSettings::default()).unwrap();
    let clock = || Arc::new(FakeClock::at_ms(1_700_000_000_000));
    let files = Store::open(data, clock(), &StoreSettings::default()).unwrap();
    let served = Store::open_on(&server, data, clock(), &StoreSettings::default()).unwrap();
    Some((files, served))
}

fn move_to(source: &Store, target: &Store, scope: &TenantScope) -> Vec<u64> {
    let sums = source.copy_tenant(scope, target).unwrap();
    target.take_over(scope, source).unwrap();
    source.release(scope).unwrap();
    sums.iter().map(|sum| sum.rows).collect()
}

#[test]
fn a_tenant_goes_to_a_server_and_comes_back() {
    let data = tempfile::tempdir().unwrap();
    let Some((files, served)) = stores(data.path()) else { return };
    let scope = TenantScope::of_stored_tenant(files.create_tenant("acme").unwrap().id);
    fill(&files.tenant(&scope).unwrap());
    let before = files.tenant(&scope).unwrap().integrity().unwrap();
    let counted = files.tenant(&scope).unwrap().usage().unwrap();

    let sent = move_to(&files, &served, &scope);
    assert!(sent.iter().all(|rows| *rows > 0), "every table had rows: {sent:?}");
    assert_eq!(files.tenant(&scope).unwrap_err().code(), ErrorCode::NotFound);
    let tenant = served.tenant(&scope).unwrap();
    assert_eq!(tenant.integrity().unwrap(), before);
    assert_eq!(tenant.usage().unwrap(), counted);
    // It goes on there, with numbers that come after those it brought along.
    let last = tenant.last_position().unwrap();
    tenant.prune_outbox(last).unwrap();
    let received = receive(&tenant, "b.txt", "new");
    tenant.save_parsed(received.version, parsed("new")).unwrap();
    tenant.publish(received.version).unwrap();
    assert_eq!(tenant.last_position().unwrap(), last + 1);
    tenant.prune_outbox(last + 1).unwrap();
    let grown = (tenant.integrity().unwrap(), tenant.usage().unwrap());
    drop(tenant);

    move_to(&served, &files, &scope);
    assert_eq!(served.tenant(&scope).unwrap_err().code(), ErrorCode::NotFound);
    let tenant = files.tenant(&scope).unwrap();
    assert_eq!((tenant.integrity().unwrap(), tenant.usage().unwrap()), grown);
    tenant.delete_document(received.document).unwrap();
    assert_eq!(tenant.last_position().unwrap(), last + 2, "a position is never used twice");
    assert!(tenant.damaged_blobs().unwrap().is_empty());
}

#[test]
fn half_a_move_is_begun_again_and_other_records_are_never_overwritten() {
    let data = tempfile::tempdir().unwrap();
    let Some((files, served)) = stores(data.path()) else { return };
    let scope = TenantScope::of_stored_tenant(files.create_tenant("acme").unwrap().id);
    fill(&files.tenant(&scope).unwrap());
    // Cut off before the target knew the tenant, and before the source was ended.
    files.copy_tenant(&scope, &served).unwrap();
    assert_eq!(served.tenant(&scope).unwrap_err().code(), ErrorCode::NotFound);
    files.copy_tenant(&scope, &served).unwrap();
    served.take_over(&scope, &files).unwrap();
    files.copy_tenant(&scope, &served).unwrap();
    // Both are there, and one of them went on.
    receive(&served.tenant(&scope).unwrap(), "b.txt", "new");
    let error = files.copy_tenant(&scope, &served).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Conflict, "{error}");
    let held = files.tenant(&scope).unwrap();
    assert_eq!(files.copy_tenant(&scope, &served).unwrap_err().code(), ErrorCode::Conflict);
    drop(held);
    served.create_tenant("twin").unwrap();
    let twin = TenantScope::of_stored_tenant(files.create_tenant("twin").unwrap().id);
    assert_eq!(files.copy_tenant(&twin, &served).unwrap_err().code(), ErrorCode::Conflict);
}

//! Collections are found by id and by name, and survive a restart.

use assay_core::{Coded, CollectionId, ErrorCode};

use crate::{Collection, fixture::Fixture};

#[test]
fn a_collection_is_found_by_id_and_name() {
    let fixture = Fixture::new();
    let created = fixture.tenant.create_collection("contracts").unwrap();
    let fixture = fixture.reopen();
    assert_eq!(fixture.tenant.collection(created.id).unwrap(), created);
    assert_eq!(fixture.tenant.collection_named("contracts").unwrap(), created);
    let names: Vec<_> =
        fixture.tenant.collections().unwrap().into_iter().map(|found| found.name).collect();
    assert_eq!(names, ["contracts", Collection::DEFAULT_NAME]);
}

#[test]
fn the_default_collection_is_one() {
    let fixture = Fixture::new();
    let first = fixture.tenant.ensure_default().unwrap();
    assert_eq!(fixture.reopen().tenant.ensure_default().unwrap(), first);
}

#[test]
fn the_default_collection_stays_under_its_name() {
    let tenant = Fixture::new().tenant;
    let first = tenant.ensure_default().unwrap();
    let removed = tenant.delete_collection(first.id).unwrap_err();
    assert_eq!(removed.code(), ErrorCode::BadRequest);
    let renamed = tenant.change_collection(first.id, Some("other".to_owned()), None).unwrap_err();
    assert_eq!(renamed.code(), ErrorCode::BadRequest);
    let same = Some(Collection::DEFAULT_NAME.to_owned());
    assert_eq!(tenant.change_collection(first.id, same, None).unwrap(), first);
}

#[test]
fn names_are_unique_and_readable() {
    let tenant = Fixture::new().tenant;
    let code = |name: &str| tenant.create_collection(name).unwrap_err().code();
    assert_eq!(code("default"), ErrorCode::Conflict);
    assert_eq!(code(" "), ErrorCode::BadRequest);
    assert_eq!(code("a\nb"), ErrorCode::BadRequest);
    assert_eq!(code(&"x".repeat(129)), ErrorCode::BadRequest);
    let missing = tenant.collection(CollectionId::new()).unwrap_err();
    assert_eq!(missing.code(), ErrorCode::NotFound);
}

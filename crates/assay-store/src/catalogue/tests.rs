//! Every change that a search can see is in the catalogue, once, and in order.

use serde_json::json;

use crate::{CatalogueChange, Told, fixture::Fixture};

fn after(fixture: &Fixture, seq: u64) -> Vec<CatalogueChange> {
    fixture.tenant.catalogue_after(seq, 100).unwrap()
}

#[test]
fn what_is_not_searchable_is_not_listed() {
    let fixture = Fixture::new();
    let before = fixture.tenant.catalogue_seq().unwrap();
    fixture.receive("a.txt", "not parsed yet");
    assert_eq!(fixture.tenant.catalogue_seq().unwrap(), before);
    let current = fixture.ingest("b.txt", "one");
    let changes = after(&fixture, before);
    assert_eq!(changes.len(), 1);
    let now = changes[0].now.as_ref().unwrap();
    assert_eq!((now.id, now.name.as_str()), (current.document, "b.txt"));
    assert_eq!(now.media_type.as_deref(), Some("text/plain"));
}

#[test]
fn telling_moving_and_deleting_show_at_once() {
    let fixture = Fixture::new();
    let document = fixture.ingest("a.txt", "one").document;
    let seq = fixture.tenant.catalogue_seq().unwrap();
    let told = Told { tags: Some(vec!["x".into()]), metadata: Some(json!({ "year": 2020 })) };
    let other = fixture.tenant.create_collection("other").unwrap().id;
    fixture.tenant.change_document(document, Some(other), told).unwrap();
    let changes = after(&fixture, seq);
    let now = changes.iter().find_map(|change| change.now.as_ref()).unwrap();
    assert_eq!((now.collection, now.tags.as_slice()), (other, ["x".to_owned()].as_slice()));
    assert_eq!(now.metadata["year"], 2020);
    assert_eq!(changes.iter().filter(|change| change.document == document).count(), 1);

    let seq = fixture.tenant.catalogue_seq().unwrap();
    fixture.tenant.delete_document(document).unwrap();
    let changes = after(&fixture, seq);
    assert_eq!((changes.len(), changes[0].document), (1, document));
    assert_eq!(changes[0].now, None);
}

#[test]
fn a_new_version_and_a_collection_are_changes_too() {
    let fixture = Fixture::new();
    fixture.ingest("a.txt", "one");
    let seq = fixture.tenant.catalogue_seq().unwrap();
    let second = fixture.ingest("a.txt", "two\nthree");
    assert_eq!(after(&fixture, seq).len(), 1);
    let pages = fixture.tenant.passage_pages(&[second.document]).unwrap();
    assert_eq!(pages.len(), 2, "of the current version alone");

    let seq = fixture.tenant.catalogue_seq().unwrap();
    let made = fixture.tenant.create_collection("other").unwrap().id;
    let made_seq = fixture.tenant.catalogue_seq().unwrap();
    fixture.tenant.change_collection(made, Some("renamed".into()), None).unwrap();
    let renamed_seq = fixture.tenant.catalogue_seq().unwrap();
    fixture.tenant.delete_collection(made).unwrap();
    let last = fixture.tenant.catalogue_seq().unwrap();
    assert!(seq < made_seq && made_seq < renamed_seq && renamed_seq < last);
    assert!(after(&fixture, seq).iter().all(|change| change.now.is_none()));
}

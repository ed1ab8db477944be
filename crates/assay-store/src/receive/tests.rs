//! Receiving compares with the newest version that stands, and is durable.

use assay_core::{Coded, CollectionId, ErrorCode};

use crate::{
    BlobHash, NewVersion, Outcome, Told, VersionState,
    fixture::{Fixture, parsed},
};

#[test]
fn the_same_bytes_are_unchanged_in_work_and_searchable() {
    let fixture = Fixture::new();
    let first = fixture.receive("a.txt", "one");
    assert_eq!(first.outcome, Outcome::New);
    let again = fixture.receive("a.txt", "one");
    assert_eq!((again.version, again.outcome), (first.version, Outcome::Unchanged));

    fixture.tenant.save_parsed(first.version, parsed("one")).unwrap();
    fixture.tenant.publish(first.version).unwrap();
    let again = fixture.receive("a.txt", "one");
    assert_eq!((again.version, again.outcome), (first.version, Outcome::Unchanged));
}

#[test]
fn other_bytes_are_a_further_version_of_the_same_document() {
    let fixture = Fixture::new();
    let first = fixture.ingest("a.txt", "one");
    let second = fixture.receive("a.txt", "two");
    assert_eq!((second.document, second.outcome), (first.document, Outcome::Changed));
    assert_ne!(second.version, first.version);
}

#[test]
fn a_file_that_changed_back_before_the_change_was_published_is_changed() {
    let fixture = Fixture::new();
    fixture.ingest("a.txt", "one");
    let second = fixture.receive("a.txt", "two");
    let third = fixture.receive("a.txt", "one");
    assert_eq!(third.outcome, Outcome::Changed);
    assert_ne!(third.version, second.version);
}

#[test]
fn a_failed_version_is_tried_again_and_forgiven_when_the_file_went_back() {
    let fixture = Fixture::new();
    let first = fixture.ingest("a.txt", "one");
    let second = fixture.receive("a.txt", "broken");
    fixture.tenant.fail(second.version, "damaged", "cannot be read").unwrap();
    let again = fixture.receive("a.txt", "broken");
    assert_eq!(again.outcome, Outcome::Changed, "the failure may have been repaired");
    fixture.tenant.fail(again.version, "damaged", "cannot be read").unwrap();

    let back = fixture.receive("a.txt", "one");
    assert_eq!((back.version, back.outcome), (first.version, Outcome::Unchanged));
    let document = fixture.tenant.document(first.document).unwrap();
    assert_eq!(document.summary.latest.state, VersionState::Current);
}

#[test]
fn what_was_received_is_pending_after_a_crash() {
    let fixture = Fixture::new();
    let received = fixture.receive("a.txt", "one");
    let pending = fixture.crashed().tenant.pending().unwrap();
    assert_eq!(pending.len(), 1);
    assert_eq!((pending[0].id, pending[0].state), (received.version, VersionState::Received));
    assert_eq!(fixture.crashed().tenant.blob(pending[0].blob).unwrap(), b"one");
}

#[test]
fn a_new_name_is_kept_though_the_bytes_are_the_same() {
    let fixture = Fixture::new();
    let received = fixture.receive("a.txt", "one");
    let version = fixture.tenant.version(received.version).unwrap();
    let renamed = NewVersion {
        collection: version.collection,
        source_key: version.source_key,
        name: "Report".to_owned(),
        media_type: None,
        blob: version.blob,
        size: version.size,
        parent: None,
        told: None,
        access: None,
    };
    assert_eq!(fixture.tenant.receive(renamed).unwrap().outcome, Outcome::Unchanged);
    assert_eq!(fixture.tenant.version(received.version).unwrap().name, "Report");
}

#[test]
fn what_does_not_exist_cannot_be_received() {
    let fixture = Fixture::new();
    let new = |blob, collection| NewVersion {
        collection,
        source_key: "a.txt".to_owned(),
        name: "a.txt".to_owned(),
        media_type: None,
        blob,
        size: 3,
        parent: None,
        told: None,
        access: None,
    };
    let known = fixture.tenant.ensure_default().unwrap().id;
    let blob = fixture.tenant.put_blob(b"one").unwrap();
    let code = |new| fixture.tenant.receive(new).unwrap_err().code();
    assert_eq!(code(new(BlobHash::of(b"never put"), known)), ErrorCode::NotFound);
    assert_eq!(code(new(blob, CollectionId::new())), ErrorCode::NotFound);
}

#[test]
fn what_is_told_goes_before_what_is_found() {
    let fixture = Fixture::new();
    let received = fixture.receive("a.txt", "one");
    let found = serde_json::json!({ "title": "Found", "authors": ["Ada"] });
    let record = crate::ParsedRecord { found: Some(found), ..crate::fixture::parsed("one") };
    fixture.tenant.save_parsed(received.version, record).unwrap();
    fixture.tenant.publish(received.version).unwrap();
    let told = Told {
        tags: Some(vec!["draft".to_owned()]),
        metadata: Some(serde_json::json!({ "title": "Told" })),
    };
    let before = fixture.tenant.last_position().unwrap();
    fixture.tenant.change_document(received.document, None, told).unwrap();
    let summary = fixture.tenant.document(received.document).unwrap().summary;
    assert_eq!(summary.tags, ["draft"]);
    assert_eq!(
        serde_json::json!(summary.metadata),
        serde_json::json!({ "title": "Told", "authors": ["Ada"] })
    );
    assert_eq!(summary.latest.title.as_deref(), Some("Told"));
    assert_eq!(fixture.tenant.last_position().unwrap(), before + 1, "the index learns of it");
    let tagged = crate::DocumentFilter { tag: Some("draft".to_owned()), ..Default::default() };
    assert_eq!(fixture.tenant.documents(tagged, 10).unwrap().len(), 1);
    let none = crate::DocumentFilter { tag: Some("final".to_owned()), ..Default::default() };
    assert!(fixture.tenant.documents(none, 10).unwrap().is_empty());
}

#[test]
fn what_came_out_of_a_document_goes_with_it() {
    let fixture = Fixture::new();
    let archive = fixture.ingest("a.zip", "list");
    let blob = fixture.tenant.put_blob(b"inside").unwrap();
    let member = NewVersion {
        collection: fixture.tenant.ensure_default().unwrap().id,
        source_key: "a.zip!/b.txt".to_owned(),
        name: "b.txt".to_owned(),
        media_type: None,
        blob,
        size: 6,
        parent: Some(archive.document),
        told: None,
        access: None,
    };
    let member = fixture.tenant.receive(member).unwrap();
    let moved = fixture.tenant.create_collection("other").unwrap();
    fixture.tenant.change_document(archive.document, Some(moved.id), Told::default()).unwrap();
    let of_member = fixture.tenant.document(member.document).unwrap().summary;
    assert_eq!((of_member.parent, of_member.latest.collection), (Some(archive.document), moved.id));
    fixture.tenant.delete_document(archive.document).unwrap();
    assert!(fixture.tenant.document(member.document).is_err());
    fixture.tenant.delete_collection(moved.id).unwrap();
    assert!(fixture.tenant.collection_named("other").is_err());
}

#[test]
fn a_document_can_be_read_again_while_it_stays_searchable() {
    let fixture = Fixture::new();
    let first = fixture.ingest("a.txt", "one");
    let second = fixture.tenant.receive_again(first.document).unwrap().unwrap();
    assert_ne!(second, first.version);
    let document = fixture.tenant.document(first.document).unwrap().summary;
    assert_eq!((document.latest.id, document.current), (second, Some(first.version)));
}

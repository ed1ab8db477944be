//! Receiving compares with the newest version that stands, and is durable.

use assay_core::{Coded, CollectionId, ErrorCode};

use crate::{
    BlobHash, NewVersion, Outcome, VersionState,
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
    };
    let known = fixture.tenant.ensure_default().unwrap().id;
    let blob = fixture.tenant.put_blob(b"one").unwrap();
    let code = |new| fixture.tenant.receive(new).unwrap_err().code();
    assert_eq!(code(new(BlobHash::of(b"never put"), known)), ErrorCode::NotFound);
    assert_eq!(code(new(blob, CollectionId::new())), ErrorCode::NotFound);
}

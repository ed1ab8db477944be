//! Documents are listed by pages, and a deleted one is gone at once.

use assay_core::{Coded, DocumentId, ErrorCode};

use crate::{
    Change, DocumentFilter, Outcome, Publication, VersionState,
    fixture::{Fixture, parsed},
};

#[test]
fn pages_of_a_list_hold_every_document_once() {
    let fixture = Fixture::new();
    let mut created: Vec<_> =
        (0..7).map(|number| fixture.receive(&format!("{number}.txt"), "same").document).collect();
    created.reverse();
    let mut listed = Vec::new();
    let mut filter = DocumentFilter::default();
    loop {
        let page = fixture.tenant.documents(filter.clone(), 3).unwrap();
        let Some(last) = page.last() else { break };
        filter.after = Some(last.id);
        listed.extend(page.iter().map(|document| document.id));
    }
    assert_eq!(listed, created);
}

#[test]
fn a_list_is_filtered_by_state_and_collection() {
    let fixture = Fixture::new();
    let current = fixture.ingest("a.txt", "one");
    fixture.receive("b.txt", "two");
    let list = |filter| fixture.tenant.documents(filter, 10).unwrap();
    let state = Some(VersionState::Current);
    let found = list(DocumentFilter { state, ..DocumentFilter::default() });
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].id, found[0].passages), (current.document, 1));
    let other = fixture.tenant.create_collection("other").unwrap().id;
    let collection = Some(other);
    assert!(list(DocumentFilter { collection, ..DocumentFilter::default() }).is_empty());
}

#[test]
fn a_deleted_document_is_gone_at_once_and_its_key_is_free() {
    let fixture = Fixture::new();
    let received = fixture.ingest("a.txt", "one");
    let collection = fixture.tenant.ensure_default().unwrap().id;
    let passages = fixture.passage_ids(received.version);
    assert!(fixture.tenant.find_document(collection, "a.txt").unwrap().is_some());
    fixture.tenant.delete_document(received.document).unwrap();

    let fixture = fixture.reopen();
    let tenant = &fixture.tenant;
    assert!(tenant.get_passages(&passages).unwrap().is_empty());
    assert!(tenant.passage(passages[0]).is_err());
    assert!(tenant.find_document(collection, "a.txt").unwrap().is_none());
    assert_eq!(tenant.text(received.version).unwrap(), "");
    assert_eq!(tenant.blocks(received.version).unwrap(), None);
    assert_eq!(tenant.document(received.document).unwrap_err().code(), ErrorCode::NotFound);
    let again = tenant.delete_document(received.document).unwrap_err();
    assert_eq!(again.code(), ErrorCode::NotFound);
    let last = tenant.outbox_after(1, 10).unwrap();
    assert_eq!(last[0].change, Change::RemoveDocument { document: received.document });

    let reborn = fixture.receive("a.txt", "one");
    assert_eq!(reborn.outcome, Outcome::New);
    assert_ne!(reborn.document, received.document);
}

#[test]
fn work_on_a_deleted_document_ends_without_effect() {
    let fixture = Fixture::new();
    let received = fixture.receive("a.txt", "one");
    fixture.tenant.delete_document(received.document).unwrap();
    let error = fixture.tenant.save_parsed(received.version, parsed("one")).unwrap_err();
    assert!(error.is_outdated());
    assert_eq!(fixture.tenant.publish(received.version).unwrap(), Publication::Outdated);
    assert!(fixture.tenant.pending().unwrap().is_empty());
    assert_eq!(fixture.tenant.last_position().unwrap(), 0, "the index never saw it");
}

#[test]
fn an_unknown_document_is_not_found() {
    let error = Fixture::new().tenant.document(DocumentId::new()).unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotFound);
}

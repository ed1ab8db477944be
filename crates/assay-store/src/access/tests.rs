//! Lists hold in every function that shows documents, and by the rule that the module states.

use assay_core::{GroupId, Holder, PrincipalId, Reader, TenantScope};

use crate::{
    AccessList, DocumentFilter, NewVersion, Outcome, StoreError, TenantStore,
    fixture::{Fixture, parsed},
};

const ADA: PrincipalId = PrincipalId::from_u128(1);
const BOB: PrincipalId = PrincipalId::from_u128(2);
const LEGAL: GroupId = GroupId::from_u128(3);

fn reader(fixture: &Fixture, reader: &Reader) -> TenantStore {
    let tenant = TenantScope::built_in().tenant();
    fixture.store.tenant(&TenantScope::authenticated(tenant, reader.clone())).unwrap()
}

fn only(principal: PrincipalId) -> Option<AccessList> {
    Some(vec![Holder::Principal(principal)])
}

fn is_absent<T: std::fmt::Debug>(outcome: Result<T, StoreError>) {
    assert!(matches!(outcome, Err(StoreError::NotFound { .. })), "{outcome:?}");
}

#[test]
fn a_closed_document_is_absent_in_every_function() {
    let fixture = Fixture::new();
    let closed = fixture.ingest("closed.txt", "The salary of the director.\nA second line.");
    fixture.ingest("open.txt", "The canteen opens at noon.");
    fixture.tenant.set_document_access(closed.document, only(ADA)).unwrap();
    let (ada, bob) =
        (reader(&fixture, &Reader::of(ADA, [])), reader(&fixture, &Reader::of(BOB, [LEGAL])));
    let passages = fixture.passage_ids(closed.version);
    assert_eq!(ada.get_passages(&passages).unwrap().len(), 2);
    assert!(ada.document(closed.document).is_ok());
    is_absent(bob.document(closed.document));
    is_absent(bob.version(closed.version));
    is_absent(bob.passage(passages[0]));
    is_absent(bob.text(closed.version));
    is_absent(bob.blocks(closed.version));
    is_absent(bob.problems(closed.version));
    is_absent(bob.near_documents(closed.document, 0.5));
    is_absent(bob.document_access(closed.document));
    is_absent(bob.set_document_access(closed.document, None));
    is_absent(bob.delete_document(closed.document));
    is_absent(bob.change_document(closed.document, None, crate::Told::default()));
    is_absent(bob.add_feedback("salary", closed.document, true));
    assert_eq!(bob.receive_again(closed.document).unwrap(), None);
    assert!(bob.get_passages(&passages).unwrap().is_empty());
    assert_eq!(bob.documents(DocumentFilter::default(), 10).unwrap().len(), 1);
    let collection = bob.collection_named("default").unwrap().id;
    assert_eq!(bob.count_documents(collection).unwrap(), 1);
    assert!(bob.find_document(collection, "closed.txt").unwrap().is_none());
    // A group opens it again, and so does the end of the list.
    let list = Some(vec![Holder::Group(LEGAL)]);
    fixture.tenant.set_document_access(closed.document, list).unwrap();
    assert!(bob.document(closed.document).is_ok());
    is_absent(ada.document(closed.document));
    fixture.tenant.set_document_access(closed.document, None).unwrap();
    assert!(ada.document(closed.document).is_ok());
}

#[test]
fn the_nearest_list_holds() {
    let fixture = Fixture::new();
    let container = fixture.receive("mail.eml", "mail");
    let new = NewVersion {
        source_key: "mail.eml!/a.txt".to_owned(),
        parent: Some(container.document),
        ..new(&fixture, "a.txt", "inside")
    };
    let inside = fixture.tenant.receive(new).unwrap();
    let collection = fixture.tenant.ensure_default().unwrap().id;
    let bob = reader(&fixture, &Reader::of(BOB, []));
    let sees = |document| bob.document(document).is_ok();
    fixture.tenant.set_collection_access(collection, only(ADA)).unwrap();
    assert!(!sees(container.document) && !sees(inside.document), "by the collection");
    is_absent(bob.collection_named("default"));
    assert!(bob.collections().unwrap().is_empty());
    fixture.tenant.set_document_access(container.document, only(BOB)).unwrap();
    assert!(sees(container.document) && sees(inside.document), "by the document around it");
    fixture.tenant.set_document_access(inside.document, only(ADA)).unwrap();
    assert!(sees(container.document) && !sees(inside.document), "by its own");
    let everybody = Some(vec![Holder::Everybody, Holder::Principal(ADA)]);
    fixture.tenant.set_document_access(inside.document, everybody).unwrap();
    let access = fixture.tenant.document_access(inside.document).unwrap();
    assert_eq!((access.own, access.in_force), (Some(vec![Holder::Everybody]), None));
    fixture.tenant.set_document_access(container.document, only(ADA)).unwrap();
    assert!(!sees(container.document) && sees(inside.document), "open in a closed one");
    fixture.tenant.set_document_access(inside.document, None).unwrap();
    assert!(!sees(inside.document), "the list around it again");
    fixture.tenant.set_document_access(container.document, None).unwrap();
    fixture.tenant.set_collection_access(collection, None).unwrap();
    assert!(sees(container.document) && sees(inside.document));
}

fn new(fixture: &Fixture, key: &str, text: &str) -> NewVersion {
    NewVersion {
        collection: fixture.tenant.ensure_default().unwrap().id,
        source_key: key.to_owned(),
        name: key.to_owned(),
        media_type: None,
        blob: fixture.tenant.put_blob(text.as_bytes()).unwrap(),
        size: text.len() as u64,
        parent: None,
        told: None,
        access: None,
    }
}

#[test]
fn who_does_not_see_a_document_makes_another_of_the_same_name() {
    let fixture = Fixture::new();
    let (ada, bob) =
        (reader(&fixture, &Reader::of(ADA, [])), reader(&fixture, &Reader::of(BOB, [])));
    let closed = NewVersion { access: only(ADA), ..new(&fixture, "plan.txt", "of Ada") };
    let of_ada = ada.receive(closed).unwrap();
    is_absent(bob.document(of_ada.document));
    let of_bob = bob.receive(new(&fixture, "plan.txt", "of Ada")).unwrap();
    assert_eq!(of_bob.outcome, Outcome::New, "the same bytes tell nothing");
    assert_ne!(of_ada.document, of_bob.document);
    let again = bob.receive(new(&fixture, "plan.txt", "of Bob")).unwrap();
    assert_eq!((again.document, again.outcome), (of_bob.document, Outcome::Changed));
    assert_eq!(fixture.tenant.document(of_ada.document).unwrap().versions.len(), 1);
    // Who sees both changes the one that is open.
    let of_all = fixture.tenant.receive(new(&fixture, "plan.txt", "of all")).unwrap();
    assert_eq!(of_all.document, of_bob.document);
}

#[test]
fn groups_of_near_documents_are_not_joined_by_one_that_is_closed() {
    let fixture = Fixture::new();
    let sketch = |shift: u32| (0..128).map(|n| if n < shift { 1_000 + n } else { n }).collect();
    let mut made = Vec::new();
    for (name, shift) in [("a", 0), ("b", 40), ("c", 80)] {
        let received = fixture.receive(name, name);
        let record = crate::ParsedRecord { sketch: sketch(shift), ..parsed(name) };
        fixture.tenant.save_parsed(received.version, record).unwrap();
        fixture.tenant.publish(received.version).unwrap();
        made.push(received.document);
    }
    assert_eq!(fixture.tenant.near_groups(0.6).unwrap(), [made.clone()]);
    fixture.tenant.set_document_access(made[1], only(ADA)).unwrap();
    let bob = reader(&fixture, &Reader::of(BOB, []));
    assert!(bob.near_groups(0.6).unwrap().is_empty());
    assert!(bob.near_documents(made[0], 0.6).unwrap().is_empty());
}

#[test]
fn equal_lists_are_one_and_long_ones_are_refused() {
    let fixture = Fixture::new();
    let (a, b) = (fixture.receive("a", "a").document, fixture.receive("b", "b").document);
    let list = vec![Holder::Principal(ADA), Holder::Group(LEGAL)];
    let turned = list.iter().rev().copied().chain([Holder::Group(LEGAL)]).collect();
    fixture.tenant.set_document_access(a, Some(list.clone())).unwrap();
    fixture.tenant.set_document_access(b, Some(turned)).unwrap();
    assert_eq!(fixture.tenant.access_lists_after(0).unwrap(), [(1, list)]);
    let many = (0..1_001).map(|id| Holder::Principal(PrincipalId::from_u128(id))).collect();
    let outcome = fixture.tenant.set_document_access(a, Some(many));
    assert!(matches!(outcome, Err(StoreError::Invalid { .. })), "{outcome:?}");
    // Nobody on it: only who reads everything.
    fixture.tenant.set_document_access(a, Some(Vec::new())).unwrap();
    is_absent(reader(&fixture, &Reader::of(ADA, [LEGAL])).document(a));
    assert!(fixture.tenant.document(a).is_ok());
}

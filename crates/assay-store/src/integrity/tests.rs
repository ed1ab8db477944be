//! Counts follow the documents.

use std::collections::BTreeMap;

use crate::{VersionState, fixture::Fixture};

#[test]
fn documents_are_counted_by_their_latest_version() {
    let fixture = Fixture::new();
    fixture.ingest("a.txt", "one\ntwo");
    fixture.ingest("b.txt", "one");
    fixture.receive("b.txt", "changed");
    let gone = fixture.ingest("c.txt", "three");
    fixture.tenant.delete_document(gone.document).unwrap();
    let counts = fixture.tenant.counts().unwrap();
    let expected = BTreeMap::from([(VersionState::Received, 1), (VersionState::Current, 1)]);
    assert_eq!(counts.documents, expected);
    assert_eq!(counts.passages, 3, "a change in work does not hide what is searchable");
    assert_eq!(fixture.tenant.current_passage_ids().unwrap().len(), 3);
    assert_eq!(fixture.tenant.integrity().unwrap().versions, 4);
}

//! Judgements are kept, replaced, and go with their document.

use assay_core::{Coded, DocumentId, ErrorCode};

use crate::fixture::Fixture;

#[test]
fn the_last_word_on_a_pair_counts_and_goes_with_the_document() {
    let fixture = Fixture::new();
    let one = fixture.ingest("a.txt", "one").document;
    let two = fixture.ingest("b.txt", "two").document;
    let collection = fixture.tenant.ensure_default().unwrap().id;
    fixture.tenant.add_feedback("q", one, true).unwrap();
    fixture.tenant.add_feedback("q", two, true).unwrap();
    fixture.tenant.add_feedback("q", one, false).unwrap();
    let said: Vec<_> = fixture.tenant.feedback(collection, 10).unwrap();
    let said: Vec<_> = said.into_iter().map(|said| (said.document, said.useful)).collect();
    assert_eq!(said, [(one, false), (two, true)]);
    assert_eq!(fixture.tenant.feedback(collection, 1).unwrap().len(), 1);

    fixture.tenant.delete_document(one).unwrap();
    assert_eq!(fixture.tenant.feedback(collection, 10).unwrap().len(), 1);
    let error = fixture.tenant.add_feedback("q", DocumentId::new(), true).unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotFound);
}

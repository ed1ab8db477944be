//! Content is embedded once per model, and a version is embedded when nothing is missing.

use assay_core::{Coded, ErrorCode, PassageId};

use crate::{
    VersionState,
    fixture::{Fixture, parsed},
};

const MODEL: &str = "model-a";

#[test]
fn unchanged_paragraphs_of_a_new_version_keep_their_vectors() {
    let fixture = Fixture::new();
    let tenant = &fixture.tenant;
    let first = fixture.receive("a.txt", "one\ntwo");
    tenant.save_parsed(first.version, parsed("one\ntwo")).unwrap();
    let missing = tenant.passages_without_vector(first.version, MODEL, 10).unwrap();
    let vectors = missing.iter().zip([[1.0, 0.5], [0.1, -2.0]]);
    let vectors = vectors.map(|(passage, vector)| (passage.id, vector.to_vec())).collect();
    let state = tenant.save_vectors(first.version, MODEL, vectors).unwrap();
    assert_eq!(state, VersionState::Embedded);

    let second = fixture.receive("a.txt", "two\nthree");
    tenant.save_parsed(second.version, parsed("two\nthree")).unwrap();
    let missing = tenant.passages_without_vector(second.version, MODEL, 10).unwrap();
    assert_eq!(missing.iter().map(|passage| &passage.text).collect::<Vec<_>>(), ["three"]);
    let other = tenant.passages_without_vector(second.version, "model-b", 10).unwrap();
    assert_eq!(other.len(), 2, "another model has no vectors yet");
    tenant.save_vectors(second.version, MODEL, vec![(missing[0].id, vec![3.0, 4.0])]).unwrap();

    let fixture = fixture.reopen();
    let passages =
        fixture.tenant.version_passages_for_index(second.version, Some(MODEL), 0, 10).unwrap();
    let vectors: Vec<_> = passages.into_iter().map(|passage| passage.vector.unwrap()).collect();
    assert_eq!(vectors, [vec![0.1, -2.0], vec![3.0, 4.0]]);
    let found = fixture.tenant.vectors(&[missing[0].id], MODEL).unwrap();
    assert_eq!(found, [(missing[0].id, vec![3.0, 4.0])].into());
    assert!(fixture.tenant.vectors(&[missing[0].id], "model-b").unwrap().is_empty());
}

#[test]
fn a_version_whose_content_is_known_needs_no_vectors() {
    let fixture = Fixture::new();
    let first = fixture.receive("a.txt", "one\none");
    fixture.tenant.save_parsed(first.version, parsed("one\none")).unwrap();
    let missing = fixture.tenant.passages_without_vector(first.version, MODEL, 10).unwrap();
    assert_eq!(missing.len(), 1, "content that occurs twice is given once");
    let vectors = vec![(missing[0].id, vec![1.0])];
    let state = fixture.tenant.save_vectors(first.version, MODEL, vectors).unwrap();
    assert_eq!(state, VersionState::Embedded);

    let copy = fixture.receive("copy.txt", "one\none");
    fixture.tenant.save_parsed(copy.version, parsed("one\none")).unwrap();
    let state = fixture.tenant.save_vectors(copy.version, MODEL, Vec::new()).unwrap();
    assert_eq!(state, VersionState::Embedded);
}

#[test]
fn vectors_that_do_not_fit_are_refused_as_a_whole() {
    let fixture = Fixture::new();
    let received = fixture.receive("a.txt", "one\ntwo");
    let save = |vectors| fixture.tenant.save_vectors(received.version, MODEL, vectors);
    assert_eq!(save(Vec::new()).unwrap_err().code(), ErrorCode::Conflict, "not parsed yet");
    fixture.tenant.save_parsed(received.version, parsed("one\ntwo")).unwrap();
    let ids = fixture.passage_ids(received.version);
    let uneven = save(vec![(ids[0], vec![1.0]), (ids[1], vec![1.0, 2.0])]);
    assert_eq!(uneven.unwrap_err().code(), ErrorCode::BadRequest);
    let foreign = save(vec![(ids[0], vec![1.0]), (PassageId::new(), vec![1.0])]);
    assert_eq!(foreign.unwrap_err().code(), ErrorCode::NotFound);
    assert_eq!(fixture.tenant.integrity().unwrap().vectors, 0);
}

#[test]
fn vectors_without_content_are_swept() {
    let fixture = Fixture::new();
    let kept = fixture.ingest("a.txt", "one");
    let gone = fixture.ingest("b.txt", "two");
    for version in [kept.version, gone.version] {
        let id = fixture.passage_ids(version)[0];
        fixture.tenant.save_vectors(version, MODEL, vec![(id, vec![1.0])]).unwrap();
    }
    fixture.tenant.delete_document(gone.document).unwrap();
    assert_eq!(fixture.tenant.sweep_vectors().unwrap(), 1);
    assert_eq!(fixture.tenant.integrity().unwrap().vectors, 1);
}

//! Parsing results are replaced as a whole and refused when they do not fit their text.

use assay_core::{Coded, ErrorCode, TextRange};

use crate::{
    ProblemRecord, VersionState,
    fixture::{Fixture, parsed},
};

#[test]
fn a_second_result_replaces_the_first() {
    let fixture = Fixture::new();
    let received = fixture.receive("a.txt", "one\ntwo\nthree");
    let mut first = parsed("one\ntwo\nthree");
    first.problems =
        vec![
            ProblemRecord { code: "page".to_owned(), message: "bad".to_owned(), page: Some(2) };
            3
        ];
    fixture.tenant.save_parsed(received.version, first).unwrap();
    let mut second = parsed("eins\nzwei");
    second.problems =
        vec![ProblemRecord { code: "font".to_owned(), message: "odd".to_owned(), page: None }];
    second.blocks = b"{}".to_vec();
    fixture.tenant.save_parsed(received.version, second.clone()).unwrap();

    let tenant = fixture.reopen().tenant;
    let version = tenant.version(received.version).unwrap();
    assert_eq!((version.state, version.text_bytes), (VersionState::Parsed, Some(9)));
    assert_eq!(version.title.as_deref(), Some("Title"));
    assert_eq!(version.media_type.as_deref(), Some("text/plain"));
    assert_eq!(tenant.text(received.version).unwrap(), "eins\nzwei");
    assert_eq!(tenant.problems(received.version).unwrap(), second.problems);
    assert_eq!(tenant.blocks(received.version).unwrap(), Some(b"{}".to_vec()));
    assert_eq!(tenant.integrity().unwrap().passages, 2);
}

#[test]
fn a_passage_outside_its_text_is_refused_and_leaves_nothing() {
    let fixture = Fixture::new();
    let received = fixture.receive("a.txt", "ä\nb");
    for range in [TextRange::new(0, 99), TextRange::new(1, 2)] {
        let mut record = parsed("ä\nb");
        record.passages[1].range = range;
        let error = fixture.tenant.save_parsed(received.version, record).unwrap_err();
        assert_eq!(error.code(), ErrorCode::BadRequest);
    }
    assert_eq!(fixture.tenant.integrity().unwrap().passages, 0);
    let state = fixture.tenant.version(received.version).unwrap().state;
    assert_eq!(state, VersionState::Received);
}

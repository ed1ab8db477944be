//! States are written as they are read, and a failure leaves what is searchable alone.

use assay_core::{Coded, ErrorCode, VersionId};

use crate::{
    Failure, VersionState,
    fixture::{Fixture, parsed},
};

#[test]
fn every_state_reads_back() {
    for state in VersionState::ALL {
        let json = serde_json::to_string(&state).unwrap();
        assert_eq!(json, format!("\"{}\"", state.as_str()));
        assert_eq!(serde_json::from_str::<VersionState>(&json).unwrap(), state);
    }
}

#[test]
fn a_failed_version_leaves_the_current_one_searchable() {
    let fixture = Fixture::new();
    let first = fixture.ingest("a.txt", "one");
    let second = fixture.receive("a.txt", "two");
    fixture.tenant.fail(second.version, "too_large", "more pages than allowed").unwrap();
    let document = fixture.reopen().tenant.document(first.document).unwrap();
    assert_eq!(document.summary.current, Some(first.version));
    assert_eq!(document.summary.latest.state, VersionState::Failed);
    let failure =
        Failure { code: "too_large".to_owned(), reason: "more pages than allowed".to_owned() };
    assert_eq!(document.summary.latest.failure, Some(failure));
}

#[test]
fn a_reopened_version_goes_on_where_it_was() {
    let fixture = Fixture::new();
    let unread = fixture.receive("a.txt", "one").version;
    let read = fixture.receive("b.txt", "two").version;
    fixture.tenant.save_parsed(read, parsed("two")).unwrap();
    for (version, state) in [(unread, VersionState::Received), (read, VersionState::Parsed)] {
        fixture.tenant.fail(version, "cancelled", "cancelled by request").unwrap();
        for _ in 0..2 {
            fixture.tenant.reopen(version).unwrap();
            let reopened = fixture.tenant.version(version).unwrap();
            assert_eq!((reopened.state, reopened.failure), (state, None));
        }
    }
    fixture.tenant.publish(read).unwrap();
    let error = fixture.tenant.reopen(read).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Conflict, "it is searchable");
}

#[test]
fn a_failure_that_was_replaced_is_not_reopened() {
    let fixture = Fixture::new();
    let failed = fixture.receive("a.txt", "one").version;
    fixture.tenant.fail(failed, "x", "y").unwrap();
    fixture.ingest("a.txt", "two");
    assert_eq!(fixture.tenant.reopen(failed).unwrap_err().code(), ErrorCode::Conflict);
}

#[test]
fn only_a_pending_version_can_fail() {
    let fixture = Fixture::new();
    let received = fixture.ingest("a.txt", "one");
    let error = fixture.tenant.fail(received.version, "x", "y").unwrap_err();
    assert_eq!(error.code(), ErrorCode::Conflict);
    assert!(!error.is_outdated());
    let error = fixture.tenant.fail(VersionId::new(), "x", "y").unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotFound);
}

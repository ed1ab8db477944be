//! States are written as they are read, and a failure leaves what is searchable alone.

use assay_core::{Coded, ErrorCode, VersionId};

use crate::{Failure, VersionState, fixture::Fixture};

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
fn only_a_pending_version_can_fail() {
    let fixture = Fixture::new();
    let received = fixture.ingest("a.txt", "one");
    let error = fixture.tenant.fail(received.version, "x", "y").unwrap_err();
    assert_eq!(error.code(), ErrorCode::Conflict);
    assert!(!error.is_outdated());
    let error = fixture.tenant.fail(VersionId::new(), "x", "y").unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotFound);
}

//! The order of receipt decides which version is current, whatever the order of the work.

use std::time::Duration;

use assay_core::{Coded, ErrorCode};

use crate::{
    Change, Publication, VersionState,
    fixture::{Fixture, parsed},
};

#[test]
fn an_older_version_never_replaces_a_newer_one() {
    let fixture = Fixture::new();
    let old = fixture.receive("a.txt", "old");
    let new = fixture.receive("a.txt", "new");
    fixture.tenant.save_parsed(old.version, parsed("old")).unwrap();
    fixture.tenant.save_parsed(new.version, parsed("new")).unwrap();
    assert_eq!(fixture.tenant.publish(new.version).unwrap(), Publication::Published);
    assert_eq!(fixture.tenant.publish(old.version).unwrap(), Publication::Outdated);
    assert_eq!(fixture.tenant.publish(new.version).unwrap(), Publication::AlreadyCurrent);

    let document = fixture.tenant.document(new.document).unwrap();
    assert_eq!(document.summary.current, Some(new.version));
    let states: Vec<_> = document.versions.iter().map(|version| version.state).collect();
    assert_eq!(states, [VersionState::Current, VersionState::Superseded]);
    let late = fixture.tenant.save_parsed(old.version, parsed("old")).unwrap_err();
    assert!(late.is_outdated());
}

#[test]
fn a_newer_version_takes_the_place_of_the_current_one() {
    let fixture = Fixture::new();
    let first = fixture.ingest("a.txt", "one");
    let second = fixture.ingest("a.txt", "two");
    let document = first.document;
    let changes: Vec<_> =
        fixture.tenant.outbox_after(0, 10).unwrap().into_iter().map(|entry| entry.change).collect();
    assert_eq!(
        changes,
        [
            Change::PutVersion { document, version: first.version },
            Change::RemoveVersion { document, version: first.version },
            Change::PutVersion { document, version: second.version },
        ]
    );
}

#[test]
fn what_is_not_parsed_or_failed_is_not_published() {
    let fixture = Fixture::new();
    let received = fixture.receive("a.txt", "one");
    let error = fixture.tenant.publish(received.version).unwrap_err();
    assert_eq!(error.code(), ErrorCode::Conflict);
    fixture.tenant.fail(received.version, "x", "y").unwrap();
    assert_eq!(fixture.tenant.publish(received.version).unwrap_err().code(), ErrorCode::Conflict);
    assert_eq!(fixture.tenant.last_position().unwrap(), 0);
}

#[test]
fn superseded_versions_are_kept_for_citations_until_forgotten() {
    let fixture = Fixture::new();
    let first = fixture.ingest("a.txt", "one");
    let cited = fixture.passage_ids(first.version)[0];
    fixture.ingest("a.txt", "two");
    assert!(fixture.tenant.get_passages(&[cited]).unwrap().is_empty());
    assert!(!fixture.tenant.passage(cited).unwrap().is_current);

    let day = Duration::from_secs(24 * 3600);
    assert_eq!(fixture.tenant.forget_superseded(day).unwrap(), 0);
    fixture.clock.advance_ms(25 * 3600 * 1000);
    assert_eq!(fixture.tenant.forget_superseded(day).unwrap(), 1);
    assert_eq!(fixture.tenant.passage(cited).unwrap_err().code(), ErrorCode::NotFound);
    assert_eq!(fixture.tenant.integrity().unwrap().passages, 1);
    assert_eq!(fixture.tenant.sweep_blobs(day).unwrap().blobs, 1);
}

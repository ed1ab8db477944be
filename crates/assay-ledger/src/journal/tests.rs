//! What is read back from a journal that was cut or damaged anywhere.

use assay_core::{CallId, NanoUsd, RequestId, TenantScope};
use proptest::prelude::*;

use super::Journal;
use crate::{
    CallKind, Caller, Labels, Outcome, Usage,
    call::{Call, End, Entry},
};

fn call(number: u64) -> Call {
    let caller = Caller::new(&TenantScope::built_in()).user("a\"b\\é").unwrap();
    Call {
        id: CallId::new(),
        at_ms: i64::try_from(number).unwrap(),
        labels: Labels::new(&caller, "acme", "m").unwrap(),
        kind: CallKind::Chat,
        request: RequestId::new(),
        query: Some(RequestId::new()),
        document: None,
        attempt: 3,
        price: 7,
        reserved: NanoUsd::from_nanos(number),
        estimate: Usage::tokens(1, 2),
    }
}

fn end(call: &Call) -> End {
    End { outcome: Outcome::Cut, cost: NanoUsd::from_nanos(5), ..End::abandoned(call, 9) }
}

/// A journal of ten calls of which the first five have ended.
fn written() -> (tempfile::TempDir, Vec<Call>) {
    let folder = tempfile::tempdir().unwrap();
    let replayed = Journal::replay(folder.path(), None).unwrap();
    let mut journal = Journal::begin(folder.path(), &replayed, None).unwrap();
    let calls: Vec<_> = (0..10).map(call).collect();
    for call in &calls {
        journal.call(call).unwrap();
    }
    for call in &calls[..5] {
        journal.end(call.id, &end(call)).unwrap();
    }
    (folder, calls)
}

#[test]
fn a_sealed_journal_shows_nothing_and_takes_over_a_plain_one() {
    use assay_vault::{DataKey, Owner};
    let seal =
        std::sync::Arc::new(DataKey::generate(Owner::Installation).unwrap().sealer("journal"));
    let (folder, calls) = written();
    let replayed = Journal::replay(folder.path(), Some(&seal)).unwrap();
    assert_eq!(replayed.open.len(), 5);
    let mut journal =
        Journal::begin(folder.path(), &replayed, Some(std::sync::Arc::clone(&seal))).unwrap();
    for call in &calls {
        journal.entry(&Entry { call: call.clone(), end: end(call) }).unwrap();
    }
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(4).any(|window| window == b"acme"));
    }
    let again = Journal::replay(folder.path(), Some(&seal)).unwrap();
    assert_eq!((again.entries.len(), again.open.len()), (10, 0));
    assert!(Journal::replay(folder.path(), None).unwrap().entries.is_empty());
}

#[test]
fn what_was_written_is_read_back() {
    let (folder, calls) = written();
    let replayed = Journal::replay(folder.path(), None).unwrap();
    assert_eq!((replayed.entries.len(), replayed.open.len()), (5, 5));
    let first = &replayed.entries[0];
    assert_eq!(format!("{:?}", first.call), format!("{:?}", calls[0]));
    assert_eq!(first.end, end(&calls[0]));
    Journal::begin(folder.path(), &replayed, None).unwrap();
    let again = Journal::replay(folder.path(), None).unwrap();
    assert_eq!((again.entries.len(), again.open.len()), (0, 0), "the old segment is gone");
}

#[test]
fn a_new_segment_holds_what_is_open_and_what_waits() {
    let (folder, calls) = written();
    let replayed = Journal::replay(folder.path(), None).unwrap();
    let mut journal = Journal::begin(folder.path(), &replayed, None).unwrap();
    let waiting = [Entry { call: calls[0].clone(), end: end(&calls[0]) }];
    journal.rotate(calls[5..7].iter(), &waiting).unwrap();
    journal.end(calls[5].id, &end(&calls[5])).unwrap();
    let again = Journal::replay(folder.path(), None).unwrap();
    assert_eq!((again.entries.len(), again.open.len()), (2, 1));
}

proptest! {
    #[test]
    fn a_journal_cut_anywhere_keeps_what_stands_before_the_cut(share in 0.0_f64..1.0) {
        let (folder, _) = written();
        let path = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let cut = (bytes.len() as f64 * share) as usize;
        let whole = bytes[..cut].iter().filter(|byte| **byte == b'\n').count();
        std::fs::write(&path, &bytes[..cut]).unwrap();
        let replayed = Journal::replay(folder.path(), None).unwrap();
        prop_assert_eq!(replayed.open.len() + 2 * replayed.entries.len(), whole);
    }

    #[test]
    fn a_damaged_byte_costs_its_own_line(share in 0.0_f64..1.0, flip in 1_u8..) {
        let (folder, _) = written();
        let path = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
        let mut bytes = std::fs::read(&path).unwrap();
        let at = (bytes.len() as f64 * share) as usize;
        prop_assume!(bytes[at] != b'\n' && bytes[at] ^ flip != b'\n');
        bytes[at] ^= flip;
        std::fs::write(&path, &bytes).unwrap();
        let replayed = Journal::replay(folder.path(), None).unwrap();
        let left = replayed.open.len() + 2 * replayed.entries.len();
        prop_assert!((13..=15).contains(&left), "{}", left);
    }
}

//! Whoever follows the outbox holds exactly the current passages, whatever happened before.

use std::collections::{BTreeMap, BTreeSet};

use assay_core::{Coded, DocumentId, ErrorCode, PassageId, VersionId};
use proptest::prelude::*;

use super::Change;
use crate::{
    TenantStore,
    fixture::{Fixture, parsed, receive},
};

/// An index reduced to what it holds.
#[derive(Default)]
struct Follower {
    position: u64,
    held: BTreeMap<(DocumentId, VersionId), Vec<PassageId>>,
}

impl Follower {
    /// Takes in what is new, in pages of two so that paging is tested too.
    fn follow(&mut self, tenant: &TenantStore) {
        loop {
            let entries = tenant.outbox_after(self.position, 2).unwrap();
            let Some(last) = entries.last() else { return };
            self.position = last.position;
            for entry in &entries {
                self.apply(tenant, entry.change);
            }
        }
    }

    fn apply(&mut self, tenant: &TenantStore, change: Change) {
        match change {
            Change::PutVersion { document, version } => {
                self.held.insert((document, version), read(tenant, version));
            }
            Change::RemoveVersion { document, version } => {
                self.held.remove(&(document, version));
            }
            Change::RemoveDocument { document } => {
                self.held.retain(|(of, _), _| *of != document);
            }
        }
    }

    fn passages(&self) -> BTreeSet<PassageId> {
        self.held.values().flatten().copied().collect()
    }
}

fn read(tenant: &TenantStore, version: VersionId) -> Vec<PassageId> {
    let mut ids = Vec::new();
    loop {
        let first = u32::try_from(ids.len()).unwrap();
        let page = tenant.version_passages_for_index(version, None, first, 2).unwrap();
        if page.is_empty() {
            return ids;
        }
        ids.extend(page.iter().map(|passage| passage.id));
    }
}

#[derive(Debug, Clone)]
enum Step {
    Receive { key: u8, lines: u8 },
    Parse(prop::sample::Index),
    Publish(prop::sample::Index),
    Fail(prop::sample::Index),
    Delete(prop::sample::Index),
    Forget,
    Follow,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..4_u8, 1..5_u8).prop_map(|(key, lines)| Step::Receive { key, lines }),
        4 => any::<prop::sample::Index>().prop_map(Step::Parse),
        4 => any::<prop::sample::Index>().prop_map(Step::Publish),
        1 => any::<prop::sample::Index>().prop_map(Step::Fail),
        1 => any::<prop::sample::Index>().prop_map(Step::Delete),
        1 => Just(Step::Forget),
        1 => Just(Step::Follow),
    ]
}

/// Runs a step; one that the state does not allow is refused and changes nothing.
fn run(tenant: &TenantStore, step: &Step, known: &mut Vec<(DocumentId, VersionId, String)>) {
    let pick = |at: &prop::sample::Index| (!known.is_empty()).then(|| at.get(known).clone());
    match step {
        Step::Receive { key, lines } => {
            let text: String = (0..*lines).map(|line| format!("{lines}-{line}\n")).collect();
            let received = receive(tenant, &key.to_string(), &text);
            known.push((received.document, received.version, text));
        }
        Step::Parse(at) => {
            let Some((_, version, text)) = pick(at) else { return };
            let _refused = tenant.save_parsed(version, parsed(&text));
        }
        Step::Publish(at) => {
            let Some((_, version, _)) = pick(at) else { return };
            let _refused = tenant.publish(version);
        }
        Step::Fail(at) => {
            let Some((_, version, _)) = pick(at) else { return };
            let _refused = tenant.fail(version, "code", "reason");
        }
        Step::Delete(at) => {
            let Some((document, ..)) = pick(at) else { return };
            let _refused = tenant.delete_document(document);
        }
        Step::Forget => {
            tenant.forget_superseded(std::time::Duration::ZERO).unwrap();
        }
        Step::Follow => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn replaying_the_outbox_gives_the_current_passages(
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let fixture = Fixture::new();
        let tenant = &fixture.tenant;
        let mut known = Vec::new();
        let mut early = Follower::default();
        for step in &steps {
            run(tenant, step, &mut known);
            if matches!(step, Step::Follow) {
                early.follow(tenant);
            }
        }
        early.follow(tenant);
        let mut late = Follower::default();
        late.follow(tenant);
        let rebuilt = tenant.all_current_versions().unwrap();
        let from_records: BTreeSet<_> =
            rebuilt.versions.iter().flat_map(|current| read(tenant, current.version)).collect();
        let truth: BTreeSet<_> = tenant.current_passage_ids().unwrap().into_iter().collect();
        prop_assert_eq!(&early.passages(), &truth, "following step by step");
        prop_assert_eq!(&late.passages(), &truth, "following from the start");
        prop_assert_eq!(&from_records, &truth, "rebuilding");
        prop_assert_eq!(rebuilt.position, late.position);
        let documents: BTreeSet<_> =
            rebuilt.versions.iter().map(|current| current.document).collect();
        prop_assert_eq!(documents.len(), rebuilt.versions.len(), "one version a document");
    }
}

#[test]
fn an_index_before_the_pruned_entries_is_told_to_rebuild() {
    let fixture = Fixture::new();
    fixture.ingest("a.txt", "one");
    fixture.ingest("b.txt", "two");
    assert_eq!(fixture.tenant.prune_outbox(1).unwrap(), 1);
    assert_eq!(fixture.tenant.outbox_after(0, 10).unwrap_err().code(), ErrorCode::Conflict);
    assert_eq!(fixture.tenant.outbox_after(1, 10).unwrap().len(), 1);
    assert_eq!(fixture.tenant.prune_outbox(2).unwrap(), 1);
    assert_eq!(fixture.tenant.prune_outbox(3).unwrap_err().code(), ErrorCode::BadRequest);

    let fixture = fixture.reopen();
    fixture.ingest("c.txt", "three");
    let entries = fixture.tenant.outbox_after(2, 10).unwrap();
    assert_eq!(entries[0].position, 3, "a position is never used twice");
    assert_eq!(fixture.tenant.last_position().unwrap(), 3);
}

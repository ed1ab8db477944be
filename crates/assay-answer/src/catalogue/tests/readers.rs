//! Access lists against a model: the records, the catalogue and twenty plain lines agree.

use assay_core::{GroupId, Holder, PrincipalId, Reader};
use assay_store::DocumentFilter;

use super::*;

/// Who may see a document, in the plainest form.
#[derive(Debug, Default)]
struct Lists {
    /// Document, the document around it, its own list.
    documents: Vec<(DocumentId, Option<usize>, Option<Vec<Holder>>)>,
    collection: Option<Vec<Holder>>,
    deleted: HashSet<DocumentId>,
}

impl Lists {
    fn seen_by(&self, reader: &Reader) -> HashSet<DocumentId> {
        let in_force = |mut place: usize| loop {
            match &self.documents[place] {
                (_, _, Some(own)) => return Some(own),
                (_, Some(around), None) => place = *around,
                (_, None, None) => return self.collection.as_ref(),
            }
        };
        let seen = (0..self.documents.len())
            .filter(|place| in_force(*place).is_none_or(|list| reader.is_on(list)));
        let seen = seen.map(|place| self.documents[place].0);
        seen.filter(|id| !self.deleted.contains(id)).collect()
    }
}

/// Random changes of documents and lists: the records, the catalogue and a model of twenty lines say
/// the same to every reader, after every change, with sets that were made before it.
#[test]
fn readers_see_what_the_rule_leaves_them_after_any_changes() {
    let fixture = Fixture::new();
    let store = &fixture.store;
    let people: Vec<_> = (1..=3).map(PrincipalId::from_u128).collect();
    let groups: Vec<_> = (11..=12).map(GroupId::from_u128).collect();
    let readers = [
        Reader::of(people[0], []),
        Reader::of(people[1], [groups[0]]),
        Reader::of(people[2], groups.clone()),
        Reader::nobody(),
        Reader::whole(),
    ];
    let tenant = TenantScope::built_in().tenant();
    let stores: Vec<_> = readers
        .iter()
        .map(|it| store.tenant(&TenantScope::authenticated(tenant, it.clone())).unwrap())
        .collect();
    let default = fixture.tenant.ensure_default().unwrap().id;
    let mut lists = Lists::default();
    // A linear congruential generator (Knuth): the same run each time.
    let mut state = 7_u64;
    let mut random = |below: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for step in 0..300 {
        let mut holders: Vec<_> = people.iter().map(|it| Holder::Principal(*it)).collect();
        holders.extend(groups.iter().map(|it| Holder::Group(*it)));
        holders.push(Holder::Everybody);
        holders.retain(|_| random(3) == 0);
        let list = (random(3) > 0).then_some(holders);
        let place = random(lists.documents.len().max(1));
        match (random(6), lists.documents.get(place).map(|known| known.0)) {
            (0..=2, None) | (0, _) => {
                let around = (!lists.documents.is_empty() && random(3) == 0).then_some(place);
                let around = around.filter(|at| !lists.deleted.contains(&lists.documents[*at].0));
                let parent = around.map(|at| lists.documents[at].0);
                let own = list.filter(|_| random(2) == 0);
                let id = fixture.take_in(&format!("{step}.txt"), None, 0, parent, own.clone());
                lists.documents.push((id, around, own));
            }
            (1..=2, Some(id)) if !lists.deleted.contains(&id) => {
                fixture.tenant.set_document_access(id, list.clone()).unwrap();
                lists.documents[place].2 = list;
            }
            (3, _) => {
                fixture.tenant.set_collection_access(default, list.clone()).unwrap();
                // One that names everybody closes nothing.
                lists.collection = list.filter(|list| !list.contains(&Holder::Everybody));
            }
            (4, Some(id)) if random(4) == 0 && !lists.deleted.contains(&id) => {
                fixture.tenant.delete_document(id).unwrap();
                lists.deleted.insert(id);
                loop {
                    let more: Vec<_> = lists
                        .documents
                        .iter()
                        .filter(|(id, around, _)| {
                            let gone = around
                                .is_some_and(|at| lists.deleted.contains(&lists.documents[at].0));
                            gone && !lists.deleted.contains(id)
                        })
                        .map(|known| known.0)
                        .collect();
                    if more.is_empty() {
                        break;
                    }
                    lists.deleted.extend(more);
                }
            }
            _ => {}
        }
        let catalogue = fixture.catalogues.current(&fixture.tenant).unwrap();
        let all: HashSet<_> = catalogue.held().documents.keys().copied().collect();
        for (reader, store) in readers.iter().zip(&stores) {
            let expected = lists.seen_by(reader);
            let listed = store.documents(DocumentFilter::default(), 1_000).unwrap();
            let listed: HashSet<_> = listed.iter().map(|document| document.id).collect();
            assert_eq!(listed, expected, "records, step {step}, {reader:?}");
            let readable = catalogue.readable(reader);
            let seen = match &readable {
                Some(readable) => readable.documents.iter().copied().collect(),
                None => all.clone(),
            };
            assert_eq!(seen, expected, "catalogue, step {step}, {reader:?}");
            if let Some(readable) = readable {
                assert_eq!(readable.passages, expected.len() as u64);
            }
        }
    }
    assert!(lists.documents.len() > 30 && lists.deleted.len() > 3, "{lists:?}");
}

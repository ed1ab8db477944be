//! The embedded index: the shared contract, random changes against the model, damage on disk.

use std::{fs, io::Write, path::PathBuf};

use assay_core::{Coded, CollectionId, DocumentId, ErrorCode, PassageId, VersionId};
use assay_vault::EncryptionSettings;
use proptest::{collection::vec, prelude::*, sample::Index};
use tempfile::TempDir;

use super::*;
use crate::{
    AllowedSet, IndexedPassage, Readable,
    contract::{self, Model, passage, same_ranking},
};

/// An 8-bit row of few dimensions; with hundreds of dimensions the error is far smaller.
const TOLERANCE: f32 = 0.01;
const WORDS: [&str; 5] = ["turbine", "valve", "invoice", "pump", "ledger"];

fn open(root: &TempDir) -> EmbeddedIndex {
    EmbeddedIndex::open(root.path(), &IndexSettings::default()).unwrap()
}

fn folder(root: &TempDir) -> PathBuf {
    let tenant = TenantScope::built_in().tenant().to_string();
    root.path().join(tenant).join("index")
}

fn put(id: u128, text: &str, vector: Option<Vec<f32>>) -> IndexChange {
    IndexChange::Put(Box::new(passage(id, id / 2, id % 3, text, vector)))
}

#[test]
fn keeps_the_contract() {
    let root = TempDir::new().unwrap();
    contract::all(&|| Box::new(open(&root)));
}

/// A vault with the keys of the tenants that the contract uses.
fn vault(root: &TempDir) -> Arc<Vault> {
    let key = assay_core::Secret::new(format!("{}=", "A".repeat(43)));
    let settings = EncryptionSettings { root_key: Some(key), ..EncryptionSettings::default() };
    let vault = Vault::open(root.path(), &settings).unwrap();
    for number in 0..100 {
        vault.tenant(TenantId::from_u128(number), true).unwrap();
    }
    vault.tenant(TenantScope::built_in().tenant(), true).unwrap();
    Arc::new(vault)
}

#[test]
fn an_encrypted_index_keeps_the_contract() {
    let root = TempDir::new().unwrap();
    let vault = vault(&root);
    contract::all(&|| {
        let settings = IndexSettings::default();
        Box::new(EmbeddedIndex::open_with(root.path(), &settings, Arc::clone(&vault)).unwrap())
    });
}

#[test]
fn an_encrypted_index_shows_nothing_and_one_of_before_is_started_anew() {
    let root = TempDir::new().unwrap();
    let scope = TenantScope::built_in();
    let planted = "plantedwordthatnobodymayread";
    let vector = vec![0.25, 0.5, 0.75, 1.0];
    open(&root).apply(&scope, &[put(1, planted, Some(vector.clone()))], 1).unwrap();
    let shows = || {
        let mut folders = vec![folder(&root)];
        let mut found = false;
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let bytes = fs::read(path).unwrap();
                    // Words are compressed; what says how they are kept is not.
                    found |= bytes.windows(14).any(|window| window == b"index_settings");
                    found |= bytes.starts_with(b"ASSAYVE");
                }
            }
        }
        found
    };
    assert!(shows(), "in clear without a key");
    let settings = IndexSettings::default();
    let sealed = EmbeddedIndex::open_with(root.path(), &settings, vault(&root)).unwrap();
    assert_eq!(sealed.position(&scope).unwrap(), 0, "the records fill it again");
    assert!(!shows());
    sealed.apply(&scope, &[put(1, planted, Some(vector.clone()))], 1).unwrap();
    drop(sealed);
    assert!(!shows());
    let sealed = EmbeddedIndex::open_with(root.path(), &settings, vault(&root)).unwrap();
    assert_eq!(sealed.keyword(&scope, planted, &Filter::default(), 5).unwrap().len(), 1);
    assert_eq!(sealed.vector(&scope, &vector, &Filter::default(), 5).unwrap().len(), 1);
}

fn a_vector() -> impl Strategy<Value = Vec<f32>> {
    vec(-1.0_f32..1.0, 4).prop_filter("a direction", |v| v.iter().any(|x| x.abs() > 0.1))
}

fn a_change() -> impl Strategy<Value = IndexChange> {
    let put = (0_u128..12, 0_u128..3, 0_usize..WORDS.len(), proptest::option::of(a_vector()))
        .prop_map(|(id, version, word, vector)| {
            IndexChange::Put(Box::new(IndexedPassage {
                version: VersionId::from_u128(version),
                ..passage(id, id / 3, id % 2, WORDS[word], vector)
            }))
        });
    prop_oneof![
        6 => put,
        1 => (0_u128..4, 0_u128..3).prop_map(|(document, version)| IndexChange::RemoveVersion {
            document: DocumentId::from_u128(document),
            version: VersionId::from_u128(version),
        }),
        1 => (0_u128..4).prop_map(|d| IndexChange::RemoveDocument(DocumentId::from_u128(d))),
        1 => (0_u128..12).prop_map(|p| IndexChange::RemovePassage(PassageId::from_u128(p))),
    ]
}

fn a_filter() -> impl Strategy<Value = Filter> {
    let set = (vec(0_u128..5, 0..3), vec(0_u128..12, 0..4)).prop_map(|(documents, passages)| {
        Arc::new(AllowedSet {
            documents: documents.into_iter().map(DocumentId::from_u128).collect(),
            passages: passages.into_iter().map(PassageId::from_u128).collect(),
        })
    });
    let set = proptest::option::of(set);
    let seen = vec(0_u128..5, 0..4).prop_map(|documents| {
        let documents: HashSet<_, _> = documents.into_iter().map(DocumentId::from_u128).collect();
        let passages = documents.len() as u64 * 3;
        Arc::new(Readable { documents, passages, bytes: passages * 12 })
    });
    let seen = proptest::option::of(seen);
    (vec(0_u128..3, 0..2), vec(0_u128..5, 0..3), set, seen).prop_map(
        |(collections, documents, allowed, readable)| Filter {
            collections: collections.into_iter().map(CollectionId::from_u128).collect(),
            documents: documents.into_iter().map(DocumentId::from_u128).collect(),
            allowed,
            readable,
        },
    )
}

fn assert_equals(index: &EmbeddedIndex, model: &Model, filter: &Filter, query: &[f32]) {
    let scope = TenantScope::built_in();
    assert_eq!(index.passages(&scope).unwrap(), model.passages());
    assert_eq!(index.stats(&scope).unwrap().vectors, model.vectors());
    for limit in [3, 100] {
        let found = index.vector(&scope, query, filter, limit).unwrap();
        let exact = model.nearest(query, filter);
        assert!(same_ranking(&found, &exact, limit, TOLERANCE), "{found:?}\n{exact:?}");
    }
    for word in WORDS {
        let hits = index.keyword(&scope, word, filter, 100).unwrap();
        let mut found: Vec<_> = hits.iter().map(|hit| hit.passage).collect();
        found.sort_unstable();
        assert_eq!(found, model.holding(word, filter), "{word}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Batches of changes, with restarts between them, give what the model gives.
    #[test]
    fn equals_the_model(
        batches in vec((vec(a_change(), 1..8), any::<bool>()), 1..6),
        filter in a_filter(),
        query in a_vector(),
    ) {
        let root = TempDir::new().unwrap();
        let scope = TenantScope::built_in();
        let mut index = open(&root);
        let mut model = Model::default();
        for (number, (batch, restart)) in (1..).zip(&batches) {
            index.apply(&scope, batch, number).unwrap();
            batch.iter().for_each(|change| model.apply(change));
            if *restart {
                drop(index);
                index = open(&root);
            }
            prop_assert_eq!(index.position(&scope).unwrap(), number);
            assert_equals(&index, &model, &filter, &query);
        }
    }

    /// Whatever happens to the end of the vector file, the position is not ahead of the data, and
    /// applying the outbox from there gives the state before the crash.
    #[test]
    fn replay_heals_a_damaged_log(
        batches in vec(vec(a_change(), 1..5), 1..5),
        place in any::<Index>(),
        garbage in vec(any::<u8>(), 0..20),
        cut in any::<bool>(),
        query in a_vector(),
    ) {
        let root = TempDir::new().unwrap();
        let scope = TenantScope::built_in();
        let index = open(&root);
        let mut model = Model::default();
        for (number, batch) in (1..).zip(&batches) {
            index.apply(&scope, batch, number).unwrap();
            batch.iter().for_each(|change| model.apply(change));
        }
        drop(index);
        let path = folder(&root).join("vectors").join("log");
        let mut bytes = fs::read(&path).unwrap();
        let at = place.index(bytes.len());
        if cut {
            bytes.truncate(at);
            bytes.extend(garbage);
        } else {
            bytes[at] ^= 0x40;
        }
        fs::write(&path, bytes).unwrap();

        let index = open(&root);
        let position = index.position(&scope).unwrap();
        prop_assert!(position <= batches.len() as u64);
        for (number, batch) in (1..).zip(&batches).skip(usize::try_from(position).unwrap()) {
            index.apply(&scope, batch, number).unwrap();
        }
        assert_equals(&index, &model, &Filter::default(), &query);
    }
}

#[test]
fn a_second_index_on_the_same_folder_is_refused() {
    let root = TempDir::new().unwrap();
    let scope = TenantScope::built_in();
    let first = open(&root);
    first.position(&scope).unwrap();
    let error = open(&root).position(&scope).unwrap_err();
    assert!(matches!(error, IndexError::Locked { .. }), "{error}");
    assert_eq!(error.code(), ErrorCode::Conflict);
    drop(first);
    assert_eq!(open(&root).position(&scope).unwrap(), 0);
}

#[test]
fn the_tenant_not_used_for_longest_is_closed() {
    let root = TempDir::new().unwrap();
    let settings = IndexSettings { open_tenants_max: 2, ..IndexSettings::default() };
    let index = EmbeddedIndex::open(root.path(), &settings).unwrap();
    let scopes = [contract::tenant(), contract::tenant(), contract::tenant()];
    for (number, scope) in (1..).zip(&scopes) {
        index.apply(scope, &[put(number, "words", None)], 1).unwrap();
    }
    let is_open = |scope: &TenantScope| lock(&lock(&index.slots)[&scope.tenant()].tenant).is_some();
    assert_eq!(scopes.each_ref().map(is_open), [false, true, true]);
    for (number, scope) in (1..).zip(&scopes) {
        assert_eq!(index.passages(scope).unwrap(), [PassageId::from_u128(number)]);
    }
    assert_eq!(scopes.each_ref().map(is_open), [false, true, true]);
}

#[test]
fn a_lost_part_takes_the_other_with_it() {
    let lose: [fn(PathBuf); 3] = [
        |folder| fs::remove_dir_all(folder.join("keyword")).unwrap(),
        |folder| fs::write(folder.join("keyword").join("meta.json"), "{").unwrap(),
        |folder| fs::remove_dir_all(folder.join("vectors")).unwrap(),
    ];
    for lose in lose {
        let root = TempDir::new().unwrap();
        let scope = TenantScope::built_in();
        let index = open(&root);
        let change = put(1, "words", Some(vec![1.0, 0.0]));
        index.apply(&scope, std::slice::from_ref(&change), 4).unwrap();
        drop(index);
        lose(folder(&root));
        let index = open(&root);
        assert_eq!(index.position(&scope).unwrap(), 0);
        assert!(index.passages(&scope).unwrap().is_empty());
        assert_eq!(index.stats(&scope).unwrap().vectors, 0);
        index.apply(&scope, &[change], 4).unwrap();
        assert_eq!(index.keyword(&scope, "word", &Filter::default(), 5).unwrap().len(), 1);
        assert_eq!(index.vector(&scope, &[1.0, 0.0], &Filter::default(), 5).unwrap().len(), 1);
    }
}

#[test]
fn a_keyword_commit_without_its_vectors_is_replayed() {
    let root = TempDir::new().unwrap();
    let scope = TenantScope::built_in();
    let index = open(&root);
    index.apply(&scope, &[put(1, "words", Some(vec![1.0, 0.0]))], 1).unwrap();
    let path = folder(&root).join("vectors").join("log");
    let before = fs::read(&path).unwrap();
    let second = [put(2, "words", Some(vec![0.0, 1.0]))];
    index.apply(&scope, &second, 2).unwrap();
    drop(index);
    fs::File::create(&path).unwrap().write_all(&before).unwrap();
    let index = open(&root);
    assert_eq!(index.position(&scope).unwrap(), 1);
    index.apply(&scope, &second, 2).unwrap();
    assert_eq!(index.stats(&scope).unwrap().vectors, 2);
    assert_eq!(index.passages(&scope).unwrap().len(), 2);
}

/// Merges run beside the commits: none of them may bring back what was removed.
#[test]
fn versions_that_follow_each_other_leave_nothing_behind() {
    let root = TempDir::new().unwrap();
    let scope = TenantScope::built_in();
    let index = open(&root);
    let mut live: Vec<Option<u128>> = vec![None; 40];
    let mut kept: Vec<PassageId> = Vec::new();
    let mut next = 1_u128;
    for position in 1..80_u64 {
        let mut changes = Vec::new();
        for step in 0..position % 5 + 1 {
            let document = usize::try_from((position * 7 + step * 13) % 40).unwrap();
            let ids = |version: u128| (0..3).map(move |part| version * 4 + part);
            if let Some(old) = live[document].take() {
                changes.push(IndexChange::RemoveVersion {
                    document: DocumentId::from_u128(document as u128),
                    version: VersionId::from_u128(old),
                });
                kept.retain(|id| !ids(old).any(|gone| PassageId::from_u128(gone) == *id));
            }
            for id in ids(next) {
                changes.push(IndexChange::Put(Box::new(IndexedPassage {
                    version: VersionId::from_u128(next),
                    document: DocumentId::from_u128(document as u128),
                    ..passage(id, 0, 0, WORDS[document % 5], None)
                })));
                kept.push(PassageId::from_u128(id));
            }
            live[document] = Some(next);
            next += 1;
        }
        index.apply(&scope, &changes, position).unwrap();
    }
    kept.sort_unstable();
    assert_eq!(index.passages(&scope).unwrap(), kept);
}

#[test]
fn settings_refuse_unknown_keys() {
    assert_eq!(serde_json::from_str::<IndexSettings>("{}").unwrap(), IndexSettings::default());
    assert!(serde_json::from_str::<IndexSettings>(r#"{"bm25_k2": 1}"#).is_err());
}

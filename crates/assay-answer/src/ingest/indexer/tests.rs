//! An index that differs from the records is put right by the next start.

use std::{sync::Arc, time::Duration};

use assay_core::{CollectionId, DocumentId, PassageId, SystemClock, TenantScope, VersionId};
use assay_index::{EmbeddedIndex, IndexChange, IndexSettings, IndexedPassage, PassageIndex};

use crate::{Engine, EngineSettings, Upload};

fn open(data: &std::path::Path) -> Arc<Engine> {
    let settings = EngineSettings::new(data);
    Engine::open(settings, Arc::new(SystemClock)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_start_repairs_the_index() {
    let folder = tempfile::tempdir().unwrap();
    let scope = TenantScope::built_in();
    let engine = open(folder.path());
    for name in ["pump.txt", "valve.txt"] {
        let upload = Upload { bytes: name.into(), name: name.to_owned(), ..Upload::default() };
        let task = engine.receive(&scope, upload).await.unwrap().task.unwrap();
        engine.job(&scope, task, Duration::from_secs(30)).await.unwrap();
    }
    engine.close(Duration::from_secs(5));
    drop(engine);

    let index =
        EmbeddedIndex::open(&folder.path().join("tenants"), &IndexSettings::default()).unwrap();
    let position = index.position(&scope).unwrap();
    let known = index.passages(&scope).unwrap();
    let stranger = IndexedPassage {
        id: PassageId::from_u128(7),
        document: DocumentId::from_u128(7),
        version: VersionId::from_u128(7),
        collection: CollectionId::from_u128(7),
        title: String::new(),
        heading_path: String::new(),
        text: "of a version that is gone".to_owned(),
        language: None,
        vector: None,
    };
    let damage = [IndexChange::RemovePassage(known[0]), IndexChange::Put(Box::new(stranger))];
    index.apply(&scope, &damage, position).unwrap();
    drop(index);

    let engine = open(folder.path());
    engine.settle(&scope).await.unwrap();
    let found = engine.compare_index(&scope).await.unwrap();
    assert!(found.is_same(), "{found:?}");
    assert_eq!(found.indexed, 2);
    engine.close(Duration::from_secs(5));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_book_goes_to_the_index_in_several_commits() {
    let folder = tempfile::tempdir().unwrap();
    let scope = TenantScope::built_in();
    let engine = open(folder.path());
    let line = |number| format!("Paragraph {number} of the book tells of pumps and of valves.\n\n");
    let bytes: String = (0..40 * super::CHANGES_MAX).map(line).collect();
    let upload = Upload { bytes: bytes.into(), name: "book.txt".to_owned(), ..Upload::default() };
    let task = engine.receive(&scope, upload).await.unwrap().task.unwrap();
    engine.job(&scope, task, Duration::from_secs(120)).await.unwrap();
    let found = engine.compare_index(&scope).await.unwrap();
    assert!(found.is_same(), "{} {}", found.recorded, found.indexed);
    assert!(found.indexed > super::CHANGES_MAX);
    assert_eq!(engine.rebuild_index(&scope).await.unwrap(), found.indexed as u64);
    engine.close(Duration::from_secs(5));
}

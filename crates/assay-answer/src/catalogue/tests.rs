//! Fields of documents as filters and facets see them.

use std::sync::Arc;

use assay_core::{SystemClock, TenantScope};
use assay_store::{
    AccessList, ContentHash, NewVersion, ParsedRecord, PassageRecord, Store, StoreSettings, Told,
};
use serde_json::json;
use tempfile::TempDir;

use super::*;

mod readers;

struct Fixture {
    catalogues: Catalogues,
    store: Store,
    tenant: TenantStore,
    _folder: TempDir,
}

impl Fixture {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let clock = Arc::new(SystemClock);
        let store = Store::open(folder.path(), clock, &StoreSettings::default()).unwrap();
        let tenant = store.tenant(&TenantScope::built_in()).unwrap();
        Self { catalogues: Catalogues::default(), store, tenant, _folder: folder }
    }

    /// A document of one passage a page.
    fn add(&self, key: &str, told: serde_json::Value, tags: &[&str], pages: u32) -> DocumentId {
        let tags = tags.iter().map(|&tag| tag.to_owned()).collect();
        let told = Told { tags: Some(tags), metadata: Some(told) };
        self.take_in(key, Some(told), pages, None, None)
    }

    fn take_in(
        &self,
        key: &str,
        told: Option<Told>,
        pages: u32,
        parent: Option<DocumentId>,
        access: Option<AccessList>,
    ) -> DocumentId {
        let text = "page\n".repeat(pages.max(1) as usize);
        let blob = self.tenant.put_blob(text.as_bytes()).unwrap();
        let new = NewVersion {
            collection: self.tenant.ensure_default().unwrap().id,
            source_key: key.to_owned(),
            name: key.rsplit('/').next().unwrap().to_owned(),
            media_type: None,
            blob,
            size: text.len() as u64,
            parent,
            told,
            access,
        };
        let received = self.tenant.receive(new).unwrap();
        let passages = (0..pages.max(1)).map(|number| PassageRecord {
            id: assay_core::PassageId::new(),
            ordinal: number,
            range: assay_core::TextRange { start: number * 5, end: number * 5 + 4 },
            heading_path: Vec::new(),
            page: (pages > 0).then_some(number + 1),
            bbox: None,
            origin: None,
            hash: ContentHash::of(b"page"),
            findings: Vec::new(),
        });
        let parsed = ParsedRecord {
            title: None,
            media_type: "text/plain".to_owned(),
            pages: (pages > 0).then_some(pages),
            blocks: b"[]".to_vec(),
            problems: Vec::new(),
            found: Some(json!({ "authors": ["Ada"], "custom": { "Shelf": "B7" } })),
            sketch: Vec::new(),
            passages: passages.collect(),
            text,
        };
        self.tenant.save_parsed(received.version, parsed).unwrap();
        self.tenant.publish(received.version).unwrap();
        received.document
    }

    fn matching(&self, text: &str) -> Matching {
        let catalogue = self.catalogues.current(&self.tenant).unwrap();
        catalogue.matching(&self.tenant, &Condition::from_text(text).unwrap()).unwrap()
    }

    fn count(&self, text: &str) -> usize {
        self.matching(text).count()
    }
}

#[test]
fn every_kind_of_field_is_found() {
    let fixture = Fixture::new();
    let told = json!({ "created": "2021-05", "project": { "Phase": 3 }, "open": true });
    let key = "https://www.Example.org:8080/docs/plan.md";
    fixture.add(key, told, &["A", "b"], 0);
    fixture.add("/home/x/other.md", json!({}), &[], 0);
    for one in [
        "tags = a",
        "tag in [B]",
        "domain = example.org",
        "path starts_with https",
        "year = 2021",
        "date < 2022",
        "project.phase >= 3",
        "metadata.open = true",
        "name = plan.md",
        "collection = default and tags contains a",
        "title = plan.md",
        "size < 100 and tags = a",
    ] {
        assert_eq!(fixture.count(one), 1, "{one}");
    }
    for both in ["author = ada", "shelf = b7", "media_type = text/plain", "received >= 2020"] {
        assert_eq!(fixture.count(both), 2, "{both}");
    }
    assert_eq!(fixture.count("collection = other"), 0);
}

#[test]
fn what_changes_is_seen_by_the_next_search() {
    let fixture = Fixture::new();
    let document = fixture.add("a.md", json!({}), &["old"], 0);
    assert_eq!((fixture.count("tags = old"), fixture.count("tags = new")), (1, 0));
    let told = Told { tags: Some(vec!["new".into()]), metadata: None };
    fixture.tenant.change_document(document, None, told).unwrap();
    assert_eq!((fixture.count("tags = old"), fixture.count("tags = new")), (0, 1));
    let collection = fixture.tenant.create_collection("shelf").unwrap().id;
    let told = Told { tags: None, metadata: None };
    fixture.tenant.change_document(document, Some(collection), told).unwrap();
    assert_eq!(fixture.count("collection = shelf"), 1);
    fixture.tenant.change_collection(collection, Some("renamed".into()), None).unwrap();
    assert_eq!(fixture.count("collection = renamed"), 1);
    fixture.tenant.delete_document(document).unwrap();
    assert_eq!(fixture.count("tags = new"), 0);
}

#[test]
fn pages_choose_passages() {
    let fixture = Fixture::new();
    fixture.add("book.pdf", json!({}), &["book"], 10);
    fixture.add("note.md", json!({}), &["note"], 0);
    let matching = fixture.matching("page >= 8 or tags = note");
    assert_eq!((matching.allowed.passages.len(), matching.allowed.documents.len()), (3, 1));
    assert_eq!(matching.count(), 2);
    let matching = fixture.matching("not page = 1");
    assert_eq!((matching.allowed.passages.len(), matching.allowed.documents.len()), (9, 1));
    assert_eq!(fixture.count("page = 11"), 0);
}

#[test]
fn facets_count_documents() {
    let fixture = Fixture::new();
    for (key, tags) in [("a", &["x", "X", "y"][..]), ("b", &["X"]), ("c", &[])] {
        fixture.add(key, json!({}), tags, 0);
    }
    let catalogue = fixture.catalogues.current(&fixture.tenant).unwrap();
    let held = catalogue.held();
    let all = held.of_collections(&[]);
    let facets = held.facets(&["tags".into(), "shelf".into(), "nothing".into()], 1, &all);
    let tags = &facets["tags"];
    assert_eq!((tags.total_docs, tags.distinct_values, tags.values.len()), (3, 2, 1));
    assert_eq!((tags.values[0].value.as_str(), tags.values[0].count), ("X", 2));
    assert!((tags.values[0].percentage - 66.67).abs() < 1e-9);
    assert_eq!(facets["shelf"].values[0].count, 3);
    assert!(facets["nothing"].values.is_empty());
    assert_eq!(
        held.unknown(&Condition::from_text("nothing = 1").unwrap(), None),
        ["metadata.nothing"]
    );
}

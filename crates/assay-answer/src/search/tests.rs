//! A search with a filter finds what looking at every passage finds.

use std::sync::{Arc, LazyLock};

use assay_core::SystemClock;
use assay_index::Filter;
use assay_store::Told;
use proptest::prelude::*;
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::*;
use crate::{
    Condition, EngineSettings,
    eval::{CorpusDocument, ingest},
};

/// More than a lane ranks, so that filtering what it ranked would lose most.
const DOCUMENTS: usize = 260;
const KINDS: [&str; 3] = ["memo", "report", "mail"];

/// One engine for all cases; document `i` is `ids[i]`.
struct Library {
    runtime: Runtime,
    engine: Arc<Engine>,
    ids: Vec<DocumentId>,
    _folder: TempDir,
}

static LIBRARY: LazyLock<Library> = LazyLock::new(|| {
    let folder = TempDir::new().unwrap();
    let runtime = Runtime::new().unwrap();
    let settings = EngineSettings::new(folder.path());
    let (engine, ids) = runtime.block_on(async {
        let engine = Engine::open(settings, Arc::new(SystemClock)).unwrap();
        let scope = TenantScope::built_in();
        let documents = (0..DOCUMENTS).map(|i| CorpusDocument {
            name: i.to_string(),
            title: String::new(),
            text: format!("needle {}{}", "needle ".repeat(i % 5), "hay ".repeat(i % 37)),
        });
        let ids = ingest(&engine, &scope, documents.collect(), &|_, _, _| ()).await.unwrap();
        let tenant = engine.store.tenant(&scope).unwrap();
        for (i, id) in ids.iter().enumerate() {
            let told = Told {
                tags: Some(vec![format!("t{}", i % 7), "all".to_owned()]),
                metadata: Some(json!({ "year": 2000 + i % 25, "kind": KINDS[i % 3] })),
            };
            tenant.change_document(*id, None, told).unwrap();
        }
        engine.settle(&scope).await.unwrap();
        (engine, ids)
    });
    Library { runtime, engine, ids, _folder: folder }
});

/// A condition, and what it means, said a second time.
#[derive(Debug, Clone)]
enum Plain {
    Tag(usize),
    Since(usize),
    Before(usize),
    Kinds(usize, usize),
    NotKind(usize),
    Name(usize),
    Letter,
    Not(Box<Plain>),
    And(Box<Plain>, Box<Plain>),
    Or(Box<Plain>, Box<Plain>),
}

impl Plain {
    fn text(&self) -> String {
        match self {
            Self::Tag(n) => format!("tags = t{n}"),
            Self::Since(n) => format!("year >= {}", 2000 + n),
            Self::Before(n) => format!("metadata.year < {}", 2000 + n),
            Self::Kinds(a, b) => format!("kind in [{}, {}]", KINDS[*a], KINDS[*b]),
            Self::NotKind(n) => format!("kind != {}", KINDS[*n]),
            Self::Name(n) => format!("name ends_with \"{n}.html\""),
            Self::Letter => "kind regex '^m'".to_owned(),
            Self::Not(one) => format!("not ({})", one.text()),
            Self::And(one, other) => format!("({} and {})", one.text(), other.text()),
            Self::Or(one, other) => format!("({} or {})", one.text(), other.text()),
        }
    }

    fn holds(&self, i: usize) -> bool {
        match self {
            Self::Tag(n) => i % 7 == *n,
            Self::Since(n) => i % 25 >= *n,
            Self::Before(n) => i % 25 < *n,
            Self::Kinds(a, b) => [*a, *b].contains(&(i % 3)),
            Self::NotKind(n) => i % 3 != *n,
            Self::Name(n) => i % 10 == *n,
            Self::Letter => i % 3 != 1,
            Self::Not(one) => !one.holds(i),
            Self::And(one, other) => one.holds(i) && other.holds(i),
            Self::Or(one, other) => one.holds(i) || other.holds(i),
        }
    }
}

fn plain() -> impl Strategy<Value = Plain> {
    let leaf = prop_oneof![
        (0_usize..8).prop_map(Plain::Tag),
        (0_usize..26).prop_map(Plain::Since),
        (0_usize..26).prop_map(Plain::Before),
        (0_usize..3, 0_usize..3).prop_map(|(a, b)| Plain::Kinds(a, b)),
        (0_usize..3).prop_map(Plain::NotKind),
        (0_usize..10).prop_map(Plain::Name),
        Just(Plain::Letter),
    ];
    leaf.prop_recursive(4, 12, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|one| Plain::Not(Box::new(one))),
            (inner.clone(), inner.clone())
                .prop_map(|(one, other)| Plain::And(Box::new(one), Box::new(other))),
            (inner.clone(), inner)
                .prop_map(|(one, other)| Plain::Or(Box::new(one), Box::new(other))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_filter_finds_what_looking_at_every_passage_finds(plain in plain()) {
        let library = &*LIBRARY;
        let scope = TenantScope::built_in();
        let mut query = SearchQuery::new("needle hay");
        query.limit = RESULTS_MAX;
        query.options.filter = Some(Condition::from_text(&plain.text()).unwrap());
        let found = library.runtime.block_on(library.engine.search(&scope, &query)).unwrap();

        let every = library.engine.index.keyword(&scope, "needle hay", &Filter::default(), 5_000);
        let expected: Vec<_> = every
            .unwrap()
            .into_iter()
            .filter(|hit| {
                let number = library.ids.iter().position(|id| *id == hit.document).unwrap();
                plain.holds(number)
            })
            .collect();
        let matched = (0..DOCUMENTS).filter(|i| plain.holds(*i)).count();
        prop_assert_eq!(found.matched_documents, Some(matched));
        let scores: Vec<_> = found.passages.iter().filter_map(|one| one.keyword_score).collect();
        let best: Vec<_> = expected.iter().take(RESULTS_MAX).map(|hit| hit.score).collect();
        prop_assert_eq!(scores, best, "{}", plain.text());
        let ids: Vec<_> = found.passages.iter().map(|one| one.passage.id).collect();
        let best: Vec<_> = expected.iter().take(RESULTS_MAX).map(|hit| hit.passage).collect();
        prop_assert_eq!(ids, best, "{}", plain.text());
    }
}

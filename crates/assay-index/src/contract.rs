//! What every implementation of [`PassageIndex`] has to do, as functions that panic when it does
//! not. A test calls [`all`] with a way to open the index; each check uses tenants of its own.

#![expect(clippy::unwrap_used, reason = "test code, behind the feature `contract`")]

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use assay_core::{CollectionId, DocumentId, PassageId, TenantId, TenantScope, VersionId};

use crate::{
    AllowedSet, Filter, Hit, IndexChange, IndexError, IndexedPassage, PassageIndex, Readable,
    TermScore,
};

mod model;

pub use model::{Model, same_ranking};

/// Opens the index over the same storage each time; the one before has been dropped.
pub type Open<'a> = &'a dyn Fn() -> Box<dyn PassageIndex>;

/// Every check of the contract, on the index that `open` opens.
pub fn all(open: Open<'_>) {
    let index = open();
    an_unknown_tenant_is_empty(&*index);
    a_passage_is_found_by_word_and_by_vector(&*index);
    putting_again_replaces(&*index);
    removing_holds_at_once(&*index);
    changes_apply_in_order(&*index);
    filters_combine(&*index);
    a_set_is_applied_while_searching(&*index);
    scores_are_explained(&*index);
    tenants_do_not_see_each_other(&*index);
    another_dimension_is_refused(&*index);
    clearing_allows_a_rebuild(&*index);
    any_text_is_a_query(&*index);
    quotation_marks_ask_for_a_phrase(&*index);
    a_word_nobody_wrote_is_respelled(&*index);
    words_are_stemmed_by_their_language(&*index);
    rare_words_weigh_more(&*index);
    what_nobody_may_see_is_not_counted(&*index);
    drop(index);
    everything_survives_a_restart(open);
}

/// A tenant that no other check uses.
#[must_use]
pub fn tenant() -> TenantScope {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    TenantScope::of_recorded_task(TenantId::from_u128(u128::from(number)))
}

/// A passage for tests: small numbers as ids, version 1, no title.
#[must_use]
pub fn passage(
    id: u128,
    document: u128,
    collection: u128,
    text: &str,
    vector: Option<Vec<f32>>,
) -> IndexedPassage {
    IndexedPassage {
        id: PassageId::from_u128(id),
        document: DocumentId::from_u128(document),
        version: VersionId::from_u128(1),
        collection: CollectionId::from_u128(collection),
        title: String::new(),
        heading_path: String::new(),
        text: text.to_owned(),
        language: None,
        vector,
    }
}

fn put(passage: IndexedPassage) -> IndexChange {
    IndexChange::Put(Box::new(passage))
}

fn ids(hits: &[Hit]) -> Vec<u128> {
    hits.iter().map(|hit| hit.passage.as_u128()).collect()
}

fn words(index: &dyn PassageIndex, scope: &TenantScope, query: &str) -> Vec<u128> {
    ids(&index.keyword(scope, query, &Filter::default(), 100).unwrap())
}

fn near(index: &dyn PassageIndex, scope: &TenantScope, vector: &[f32]) -> Vec<u128> {
    ids(&index.vector(scope, vector, &Filter::default(), 100).unwrap())
}

fn all_ids(index: &dyn PassageIndex, scope: &TenantScope) -> Vec<u128> {
    index.passages(scope).unwrap().into_iter().map(PassageId::as_u128).collect()
}

fn an_unknown_tenant_is_empty(index: &dyn PassageIndex) {
    let scope = tenant();
    assert_eq!(index.position(&scope).unwrap(), 0);
    assert!(words(index, &scope, "anything").is_empty());
    assert!(near(index, &scope, &[1.0, 0.0]).is_empty());
    assert!(all_ids(index, &scope).is_empty());
    assert_eq!(index.stats(&scope).unwrap().passages, 0);
}

fn a_passage_is_found_by_word_and_by_vector(index: &dyn PassageIndex) {
    let scope = tenant();
    let titled = IndexedPassage {
        title: "Turbine manual".into(),
        heading_path: "Cooling > Valves".into(),
        ..passage(1, 10, 5, "Close the inlet first.", Some(vec![1.0, 0.1]))
    };
    let other = passage(2, 11, 5, "Invoices are due in thirty days.", Some(vec![0.0, 1.0]));
    let unembedded = passage(3, 12, 5, "An inlet without a vector.", None);
    index.apply(&scope, &[put(titled), put(other), put(unembedded)], 7).unwrap();
    assert_eq!(index.position(&scope).unwrap(), 7);
    for query in ["turbine", "valve", "Inlets closing"] {
        assert_eq!(words(index, &scope, query)[0], 1, "{query}");
    }
    assert_eq!(near(index, &scope, &[2.0, 0.0]), [1, 2], "the length of a query does not count");
    let hits = index.vector(&scope, &[0.0, 3.0], &Filter::default(), 1).unwrap();
    assert_eq!((ids(&hits), hits[0].document), (vec![2], DocumentId::from_u128(11)));
    assert!((hits[0].score - 1.0).abs() < 0.01, "a cosine: {}", hits[0].score);
    let stats = index.stats(&scope).unwrap();
    assert_eq!((stats.passages, stats.vectors), (3, 2));
    assert!(stats.bytes > 0);
}

fn putting_again_replaces(index: &dyn PassageIndex) {
    let scope = tenant();
    let old = put(passage(1, 10, 5, "old words", Some(vec![1.0, 0.0])));
    let new = put(passage(1, 10, 6, "new words", Some(vec![0.0, 1.0])));
    index.apply(&scope, &[old], 1).unwrap();
    index.apply(&scope, std::slice::from_ref(&new), 2).unwrap();
    index.apply(&scope, &[new], 2).unwrap();
    assert_eq!(all_ids(index, &scope), [1]);
    assert!(words(index, &scope, "old").is_empty());
    assert_eq!(words(index, &scope, "new"), [1]);
    assert_eq!(near(index, &scope, &[0.0, 1.0]), [1]);
    index.apply(&scope, &[put(passage(1, 10, 6, "bare words", None))], 3).unwrap();
    assert!(near(index, &scope, &[0.0, 1.0]).is_empty(), "the vector went with the old passage");
    assert_eq!(words(index, &scope, "bare"), [1]);
}

fn removing_holds_at_once(index: &dyn PassageIndex) {
    let scope = tenant();
    let second = IndexedPassage {
        version: VersionId::from_u128(2),
        ..passage(2, 10, 5, "shared words", Some(vec![1.0, 0.5]))
    };
    let first = passage(1, 10, 5, "shared words", Some(vec![1.0, 0.0]));
    let other = passage(3, 11, 5, "shared words", Some(vec![0.0, 1.0]));
    index.apply(&scope, &[put(first), put(second), put(other)], 1).unwrap();
    let (document, version) = (DocumentId::from_u128(10), VersionId::from_u128(1));
    index.apply(&scope, &[IndexChange::RemoveVersion { document, version }], 2).unwrap();
    assert_eq!(words(index, &scope, "shared"), [2, 3]);
    assert_eq!(near(index, &scope, &[1.0, 0.0]), [2, 3]);
    index.apply(&scope, &[IndexChange::RemoveDocument(document)], 3).unwrap();
    assert_eq!(words(index, &scope, "shared"), [3]);
    assert_eq!(near(index, &scope, &[1.0, 0.0]), [3]);
    assert_eq!(all_ids(index, &scope), [3]);
    assert_eq!(index.stats(&scope).unwrap().vectors, 1);
}

fn changes_apply_in_order(index: &dyn PassageIndex) {
    let scope = tenant();
    let one = || put(passage(1, 10, 5, "words", Some(vec![1.0, 0.0])));
    let remove = || IndexChange::RemoveDocument(DocumentId::from_u128(10));
    index.apply(&scope, &[one(), remove()], 1).unwrap();
    assert!(all_ids(index, &scope).is_empty() && near(index, &scope, &[1.0, 0.0]).is_empty());
    index.apply(&scope, &[one(), remove(), one()], 2).unwrap();
    assert_eq!(all_ids(index, &scope), [1]);
    assert_eq!(near(index, &scope, &[1.0, 0.0]), [1]);
    index.apply(&scope, &[], 9).unwrap();
    assert_eq!(index.position(&scope).unwrap(), 9, "a position alone can be recorded");
}

fn filters_combine(index: &dyn PassageIndex) {
    let scope = tenant();
    let changes: Vec<_> = [(1, 10, 5), (2, 11, 5), (3, 12, 6), (4, 12, 6)]
        .into_iter()
        .map(|(id, document, collection)| {
            put(passage(id, document, collection, "same words", Some(vec![1.0, 0.0])))
        })
        .collect();
    index.apply(&scope, &changes, 1).unwrap();
    let check = |collections: &[u128], documents: &[u128], expected: &[u128]| {
        let filter = Filter {
            collections: collections.iter().map(|id| CollectionId::from_u128(*id)).collect(),
            documents: documents.iter().map(|id| DocumentId::from_u128(*id)).collect(),
            allowed: None,
            readable: None,
        };
        let found = index.keyword(&scope, "words", &filter, 100).unwrap();
        assert_eq!(ids(&found), expected, "keyword, {filter:?}");
        let found = index.vector(&scope, &[1.0, 0.0], &filter, 100).unwrap();
        assert_eq!(ids(&found), expected, "vector, {filter:?}");
    };
    check(&[], &[], &[1, 2, 3, 4]);
    check(&[5], &[], &[1, 2]);
    check(&[5, 6, 5], &[], &[1, 2, 3, 4]);
    check(&[], &[12, 10, 12], &[1, 3, 4]);
    check(&[6], &[12, 10], &[3, 4]);
    check(&[5], &[12], &[]);
    check(&[99], &[], &[]);
    assert_eq!(index.vector(&scope, &[1.0, 0.0], &Filter::default(), 2).unwrap().len(), 2);
    assert!(index.keyword(&scope, "words", &Filter::default(), 0).unwrap().is_empty());
    assert!(index.vector(&scope, &[1.0, 0.0], &Filter::default(), 0).unwrap().is_empty());
}

fn a_set_is_applied_while_searching(index: &dyn PassageIndex) {
    let scope = tenant();
    // The further back, the worse by word and by vector: the allowed ones are the last.
    let changes: Vec<_> = (0_u8..100)
        .map(|id| {
            let text = format!("needle {}", "hay ".repeat(id.into()));
            let vector = Some(vec![1.0, f32::from(id)]);
            put(passage(id.into(), u128::from(id) / 10, 5, &text, vector))
        })
        .collect();
    index.apply(&scope, &changes, 1).unwrap();
    let set = AllowedSet {
        documents: [8, 9].map(DocumentId::from_u128).into(),
        passages: [3, 77, 4_000].map(PassageId::from_u128).into(),
    };
    let check = |filter: &Filter, expected: &[u128]| {
        assert_eq!(ids(&index.keyword(&scope, "needle", filter, 3).unwrap()), expected);
        assert_eq!(ids(&index.vector(&scope, &[1.0, 0.0], filter, 3).unwrap()), expected);
    };
    let mut filter = Filter { allowed: Some(Arc::new(set)), ..Filter::default() };
    check(&filter, &[3, 77, 80]);
    let found = index.keyword_documents(&scope, "needle", &filter).unwrap();
    assert_eq!(found, [0, 7, 8, 9].map(DocumentId::from_u128).into());
    assert!(index.keyword_documents(&scope, "pin", &filter).unwrap().is_empty());
    filter.documents = [9, 1].map(DocumentId::from_u128).into();
    check(&filter, &[90, 91, 92]);
    filter.allowed = Some(Arc::default());
    check(&filter, &[]);
}

fn scores_are_explained(index: &dyn PassageIndex) {
    let scope = tenant();
    let texts = [
        "the inlet pump, a pump of the old turbine, has valves and a spare valve",
        "the pump at the inlet of a turbine has valves",
        "valve",
        "ledger",
    ];
    let changes: Vec<_> =
        (1..).zip(texts).map(|(id, text)| put(passage(id, id, 5, text, None))).collect();
    index.apply(&scope, &changes, 1).unwrap();
    // Plain words; a stem, a misspelt word and a phrase.
    let misspelt = "valves turbnie \"inlet pump\"";
    for (query, found) in [("valve pump", &[1, 2, 3][..]), (misspelt, &[1])] {
        let hits = index.keyword(&scope, query, &Filter::default(), 10).unwrap();
        let documents: HashSet<_> = found.iter().copied().map(DocumentId::from_u128).collect();
        assert_eq!(hits.iter().map(|hit| hit.document).collect::<HashSet<_>>(), documents);
        let holding = index.keyword_documents(&scope, query, &Filter::default()).unwrap();
        assert_eq!(holding, documents, "{query}");
        for (hit, terms) in hits.iter().zip(explained(index, &scope, query, ids(&hits))) {
            let sum: f32 = terms.iter().map(|term| term.score).sum();
            assert!((sum - hit.score).abs() < 1e-4, "{query}: {terms:?} is not {}", hit.score);
        }
    }
    let [parts, lacks_the_phrase, absent] =
        explained(index, &scope, misspelt, vec![1, 2, 4_000]).try_into().unwrap();
    let part = |term: &str| parts.iter().find(|part| part.term == term).unwrap();
    assert_eq!((part("en pump").frequency, part("en valv").frequency), (2, 2), "{parts:?}");
    assert!(part("en pump").weight > part("en valv").weight, "the rarer term weighs more");
    let spelt = explained(index, &scope, "turbine", vec![1]);
    assert_eq!(spelt[0][0].term, "en turbin");
    assert!(part("en turbin").weight < spelt[0][0].weight, "a word in place of one counts less");
    assert!(lacks_the_phrase.is_empty() && absent.is_empty());
}

fn explained(
    index: &dyn PassageIndex,
    scope: &TenantScope,
    query: &str,
    passages: Vec<u128>,
) -> Vec<Vec<TermScore>> {
    let passages: Vec<_> = passages.into_iter().map(PassageId::from_u128).collect();
    index.explain_keyword(scope, query, &Filter::default(), &passages).unwrap()
}

fn tenants_do_not_see_each_other(index: &dyn PassageIndex) {
    let (mine, theirs) = (tenant(), tenant());
    index.apply(&mine, &[put(passage(1, 10, 5, "mine words", Some(vec![1.0, 0.0])))], 1).unwrap();
    index
        .apply(&theirs, &[put(passage(2, 10, 5, "their words", Some(vec![1.0, 0.0])))], 5)
        .unwrap();
    assert_eq!(words(index, &mine, "words"), [1]);
    assert_eq!(near(index, &theirs, &[1.0, 0.0]), [2]);
    let document = DocumentId::from_u128(10);
    index.apply(&theirs, &[IndexChange::RemoveDocument(document)], 6).unwrap();
    index.clear(&theirs).unwrap();
    assert_eq!(all_ids(index, &mine), [1]);
    assert_eq!(index.position(&mine).unwrap(), 1);
}

fn another_dimension_is_refused(index: &dyn PassageIndex) {
    let scope = tenant();
    index.apply(&scope, &[put(passage(1, 10, 5, "words", Some(vec![1.0, 0.0])))], 1).unwrap();
    let wrong = [
        put(passage(2, 11, 5, "words", None)),
        put(passage(3, 12, 5, "words", Some(vec![1.0, 0.0, 0.0]))),
    ];
    let error = index.apply(&scope, &wrong, 2).unwrap_err();
    assert!(matches!(error, IndexError::DimensionMismatch { expected: 2, found: 3 }), "{error}");
    assert_eq!((all_ids(index, &scope), index.position(&scope).unwrap()), (vec![1], 1));
    let error = index.vector(&scope, &[1.0; 4], &Filter::default(), 1).unwrap_err();
    assert!(matches!(error, IndexError::DimensionMismatch { expected: 2, found: 4 }), "{error}");
    for vector in [vec![0.0, 0.0], vec![f32::NAN, 1.0], vec![1.0, f32::INFINITY]] {
        let error = index.vector(&scope, &vector, &Filter::default(), 1).unwrap_err();
        assert!(matches!(error, IndexError::InvalidVector { passage: None }), "{error}");
        let change = put(passage(4, 10, 5, "words", Some(vector)));
        let error = index.apply(&scope, &[change], 2).unwrap_err();
        assert!(matches!(error, IndexError::InvalidVector { passage: Some(_) }), "{error}");
    }
}

fn clearing_allows_a_rebuild(index: &dyn PassageIndex) {
    let scope = tenant();
    index.apply(&scope, &[put(passage(1, 10, 5, "words", Some(vec![1.0, 0.0])))], 8).unwrap();
    index.clear(&scope).unwrap();
    an_empty_index_at_0(index, &scope);
    index.apply(&scope, &[put(passage(2, 10, 5, "words", Some(vec![1.0, 0.0, 0.0])))], 8).unwrap();
    assert_eq!(near(index, &scope, &[1.0, 0.0, 0.0]), [2]);
    assert_eq!(index.position(&scope).unwrap(), 8);
}

fn an_empty_index_at_0(index: &dyn PassageIndex, scope: &TenantScope) {
    assert_eq!(index.position(scope).unwrap(), 0);
    assert!(all_ids(index, scope).is_empty() && words(index, scope, "words").is_empty());
}

fn any_text_is_a_query(index: &dyn PassageIndex) {
    let scope = tenant();
    index.apply(&scope, &[put(passage(1, 10, 5, "to be or not to be", None))], 1).unwrap();
    let long = "word ".repeat(200_000);
    for query in ["", " ", "\"(", "text:* AND (", "NOT", "\0", "💡", "a:b^2~", &long] {
        words(index, &scope, query);
    }
    assert_eq!(words(index, &scope, "to be"), [1], "stop words count when there are no others");
}

fn quotation_marks_ask_for_a_phrase(index: &dyn PassageIndex) {
    let scope = tenant();
    let changes = [
        put(passage(1, 10, 5, "the inlet valve of the pump", None)),
        put(passage(2, 11, 5, "the valve inlet of the pump", None)),
        put(passage(3, 12, 5, "an error ERR_CONN-42 of the 水泵站", None)),
    ];
    index.apply(&scope, &changes, 1).unwrap();
    assert_eq!(words(index, &scope, "inlet valve").len(), 2);
    assert_eq!(words(index, &scope, "\"Inlet valve\""), [1]);
    assert_eq!(words(index, &scope, "pump “valve inlet”"), [2]);
    assert_eq!(words(index, &scope, "\"of the pump\" \"inlet\"").len(), 2);
    assert_eq!(words(index, &scope, "\"err conn 42 of\""), [3]);
    assert_eq!(words(index, &scope, "「水泵」"), [3]);
    assert!(words(index, &scope, "\"pump inlet\"").is_empty());
    assert!(words(index, &scope, "\"valves\"").is_empty(), "a phrase is taken as it stands");
}

fn a_word_nobody_wrote_is_respelled(index: &dyn PassageIndex) {
    let scope = tenant();
    let texts = ["turbine blades", "turbine housing", "turbans of silk, model 48213"];
    let changes = (1..).zip(texts).map(|(id, text)| put(passage(id, id, 5, text, None)));
    index.apply(&scope, &changes.collect::<Vec<_>>(), 1).unwrap();
    assert_eq!(words(index, &scope, "turbnie"), [1, 2]);
    let respelled = |query: &str| {
        let words = index.respelled(&scope, query, &Filter::default()).unwrap();
        words.into_iter().map(|word| (word.asked, word.taken)).collect::<Vec<_>>()
    };
    assert_eq!(respelled("Turbnie housing"), [("turbnie".to_owned(), "turbine".to_owned())]);
    for query in ["turbine", "turbines", "48214", "TURBNIE", "turb-nie", "silx", "quicksand"] {
        assert_eq!(respelled(query), [], "{query}");
    }
}

fn words_are_stemmed_by_their_language(index: &dyn PassageIndex) {
    let scope = tenant();
    let of = |id, language: &str, text| {
        let language = Some(language.to_owned());
        put(IndexedPassage { language, ..passage(id, id, 5, text, None) })
    };
    let changes = [
        of(1, "de", "Die Häuser der Stadt"),
        of(2, "es-MX", "Las ciudades del norte"),
        of(3, "xx\nstray", "plain"),
    ];
    index.apply(&scope, &changes, 1).unwrap();
    assert_eq!(words(index, &scope, "Haus"), [1]);
    assert_eq!(words(index, &scope, "ciudad"), [2]);
    assert_eq!(words(index, &scope, "plain"), [3]);
    assert!(words(index, &scope, "stray").is_empty());
}

fn rare_words_weigh_more(index: &dyn PassageIndex) {
    let scope = tenant();
    let texts = ["common rare", "common words", "common things"];
    let changes: Vec<_> =
        (1..).zip(texts).map(|(id, text)| put(passage(id, id, 5, text, None))).collect();
    index.apply(&scope, &changes, 1).unwrap();
    let rarity = index
        .rarity(&scope, &["the", "common", "rare", "absent", "-", ""], &Filter::default())
        .unwrap();
    let [stop, common, rare, absent, sign, nothing] = rarity.try_into().unwrap();
    assert!(stop == 0.0 && common > 0.0, "{stop} {common}");
    assert!(rare > common && absent > rare, "{common} {rare} {absent}");
    assert_eq!((sign, nothing), (0.0, 0.0));
    let forms = index.rarity(&scope, &["things", "thing"], &Filter::default()).unwrap();
    assert_eq!(forms, [rare, rare], "a word is as rare as its stem");
}

/// An index that holds documents which the asker may not see answers as one that does not hold them.
fn what_nobody_may_see_is_not_counted(index: &dyn PassageIndex) {
    let (scope, alone) = (tenant(), tenant());
    let open = [
        (1, "the pump moves water common"),
        (2, "the valve stops water common"),
        (3, "an old engine with a turbine"),
    ];
    let closed = [
        (4, "the secret merger turbine common and much that makes the mean longer than it was"),
        (5, "the secret water pumpe common"),
        (6, "an old secret with a merger"),
    ];
    let put = |(id, text): (u128, &str)| put(passage(id, id, 1, text, Some(vec![1.0, id as f32])));
    index.apply(&scope, &open.into_iter().chain(closed).map(put).collect::<Vec<_>>(), 1).unwrap();
    index.apply(&alone, &open.map(put), 1).unwrap();
    let documents = open.iter().map(|(id, _)| DocumentId::from_u128(*id)).collect();
    let bytes = open.iter().map(|(_, text)| text.len() as u64).sum();
    let readable = Some(Arc::new(Readable { documents, passages: 3, bytes }));
    let filter = Filter { readable, ..Filter::default() };
    for query in ["water", "turbine", "secret merger", "common pump", "turbin", "mergers", "pumpe"]
    {
        let words: Vec<&str> = query.split(' ').collect();
        let asked = |scope: &TenantScope| {
            let hits = index.keyword(scope, query, &filter, 10).unwrap();
            let ids: Vec<_> = hits.iter().map(|hit| hit.passage).collect();
            (
                hits,
                index.respelled(scope, query, &filter).unwrap(),
                index.rarity(scope, &words, &filter).unwrap(),
                index.keyword_documents(scope, query, &filter).unwrap(),
                index.explain_keyword(scope, query, &filter, &ids).unwrap(),
            )
        };
        assert_eq!(asked(&scope), asked(&alone), "{query}");
        let respelled = index.respelled(&alone, query, &Filter::default()).unwrap();
        assert_eq!(asked(&scope).1, respelled, "{query}");
    }
    let seen = |scope| index.vector(scope, &[0.0, 1.0], &filter, 2).unwrap();
    assert_eq!(seen(&scope), seen(&alone));
    assert_eq!(seen(&scope).len(), 2);
}

fn everything_survives_a_restart(open: Open<'_>) {
    let scope = tenant();
    let index = open();
    let changes: Vec<_> = (1..=20)
        .map(|id| put(passage(id, id, 5, "kept words", Some(vec![1.0, id as f32]))))
        .collect();
    index.apply(&scope, &changes, 3).unwrap();
    let removed = DocumentId::from_u128(4);
    index.apply(&scope, &[IndexChange::RemoveDocument(removed)], 4).unwrap();
    let before = (all_ids(&*index, &scope), near(&*index, &scope, &[1.0, 5.0]));
    let keyword = words(&*index, &scope, "kept");
    drop(index);
    let index = open();
    assert_eq!(index.position(&scope).unwrap(), 4);
    assert_eq!((all_ids(&*index, &scope), near(&*index, &scope, &[1.0, 5.0])), before);
    assert_eq!(words(&*index, &scope, "kept"), keyword);
}

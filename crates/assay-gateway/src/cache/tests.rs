//! What is shared, what is not, for how long and in how much memory.

use std::{collections::BTreeSet, sync::Arc};

use assay_core::{NanoUsd, TenantId, TenantScope};
use futures_util::FutureExt;
use proptest::{prelude::*, strategy::ValueTree};

use super::*;

fn answer(text: &str) -> CachedAnswer {
    CachedAnswer {
        frames: text.split(' ').map(|word| Bytes::copy_from_slice(word.as_bytes())).collect(),
        is_stream: true,
        provider: "p".to_owned(),
        listed_as: None,
        model: "m".to_owned(),
        cost: NanoUsd::from_nanos(70),
        measured: Measured::default(),
    }
}

fn partition(access: &[u8], model: &str, corpus: &[u8]) -> Partition {
    Partition::new(&TenantScope::built_in(), access, "acme", model, corpus)
}

fn guard(question: &str) -> Guard {
    Guard::of(&GuardedRequest {
        system: "",
        tools: b"",
        history: b"",
        temperature_percent: None,
        settings: b"",
        question,
    })
}

fn hit(lookup: Option<Lookup>) -> Hit {
    match lookup {
        Some(Lookup::Hit(hit)) => hit,
        other => panic!("no hit: {other:?}"),
    }
}

fn lead(lookup: Option<Lookup>) -> Lead {
    match lookup {
        Some(Lookup::Lead(lead)) => lead,
        other => panic!("no lead: {other:?}"),
    }
}

#[test]
fn a_stream_is_given_again_frame_by_frame() {
    let cache = ExactCache::new(&CacheSettings::default());
    let (home, request) = (partition(b"", "m", b"1"), request_digest(b"{\"a\":1}", &[]).unwrap());
    let look = || cache.look_up(&home, &request).now_or_never();
    lead(look()).fill(answer("data:a data:b data:[DONE]"));
    let found = hit(look());
    assert_eq!(*found.answer, answer("data:a data:b data:[DONE]"));
    assert_eq!((found.kind, found.saved().nanos()), (HitKind::Exact, 70));
    let counts = cache.counts();
    assert_eq!((counts.hits, counts.misses, counts.entries), (1, 1, 1));
    assert_eq!(counts.saved.nanos(), 70);
    cache.clear();
    drop(lead(look()));
}

#[tokio::test]
async fn the_same_request_is_made_once_and_its_answer_shared() {
    let cache = ExactCache::new(&CacheSettings::default());
    let (home, request) = (partition(b"", "m", b"1"), Digest::of(b"", &[]));
    let leading = lead(Some(cache.look_up(&home, &request).await));
    let waiting: Vec<_> = (0..50)
        .map(|_| {
            let cache = cache.clone();
            tokio::spawn(async move { cache.look_up(&home, &request).await })
        })
        .collect();
    tokio::task::yield_now().await;
    leading.fill(answer("shared"));
    for waiting in waiting {
        let found = hit(Some(waiting.await.unwrap()));
        assert_eq!(*found.answer, answer("shared"));
    }
    assert_eq!(cache.counts().misses, 1);
}

#[tokio::test]
async fn after_a_failure_each_makes_its_own_and_the_next_may_lead() {
    let cache = ExactCache::new(&CacheSettings::default());
    let (home, request) = (partition(b"", "m", b"1"), Digest::of(b"", &[]));
    let leading = lead(Some(cache.look_up(&home, &request).await));
    let waiting = tokio::spawn({
        let cache = cache.clone();
        async move { cache.look_up(&home, &request).await }
    });
    tokio::task::yield_now().await;
    drop(leading);
    assert!(matches!(waiting.await.unwrap(), Lookup::Alone));
    drop(lead(Some(cache.look_up(&home, &request).await)));
}

#[test]
fn answers_go_when_they_are_old_or_there_is_no_room() {
    let settings = CacheSettings { exact_seconds: 0, ..CacheSettings::default() };
    let cache = ExactCache::new(&settings);
    let home = partition(b"", "m", b"1");
    let look = |cache: &ExactCache, number: u32| {
        cache.look_up(&home, &Digest::of(b"", &[&number.to_be_bytes()])).now_or_never()
    };
    lead(look(&cache, 1)).fill(answer("old"));
    drop(lead(look(&cache, 1)));
    assert_eq!(cache.counts().entries, 0);

    let settings =
        CacheSettings { exact_bytes: 10_000, answer_bytes_max: 5_000, ..CacheSettings::default() };
    let cache = ExactCache::new(&settings);
    for number in 0..100 {
        lead(look(&cache, number)).fill(answer(&"x".repeat(1_000)));
        assert!(cache.counts().bytes <= 10_000, "{:?}", cache.counts());
    }
    assert!(cache.counts().entries > 5 && cache.counts().evicted > 80, "{:?}", cache.counts());
    lead(look(&cache, 1_000)).fill(answer(&"x".repeat(6_000)));
    drop(lead(look(&cache, 1_000)));

    let settings = CacheSettings { semantic_bytes: 100_000, ..CacheSettings::default() };
    let cache = SemanticCache::new(&settings);
    for number in 0..1_000_u32 {
        let guard = guard(&number.to_string());
        cache.keep(&home, &guard, &[1.0, 0.5], Arc::new(answer("x")));
    }
    let counts = cache.counts();
    assert!(counts.bytes <= 100_000 && counts.entries > 100, "{counts:?}");
    let shared = cache.shared_sizes();
    assert_eq!(shared, (counts.entries, counts.entries), "nothing is left of what went");
}

#[test]
fn a_like_question_is_answered_and_an_unlike_one_is_not() {
    let cache = SemanticCache::new(&CacheSettings { similarity: 0.1, ..CacheSettings::default() });
    let home = partition(b"", "m", b"1");
    let asked = guard("What is the capital of France?");
    cache.keep(&home, &asked, &[1.0, 0.0], Arc::new(answer("Paris")));
    let find = |vector: &[f32]| cache.find(&home, &asked, vector);
    assert!(find(&[0.96, 0.28]).is_some(), "cosine 0.96, whatever the lengths");
    assert!(find(&[9.6, 2.8]).is_some());
    assert!(find(&[0.94, 0.3412]).is_none(), "nobody can lower the bound to 0.1");
    for none in [&[0.0, 0.0][..], &[f32::NAN, 1.0], &[1.0], &[], &[f32::INFINITY, 0.0]] {
        assert!(find(none).is_none(), "{none:?}");
    }
    assert!(!CacheSettings { similarity: 0.9, ..CacheSettings::default() }.problems().is_empty());
}

#[test]
fn the_same_asked_in_other_words_may_share_an_answer() {
    for (a, b) in [
        ("What is the capital of France?", "Please tell me what the capital of France is"),
        ("what's the capital of france", "What is the capital of France ?"),
        ("Explain what photosynthesis means", "Describe what photosynthesis is, please!"),
        ("I can't open report 7", "I cannot open the report 7"),
        ("How does HTTP caching work?", "how is HTTP caching doing its work"),
    ] {
        assert_eq!(guard(a), guard(b), "{a} / {b}");
    }
}

#[test]
fn what_an_answer_turns_on_keeps_questions_apart() {
    for (a, b) in [
        ("the price of 3 apples", "the price of 4 apples"),
        ("the price at -5 degrees", "the price at 5 degrees"),
        ("a rate of 3.5%", "a rate of 35%"),
        ("take one pill", "take two pills"),
        ("what is in section 2.1", "what is in section 2.10"),
        ("is it allowed", "is it not allowed"),
        ("is it allowed", "isn't it allowed"),
        ("does it work with water", "does it work without water"),
        ("can I enter", "can't I enter"),
        ("capital of france", "capital of germany"),
        ("did Anna pay Bob", "did Bob pay Anna"),
        ("flights from Rome to Oslo", "flights to Rome from Oslo"),
        ("is the shop ever open", "is the shop never open"),
        ("who is the president", "who was the president"),
        ("learn C++", "learn C#"),
        ("what did Mark say", "what did Bill say"),
        ("x < 3", "x > 3"),
        ("is all of it done", "is some of it done"),
        ("法国的首都", "德国的首都"),
    ] {
        assert_ne!(guard(a), guard(b), "{a} / {b}: {:?}", guard::guarded_words(a));
    }
    let base = GuardedRequest {
        system: "s",
        tools: b"t",
        history: b"h",
        temperature_percent: Some(0),
        settings: b"x",
        question: "q",
    };
    let others = [
        GuardedRequest { system: "", ..base },
        GuardedRequest { system: "st", tools: b"", ..base },
        GuardedRequest { tools: b"", ..base },
        GuardedRequest { history: b"", ..base },
        GuardedRequest { temperature_percent: None, ..base },
        GuardedRequest { temperature_percent: Some(70), ..base },
        GuardedRequest { settings: b"", ..base },
    ];
    let guards: BTreeSet<_> =
        others.iter().chain([&base]).map(|it| *Guard::of(it).digest()).collect();
    assert_eq!(guards.len(), others.len() + 1);
}

/// Texts that would run into each other if the parts of a key were put one after the other, or if a
/// part of a hash were taken.
fn name() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(Vec::new()),
        prop::collection::vec(prop_oneof![Just(b'a'), Just(b'b'), Just(b':'), Just(0)], 0..4),
        any::<[u8; 2]>().prop_map(|bytes| bytes.to_vec()),
    ]
}

#[test]
fn nothing_crosses_tenants_scopes_models_or_versions_in_a_hundred_thousand_probes() {
    // Nothing is to go for want of room: what is not found then was lost.
    let settings = CacheSettings {
        answer_bytes_max: 4_096,
        semantic_entries: usize::MAX,
        ..CacheSettings::default()
    };
    let (exact, semantic) = (ExactCache::new(&settings), SemanticCache::new(&settings));
    let (request, question) = (Digest::of(b"q", &[]), guard("the same question"));
    let tenants: Vec<TenantScope> =
        (0..20).map(|_| TenantScope::of_recorded_task(TenantId::new())).collect();
    let mut kept = BTreeSet::new();
    let (mut foreign, mut own) = (0, 0);
    let mut random = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..50_000 {
        let part = || (name(), name(), name());
        let tree = (0..tenants.len(), part()).new_tree(&mut random).unwrap();
        let (tenant, (access, model, corpus)) = tree.current();
        let model_name = String::from_utf8_lossy(&model).into_owned();
        let home = Partition::new(&tenants[tenant], &access, "acme", &model_name, &corpus);
        // The owner is in the answer, so that a foreign one is seen.
        let owner = format!("{tenant}|{access:?}|{model_name:?}|{corpus:?}");
        let is_kept = !kept.insert(owner.clone());
        for found in [
            match exact.look_up(&home, &request).now_or_never() {
                Some(Lookup::Hit(hit)) => Some(hit),
                Some(Lookup::Lead(lead)) => {
                    lead.fill(CachedAnswer { model: owner.clone(), ..answer("x") });
                    None
                }
                other => panic!("{other:?}"),
            },
            semantic.find(&home, &question, &[1.0, 2.0]),
        ] {
            match found {
                Some(hit) if hit.answer.model == owner => own += 1,
                Some(_) => foreign += 1,
                None => assert!(!is_kept || exact.counts().evicted > 0, "{owner} was lost"),
            }
        }
        let mine = CachedAnswer { model: owner, ..answer("x") };
        semantic.keep(&home, &question, &[1.0, 2.0], Arc::new(mine));
    }
    assert_eq!(foreign, 0);
    assert!(own > 1_000, "only {own} hits at all: the probes prove nothing");
}

proptest! {
    #[test]
    fn a_request_is_the_same_in_another_order_only(a in "[a-z]{1,3}", b in "[a-z]{1,3}", x: u64, y: u64) {
        prop_assume!(a != b && x != y);
        let body = |first: (&str, u64), second: (&str, u64)| {
            let text = format!("{{ \"{}\": {}, \"{}\" :[{}, {{}}] }}", first.0, first.1, second.0, second.1);
            request_digest(text.as_bytes(), &[]).unwrap()
        };
        let swapped = format!("{{\"{b}\":[{y},{{}}],\"{a}\":{x}}}");
        prop_assert_eq!(body((&a, x), (&b, y)), request_digest(swapped.as_bytes(), &[]).unwrap());
        prop_assert_ne!(body((&a, x), (&b, y)), body((&a, y), (&b, x)));
    }

    #[test]
    fn a_changed_number_never_has_the_same_guard(
        before in "[a-zA-Z ,]{0,30}", a in 0_u64..10_000, b in 0_u64..10_000, after in "[a-zA-Z ?]{0,30}"
    ) {
        prop_assume!(a != b);
        prop_assert_ne!(guard(&format!("{before} {a} {after}")), guard(&format!("{before} {b} {after}")));
    }

    #[test]
    fn any_text_has_a_guard(text: String) {
        let _ = guard(&text);
    }
}

#[test]
fn fields_can_be_left_out_and_what_is_no_object_has_no_digest() {
    let without = |body: &str| request_digest(body.as_bytes(), &["stream"]).unwrap();
    assert_eq!(without("{\"a\":1,\"stream\":true}"), without("{\"a\":1}"));
    assert_ne!(without("{\"a\":1.0}"), without("{\"a\":1}"), "digits are kept");
    assert_ne!(without("{\"a\":{\"stream\":1}}"), without("{\"a\":{}}"), "only at the top");
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(500), "]".repeat(500));
    for body in ["", "[]", "1", "{\"a\"", &deep] {
        assert!(request_digest(body.as_bytes(), &[]).is_none());
    }
}

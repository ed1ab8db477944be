//! Answers that are given again.

use std::sync::Arc;

use assay_testkit::upstream::{Script, Upstream};
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::{Bench, Got, answer, chat, whole};
use crate::{app::TestApp, provider::Embeddings};

/// A gateway with a cache, over a provider whose answers have prices.
async fn caching(script: Script, cache: Value) -> Bench {
    let settings = json!({
        "retries": 0, "cache": cache,
        "providers": { "up": { "base_url": "$URL/v1" } },
        "routes": { "m": { "targets": [{ "provider": "up", "model": "real" }] },
                    "other": { "targets": [{ "provider": "up", "model": "real" }] } },
    });
    Bench::with(Upstream::always(script).await, settings).await
}

fn state(got: &Got) -> &str {
    assert_eq!(got.status, 200, "{got:?}");
    got.header("x-assay-cache")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_is_answered_once_and_what_that_saved_is_told() {
    let bench = caching(Script::json(200, &answer("hello")), json!({ "chat": "exact" })).await;
    let first = bench.chat(json!({})).await;
    let again = bench.chat(json!({ "user": "somebody else" })).await;
    assert_eq!((state(&first), state(&again)), ("miss", "exact"));
    assert_eq!(first.text, again.text);
    assert_eq!(again.header("x-assay-saved-usd"), first.header("x-assay-cost-usd"));
    assert_eq!((again.header("age"), again.header("x-assay-provider")), ("0", "up"));
    assert_eq!(bench.upstream.seen().len(), 1);
    let (_, usage) = bench.app.get("/v1/usage").await;
    let total = &usage["total"];
    assert_eq!((&total["calls"], &total["cached_calls"]), (&json!(2), &json!(1)), "{usage}");
    assert_eq!(total["cost_usd"], total["saved_usd"], "{usage}");
    assert_eq!(bench.app.get("/v1/usage/recount").await.1["agrees"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_an_answer_can_turn_on_is_a_request_of_its_own() {
    let bench = caching(Script::json(200, &answer("hello")), json!({ "chat": "exact" })).await;
    assert_eq!(state(&bench.chat(json!({})).await), "miss");
    for further in [
        json!({ "model": "other" }),
        json!({ "temperature": 0.1 }),
        json!({ "max_tokens": 5 }),
        json!({ "seed": 1 }),
        json!({ "tools": [{ "type": "function", "function": { "name": "f" } }] }),
        json!({ "messages": [{ "role": "user", "content": "hi " }] }),
        json!({ "messages": [{ "role": "system", "content": "x" },
                             { "role": "user", "content": "hi" }] }),
    ] {
        assert_eq!(state(&bench.chat(further.clone()).await), "miss", "{further}");
        assert_eq!(state(&bench.chat(further.clone()).await), "exact", "{further}");
    }
    let path = "/v1/chat/completions";
    for (header, value, expected) in [
        ("x-assay-role", "quality", "miss"),
        ("x-assay-no-training", "true", "miss"),
        ("x-assay-cache", "off", ""),
        ("cache-control", "no-cache", ""),
    ] {
        let got = bench.send_with(path, &chat(json!({})), &[(header, value)]).await;
        assert_eq!(state(&got), expected, "{header}");
    }
    let wrong = bench.send_with(path, &chat(json!({})), &[("x-assay-cache", "0.5")]).await;
    assert_eq!(wrong.status, 400, "a caller can only turn it off");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_of_models_are_only_given_again_where_that_is_set() {
    let bench = caching(Script::json(200, &answer("hello")), json!({})).await;
    for _ in 0..2 {
        assert_eq!(state(&bench.chat(json!({})).await), "");
    }
    assert_eq!(bench.upstream.seen().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_given_again_as_a_stream() {
    let script = Script::stream().frames(whole(&["hel", "lo"])).done();
    let bench = caching(script, json!({ "chat": "exact" })).await;
    let first = bench.stream(json!({})).await;
    assert_eq!(state(&first), "miss");
    bench.settled(1).await;
    let again = bench.stream(json!({})).await;
    assert_eq!((state(&again), again.content(0)), ("exact", "hello".to_owned()));
    assert_eq!(again.chunks(), first.chunks());
    assert_eq!(bench.upstream.seen().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_broke_off_or_failed_is_not_kept() {
    let mut frames = whole(&["hel"]);
    frames.truncate(2);
    for script in [
        Script::stream().frames(frames).cut(),
        Script::json(500, &json!({ "error": { "message": "no" } })),
    ] {
        let bench = caching(script, json!({ "chat": "exact" })).await;
        for calls in 1..=2 {
            let got = bench.stream(json!({})).await;
            assert_ne!(got.header("x-assay-cache"), "exact", "{got:?}");
            assert_eq!(bench.upstream.seen().len(), calls);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_are_the_same_at_the_same_time_are_sent_once() {
    let go = Arc::new(Notify::new());
    let script = Script::stream().wait_for(&go).frames(whole(&["one"])).done();
    let bench = Arc::new(caching(script, json!({ "chat": "exact" })).await);
    let asking: Vec<_> = (0..20)
        .map(|_| {
            let bench = Arc::clone(&bench);
            tokio::spawn(async move { bench.stream(json!({})).await })
        })
        .collect();
    while bench.upstream.seen().is_empty() {
        tokio::task::yield_now().await;
    }
    go.notify_one();
    let mut states = Vec::new();
    for got in asking {
        let got = got.await.unwrap();
        assert_eq!(got.content(0), "one");
        states.push(state(&got).to_owned());
    }
    assert_eq!(states.iter().filter(|state| *state == "miss").count(), 1, "{states:?}");
    assert_eq!(bench.upstream.seen().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn vectors_of_the_same_texts_are_made_once() {
    let vectors = json!({ "object": "list", "model": "real",
        "data": [{ "object": "embedding", "index": 0, "embedding": [0.5, 0.25] }],
        "usage": { "prompt_tokens": 2, "total_tokens": 2 } });
    let bench = caching(Script::json(200, &vectors), json!({})).await;
    let body = json!({ "model": "m", "input": "two words" });
    let first = bench.send("/v1/embeddings", &body).await;
    let again = bench.send("/v1/embeddings", &body).await;
    assert_eq!((state(&first), state(&again)), ("miss", "exact"));
    assert_eq!(first.json()["data"], again.json()["data"]);
    assert_eq!(bench.upstream.seen().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_like_question_is_answered_with_what_was_said_before() {
    // Every text has the same vector here, so that what parts them is the guard alone.
    let embeddings = Embeddings::start().await;
    let upstream = Upstream::always(Script::json(200, &answer("Oslo"))).await;
    let settings = json!({
        "cache": { "chat": "semantic" },
        "providers": { "up": { "base_url": format!("{}/v1", upstream.url), "tier": "free" } },
        "routes": { "m": { "targets": [{ "provider": "up", "model": "real" }] } },
    });
    let app = TestApp::open(|engine| {
        engine.embedding = embeddings.settings.clone();
        engine.gateway = serde_json::from_value(settings).unwrap();
    })
    .await;
    let bench = Bench { app, upstream };
    let ask = async |question: &str| {
        let messages = json!([{ "role": "user", "content": question }]);
        let got = bench.chat(json!({ "messages": messages })).await;
        assert_eq!(got.status, 200, "{got:?}");
        got.header("x-assay-cache").to_owned()
    };
    assert_eq!(ask("What is the capital of Norway?").await, "miss");
    assert_eq!(ask("what's the capital of Norway, please").await, "semantic");
    for other in [
        "What is the capital of Sweden?",
        "What is not the capital of Norway?",
        "What was the capital of Norway in 1900?",
    ] {
        assert_eq!(ask(other).await, "miss", "{other}");
    }
}

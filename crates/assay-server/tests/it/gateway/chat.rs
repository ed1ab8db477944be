//! Chat completions that pass through.

use std::sync::Arc;

use assay_testkit::upstream::{Script, Upstream};
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::{Bench, answer, chunk, whole};

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_answer_passes_through_with_every_digit() {
    let mut said = answer("hello").to_string();
    said.insert_str(1, r#""x_new":{"big":12345678901234567890123,"tiny":1.10e-7},"#);
    let script = Script::answer(
        200,
        &[("content-type", "application/json"), ("x-ratelimit-remaining-requests", "9")],
        said,
    );
    let bench = Bench::new(script).await;
    let mut sent = r#"{"model":"m","messages":[{"role":"user","content":"hi"}],"#.to_owned();
    sent.push_str(r#""seed":12345678901234567890123,"x_other":[1.10],"user":"u1"}"#);
    let url = format!("{}/v1/chat/completions", bench.app.url);
    let request = bench.app.client.post(url).header("content-type", "application/json");
    let response = request.body(sent).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let headers = response.headers().clone();
    let text = response.text().await.unwrap();
    assert!(text.contains(r#""big":12345678901234567890123,"tiny":1.10e-7"#), "{text}");
    assert!(text.contains(r#""model":"m""#), "the model is named as it was asked for: {text}");
    for (name, value) in [
        ("x-assay-provider", "up"),
        ("x-assay-model", "real"),
        ("x-assay-route", "m"),
        ("x-assay-attempts", "1"),
        ("x-ratelimit-remaining-requests", "9"),
    ] {
        assert_eq!(headers[name], value);
    }
    let seen = &bench.upstream.seen()[0];
    assert_eq!(seen.path, "/v1/chat/completions");
    assert!(seen.body.contains(r#""seed":12345678901234567890123,"x_other":[1.10]"#));
    assert_eq!(seen.json()["model"], "real");
    let metered = bench.metered();
    assert_eq!((metered.prompt_tokens, metered.completion_tokens, metered.settled), (11, 7, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_passes_through_and_is_metered() {
    let bench = Bench::new(Script::stream().frames(whole(&["hel", "lo"])).done()).await;
    let got = bench.stream(json!({})).await;
    assert_eq!(got.status, 200);
    assert_eq!(got.content(0), "hello");
    let chunks = got.chunks();
    assert!(chunks.iter().all(|chunk| chunk["model"] == "m" && chunk["id"] == "c1"));
    assert!(chunks.iter().all(|chunk| chunk.get("usage").is_none()), "nobody asked for it");
    assert!(bench.upstream.seen()[0].json()["stream_options"]["include_usage"] == true);
    let metered = bench.settled(1).await;
    assert_eq!((metered.prompt_tokens, metered.completion_tokens), (11, 7));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_usage_comes_last_and_alone_when_asked_for() {
    let mut last = chunk(json!({}), json!("stop"));
    last["usage"] = json!({ "prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7 });
    let frames = [chunk(json!({ "content": "x" }), Value::Null), last];
    let bench = Bench::new(Script::stream().frames(frames).done()).await;
    let got = bench.stream(json!({ "stream_options": { "include_usage": true } })).await;
    let chunks = got.chunks();
    let (usage, before) = chunks.split_last().unwrap();
    assert_eq!((&usage["choices"], &usage["usage"]["total_tokens"]), (&json!([]), &json!(7)));
    assert!(before.iter().all(|chunk| chunk.get("usage").is_none()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_frame_is_not_held_until_the_second() {
    let go = Arc::new(Notify::new());
    let script = Script::stream()
        .frames([chunk(json!({ "role": "assistant", "content": "" }), Value::Null)])
        .frames([chunk(json!({ "content": "one" }), Value::Null)])
        .wait_for(&go)
        .frames([chunk(json!({ "content": "two" }), json!("stop"))])
        .done();
    let bench = Bench::new(script).await;
    let url = format!("{}/v1/chat/completions", bench.app.url);
    let body = super::chat(json!({ "stream": true }));
    let mut response = bench.app.client.post(url).json(&body).send().await.unwrap();
    let mut first = Vec::new();
    while !String::from_utf8_lossy(&first).contains("one") {
        first.extend_from_slice(&response.chunk().await.unwrap().unwrap());
    }
    go.notify_one();
    let rest = response.text().await.unwrap();
    assert!(rest.contains("two") && rest.ends_with("data: [DONE]\n\n"), "{rest}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_does_not_stream_is_streamed_all_the_same() {
    let bench = Bench::new(Script::json(200, &answer("hello"))).await;
    let got = bench.stream(json!({ "stream_options": { "include_usage": true } })).await;
    assert_eq!(got.content(0), "hello");
    assert_eq!(got.chunks().last().unwrap()["usage"]["total_tokens"], 18);
}

#[tokio::test(flavor = "multi_thread")]
async fn models_are_listed_and_unknown_ones_refused() {
    let upstream = Upstream::always(Script::json(200, &answer("x"))).await;
    let settings = json!({
        "providers": { "up": { "base_url": format!("{}/v1", upstream.url), "models": ["a/b"] },
                       "any": { "base_url": format!("{}/v1", upstream.url), "models": ["*"] } },
        "routes": { "m": { "targets": [{ "provider": "up", "model": "real" }] } },
        "aliases": { "gpt-4o": "m" },
    });
    let bench = Bench::with(upstream, settings).await;
    let (_, listed) = bench.app.get("/v1/models").await;
    let names: Vec<_> =
        listed["data"].as_array().unwrap().iter().map(|model| &model["id"]).collect();
    for name in ["assay/extractive", "m", "up/a/b", "gpt-4o"] {
        assert!(names.contains(&&json!(name)), "{names:?}");
    }
    for (model, real) in [("gpt-4o", "real"), ("up/a/b", "a/b"), ("any/thing", "thing")] {
        let got = bench.chat(json!({ "model": model })).await;
        assert_eq!((got.status, got.json()["model"].as_str()), (200, Some(model)));
        assert_eq!(got.header("x-assay-model"), real);
    }
    for model in ["nothing", "up/other", "any/", ""] {
        let got = bench.chat(json!({ "model": model })).await;
        let expected =
            if model.is_empty() { (400, "bad_request") } else { (404, "model_not_found") };
        assert_eq!((got.status, got.json()["error"]["code"].as_str().unwrap()), expected);
    }
}

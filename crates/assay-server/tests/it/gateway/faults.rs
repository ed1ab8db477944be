//! What callers get when providers fail.

use std::sync::Arc;

use assay_testkit::upstream::{Script, Upstream};
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::{Bench, answer, chunk, whole};

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_is_cut_ends_in_an_error_frame() {
    let script = Script::stream().frames([chunk(json!({ "content": "half" }), Value::Null)]);
    for script in [script.clone().cut(), script.end()] {
        let bench = Bench::new(script).await;
        let got = bench.stream(json!({})).await;
        assert_eq!(got.content(0), "half");
        let frames = got.frames();
        assert_eq!(frames.last().unwrap()["error"]["type"], "server_error", "{frames:?}");
        assert!(!got.text.contains("[DONE]"));
        let metered = bench.settled(1).await;
        assert_eq!(metered.completion_tokens, 1, "what had come is metered");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_ends_the_call_and_is_metered() {
    let script =
        Script::stream().frames([chunk(json!({ "content": "12345678" }), Value::Null)]).hold();
    let bench = Bench::new(script).await;
    let url = format!("{}/v1/chat/completions", bench.app.url);
    let body = super::chat(json!({ "stream": true }));
    let mut response = bench.app.client.post(url).json(&body).send().await.unwrap();
    response.chunk().await.unwrap().unwrap();
    drop(response);
    bench.upstream.left().await;
    let metered = bench.settled(1).await;
    // What came, a piece of the same length that may have been on its way, and what may have been
    // written until the connection was closed: as much as came, at most.
    assert!((4..=6).contains(&metered.completion_tokens), "{metered:?}");
    assert_eq!(metered.refunded, 0);
    // A quarter of what was sent, the wish for usage included.
    let sent = bench.upstream.seen()[0].body.len() as u64;
    assert!(metered.prompt_tokens >= sent / 4, "{metered:?}: {sent} bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_provider_counts_at_the_start_is_not_what_it_wrote() {
    let event =
        |event: Value| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap());
    let start = json!({ "type": "message_start", "message": {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "real", "content": [],
        "usage": { "input_tokens": 9, "output_tokens": 1 } } });
    let block = json!({ "type": "content_block_start", "index": 0,
                        "content_block": { "type": "text", "text": "" } });
    let text = json!({ "type": "content_block_delta", "index": 0,
                       "delta": { "type": "text_delta", "text": "x".repeat(400) } });
    let script = [start, block, text].map(event).into_iter().fold(Script::stream(), Script::bytes);
    let provider = json!({ "kind": "anthropic" });
    let bench = Bench::over(Upstream::always(script.cut()).await, provider, json!({})).await;
    let body = super::chat(json!({ "max_tokens": 500, "stream": true }));
    let got = bench.send("/v1/messages", &body).await;
    assert!(!got.text.contains("message_stop"), "{got:?}");
    let metered = bench.settled(1).await;
    assert_eq!((metered.prompt_tokens, metered.completion_tokens), (9, 100));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_as_the_first_frame_has_a_status() {
    let overloaded = json!({ "error": { "message": "no room", "code": 503 } });
    let role = chunk(json!({ "role": "assistant", "content": "" }), Value::Null);
    let bench = Bench::new(Script::stream().frames([role, overloaded]).done()).await;
    let got = bench.stream(json!({})).await;
    assert_eq!(got.status, 503, "{got:?}");
    assert!(got.json()["error"]["message"].as_str().unwrap().contains("no room"));
    assert_eq!(bench.metered().refunded, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_ended_by_the_idle_and_the_total_time() {
    let started = Script::stream().frames([chunk(json!({ "content": "x" }), Value::Null)]).hold();
    for (script, status) in [(Script::stream().hold(), 504), (started, 200)] {
        let provider = json!({ "first_seconds": 1, "idle_seconds": 1, "total_seconds": 5 });
        let bench = Bench::over(Upstream::always(script).await, provider, json!({})).await;
        let got = bench.stream(json!({})).await;
        assert_eq!(got.status, status, "{got:?}");
        assert!(got.text.contains("\"code\":\"timeout\""), "{got:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_without_end_and_bytes_that_are_no_text_are_refused() {
    let mut endless = Script::stream();
    for _ in 0..10 {
        endless = endless.bytes(vec![b'x'; 1 << 20]);
    }
    let no_text = Script::stream()
        .bytes(b"data: {\"choices\":[{\"delta\":{\"content\":\"\xff\xfe\"}}]}\n\n".to_vec())
        .done();
    for script in [endless.end(), no_text] {
        let bench = Bench::new(script).await;
        let got = bench.stream(json!({})).await;
        assert_eq!(got.status, 502, "{}", got.text.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large_is_refused_in_the_shape_of_its_path() {
    let upstream = Upstream::always(Script::json(200, &answer("x"))).await;
    let settings = json!({
        "body_bytes_max": 1000,
        "providers": { "up": { "base_url": format!("{}/v1", upstream.url) } },
        "routes": { "m": { "targets": [{ "provider": "up", "model": "real" }] } },
    });
    let bench = Bench::with(upstream, settings).await;
    let long = "x".repeat(2000);
    let got = bench.chat(json!({ "user": long })).await;
    assert_eq!((got.status, got.json()["error"]["code"].as_str()), (413, Some("too_large")));
    let got = bench.send("/v1/messages", &json!({ "model": "m", "messages": [], "x": long })).await;
    assert_eq!((got.status, got.json()["type"].as_str()), (413, Some("error")));
    assert_eq!(bench.upstream.seen().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_requests_are_told_with_their_parameter() {
    let bench = Bench::new(Script::json(200, &answer("x"))).await;
    let post = |body: &str| {
        let url = format!("{}/v1/chat/completions", bench.app.url);
        let request = bench.app.client.post(url).header("content-type", "application/json");
        crate::app::answer(request.body(body.to_owned()))
    };
    for (body, param) in [
        ("not json", Value::Null),
        ("[]", Value::Null),
        ("{\"model\":\"m\"}", json!("messages")),
        ("{\"messages\":[]}", json!("model")),
        ("{\"model\":\"m\",\"model\":\"n\",\"messages\":[]}", Value::Null),
    ] {
        let (status, answer) = post(body).await;
        assert_eq!((status, &answer["error"]["param"]), (400, &param), "{body}: {answer}");
        assert_eq!(answer["error"]["type"], "invalid_request_error");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_tools_are_refused_in_every_dialect() {
    let bench = Bench::new(Script::json(200, &answer("x"))).await;
    let function = |schema: Value| json!({ "name": "f", "parameters": schema });
    let bad = [
        (json!({ "type": "banana" }), "type must be object"),
        (json!("text"), "not an object"),
        (json!({ "type": "object", "properties": [] }), "properties must be an object"),
        (json!({ "type": "object", "required": "a" }), "required must be an array"),
    ];
    for (schema, words) in bad {
        let tools = json!([{ "type": "function", "function": function(schema.clone()) }]);
        let error = bench.chat(json!({ "tools": tools })).await.json()["error"].clone();
        assert_eq!(error["code"], "invalid_function_parameters", "{error}");
        assert_eq!(error["param"], "tools[0].function.parameters");
        assert!(error["message"].as_str().unwrap().contains(words), "{error}");
        let mut tool = function(schema.clone());
        tool["type"] = json!("function");
        let body = json!({ "model": "m", "input": "hi", "tools": [tool] });
        let error = bench.send("/v1/responses", &body).await.json()["error"].clone();
        assert_eq!(error["param"], "tools[0].parameters", "{error}");
        let tool = json!({ "name": "f", "input_schema": schema });
        let body = json!({ "model": "m", "max_tokens": 9, "messages": [], "tools": [tool] });
        let got = bench.send("/v1/messages", &body).await;
        assert_eq!(got.status, 400);
        assert!(got.json()["error"]["message"].as_str().unwrap().contains(words), "{got:?}");
    }
    for (tools, param) in [
        (json!("text"), "tools"),
        (json!([1]), "tools[0]"),
        (json!([{ "type": "function" }]), "tools[0].function"),
        (json!([{ "type": "function", "function": {} }]), "tools[0].function.name"),
    ] {
        let got = bench.chat(json!({ "tools": tools })).await;
        assert_eq!((got.status, &got.json()["error"]["param"]), (400, &json!(param)), "{got:?}");
    }
    assert_eq!(bench.upstream.seen().len(), 0, "no provider was asked");
    let own = json!([{ "type": "custom", "custom": { "name": "f" } }, { "type": "function",
                       "function": { "name": "g" } }]);
    assert_eq!(bench.chat(json!({ "tools": own })).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_are_too_long_are_told_by_their_code() {
    let upstream = Upstream::always(Script::json(200, &answer("x"))).await;
    let bench = Bench::over(upstream, json!({}), json!({ "context_tokens": 100 })).await;
    let long = json!({ "messages": [{ "role": "user", "content": "word ".repeat(1000) }] });
    let got = bench.chat(long).await;
    assert_eq!(
        (got.status, &got.json()["error"]["code"]),
        (400, &json!("context_length_exceeded"))
    );
    assert_eq!(bench.upstream.seen().len(), 0, "no provider was asked");
    let said = json!({ "error": { "message": "maximum context length is 8192 tokens" } });
    let bench = Bench::new(Script::json(400, &said)).await;
    let got = bench.stream(json!({})).await;
    assert_eq!(
        (got.status, &got.json()["error"]["code"]),
        (400, &json!("context_length_exceeded"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_frame_is_not_written_before_an_error() {
    let half = chunk(json!({ "content": "half" }), Value::Null);
    let error = json!({ "error": { "message": "no room", "code": 503 } });
    let broken = Script::stream().frames([half.clone()]).bytes("data: {\"choices\": [{\"de");
    for script in [Script::stream().frames([half, error]).done(), broken.end()] {
        let bench = Bench::new(script).await;
        let got = bench.stream(json!({})).await;
        assert_eq!(got.frames().last().unwrap()["error"]["type"], "server_error", "{got:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_beyond_the_limit_are_busy() {
    let go = Arc::new(Notify::new());
    let script = Script::stream().wait_for(&go).frames(whole(&["x"])).done();
    let provider = json!({ "max_in_flight": 1 });
    let bench = Bench::over(Upstream::always(script).await, provider, json!({})).await;
    let url = format!("{}/v1/chat/completions", bench.app.url);
    let body = super::chat(json!({ "stream": true }));
    let first = tokio::spawn(bench.app.client.post(url).json(&body).send());
    while bench.upstream.seen().is_empty() {
        tokio::task::yield_now().await;
    }
    let got = bench.chat(json!({})).await;
    assert_eq!((got.status, got.header("retry-after")), (429, "1"), "{got:?}");
    go.notify_one();
    let text = first.await.unwrap().unwrap().text().await.unwrap();
    assert!(text.ends_with("data: [DONE]\n\n"));
}

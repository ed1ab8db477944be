//! Twenty things that providers do and clients stumble over, one test each.

use std::io::Write as _;

use assay_testkit::upstream::{Script, Upstream};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};

use super::{Bench, answer, chunk, whole};

async fn streamed(frames: Vec<Value>) -> super::Got {
    let bench = Bench::new(Script::stream().frames(frames).done()).await;
    let got = bench.stream(json!({})).await;
    bench.metered();
    got
}

fn call(fragment: Value) -> Value {
    chunk(json!({ "tool_calls": [fragment] }), Value::Null)
}

/// The fragments of calls that a client gets.
fn fragments(got: &super::Got) -> Vec<Value> {
    let chunks = got.chunks();
    let deltas = chunks.iter().map(|chunk| &chunk["choices"][0]["delta"]["tool_calls"]);
    deltas.filter_map(Value::as_array).flatten().cloned().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn p01_calls_without_index_id_or_type_get_them() {
    let got = streamed(vec![
        call(json!({ "function": { "name": "one", "arguments": "{\"a\"" } })),
        call(json!({ "function": { "arguments": ":1}" } })),
        call(json!({ "id": "x", "function": { "name": "two", "arguments": { "b": 2 } } })),
        chunk(json!({}), json!("tool_calls")),
    ])
    .await;
    let found = fragments(&got);
    assert_eq!(found[0]["index"], 0);
    assert_eq!(
        (&found[0]["type"], &found[0]["function"]["name"]),
        (&json!("function"), &json!("one"))
    );
    assert!(found[0]["id"].as_str().unwrap().starts_with("call_"));
    assert_eq!(found[1], json!({ "index": 0, "function": { "arguments": ":1}" } }));
    assert_eq!((&found[2]["index"], &found[2]["id"]), (&json!(1), &json!("x")));
    assert_eq!(found[2]["function"]["arguments"], "{\"b\":2}");
}

#[tokio::test(flavor = "multi_thread")]
async fn p02_ids_that_repeat_or_change_are_said_once() {
    let repeated = |index: u64, id: &str, name: &str, arguments: &str| {
        call(json!({ "index": index, "id": id, "type": "function",
                     "function": { "name": name, "arguments": arguments } }))
    };
    let mut second = repeated(0, "a", "f", "2");
    second["id"] = json!("another");
    let got = streamed(vec![
        repeated(0, "a", "f", "1"),
        second,
        repeated(0, "b", "g", "3"),
        chunk(json!({}), json!("tool_calls")),
    ])
    .await;
    let found = fragments(&got);
    assert_eq!(found[1], json!({ "index": 0, "function": { "arguments": "2" } }));
    assert_eq!((&found[2]["index"], &found[2]["id"]), (&json!(1), &json!("b")), "Gemini's way");
    assert!(got.chunks().iter().all(|chunk| chunk["id"] == "c1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn p02_plain_calls_do_not_share_an_id() {
    let mut said = answer("");
    let call = json!({ "id": "same", "type": "function", "function": { "name": "f" } });
    said["choices"][0]["message"]["tool_calls"] = json!([call, call]);
    let bench = Bench::new(Script::json(200, &said)).await;
    let found = bench.chat(json!({})).await.json()["choices"][0]["message"]["tool_calls"].clone();
    assert_eq!(found[0]["id"], "same");
    assert!(found[1]["id"].as_str().unwrap().starts_with("call_"), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn p03_usage_that_nobody_asked_for_is_not_shown() {
    let usage = json!({ "prompt_tokens": 5, "completion_tokens": 6 });
    let mut inside = chunk(json!({ "content": "x" }), json!("stop"));
    inside["usage"] = json!({ "prompt_tokens": 1, "completion_tokens": 1 });
    let without = json!({ "id": "c1", "object": "chat.completion.chunk", "usage": usage });
    let null = json!({ "id": "c1", "choices": null, "usage": usage });
    for last in [without, null] {
        let bench = Bench::new(Script::stream().frames([inside.clone(), last]).done()).await;
        let got = bench.stream(json!({})).await;
        assert_eq!(got.chunks().len(), 1, "{got:?}");
        assert!(!got.text.contains("usage"));
        assert_eq!(bench.settled(1).await.completion_tokens, 6, "the last figure counts");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p04_a_first_chunk_without_choices_is_joined_to_the_next() {
    let filter = json!({ "id": "", "object": "", "model": "", "created": 0, "choices": [],
                         "prompt_filter_results": [{ "prompt_index": 0 }] });
    let got = streamed(vec![filter, chunk(json!({ "content": "x" }), json!("stop"))]).await;
    let chunks = got.chunks();
    assert_eq!(chunks.len(), 1);
    assert_eq!(chunks[0]["choices"][0]["delta"]["content"], "x");
    assert_eq!(chunks[0]["prompt_filter_results"][0]["prompt_index"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn p05_the_reason_of_the_end_is_one_of_the_protocols() {
    let called =
        call(json!({ "index": 0, "id": "a", "function": { "name": "f", "arguments": "{}" } }));
    let text = chunk(json!({ "content": "x" }), Value::Null);
    for (frames, expected) in [
        (vec![text.clone(), chunk(json!({}), json!("eos"))], "stop"),
        (vec![called.clone(), chunk(json!({}), json!("stop"))], "tool_calls"),
        (vec![called.clone()], "tool_calls"),
        (vec![text.clone()], "stop"),
        (vec![text, chunk(json!({}), json!("max_tokens"))], "length"),
    ] {
        let got = streamed(frames).await;
        let chunks = got.chunks();
        assert_eq!(chunks.last().unwrap()["choices"][0]["finish_reason"], expected, "{chunks:?}");
    }
    let mut plain = answer("x");
    plain["choices"][0]["finish_reason"] = json!("eos_token");
    let bench = Bench::new(Script::json(200, &plain)).await;
    assert_eq!(bench.chat(json!({})).await.json()["choices"][0]["finish_reason"], "stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn p06_content_beside_calls_is_null_and_calls_are_whole() {
    let mut said = answer("");
    said["choices"][0]["message"]["tool_calls"] =
        json!([{ "function": { "name": "f", "arguments": { "a": 1 } } }]);
    let bench = Bench::new(Script::json(200, &said)).await;
    let got = bench.chat(json!({})).await.json();
    let choice = &got["choices"][0];
    assert_eq!(choice["message"]["content"], Value::Null);
    assert_eq!(choice["finish_reason"], "tool_calls");
    let found = &choice["message"]["tool_calls"][0];
    assert_eq!(
        (&found["type"], &found["function"]["arguments"]),
        (&json!("function"), &json!("{\"a\":1}"))
    );
    assert!(found["id"].as_str().is_some_and(|id| !id.is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn p07_errors_in_any_form_are_errors() {
    let page = "<html><head><title>502</title></head><body><h1>Bad gateway</h1></body></html>";
    for (script, status, words) in [
        (Script::json(400, &json!({ "error": "no such size" })), 400, "no such size"),
        (Script::answer(502, &[("content-type", "text/html")], page), 502, "Bad gateway"),
        (Script::json(200, &json!({ "error": { "message": "in disguise" } })), 502, "in disguise"),
        (Script::json(200, &json!({ "choices": [] })), 502, "no choices"),
        (Script::answer(200, &[], "not json"), 502, "cannot be read"),
        (Script::json(422, &json!({ "detail": "field missing" })), 422, "field missing"),
    ] {
        let bench = Bench::new(script).await;
        let got = bench.chat(json!({})).await;
        assert_eq!(got.status, status, "{got:?}");
        let message = got.json()["error"]["message"].as_str().unwrap().to_owned();
        assert!(message.contains(words) && !message.contains('<'), "{message}");
        assert_eq!(bench.metered().refunded, 1);
    }
    let coded = json!({ "error": { "message": "too many", "type": "invalid_request_error",
                                   "param": "n", "code": "invalid_value" } });
    let bench = Bench::new(Script::json(400, &coded)).await;
    let got = bench.chat(json!({})).await;
    assert_eq!((got.status, got.json()), (400, coded), "code and parameter come through");
}

#[tokio::test(flavor = "multi_thread")]
async fn p08_any_cut_line_end_comment_and_mark_is_read() {
    let first = chunk(json!({ "content": "gr\u{fc}\u{df}e \u{1f600}" }), Value::Null).to_string();
    let (left, right) = first.split_at(first.find(',').unwrap() + 1);
    let last = chunk(json!({}), json!("stop"));
    let bytes = format!(
        "\u{feff}: keep-alive\r\n\r\ndata: {left}\r\ndata: {right}\r\n\r\n:\r\nid: 4\r\ndata:{last}\r\n\r\ndata: [DONE]"
    );
    let mut script = Script::stream();
    for byte in bytes.into_bytes() {
        script = script.bytes([byte]);
    }
    let bench = Bench::new(script.end()).await;
    let got = bench.stream(json!({})).await;
    assert_eq!(got.content(0), "gr\u{fc}\u{df}e \u{1f600}");
    assert_eq!(got.chunks().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn p09_packed_answers_are_unpacked_and_streams_not_buffered() {
    let pack = |text: String| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let events: String =
        whole(&["hel", "lo"]).iter().map(|frame| format!("data: {frame}\n\n")).collect();
    let head = [("content-type", "text/event-stream"), ("content-encoding", "gzip")];
    let script = Script::stream_with(&head).bytes(pack(format!("{events}data: [DONE]\n\n"))).end();
    let bench = Bench::new(script).await;
    let got = bench.stream(json!({})).await;
    assert_eq!((got.content(0).as_str(), got.header("x-accel-buffering")), ("hello", "no"));
    assert_eq!(bench.upstream.seen()[0].headers["accept-encoding"], "identity");
    let head = [("content-encoding", "gzip"), ("content-type", "application/json")];
    let bench = Bench::new(Script::answer(200, &head, pack(answer("hello").to_string()))).await;
    assert_eq!(bench.chat(json!({})).await.json()["choices"][0]["message"]["content"], "hello");
}

#[tokio::test(flavor = "multi_thread")]
async fn p10_a_schema_does_not_suppress_tools() {
    let upstream = Upstream::always(Script::json(200, &answer("x"))).await;
    let bench = Bench::over(upstream, json!({}), json!({ "tools_with_json": false })).await;
    let tools = json!([{ "type": "function", "function": { "name": "f" } }]);
    let format = json!({ "type": "json_schema", "json_schema": { "name": "s", "schema": {} } });
    let got = bench.chat(json!({ "tools": tools, "response_format": format })).await;
    assert_eq!(got.header("x-assay-dropped"), "response_format");
    let sent = bench.upstream.seen()[0].json();
    assert!(sent.get("response_format").is_none() && sent["tools"] == tools);
}

#[tokio::test(flavor = "multi_thread")]
async fn p11_keywords_that_a_target_refuses_are_checked_here() {
    let schema = json!({ "type": "object", "properties": {
        "name": { "type": "string", "minLength": 3 }, "minLength": { "type": "string" } } });
    let format = json!({ "type": "json_schema", "json_schema": { "name": "s", "schema": schema } });
    for (said, status) in [("{\"name\":\"Ada\"}", 200), ("{\"name\":\"A\"}", 502)] {
        let upstream = Upstream::always(Script::json(200, &answer(said))).await;
        let target = json!({ "schema_without": ["minLength"] });
        let bench = Bench::over(upstream, json!({}), target).await;
        let got = bench.chat(json!({ "response_format": format })).await;
        assert_eq!(got.status, status, "{got:?}");
        let sent = bench.upstream.seen()[0].json();
        let sent = &sent["response_format"]["json_schema"]["schema"]["properties"];
        assert_eq!(
            sent,
            &json!({ "name": { "type": "string" }, "minLength": { "type": "string" } })
        );
        assert_eq!(got.header("x-assay-dropped"), "response_format.minLength");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p12_parameters_are_renamed_or_dropped_and_said_to_be() {
    let sent = async |kind: &str, further: Value| {
        let upstream = Upstream::always(Script::json(200, &answer("x"))).await;
        let bench = Bench::over(upstream, json!({ "kind": kind }), json!({})).await;
        let got = bench.chat(further).await;
        assert_eq!(got.status, 200, "{got:?}");
        (bench.upstream.seen()[0].json(), got.header("x-assay-dropped").to_owned())
    };
    let (body, _) = sent("openai", json!({ "max_tokens": 5 })).await;
    assert_eq!((&body["max_completion_tokens"], body.get("max_tokens")), (&json!(5), None));
    let messages = json!([{ "role": "developer", "content": "be brief" }]);
    let further =
        json!({ "max_completion_tokens": 5, "seed": 7, "logit_bias": {}, "messages": messages });
    let (body, dropped) = sent("mistral", further).await;
    assert_eq!((&body["max_tokens"], &body["random_seed"]), (&json!(5), &json!(7)));
    assert_eq!(
        (body["messages"][0]["role"].as_str(), dropped.as_str()),
        (Some("system"), "logit_bias")
    );
    let upstream = Upstream::always(Script::json(200, &answer("x"))).await;
    let settings = json!({
        "unsupported": "refuse",
        "providers": { "up": { "kind": "mistral", "base_url": format!("{}/v1", upstream.url) } },
        "routes": { "m": { "targets": [{ "provider": "up", "model": "real" }] } },
    });
    let bench = Bench::with(upstream, settings).await;
    let got = bench.chat(json!({ "logit_bias": {} })).await;
    assert_eq!((got.status, got.json()["error"]["param"].as_str()), (400, Some("logit_bias")));
    assert_eq!(got.json()["error"]["code"], "unsupported_parameter");
}

#[tokio::test(flavor = "multi_thread")]
async fn p13_the_model_is_named_as_it_was_asked_for() {
    let bench = Bench::new(Script::json(200, &answer("x"))).await;
    let got = bench.chat(json!({})).await;
    assert_eq!((got.json()["model"].as_str(), got.header("x-assay-model")), (Some("m"), "real"));
}

#[tokio::test(flavor = "multi_thread")]
async fn p14_what_the_gateway_asks_for_itself_stays_hidden() {
    let mut frames = whole(&["x"]);
    for frame in &mut frames[..3] {
        frame["usage"] = Value::Null;
    }
    let bench = Bench::new(Script::stream().frames(frames).done()).await;
    let got = bench.stream(json!({ "stream_options": { "include_obfuscation": false } })).await;
    assert!(!got.text.contains("usage"), "{}", got.text);
    let options = bench.upstream.seen()[0].json()["stream_options"].clone();
    assert_eq!(options, json!({ "include_obfuscation": false, "include_usage": true }));
    let provider = json!({ "usage_in_streams": false });
    let upstream = Upstream::always(Script::stream().frames(whole(&["x"])).done()).await;
    let bench = Bench::over(upstream, provider, json!({})).await;
    bench.stream(json!({})).await;
    assert!(bench.upstream.seen()[0].json().get("stream_options").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn p15_a_client_that_leaves_before_the_first_frame_ends_the_call() {
    let bench = Bench::new(Script::stream().hold()).await;
    let url = format!("{}/v1/chat/completions", bench.app.url);
    let body = super::chat(json!({ "stream": true }));
    let waiting = tokio::spawn(bench.app.client.post(url).json(&body).send());
    while bench.upstream.seen().is_empty() {
        tokio::task::yield_now().await;
    }
    waiting.abort();
    bench.upstream.left().await;
    assert!(bench.settled(1).await.prompt_tokens > 0, "what was sent is metered");
}

#[tokio::test(flavor = "multi_thread")]
async fn p16_retry_after_comes_through() {
    let limited = json!({ "error": { "message": "slow down", "code": "rate_limit_exceeded" } });
    let date = [
        ("date", "Wed, 21 Oct 2026 07:28:00 GMT"),
        ("retry-after", "Wed, 21 Oct 2026 07:28:30 GMT"),
    ];
    for (headers, expected) in [(&[("retry-after", "17")][..], "17"), (&date[..], "30")] {
        let bench = Bench::new(Script::answer(429, headers, limited.to_string())).await;
        let got = bench.chat(json!({})).await;
        assert_eq!((got.status, got.header("retry-after")), (429, expected), "{got:?}");
        assert_eq!(got.json()["error"]["code"], "rate_limit_exceeded");
        let again = bench.chat(json!({})).await;
        assert_eq!((again.status, bench.upstream.seen().len()), (503, 1), "it is left alone");
        assert!(!again.header("retry-after").is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p17_several_choices_keep_apart() {
    let of = |index: u64, delta: Value, finish: Value| {
        let mut frame = chunk(delta, finish);
        frame["choices"][0]["index"] = json!(index);
        frame
    };
    let got = streamed(vec![
        of(0, json!({ "content": "a" }), Value::Null),
        of(1, json!({ "content": "b" }), Value::Null),
        of(0, json!({ "content": "c" }), json!("stop")),
        of(
            1,
            json!({ "tool_calls": [{ "index": 0, "id": "x", "function": { "name": "f" } }] }),
            json!("stop"),
        ),
    ])
    .await;
    assert_eq!((got.content(0), got.content(1)), ("ac".to_owned(), "b".to_owned()));
    let chunks = got.chunks();
    let ends: Vec<&Value> =
        chunks.iter().map(|chunk| &chunk["choices"][0]["finish_reason"]).collect();
    assert_eq!(ends, [&Value::Null, &Value::Null, &json!("stop"), &json!("tool_calls")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn p18_logprobs_pass_through() {
    let logprobs = json!({ "content": [{ "token": "x", "logprob": -0.5, "bytes": [120],
                                         "top_logprobs": [] }] });
    let mut frame = chunk(json!({ "content": "x" }), json!("stop"));
    frame["choices"][0]["logprobs"] = logprobs.clone();
    let got = streamed(vec![frame]).await;
    assert_eq!(got.chunks()[0]["choices"][0]["logprobs"], logprobs);
}

#[tokio::test(flavor = "multi_thread")]
async fn p19_numbers_keep_their_digits_in_streams() {
    let frame = r#"{"id":"c1","created":7,"model":"r","x":12345678901234567890.10,"choices":[{"delta":{"content":"x","y":1.10},"finish_reason":"eos"}]}"#;
    let bench = Bench::new(Script::stream().frames([frame]).done()).await;
    let got = bench.stream(json!({})).await;
    assert!(
        got.text.contains("12345678901234567890.10") && got.text.contains("\"y\":1.10"),
        "{}",
        got.text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn p20_large_images_pass_up_to_the_limit() {
    let bench = Bench::new(Script::json(200, &answer("x"))).await;
    let image = |bytes: usize| {
        let url = format!("data:image/png;base64,{}", "A".repeat(bytes));
        json!({ "messages": [{ "role": "user", "content": [
            { "type": "image_url", "image_url": { "url": url } }] }] })
    };
    assert_eq!(bench.chat(image(12 << 20)).await.status, 200);
    let got = bench.chat(image(25 << 20)).await;
    assert_eq!((got.status, got.json()["error"]["code"].as_str()), (413, Some("too_large")));
    assert_eq!(bench.upstream.seen().len(), 1);
}

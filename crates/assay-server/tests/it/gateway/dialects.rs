//! Every dialect of a caller over every format of a provider.

use assay_testkit::upstream::{Script, Upstream};
use serde_json::{Value, json};

use super::{Bench, Got, whole};

/// The formats of providers: kind, an answer with text, a call and usage, and the same as a stream.
fn formats() -> Vec<(&'static str, Value, Script)> {
    let openai = json!({
        "id": "c1", "object": "chat.completion", "created": 7, "model": "real",
        "choices": [{ "index": 0, "finish_reason": "tool_calls", "message": {
            "role": "assistant", "content": "let me look",
            "tool_calls": [{ "id": "t1", "type": "function",
                             "function": { "name": "weather", "arguments": "{\"city\":\"Oslo\"}" } }] } }],
        "usage": { "prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18 },
    });
    let delta = |delta: Value, finish: Value| super::chunk(delta, finish);
    let call = |function: Value| json!({ "tool_calls": [{ "index": 0, "id": "t1", "type": "function", "function": function }] });
    let more = json!({ "tool_calls": [{ "index": 0, "function": { "arguments": ":\"Oslo\"}" } }] });
    let mut usage = delta(json!({}), Value::Null);
    usage["choices"] = json!([]);
    usage["usage"] = openai["usage"].clone();
    let openai_stream = Script::stream()
        .frames([
            delta(json!({ "role": "assistant", "content": "let me" }), Value::Null),
            delta(json!({ "content": " look" }), Value::Null),
            delta(call(json!({ "name": "weather", "arguments": "{\"city\"" })), Value::Null),
            delta(more, Value::Null),
            delta(json!({}), json!("tool_calls")),
            usage,
        ])
        .done();
    let anthropic = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "real",
        "content": [{ "type": "text", "text": "let me look" },
                    { "type": "tool_use", "id": "t1", "name": "weather", "input": { "city": "Oslo" } }],
        "stop_reason": "tool_use", "stop_sequence": null,
        "usage": { "input_tokens": 9, "cache_read_input_tokens": 2, "output_tokens": 7 },
    });
    let mut anthropic_stream = Script::stream();
    for event in [
        json!({ "type": "message_start", "message": { "id": "msg_1", "type": "message", "model": "real",
            "role": "assistant", "content": [], "usage": { "input_tokens": 9, "cache_read_input_tokens": 2, "output_tokens": 1 } } }),
        json!({ "type": "ping" }),
        json!({ "type": "content_block_start", "index": 0, "content_block": { "type": "text", "text": "" } }),
        json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "text_delta", "text": "let me look" } }),
        json!({ "type": "content_block_stop", "index": 0 }),
        json!({ "type": "content_block_start", "index": 1, "content_block": { "type": "tool_use", "id": "t1", "name": "weather", "input": {} } }),
        json!({ "type": "content_block_delta", "index": 1, "delta": { "type": "input_json_delta", "partial_json": "{\"city\"" } }),
        json!({ "type": "content_block_delta", "index": 1, "delta": { "type": "input_json_delta", "partial_json": ":\"Oslo\"}" } }),
        json!({ "type": "content_block_stop", "index": 1 }),
        json!({ "type": "message_delta", "delta": { "stop_reason": "tool_use", "stop_sequence": null }, "usage": { "output_tokens": 7 } }),
        json!({ "type": "message_stop" }),
    ] {
        let kind = event["type"].as_str().unwrap();
        anthropic_stream = anthropic_stream.bytes(format!("event: {kind}\ndata: {event}\n\n"));
    }
    let parts = json!([{ "text": "let me look" }, { "functionCall": { "name": "weather", "args": { "city": "Oslo" } } }]);
    let gemini = json!({
        "candidates": [{ "content": { "role": "model", "parts": parts }, "finishReason": "STOP", "index": 0 }],
        "usageMetadata": { "promptTokenCount": 11, "candidatesTokenCount": 7, "totalTokenCount": 18 },
        "modelVersion": "real", "responseId": "r1",
    });
    let part =
        |part: Value| json!({ "candidates": [{ "content": { "parts": [part] }, "index": 0 }] });
    let mut last = gemini.clone();
    last["candidates"][0]["content"]["parts"] = json!([]);
    let gemini_stream =
        Script::stream().frames([part(parts[0].clone()), part(parts[1].clone()), last]).end();
    vec![
        ("openai", openai, openai_stream),
        ("anthropic", anthropic, anthropic_stream.end()),
        ("gemini", gemini, gemini_stream),
    ]
}

async fn over(kind: &str, script: Script) -> Bench {
    let provider = json!({ "kind": kind, "api_key": "k" });
    Bench::over(Upstream::always(script).await, provider, json!({})).await
}

const TOOL: &str = r#"{"type":"object","properties":{"city":{"type":"string","minLength":1}}}"#;

fn chat() -> Value {
    super::chat(json!({
        "messages": [
            { "role": "system", "content": "be brief" },
            { "role": "user", "content": [
                { "type": "text", "text": "look" },
                { "type": "image_url", "image_url": { "url": "data:image/png;base64,AAAA" } }] },
            { "role": "assistant", "content": null, "tool_calls": [
                { "id": "t0", "type": "function", "function": { "name": "weather", "arguments": "{\"n\":12345678901234567890}" } },
                { "id": "t9", "type": "function", "function": { "name": "weather", "arguments": "{}" } }] },
            { "role": "tool", "tool_call_id": "t0", "content": "rain" },
            { "role": "tool", "tool_call_id": "t9", "content": "sun" },
        ],
        "tools": [{ "type": "function", "function": { "name": "weather", "description": "d",
                    "parameters": serde_json::from_str::<Value>(TOOL).unwrap() } }],
        "tool_choice": "required", "max_tokens": 50, "temperature": 0.5, "stop": ["END"],
    }))
}

fn messages() -> Value {
    json!({
        "model": "m", "max_tokens": 50, "system": [{ "type": "text", "text": "be brief" }],
        "messages": [{ "role": "user", "content": "look" }],
        "tools": [{ "name": "weather", "description": "d",
                    "input_schema": serde_json::from_str::<Value>(TOOL).unwrap() }],
        "tool_choice": { "type": "any" },
    })
}

fn responses() -> Value {
    json!({
        "model": "m", "max_output_tokens": 50, "instructions": "be brief",
        "input": [{ "role": "user", "content": [{ "type": "input_text", "text": "look" }] },
                  { "type": "function_call", "call_id": "t0", "name": "weather", "arguments": "{}" },
                  { "type": "function_call_output", "call_id": "t0", "output": "rain" }],
        "tools": [{ "type": "function", "name": "weather", "description": "d",
                    "parameters": serde_json::from_str::<Value>(TOOL).unwrap() }],
        "tool_choice": "required",
    })
}

fn streaming(mut body: Value) -> Value {
    body["stream"] = json!(true);
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn chat_completions_are_the_same_from_every_provider() {
    for (kind, plain, stream) in formats() {
        let bench = over(kind, Script::json(200, &plain)).await;
        let got = bench.send("/v1/chat/completions", &chat()).await;
        let answer = got.json();
        let message = &answer["choices"][0]["message"];
        assert_eq!(message["content"], "let me look", "{kind}: {answer}");
        let function = &message["tool_calls"][0]["function"];
        assert_eq!(
            (&function["name"], &function["arguments"]),
            (&json!("weather"), &json!("{\"city\":\"Oslo\"}"))
        );
        assert_eq!(answer["choices"][0]["finish_reason"], "tool_calls");
        assert_eq!((&answer["usage"]["total_tokens"], &answer["model"]), (&json!(18), &json!("m")));
        let metered = bench.metered();
        assert_eq!((metered.prompt_tokens, metered.completion_tokens), (11, 7), "{kind}");

        let bench = over(kind, stream).await;
        let mut body = streaming(chat());
        body["stream_options"] = json!({ "include_usage": true });
        let got = bench.send("/v1/chat/completions", &body).await;
        assert_eq!(got.content(0), "let me look", "{kind}: {got:?}");
        let chunks = got.chunks();
        let arguments: String = chunks
            .iter()
            .filter_map(|chunk| {
                chunk["choices"][0]["delta"]["tool_calls"][0]["function"]["arguments"].as_str()
            })
            .collect();
        assert_eq!(arguments, "{\"city\":\"Oslo\"}", "{kind}");
        let roles =
            chunks.iter().filter(|chunk| chunk["choices"][0]["delta"].get("role").is_some());
        assert_eq!(roles.count(), 1, "{kind}");
        assert_eq!(chunks.last().unwrap()["usage"]["total_tokens"], 18, "{kind}");
        bench.settled(1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_arrive_in_the_format_of_the_provider() {
    let sent = async |kind: &str, plain: &Value, path: &str, body: &Value| {
        let bench = over(kind, Script::json(200, plain)).await;
        assert_eq!(bench.send(path, body).await.status, 200, "{kind} {path}");
        bench.upstream.seen()[0].clone()
    };
    for (kind, plain, _) in formats() {
        let seen = sent(kind, &plain, "/v1/chat/completions", &chat()).await;
        assert!(seen.body.contains("12345678901234567890"), "digits are kept: {}", seen.body);
        let body = seen.json();
        match kind {
            "anthropic" => {
                assert_eq!(
                    (seen.path.as_str(), seen.headers["x-api-key"].as_str()),
                    ("/v1/messages", "k")
                );
                assert_eq!(
                    (&body["system"], &body["max_tokens"]),
                    (&json!("be brief"), &json!(50))
                );
                assert_eq!(
                    body["messages"].as_array().unwrap().len(),
                    3,
                    "results are one message"
                );
                assert_eq!(body["messages"][0]["content"][1]["source"]["media_type"], "image/png");
                assert_eq!(body["messages"][2]["content"][1]["tool_use_id"], "t9");
                assert_eq!(body["tool_choice"], json!({ "type": "any" }));
                assert_eq!(body["stop_sequences"], json!(["END"]));
            }
            "gemini" => {
                assert_eq!(seen.path, "/v1/models/real:generateContent");
                assert_eq!(seen.headers["x-goog-api-key"], "k");
                assert_eq!(body["systemInstruction"]["parts"][0]["text"], "be brief");
                assert_eq!(body["contents"][0]["parts"][1]["inlineData"]["data"], "AAAA");
                let result = &body["contents"][2]["parts"][0]["functionResponse"];
                assert_eq!(
                    (&result["name"], &result["response"]["result"]),
                    (&json!("weather"), &json!("rain"))
                );
                assert_eq!(body["toolConfig"]["functionCallingConfig"]["mode"], "ANY");
                assert_eq!(body["generationConfig"]["maxOutputTokens"], 50);
            }
            _ => assert_eq!(seen.headers["authorization"], "Bearer k"),
        }
        let seen = sent(kind, &plain, "/v1/messages", &messages()).await;
        if kind == "openai" {
            let body = seen.json();
            assert_eq!(body["messages"][0], json!({ "role": "system", "content": "be brief" }));
            assert_eq!(body["tool_choice"], "required");
            assert_eq!(
                body["tools"][0]["function"]["parameters"]["properties"]["city"]["minLength"],
                1
            );
        }
        let seen = sent(kind, &plain, "/v1/responses", &responses()).await;
        if kind == "openai" {
            let body = seen.json();
            assert_eq!(body["messages"][2]["tool_calls"][0]["id"], "t0", "{body}");
            assert_eq!(body["messages"][3]["role"], "tool");
            assert_eq!(body["max_completion_tokens"], 50);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_the_same_from_every_provider() {
    for (kind, plain, stream) in formats() {
        let bench = over(kind, Script::json(200, &plain)).await;
        let got = bench.send_with("/v1/messages", &messages(), &[("anthropic-beta", "b1")]).await;
        let answer = got.json();
        assert_eq!((&answer["type"], &answer["model"]), (&json!("message"), &json!("m")), "{kind}");
        let block = &answer["content"][0];
        assert_eq!((&block["type"], &block["text"]), (&json!("text"), &json!("let me look")));
        assert_eq!(answer["content"][1]["input"], json!({ "city": "Oslo" }));
        assert_eq!(
            (&answer["stop_reason"], &answer["usage"]["output_tokens"]),
            (&json!("tool_use"), &json!(7))
        );
        assert!(!got.header("request-id").is_empty());
        let passed = bench.upstream.seen()[0].headers.get("anthropic-beta").cloned();
        assert_eq!(passed.as_deref(), (kind == "anthropic").then_some("b1"));

        let bench = over(kind, stream).await;
        let got = bench.send("/v1/messages", &streaming(messages())).await;
        let events = got.frames();
        let kinds: Vec<&str> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
        assert_eq!((kinds[0], *kinds.last().unwrap()), ("message_start", "message_stop"), "{kind}");
        let of = |name: &str, field: &str| -> String {
            let deltas =
                events.iter().map(|event| &event["delta"]).filter(|delta| delta["type"] == name);
            deltas.filter_map(|delta| delta[field].as_str()).collect()
        };
        assert_eq!(of("text_delta", "text"), "let me look");
        assert_eq!(of("input_json_delta", "partial_json"), "{\"city\":\"Oslo\"}", "{kind}");
        let opened = kinds.iter().filter(|kind| **kind == "content_block_start").count();
        assert_eq!(
            (opened, kinds.iter().filter(|kind| **kind == "content_block_stop").count()),
            (2, 2)
        );
        assert_eq!(events[0]["message"]["model"], "m");
        let metered = bench.settled(1).await;
        assert_eq!((metered.prompt_tokens, metered.completion_tokens), (11, 7), "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn responses_are_the_same_from_every_provider() {
    for (kind, plain, stream) in formats() {
        let bench = over(kind, Script::json(200, &plain)).await;
        let got = bench.send("/v1/responses", &responses()).await.json();
        assert_eq!(
            (&got["object"], &got["status"]),
            (&json!("response"), &json!("completed")),
            "{kind}: {got}"
        );
        assert_eq!(got["output"][0]["content"][0]["text"], "let me look");
        assert_eq!(got["output"][1]["arguments"], "{\"city\":\"Oslo\"}");
        assert_eq!(
            (&got["usage"]["total_tokens"], &got["instructions"]),
            (&json!(18), &json!("be brief"))
        );

        let bench = over(kind, stream).await;
        let got = bench.send("/v1/responses", &streaming(responses())).await;
        let events = got.frames();
        let numbers: Vec<u64> =
            events.iter().map(|event| event["sequence_number"].as_u64().unwrap()).collect();
        assert!(numbers.iter().copied().eq(0..numbers.len() as u64), "{kind}: {numbers:?}");
        assert_eq!(events[0]["type"], "response.created");
        let last = events.last().unwrap();
        assert_eq!(
            (&last["type"], &last["response"]["output"][1]["call_id"].is_string()),
            (&json!("response.completed"), &true)
        );
        let text: String = events
            .iter()
            .filter(|event| event["type"] == "response.output_text.delta")
            .map(|event| event["delta"].as_str().unwrap())
            .collect();
        assert_eq!(text, "let me look", "{kind}");
        bench.settled(1).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_is_cut_has_no_end_in_any_dialect() {
    for (kind, _, _) in formats() {
        let half = match kind {
            "openai" => Script::stream().frames(whole(&["x"])[..2].to_vec()),
            "gemini" => Script::stream().frames([json!({ "candidates": [{ "content": { "parts": [{ "text": "x" }] } }] })]),
            _ => Script::stream().frames([
                json!({ "type": "message_start", "message": { "id": "i" } }),
                json!({ "type": "content_block_start", "index": 0, "content_block": { "type": "text", "text": "" } }),
                json!({ "type": "content_block_delta", "index": 0, "delta": { "type": "text_delta", "text": "x" } }),
            ]),
        };
        for (path, body, end) in [
            ("/v1/chat/completions", super::chat(json!({})), "[DONE]"),
            ("/v1/messages", messages(), "message_stop"),
            ("/v1/responses", responses(), "response.completed"),
        ] {
            for script in [half.clone().cut(), half.clone().end()] {
                let bench = over(kind, script).await;
                let got: Got = bench.send(path, &streaming(body.clone())).await;
                assert_eq!(got.status, 200, "{kind} {path}");
                assert!(
                    got.text.contains('x') && !got.text.contains(end),
                    "{kind} {path}: {}",
                    got.text
                );
                assert!(got.frames().last().unwrap()["error"].is_object(), "{kind} {path}");
                bench.settled(1).await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_have_the_shape_of_the_dialect() {
    let busy =
        json!({ "type": "error", "error": { "type": "overloaded_error", "message": "later" } });
    let bench = over("anthropic", Script::json(529, &busy)).await;
    let got = bench.send("/v1/messages", &messages()).await;
    assert_eq!((got.status, got.json()["error"]["type"].as_str()), (529, Some("overloaded_error")));
    let got = bench.send("/v1/responses", &responses()).await;
    assert_eq!((got.status, got.json()["error"]["type"].as_str()), (529, Some("server_error")));
    let google =
        json!({ "error": { "code": 400, "message": "bad schema", "status": "INVALID_ARGUMENT" } });
    let bench = over("gemini", Script::json(400, &google)).await;
    let got = bench.send("/v1/messages", &messages()).await;
    assert_eq!((got.status, got.json()["error"]["message"].as_str()), (400, Some("bad schema")));
    let got = bench
        .send("/v1/responses", &json!({ "model": "m", "input": "x", "previous_response_id": "r" }))
        .await;
    assert_eq!(
        (got.status, got.json()["error"]["param"].as_str()),
        (400, Some("previous_response_id"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_counted_by_the_provider_or_estimated() {
    let bench = over("anthropic", Script::json(200, &json!({ "input_tokens": 42 }))).await;
    let got = bench.send("/v1/messages/count_tokens", &messages()).await;
    assert_eq!((got.status, got.json()), (200, json!({ "input_tokens": 42 })));
    assert_eq!(bench.upstream.seen()[0].path, "/v1/messages/count_tokens");
    let bench = over("openai", Script::json(500, &json!({}))).await;
    let got = bench.send("/v1/messages/count_tokens", &messages()).await;
    assert!(got.json()["input_tokens"].as_u64().unwrap() > 10, "{got:?}");
    assert_eq!(bench.upstream.seen().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn thinking_keeps_its_signature() {
    let said = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "real",
        "content": [{ "type": "thinking", "thinking": "hm", "signature": "Sig/+==" },
                    { "type": "text", "text": "yes" }],
        "stop_reason": "end_turn", "usage": { "input_tokens": 1, "output_tokens": 2 },
    });
    let bench = over("anthropic", Script::json(200, &said)).await;
    let mut body = messages();
    body["thinking"] = json!({ "type": "enabled", "budget_tokens": 1024 });
    body["messages"] = json!([{ "role": "user", "content": "x" },
                              { "role": "assistant", "content": said["content"] }]);
    let got = bench.send("/v1/messages", &body).await.json();
    assert_eq!(got["content"], said["content"]);
    let sent = bench.upstream.seen()[0].json();
    assert_eq!((&sent["messages"], &sent["thinking"]), (&body["messages"], &body["thinking"]));
    let got = bench.chat(json!({})).await.json();
    assert_eq!(got["choices"][0]["message"]["reasoning_content"], "hm");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_is_kept_by_a_provider_that_knows_only_tools() {
    let said = json!({
        "id": "msg_1", "type": "message", "role": "assistant", "model": "real",
        "content": [{ "type": "tool_use", "id": "t", "name": "json_answer", "input": { "a": 1.10 } }],
        "stop_reason": "tool_use", "usage": { "input_tokens": 1, "output_tokens": 2 },
    });
    let bench = over("anthropic", Script::json(200, &said)).await;
    let format = json!({ "type": "json_schema", "json_schema": { "name": "s", "schema": { "type": "object" } } });
    let got = bench.chat(json!({ "response_format": format })).await.json();
    let choice = &got["choices"][0];
    assert_eq!(choice["finish_reason"], "stop", "{got}");
    assert_eq!(
        choice["message"]["content"]
            .as_str()
            .map(|text| serde_json::from_str::<Value>(text).unwrap()),
        Some(json!({ "a": 1.1 }))
    );
    let sent = bench.upstream.seen()[0].json();
    assert_eq!(sent["tool_choice"], json!({ "type": "tool", "name": "json_answer" }));
}

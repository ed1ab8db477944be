//! The guard on calls that pass through: what a provider gets, what a caller gets, in each dialect.

use assay_testkit::upstream::{Script, Upstream};
use serde_json::{Value, json};

use super::{Bench, Got, answer, chat};

const EMAIL: &str = "julian.galvez@rhyta.com";
const TOKEN: &str = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";

/// A route `m` to one provider, with these settings of the guard.
async fn bench(script: Script, guard: Value) -> Bench {
    let settings = json!({
        "retries": 0,
        "providers": { "up": { "base_url": "$URL/v1" } },
        "routes": { "m": { "targets": [{ "provider": "up", "model": "real" }] } },
    });
    Bench::guarded(Upstream::always(script).await, settings, guard).await
}

fn places(request: Value, response: Value) -> Value {
    json!({ "places": { "request": request, "response": response } })
}

fn ask(text: &str) -> Value {
    json!({ "messages": [{ "role": "user", "content": text }] })
}

fn stream_of(pieces: &[&str]) -> Script {
    let frames = pieces.iter().map(|piece| {
        json!({ "id": "c", "object": "chat.completion.chunk", "created": 7, "model": "real",
            "choices": [{ "index": 0, "delta": { "content": piece }, "finish_reason": null }] })
    });
    let end = json!({ "id": "c", "object": "chat.completion.chunk", "created": 7, "model": "real",
        "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }] });
    Script::stream().frames(frames.chain([end])).done()
}

/// The body that the provider got.
fn sent(bench: &Bench) -> String {
    bench.upstream.seen().pop().unwrap().body
}

#[tokio::test(flavor = "multi_thread")]
async fn by_default_nothing_is_changed_and_what_was_found_is_told() {
    let bench = bench(Script::json(200, &answer(&format!("write to {EMAIL}"))), json!({})).await;
    let got = bench.chat(ask(&format!("my token is {TOKEN}, from {EMAIL}"))).await;
    assert_eq!(got.status, 200, "{got:?}");
    let found = got.header("x-assay-guard");
    assert!(found.contains("secret.token=1;flag") && found.contains("pii.email=1;flag"), "{found}");
    assert_eq!(got.header("x-assay-guard-answer"), "pii.email=1;flag");
    assert!(sent(&bench).contains(TOKEN) && got.text.contains(EMAIL), "{got:?}");
    let (_, metrics) = bench.app.get("/metrics").await;
    let metrics = metrics.as_str().unwrap();
    assert!(
        metrics.contains("llm_security_events_total{event_type=\"sensitive_leak\""),
        "{metrics}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn stand_ins_go_out_and_come_back_in_streams_too() {
    let guard = places(json!({ "actions": { "pii.email": "pseudonymise" } }), json!({}));
    let bench = bench(stream_of(&["Dear [EM", "AIL_", "1], I wrote to [EMAIL_2]."]), guard).await;
    let got = bench.stream(ask(&format!("answer {EMAIL}"))).await;
    assert_eq!(sent(&bench).matches("[EMAIL_1]").count(), 1);
    assert!(!sent(&bench).contains(EMAIL));
    assert_eq!(got.content(0), format!("Dear {EMAIL}, I wrote to [EMAIL_2]."));
    got.chunks();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_request_reaches_nobody_and_is_told_in_the_dialect() {
    let guard = places(json!({ "actions": { "secret": "block" } }), json!({}));
    let bench = bench(Script::json(200, &answer("hi")), guard).await;
    let text = format!("use {TOKEN}");
    let tool = json!({ "messages": [{ "role": "user", "content": "a" }, { "role": "tool",
        "tool_call_id": "t", "content": text }] });
    let plain = bench.chat(tool).await;
    assert_eq!(
        (plain.status, &plain.json()["error"]["code"]),
        (400, &json!("guard_blocked")),
        "{plain:?}"
    );
    assert!(!plain.text.contains("ghp_") && plain.text.contains("secret.token"), "{plain:?}");
    let messages =
        json!({ "model": "m", "max_tokens": 9, "messages": [{ "role": "user", "content": text }] });
    let messages = bench.send("/v1/messages", &messages).await;
    assert_eq!((messages.status, &messages.json()["type"]), (400, &json!("error")), "{messages:?}");
    let responses = bench.send("/v1/responses", &json!({ "model": "m", "input": text })).await;
    assert_eq!(responses.status, 400, "{responses:?}");
    assert_eq!(bench.upstream.seen().len(), 0);
    assert_eq!(bench.metered().settled, 0, "nothing is billed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_cut_over_frames_leaves_in_no_dialect() {
    let guard = places(json!({}), json!({ "actions": { "secret": "redact" } }));
    let pieces = ["The token is gh", "p_16C7e42F292c6912E7", "710c838347Ae178B4a", ", use it."];
    let bench = bench(stream_of(&pieces), guard).await;
    let whole = "The token is [TOKEN], use it.";
    let stream = bench.stream(ask("which token?")).await;
    assert_eq!(stream.content(0), whole);
    let messages = json!({ "model": "m", "max_tokens": 99, "stream": true, "messages": [{ "role": "user", "content": "?" }] });
    let messages = bench.send("/v1/messages", &messages).await;
    let responses =
        bench.send("/v1/responses", &json!({ "model": "m", "stream": true, "input": "?" })).await;
    for (got, field) in [(&messages, "/delta/text"), (&responses, "/delta")] {
        let text: String = got
            .frames()
            .iter()
            .filter_map(|frame| frame.pointer(field)?.as_str().map(str::to_owned))
            .collect();
        assert_eq!(text, whole, "{got:?}");
        assert!(!got.text.contains("838347") && !got.text.contains("16C7"), "{got:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_in_a_tool_call_leaves_as_valid_json() {
    let guard = places(json!({}), json!({ "actions": { "secret": "redact" } }));
    let call = json!({ "id": "c1", "object": "chat.completion", "created": 7, "model": "real",
        "choices": [{ "index": 0, "finish_reason": "tool_calls", "message": { "role": "assistant",
            "content": null, "tool_calls": [{ "id": "t", "type": "function", "function": {
                "name": "set", "arguments": json!({ "password": "hunter2x9", "key": TOKEN, "n": 3 }).to_string() } }] } }],
        "usage": { "prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2 } });
    let bench = bench(Script::json(200, &call), guard).await;
    let got = bench.chat(json!({})).await;
    let arguments =
        got.json()["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"].clone();
    let arguments: Value = serde_json::from_str(arguments.as_str().unwrap()).unwrap();
    assert_eq!((&arguments["key"], &arguments["n"]), (&json!("[TOKEN]"), &json!(3)), "{got:?}");
    assert!(!got.text.contains("ghp_"), "{got:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_answer_ends_with_an_error() {
    let guard = places(json!({}), json!({ "actions": { "secret": "block" } }));
    let bench = bench(stream_of(&["It is ", TOKEN, " and so on"]), guard).await;
    let got: Got = bench.stream(ask("which?")).await;
    assert!(got.text.contains("guard_blocked") && !got.text.contains("ghp_"), "{got:?}");
    assert!(!got.text.contains("[DONE]") && !got.text.contains("and so on"), "{got:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_looked_at_passes_or_not_as_the_place_says() {
    for (on_failure, status) in [("open", 200), ("closed", 400)] {
        let guard = places(json!({ "bytes_max": 20, "on_failure": on_failure }), json!({}));
        let bench = bench(Script::json(200, &answer("hi")), guard).await;
        let got = bench.send("/v1/chat/completions", &chat(ask(&"long ".repeat(9)))).await;
        assert_eq!(got.status, status, "{on_failure}: {got:?}");
        let (_, metrics) = bench.app.get("/metrics").await;
        let line = "llm_security_events_total{event_type=\"guard_failed\",severity=\"high\"} 1";
        assert!(metrics.as_str().unwrap().contains(line), "{metrics}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shadow_changes_nothing_and_tells_what_it_would_have_done() {
    let guard = places(json!({ "mode": "shadow", "actions": { "secret": "block" } }), json!({}));
    let bench = bench(Script::json(200, &answer("hi")), guard).await;
    let got = bench.chat(ask(&format!("use {TOKEN}"))).await;
    assert_eq!((got.status, got.header("x-assay-guard")), (200, "secret.token=1;block"), "{got:?}");
    assert!(sent(&bench).contains(TOKEN));
}

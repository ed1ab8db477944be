//! One suite that every kind of provider has to pass: where a request arrives and with which key,
//! a plain answer, a stream, a refusal, a stream that is cut, a server that is busy.

use std::{path::PathBuf, sync::Arc};

use assay_core::{RequestId, SystemClock, TenantScope};
use assay_gateway::{Dialect, Gateway, GatewaySettings, Incoming, Kind, ReplyBody, Wishes};
use assay_testkit::upstream::{Script, Upstream};
use futures_util::StreamExt;
use serde_json::{Value, json};

use crate::counter::{Counter, Totals};

/// The key of every provider.
const KEY: &str = "key-that-is-ours";
/// Kind, path of a plain call, header of the key and what it holds.
const KINDS: [(&str, &str, &str, &str); 12] = [
    ("compatible", "/chat/completions", "authorization", "Bearer key-that-is-ours"),
    ("openai", "/chat/completions", "authorization", "Bearer key-that-is-ours"),
    ("azure", "/chat/completions", "api-key", "key-that-is-ours"),
    ("anthropic", "/messages", "x-api-key", "key-that-is-ours"),
    ("gemini", "/models/real:generateContent", "x-goog-api-key", "key-that-is-ours"),
    ("mistral", "/chat/completions", "authorization", "Bearer key-that-is-ours"),
    ("groq", "/chat/completions", "authorization", "Bearer key-that-is-ours"),
    ("deepseek", "/chat/completions", "authorization", "Bearer key-that-is-ours"),
    ("cohere", "/chat/completions", "authorization", "Bearer key-that-is-ours"),
    ("huggingface", "/chat/completions", "authorization", "Bearer key-that-is-ours"),
    ("openrouter", "/chat/completions", "authorization", "Bearer key-that-is-ours"),
    ("bedrock", "/chat/completions", "authorization", "Bearer key-that-is-ours"),
];

const TEXT: &str = "Oslo is the capital.";

struct Case {
    upstream: Upstream,
    gateway: Gateway,
    counter: Counter,
}

impl Case {
    async fn new(kind: &str, script: Script) -> Self {
        let upstream = Upstream::always(script).await;
        let settings: GatewaySettings = serde_json::from_value(json!({
            "retries": 0,
            "providers": { "p": { "kind": kind, "base_url": upstream.url, "api_key": KEY } },
            "routes": { "m": { "targets": [{ "provider": "p", "model": "real" }] } },
        }))
        .unwrap();
        assert_eq!(settings.problems(), []);
        let counter = Counter::default();
        let gateway = Gateway::new(settings, Arc::new(counter.clone()), Arc::new(SystemClock));
        Self { upstream, gateway: gateway.unwrap(), counter }
    }

    async fn chat(&self, stream: bool) -> (u16, String) {
        let body = json!({
            "model": "m", "stream": stream, "max_tokens": 20, "temperature": 0.5,
            "stream_options": if stream { json!({ "include_usage": true }) } else { Value::Null },
            "messages": [{ "role": "user", "content": "What is Oslo?" }],
        });
        let incoming = Incoming {
            scope: TenantScope::built_in(),
            key: None,
            user: None,
            principal: None,
            id: RequestId::new(),
            dialect: Dialect::Chat,
            body: body.to_string().into(),
            wishes: Wishes::default(),
            forward: Vec::new(),
            own: None,
        };
        let reply = self.gateway.call(incoming).await;
        let text = match reply.body {
            ReplyBody::Whole(bytes) => bytes.to_vec(),
            ReplyBody::Stream(frames) => frames.collect::<Vec<_>>().await.concat(),
        };
        (reply.status, String::from_utf8(text).unwrap())
    }

    fn metered(&self) -> Totals {
        let totals = self.counter.totals();
        assert_eq!(totals.open, 0);
        totals
    }
}

fn fixture(kind: &str, name: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures").join(kind);
    std::fs::read_to_string(folder.join(name)).unwrap()
}

fn json_of(kind: &str, name: &str) -> Value {
    serde_json::from_str(&fixture(kind, name)).unwrap()
}

fn chunks(text: &str) -> Vec<Value> {
    let data = text.split("\n\n").filter_map(|event| event.strip_prefix("data: "));
    data.filter(|data| *data != "[DONE]").map(|data| serde_json::from_str(data).unwrap()).collect()
}

#[tokio::test]
async fn a_request_arrives_and_its_answer_comes_back() {
    for (kind, path, header, key) in KINDS {
        let case = Case::new(kind, Script::json(200, &json_of(kind, "answer.json"))).await;
        let (status, text) = case.chat(false).await;
        assert_eq!(status, 200, "{kind}: {text}");
        let answer: Value = serde_json::from_str(&text).unwrap();
        let choice = &answer["choices"][0];
        assert_eq!(choice["message"]["content"], TEXT, "{kind}");
        assert_eq!(choice["finish_reason"], "stop", "{kind}");
        assert_eq!((&answer["model"], &answer["object"]), (&json!("m"), &json!("chat.completion")));
        assert_eq!(answer["usage"]["total_tokens"], 18, "{kind}: {answer}");
        let seen = &case.upstream.seen()[0];
        assert_eq!((seen.path.as_str(), seen.headers[header].as_str()), (path, key), "{kind}");
        let metered = case.metered();
        assert_eq!((metered.prompt_tokens, metered.completion_tokens), (12, 6), "{kind}");
    }
}

#[tokio::test]
async fn a_stream_comes_back() {
    for (kind, ..) in KINDS {
        let case = Case::new(kind, Script::stream().bytes(fixture(kind, "stream.txt")).end()).await;
        let (status, text) = case.chat(true).await;
        assert_eq!(status, 200, "{kind}: {text}");
        assert!(text.ends_with("data: [DONE]\n\n"), "{kind}: {text}");
        let chunks = chunks(&text);
        let choices: Vec<&Value> =
            chunks.iter().filter_map(|chunk| chunk["choices"].get(0)).collect();
        let content: String =
            choices.iter().filter_map(|choice| choice["delta"]["content"].as_str()).collect();
        assert_eq!(content, TEXT, "{kind}");
        let ends: Vec<&str> =
            choices.iter().filter_map(|choice| choice["finish_reason"].as_str()).collect();
        assert_eq!(ends, ["stop"], "{kind}: {text}");
        let roles = choices.iter().filter(|choice| choice["delta"].get("role").is_some()).count();
        assert_eq!(roles, 1, "{kind}: the role is said once: {text}");
        let (last, before) = chunks.split_last().unwrap();
        assert_eq!((&last["choices"], &last["usage"]["total_tokens"]), (&json!([]), &json!(18)));
        assert!(before.iter().all(|chunk| chunk.get("usage").is_none()), "{kind}: {text}");
        assert!(chunks.iter().all(|chunk| chunk["id"] == chunks[0]["id"]), "{kind}");
        let metered = case.metered();
        assert_eq!((metered.prompt_tokens, metered.completion_tokens), (12, 6), "{kind}");
    }
}

#[tokio::test]
async fn a_refusal_comes_back_in_the_providers_words() {
    for (kind, ..) in KINDS {
        let case = Case::new(kind, Script::json(400, &json_of(kind, "error.json"))).await;
        for stream in [false, true] {
            let (status, text) = case.chat(stream).await;
            let answer: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(status, 400, "{kind}: {text}");
            assert_eq!(answer["error"]["message"], "Invalid value for 'temperature'.", "{kind}");
            assert!(answer["error"]["code"].is_string(), "{kind}: {answer}");
        }
        assert_eq!(case.metered().refunded, 2, "{kind}");
    }
}

#[tokio::test]
async fn a_provider_that_tells_the_key_it_was_shown_tells_it_to_nobody_else() {
    for (kind, ..) in KINDS {
        for status in [400, 401, 500] {
            let said = json!({ "error": {
                "message": format!("Incorrect API key provided: {KEY}."), "code": KEY,
            } });
            let case = Case::new(kind, Script::json(status, &said)).await;
            for stream in [false, true] {
                let (_, text) = case.chat(stream).await;
                assert!(!text.contains(KEY) && text.contains("[key]"), "{kind} {status}: {text}");
            }
        }
    }
}

#[tokio::test]
async fn a_stream_that_is_cut_anywhere_is_never_whole() {
    for (kind, ..) in KINDS {
        let whole = fixture(kind, "stream.txt");
        let blocks: Vec<&str> = whole.split_inclusive("\n\n").collect();
        // Every cut before the block that says why the answer ended.
        let end = blocks
            .iter()
            .position(|block| {
                ["\"stop\"", "STOP", "end_turn", "eos_token"]
                    .iter()
                    .any(|word| block.contains(word))
            })
            .unwrap();
        for cut in 0..end {
            let script = Script::stream().bytes(blocks[..=cut].concat());
            for script in [script.clone().cut(), script.end()] {
                let case = Case::new(kind, script).await;
                let (status, text) = case.chat(true).await;
                assert!(!text.contains("[DONE]"), "{kind} cut after {cut}: {text}");
                assert!(text.contains("\"error\""), "{kind} cut after {cut}: {text}");
                assert!(status == 200 || status == 502, "{kind}: {status}");
                let metered = case.metered();
                assert_eq!(metered.settled + metered.refunded, 1);
            }
        }
    }
}

#[tokio::test]
async fn a_busy_provider_and_a_wrong_key_are_told_apart() {
    for (kind, ..) in KINDS {
        for (status, expected) in [(429, 429), (401, 502), (404, 502), (500, 502), (503, 503)] {
            let error = json!({ "error": { "message": "no", "type": "t" } });
            let case = Case::new(kind, Script::json(status, &error)).await;
            let (got, text) = case.chat(false).await;
            assert_eq!(got, expected, "{kind} {status}: {text}");
            assert!(!text.contains("\"k\""), "{kind}: the key is told");
        }
    }
}

#[test]
fn every_kind_has_its_case() {
    for (kind, ..) in KINDS {
        let kind: Kind = serde_json::from_value(json!(kind)).unwrap();
        assert!(kind == Kind::Compatible || kind.key_variable().is_some());
    }
}

//! Calls to models through the gateway, over providers that do what a test tells them to.

mod caches;
mod chat;
mod dialects;
mod embeddings;
mod faults;
mod guarded;
mod money;
mod pitfalls;
mod routes;

use assay_answer::ledger::UsageQuery;
use assay_core::TenantScope;
use assay_testkit::upstream::{Script, Upstream};
use serde_json::{Value, json};

use crate::app::TestApp;

/// A server with one route `m` to one model `real` of one scripted provider.
pub(crate) struct Bench {
    pub(crate) app: TestApp,
    pub(crate) upstream: Upstream,
}

/// What the ledger holds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Metered {
    /// Calls under way.
    pub(crate) open: u64,
    /// Calls that are charged.
    pub(crate) settled: u64,
    /// Calls that are not.
    pub(crate) refunded: u64,
    pub(crate) prompt_tokens: u64,
    pub(crate) completion_tokens: u64,
}

impl Bench {
    pub(crate) async fn new(script: Script) -> Self {
        Self::over(Upstream::always(script).await, json!({}), json!({})).await
    }

    /// With further keys of the provider and of the target.
    pub(crate) async fn over(upstream: Upstream, provider: Value, target: Value) -> Self {
        let mut settings = json!({
            "retries": 0,
            "providers": { "up": { "base_url": format!("{}/v1", upstream.url) } },
            "routes": { "m": { "targets": [{ "provider": "up", "model": "real" }] } },
        });
        merge(&mut settings["providers"]["up"], provider);
        merge(&mut settings["routes"]["m"]["targets"][0], target);
        Self::with(upstream, settings).await
    }

    /// With settings of the whole gateway; `$URL` stands for that of the provider.
    pub(crate) async fn with(upstream: Upstream, settings: Value) -> Self {
        Self::guarded(upstream, settings, json!({})).await
    }

    /// With settings of the guard, too.
    pub(crate) async fn guarded(upstream: Upstream, settings: Value, guard: Value) -> Self {
        let settings = settings.to_string().replace("$URL", &upstream.url);
        let settings = serde_json::from_str(&settings).unwrap();
        let app = TestApp::routing(settings, guard).await;
        Self { app, upstream }
    }

    /// Sends a body to a path; gives status, headers and the text.
    pub(crate) async fn send(&self, path: &str, body: &Value) -> Got {
        self.send_with(path, body, &[]).await
    }

    pub(crate) async fn send_with(
        &self,
        path: &str,
        body: &Value,
        headers: &[(&str, &str)],
    ) -> Got {
        let mut request = self.app.client.post(format!("{}{path}", self.app.url)).json(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        Got { status, headers, text: response.text().await.unwrap() }
    }

    /// A plain chat completion.
    pub(crate) async fn chat(&self, further: Value) -> Got {
        self.send("/v1/chat/completions", &chat(further)).await
    }

    /// A streamed chat completion.
    pub(crate) async fn stream(&self, further: Value) -> Got {
        let mut body = chat(further);
        body["stream"] = json!(true);
        self.send("/v1/chat/completions", &body).await
    }

    /// What was metered; every reservation has ended.
    pub(crate) fn metered(&self) -> Metered {
        let metered = self.ledger();
        assert_eq!(metered.open, 0, "a reservation is open");
        metered
    }

    fn ledger(&self) -> Metered {
        let (engine, scope) = (self.app.engine(), TenantScope::built_in());
        let (open, _) = engine.ledger().under_way(&scope);
        engine.ledger().flush().unwrap();
        let all = UsageQuery { from_ms: 0, to_ms: i64::MAX, ..UsageQuery::default() };
        let sum = engine.ledger().usage(&scope, &all).unwrap().total;
        Metered {
            open: open as u64,
            settled: sum.calls - sum.failed,
            refunded: sum.failed,
            prompt_tokens: sum.tokens_read,
            completion_tokens: sum.tokens_written,
        }
    }

    /// Waits until so many attempts were settled.
    pub(crate) async fn settled(&self, count: u64) -> Metered {
        while self.ledger().settled < count {
            tokio::task::yield_now().await;
        }
        self.metered()
    }
}

/// An answer as a client gets it.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: std::collections::HashMap<String, String>,
    pub(crate) text: String,
}

impl Got {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The data of each event; the last may be `[DONE]`.
    pub(crate) fn frames(&self) -> Vec<Value> {
        assert_eq!(self.header("content-type"), "text/event-stream", "{self:?}");
        self.text
            .split("\n\n")
            .filter(|event| !event.is_empty() && !event.starts_with(':'))
            .map(|event| {
                let data = event.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
                serde_json::from_str(data).unwrap_or_else(|_| json!(data))
            })
            .collect()
    }

    /// The chunks of a stream that ended as it should.
    pub(crate) fn chunks(&self) -> Vec<Value> {
        let mut frames = self.frames();
        assert_eq!(frames.pop(), Some(json!("[DONE]")), "{self:?}");
        frames
    }

    /// The text of a streamed choice.
    pub(crate) fn content(&self, choice: u64) -> String {
        self.frames()
            .iter()
            .filter_map(|chunk| chunk["choices"].as_array().cloned())
            .flatten()
            .filter(|found| found["index"] == choice)
            .filter_map(|found| found["delta"]["content"].as_str().map(str::to_owned))
            .collect()
    }
}

pub(crate) fn chat(further: Value) -> Value {
    let mut body = json!({ "model": "m", "messages": [{ "role": "user", "content": "hi" }] });
    merge(&mut body, further);
    body
}

pub(crate) fn merge(into: &mut Value, further: Value) {
    if let Value::Object(further) = further {
        for (name, value) in further {
            into[name] = value;
        }
    }
}

/// A plain answer of the scripted provider.
pub(crate) fn answer(text: &str) -> Value {
    json!({
        "id": "c1", "object": "chat.completion", "created": 7, "model": "real-2024",
        "choices": [{ "index": 0, "message": { "role": "assistant", "content": text },
                      "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18 },
    })
}

/// A chunk with one choice.
pub(crate) fn chunk(delta: Value, finish: Value) -> Value {
    json!({
        "id": "c1", "object": "chat.completion.chunk", "created": 7, "model": "real-2024",
        "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }],
    })
}

/// The chunks of a whole answer, usage included.
pub(crate) fn whole(words: &[&str]) -> Vec<Value> {
    let mut chunks = vec![chunk(json!({ "role": "assistant", "content": "" }), Value::Null)];
    chunks.extend(words.iter().map(|word| chunk(json!({ "content": word }), Value::Null)));
    chunks.push(chunk(json!({}), json!("stop")));
    let mut usage = chunk(json!({}), Value::Null);
    usage["choices"] = json!([]);
    usage["usage"] = json!({ "prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18 });
    chunks.push(usage);
    chunks
}

//! What the server of the drill talks to, on one port of this machine: a provider of models that does
//! what it is told to, and the receivers of alerts.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

/// Bytes of a request at most.
const REQUEST_BYTES_MAX: usize = 8 << 20;
/// Numbers of an embedding.
const DIMENSIONS: usize = 16;

/// Who told of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Teller {
    /// Assay's own evaluation.
    Assay,
    /// Prometheus, through Alertmanager.
    Alertmanager,
}

/// An alert that arrived.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub(super) at: Instant,
    pub(super) by: Teller,
    pub(super) rule: String,
    pub(super) firing: bool,
}

/// The peer, for as long as the process lives.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) address: SocketAddr,
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    told: Mutex<Vec<Told>>,
    changed: Notify,
    /// Whether deliveries of webhooks of tasks are refused.
    refuses: AtomicBool,
}

impl State {
    fn told(&self) -> MutexGuard<'_, Vec<Told>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Peer {
    pub(super) async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(connection(stream, Arc::clone(&shared)));
            }
        });
        Ok(Self { address, state })
    }

    /// Whether it refuses what webhooks of tasks deliver.
    pub(super) fn refuse(&self, refuses: bool) {
        self.state.refuses.store(refuses, Ordering::Relaxed);
    }

    /// When each rule was first told of as firing, or as resolved, after `since`, in the order of
    /// `rules`; waits until all were, and until `until` at most.
    pub(super) async fn wait(
        &self,
        rules: &[&str],
        by: Teller,
        firing: bool,
        since: Instant,
        until: Instant,
    ) -> Vec<Option<Instant>> {
        loop {
            let changed = self.state.changed.notified();
            let found: Vec<Option<Instant>> = {
                let told = self.state.told();
                let first = |rule: &&str| {
                    let is_it = |it: &&Told| {
                        it.rule == *rule && it.by == by && it.firing == firing && it.at >= since
                    };
                    told.iter().find(is_it).map(|it| it.at)
                };
                rules.iter().map(first).collect()
            };
            if found.iter().all(Option::is_some)
                || tokio::time::timeout_at(until.into(), changed).await.is_err()
            {
                return found;
            }
        }
    }
}

async fn connection(mut stream: TcpStream, state: Arc<State>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut read = Vec::new();
    let mut buffer = vec![0; 65_536];
    loop {
        let count = stream.read(&mut buffer).await?;
        if count == 0 || read.len() > REQUEST_BYTES_MAX {
            return Ok(());
        }
        read.extend_from_slice(buffer.get(..count).unwrap_or_default());
        let Some((path, body)) = whole(&read) else { continue };
        read.clear();
        let (status, kind, body) = answer(&state, &path, &body).await;
        let head = format!(
            "HTTP/1.1 {status} As-It-Is\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(body.as_bytes()).await?;
    }
}

/// Path and body of a request, when it is whole.
fn whole(read: &[u8]) -> Option<(String, String)> {
    let text = String::from_utf8_lossy(read);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let path = head.split(' ').nth(1)?.to_owned();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    (body.len() >= length.unwrap_or(0)).then(|| (path, body.to_owned()))
}

async fn answer(state: &State, path: &str, body: &str) -> (u16, &'static str, String) {
    let plain = |status, body: Value| (status, "application/json", body.to_string());
    let refused = || plain(500, json!({ "error": { "message": "told to fail" } }));
    match path {
        "/assay" => take(state, Teller::Assay, body),
        "/alertmanager" => take(state, Teller::Alertmanager, body),
        "/hook" if state.refuses.load(Ordering::Relaxed) => return refused(),
        "/v1/embeddings" if body.contains("vector-fail") => return refused(),
        "/v1/embeddings" => return plain(200, embeddings(body)),
        "/v1/chat/completions" if body.contains("model-fail") => return refused(),
        "/v1/chat/completions" => {
            if let Some(wait) = told_wait(body) {
                tokio::time::sleep(wait).await;
            }
            return completion(body);
        }
        _ => {}
    }
    plain(200, json!({}))
}

/// How long `model-wait 250` asks for, in milliseconds.
fn told_wait(body: &str) -> Option<Duration> {
    let digits: String =
        body.split_once("model-wait ")?.1.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok().map(Duration::from_millis)
}

/// Takes a notice in the form of Alertmanager's webhook.
fn take(state: &State, by: Teller, body: &str) {
    let notice: Value = serde_json::from_str(body).unwrap_or_default();
    let at = Instant::now();
    for alert in notice.get("alerts").and_then(Value::as_array).into_iter().flatten() {
        let text = |pointer| alert.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let (rule, firing) = (text("/labels/alertname").to_owned(), text("/status") == "firing");
        state.told().push(Told { at, by, rule, firing });
    }
    state.changed.notify_waiters();
}

/// An embedding for each text: how often letters stand in it.
fn embeddings(body: &str) -> Value {
    let request: Value = serde_json::from_str(body).unwrap_or_default();
    let texts = match request.get("input") {
        Some(Value::Array(texts)) => texts.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(text)) => vec![text.as_str()],
        _ => Vec::new(),
    };
    let data = texts.iter().enumerate().map(|(index, text)| {
        let mut embedding = [1.0_f32; DIMENSIONS];
        for byte in text.bytes() {
            if let Some(number) = embedding.get_mut(usize::from(byte) % DIMENSIONS) {
                *number += 1.0;
            }
        }
        json!({ "object": "embedding", "index": index, "embedding": embedding })
    });
    json!({ "object": "list", "model": "drill", "data": data.collect::<Vec<_>>(),
        "usage": { "prompt_tokens": texts.len(), "total_tokens": texts.len() } })
}

/// A short answer; the canary of its instructions when the question asks for it.
fn completion(body: &str) -> (u16, &'static str, String) {
    let canary = body.split_once("assay-canary-").map_or("", |(_, rest)| {
        rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default()
    });
    let text = match body.contains("model-leak") {
        true => format!("My rules say assay-canary-{canary} and more."),
        false => "The second trial took place in Oslo.".to_owned(),
    };
    let usage = json!({ "prompt_tokens": 20, "completion_tokens": 8, "total_tokens": 28 });
    let choice = |kind: &str, finish: Value| {
        json!({ "id": "drill", "created": 1, "model": "drill", "object": kind, "usage": usage,
            "choices": [{ "index": 0, "finish_reason": finish,
                (if kind == "chat.completion" { "message" } else { "delta" }):
                    { "role": "assistant", "content": text } }] })
    };
    if body.contains("\"stream\":true") {
        let frame = choice("chat.completion.chunk", json!("stop"));
        return (200, "text/event-stream", format!("data: {frame}\n\ndata: [DONE]\n\n"));
    }
    (200, "application/json", choice("chat.completion", json!("stop")).to_string())
}

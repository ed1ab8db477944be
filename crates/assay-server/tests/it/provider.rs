//! A model provider that says what the test tells it to, on a port of its own.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use assay_answer::{EmbeddingSettings, WriterSettings};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// How the scripted stream ends.
#[derive(Clone, Copy)]
pub(crate) enum End {
    /// As the protocol wants it.
    Whole,
    /// The connection is cut.
    Cut,
    /// Nothing comes any more.
    Stall,
}

/// Starts a provider that streams `pieces` to every request, and returns settings for it.
pub(crate) async fn scripted(pieces: &'static [&'static str], end: End) -> WriterSettings {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = vec![0; 65_536];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(&body(pieces, end)).await;
                if matches!(end, End::Stall) {
                    // Holds the connection open until the client leaves.
                    while stream.read(&mut request).await.is_ok_and(|bytes| bytes > 0) {}
                }
            });
        }
    });
    settings(address)
}

/// An endpoint for embeddings that answers until it is told to be slow, and then never.
pub(crate) struct Embeddings {
    pub(crate) settings: EmbeddingSettings,
    is_slow: Arc<AtomicBool>,
}

impl Embeddings {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = settings(listener.local_addr().unwrap()).endpoint;
        let is_slow = Arc::new(AtomicBool::new(false));
        let slow = Arc::clone(&is_slow);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(embed(stream, Arc::clone(&slow)));
            }
        });
        let settings = EmbeddingSettings { endpoint, ..EmbeddingSettings::default() };
        Self { settings, is_slow }
    }

    pub(crate) fn be_slow(&self) {
        self.is_slow.store(true, Ordering::SeqCst);
    }
}

/// Gives every text of every request the same vector.
async fn embed(mut stream: TcpStream, is_slow: Arc<AtomicBool>) {
    let mut read = Vec::new();
    let mut chunk = vec![0; 65_536];
    while let Ok(bytes @ 1..) = stream.read(&mut chunk).await {
        read.extend_from_slice(&chunk[..bytes]);
        let text = String::from_utf8_lossy(&read).into_owned();
        let Some((_, body)) = text.split_once("\r\n\r\n") else { continue };
        let Ok(body) = serde_json::from_str::<serde_json::Value>(body) else { continue };
        if is_slow.load(Ordering::SeqCst) {
            continue;
        }
        let texts = body["input"].as_array().map_or(1, Vec::len);
        let vectors: Vec<_> = (0..texts)
            .map(|index| serde_json::json!({ "index": index, "embedding": [0.6, 0.8] }))
            .collect();
        let body = serde_json::json!({ "data": vectors }).to_string();
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
        read.clear();
    }
}

/// Settings of a model at a port that nobody listens on.
pub(crate) async fn dead() -> WriterSettings {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    settings(listener.local_addr().unwrap())
}

fn settings(address: SocketAddr) -> WriterSettings {
    serde_json::from_value(serde_json::json!({
        "endpoint": { "base_url": format!("http://{address}/v1"), "model": "scripted" }
    }))
    .unwrap()
}

fn body(pieces: &[&str], end: End) -> Vec<u8> {
    let mut text = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
                    transfer-encoding: chunked\r\n\r\n"
        .to_owned();
    let mut send = |data: String| {
        let event = format!("data: {data}\n\n");
        text.push_str(&format!("{:x}\r\n{event}\r\n", event.len()));
    };
    for piece in pieces {
        send(serde_json::json!({ "choices": [{ "delta": { "content": piece } }] }).to_string());
    }
    if matches!(end, End::Whole) {
        send(
            serde_json::json!({
                "choices": [{ "delta": {}, "finish_reason": "stop" }],
                "usage": { "prompt_tokens": 11, "completion_tokens": 7 }
            })
            .to_string(),
        );
        send("[DONE]".to_owned());
        text.push_str("0\r\n\r\n");
    }
    text.into_bytes()
}

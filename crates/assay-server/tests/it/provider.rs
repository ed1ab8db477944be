//! A model provider that says what the test tells it to, on a port of its own.

use std::net::SocketAddr;

use assay_answer::WriterSettings;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
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

//! A provider of models that notes what it gets and answers with the key that it was shown.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::json;

/// Bytes of a request at most.
const REQUEST_MAX: usize = 8 << 20;
/// Numbers of a vector.
const NUMBERS: usize = 16;

/// The provider, for as long as the process lives.
pub(super) struct Provider {
    pub(super) address: SocketAddr,
    pub(super) key: String,
    got: Arc<Mutex<String>>,
}

impl Provider {
    pub(super) fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let key =
            format!("sk-drill-{}", assay_core::DocumentId::new().to_string().replace('-', ""));
        let got = Arc::new(Mutex::new(String::new()));
        let (shared, shown) = (Arc::clone(&got), key.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (shared, shown) = (Arc::clone(&shared), shown.clone());
                std::thread::spawn(move || serve(stream, &shared, &shown));
            }
        });
        Ok(Self { address, key, got })
    }

    /// Whether a text has arrived here as it was.
    pub(super) fn got(&self, text: &str) -> bool {
        self.got.lock().unwrap_or_else(PoisonError::into_inner).contains(text)
    }
}

fn serve(mut stream: TcpStream, got: &Mutex<String>, key: &str) {
    let mut read = Vec::new();
    let mut buffer = vec![0; 1 << 14];
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        read.extend_from_slice(buffer.get(..count).unwrap_or_default());
        if read.len() > REQUEST_MAX {
            return;
        }
        let text = String::from_utf8_lossy(&read).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
        });
        if body.len() < length.unwrap_or(0) {
            continue;
        }
        got.lock().unwrap_or_else(PoisonError::into_inner).push_str(body);
        let Some(answer) = answer(body, key) else { return };
        if stream.write_all(answer.as_bytes()).is_err() {
            return;
        }
        read.clear();
    }
}

/// The answer; none for one that is cut.
fn answer(body: &str, key: &str) -> Option<String> {
    let error =
        |text: String| json!({ "error": { "message": text, "type": "invalid_request_error" } });
    let request: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    let (status, body) = if let Some(texts) = request.get("input") {
        (200, embedded(texts))
    } else if body.contains("refuses") {
        (401, error(format!("Incorrect API key provided: {key}.")))
    } else if body.contains("errs") {
        (500, error(format!("upstream said no to Bearer {key}")))
    } else if body.contains("cuts") {
        return None;
    } else {
        let content = "Thank you.";
        let choice = json!({ "index": 0, "finish_reason": "stop",
            "message": { "role": "assistant", "content": content } });
        let usage = json!({ "prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12 });
        (
            200,
            json!({ "id": "chatcmpl-drill", "object": "chat.completion", "created": 1_760_000_000,
            "model": "plain", "choices": [choice], "usage": usage }),
        )
    };
    let body = body.to_string();
    // What a careless provider sends back in its headers.
    let head = format!(
        "HTTP/1.1 {status} As-It-Is\r\ncontent-type: application/json\r\nx-request-key: {key}"
    );
    Some(format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()))
}

/// A vector for each text: how often letters stand in it.
fn embedded(texts: &serde_json::Value) -> serde_json::Value {
    let texts: Vec<&str> = match texts {
        serde_json::Value::Array(texts) => texts.iter().filter_map(|it| it.as_str()).collect(),
        other => other.as_str().into_iter().collect(),
    };
    let data = texts.iter().enumerate().map(|(index, text)| {
        let mut vector = [1.0_f32; NUMBERS];
        for byte in text.bytes() {
            if let Some(number) = vector.get_mut(usize::from(byte) % NUMBERS) {
                *number += 1.0;
            }
        }
        json!({ "object": "embedding", "index": index, "embedding": vector })
    });
    let data: Vec<_> = data.collect();
    let usage = json!({ "prompt_tokens": texts.len(), "total_tokens": texts.len() });
    json!({ "object": "list", "model": "drill", "data": data, "usage": usage })
}

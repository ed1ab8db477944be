//! A model provider that does what a test tells it to, on a port of its own: answers, streams in
//! any cut, errors, silence, a connection that breaks off.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Notify, watch},
};

/// A request as the provider got it.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Path and query.
    pub path: String,
    /// Headers by their lower-case names.
    pub headers: BTreeMap<String, String>,
    /// The body as it came.
    pub body: String,
}

impl Seen {
    /// The body as JSON; `null` when it is none.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

/// What is done for one request.
#[derive(Debug, Clone, Default)]
pub struct Script(Vec<Step>);

#[derive(Debug, Clone)]
enum Step {
    Send(Vec<u8>),
    Await(Arc<Notify>),
    Hold,
    Cut,
}

impl Script {
    /// A whole answer.
    #[must_use]
    pub fn json(status: u16, body: &Value) -> Self {
        Self::answer(status, &[("content-type", "application/json")], body.to_string())
    }

    /// A whole answer with headers of its own.
    #[must_use]
    pub fn answer(status: u16, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        let mut head = format!("HTTP/1.1 {status} Scripted\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        Self(vec![Step::Send([head.into_bytes(), body].concat())])
    }

    /// The head of a stream; `frames`, `bytes` and an end follow.
    #[must_use]
    pub fn stream() -> Self {
        Self::stream_with(&[("content-type", "text/event-stream")])
    }

    /// The head of a stream with headers of its own.
    #[must_use]
    pub fn stream_with(headers: &[(&str, &str)]) -> Self {
        let mut head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n".to_owned();
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        Self(vec![Step::Send(head.into_bytes())])
    }

    /// Each as the data of an event and a chunk of its own.
    #[must_use]
    pub fn frames<T: ToString>(self, frames: impl IntoIterator<Item = T>) -> Self {
        let frames = frames.into_iter().map(|frame| format!("data: {}\n\n", frame.to_string()));
        frames.fold(self, |script, frame| script.bytes(frame))
    }

    /// One chunk of any bytes.
    #[must_use]
    pub fn bytes(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        let size = format!("{:x}\r\n", bytes.len()).into_bytes();
        self.0.push(Step::Send([size, bytes, b"\r\n".to_vec()].concat()));
        self
    }

    /// Goes on only when the test says so.
    #[must_use]
    pub fn wait_for(mut self, go: &Arc<Notify>) -> Self {
        self.0.push(Step::Await(Arc::clone(go)));
        self
    }

    /// `[DONE]` and the end of the body.
    #[must_use]
    pub fn done(self) -> Self {
        self.frames(["[DONE]"]).end()
    }

    /// The end of the body, as HTTP has it.
    #[must_use]
    pub fn end(mut self) -> Self {
        self.0.push(Step::Send(b"0\r\n\r\n".to_vec()));
        self
    }

    /// Says nothing more until the client leaves.
    #[must_use]
    pub fn hold(mut self) -> Self {
        self.0.push(Step::Hold);
        self
    }

    /// Breaks the connection off.
    #[must_use]
    pub fn cut(mut self) -> Self {
        self.0.push(Step::Cut);
        self
    }
}

/// A running provider; it ends with the runtime.
#[derive(Debug)]
pub struct Upstream {
    /// Its URL, without a path.
    pub url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    left: watch::Receiver<usize>,
}

type Scripts = dyn Fn(usize, &Seen) -> Script + Send + Sync;

impl Upstream {
    /// Starts one that asks `script` what to do for each request, numbered from 0.
    ///
    /// # Panics
    /// When no port is free.
    #[expect(clippy::unwrap_used, reason = "a test without a port cannot go on")]
    pub async fn start(script: impl Fn(usize, &Seen) -> Script + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (leaving, left) = watch::channel(0);
        let script: Arc<Scripts> = Arc::new(script);
        let requests = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let _ = stream.set_nodelay(true);
                let (requests, script) = (Arc::clone(&requests), Arc::clone(&script));
                let leaving = leaving.clone();
                tokio::spawn(async move {
                    if serve(stream, &requests, &*script).await == Some(End::Left) {
                        leaving.send_modify(|count| *count += 1);
                    }
                });
            }
        });
        Self { url, seen, left }
    }

    /// The same script for each request.
    pub async fn always(script: Script) -> Self {
        Self::start(move |_, _| script.clone()).await
    }

    /// The requests so far.
    #[must_use]
    #[expect(clippy::unwrap_used, reason = "a poisoned lock is a test that failed already")]
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Waits until a client has left in the middle of an answer.
    pub async fn left(&self) {
        let mut left = self.left.clone();
        let _ = left.wait_for(|count| *count > 0).await;
    }
}

#[derive(Debug, PartialEq, Eq)]
enum End {
    Left,
    Cut,
}

/// Serves one connection until it ends; `None` when it ended between two requests.
async fn serve(
    mut stream: TcpStream,
    requests: &Mutex<Vec<Seen>>,
    script: &Scripts,
) -> Option<End> {
    let mut read = Vec::new();
    loop {
        let seen = request(&mut stream, &mut read).await?;
        let number = {
            let mut requests = requests.lock().ok()?;
            requests.push(seen.clone());
            requests.len() - 1
        };
        for step in script(number, &seen).0 {
            match step {
                Step::Send(bytes) => {
                    if stream.write_all(&bytes).await.is_err() {
                        return Some(End::Left);
                    }
                }
                Step::Await(go) => {
                    tokio::select! {
                        () = go.notified() => {}
                        () = gone(&mut stream) => return Some(End::Left),
                    }
                }
                Step::Hold => {
                    gone(&mut stream).await;
                    return Some(End::Left);
                }
                Step::Cut => return Some(End::Cut),
            }
        }
    }
}

/// Waits until the other side closes.
async fn gone(stream: &mut TcpStream) {
    let mut byte = [0];
    while stream.read(&mut byte).await.is_ok_and(|count| count > 0) {}
}

/// Reads one request; `None` when the connection ended.
async fn request(stream: &mut TcpStream, read: &mut Vec<u8>) -> Option<Seen> {
    let mut chunk = vec![0; 65_536];
    loop {
        if let Some((seen, length)) = parse(read) {
            read.drain(..length);
            return Some(seen);
        }
        match stream.read(&mut chunk).await {
            Ok(count @ 1..) => read.extend_from_slice(chunk.get(..count)?),
            _ => return None,
        }
    }
}

/// A request and how many bytes it has, when it is whole.
fn parse(read: &[u8]) -> Option<(Seen, usize)> {
    let head_end = read.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(read.get(..head_end)?).into_owned();
    let mut lines = head.lines();
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let headers: BTreeMap<String, String> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.get("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    let body = read.get(head_end..head_end + length)?;
    let body = String::from_utf8_lossy(body).into_owned();
    Some((Seen { path, headers, body }, head_end + length))
}

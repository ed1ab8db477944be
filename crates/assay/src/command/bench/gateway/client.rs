//! A client that costs next to nothing: one request, written once, over connections that stay.

use std::time::{Duration, Instant};

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

/// Milliseconds of one request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Took {
    /// To the first bytes of the answer.
    pub(super) first: f64,
    /// To its end.
    pub(super) whole: f64,
}

/// One request, to be sent many times.
#[derive(Debug, Clone)]
pub(super) struct Load {
    address: String,
    request: Vec<u8>,
    /// What an answer ends with.
    end: &'static [u8],
}

impl Load {
    /// A chat completion; an empty key is not shown.
    pub(super) fn new(address: &str, key: &str, model: &str, stream: bool) -> Self {
        let content = "Say in one sentence what a gateway is for. ".repeat(4);
        let body = json!({
            "model": model, "stream": stream, "max_tokens": 64, "temperature": 0.2,
            "messages": [{ "role": "system", "content": "You are brief." },
                         { "role": "user", "content": content }],
        })
        .to_string();
        let key = match key {
            "" => String::new(),
            key => format!("authorization: Bearer {key}\r\n"),
        };
        let head = format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: {address}\r\n{key}\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let end: &[u8] = if stream { b"0\r\n\r\n" } else { b"}" };
        Self { address: address.to_owned(), request: format!("{head}{body}").into_bytes(), end }
    }

    /// Sends `requests` over `clients` connections; returns the times of each.
    pub(super) async fn run(&self, clients: usize, requests: usize) -> anyhow::Result<Vec<Took>> {
        let mut running = JoinSet::new();
        for client in 0..clients {
            let share = requests / clients + usize::from(client < requests % clients);
            let load = self.clone();
            running.spawn(async move { load.one(share).await });
        }
        let mut times = Vec::with_capacity(requests);
        while let Some(done) = running.join_next().await {
            times.extend(done??);
        }
        Ok(times)
    }

    /// Opens streams and reads the beginning of each; they stay open as long as they are kept.
    pub(super) async fn hold(&self, streams: usize) -> anyhow::Result<Vec<TcpStream>> {
        let mut opening = JoinSet::new();
        for _ in 0..streams {
            let load = self.clone();
            opening.spawn(async move {
                let mut stream = TcpStream::connect(&load.address).await?;
                stream.write_all(&load.request).await?;
                let mut read = vec![0; 4096];
                let count = stream.read(&mut read).await?;
                let is_open = read.get(..count).is_some_and(|it| it.starts_with(b"HTTP/1.1 200"));
                anyhow::ensure!(is_open, "a stream did not begin");
                Ok(stream)
            });
        }
        let mut open = Vec::with_capacity(streams);
        while let Some(stream) = opening.join_next().await {
            open.push(stream??);
        }
        Ok(open)
    }

    async fn one(&self, requests: usize) -> anyhow::Result<Vec<Took>> {
        let mut stream = TcpStream::connect(&self.address).await?;
        stream.set_nodelay(true)?;
        let mut times = Vec::with_capacity(requests);
        let mut buffer = vec![0; 65_536];
        for _ in 0..requests {
            let start = Instant::now();
            stream.write_all(&self.request).await?;
            let first = self.answer(&mut stream, &mut buffer).await?;
            let millis = |from: Duration| from.as_secs_f64() * 1e3;
            times.push(Took { first: millis(first - start), whole: millis(start.elapsed()) });
        }
        Ok(times)
    }

    /// Reads an answer to its end; when it began.
    async fn answer(&self, stream: &mut TcpStream, buffer: &mut [u8]) -> anyhow::Result<Instant> {
        let mut read = Vec::new();
        let mut first = None;
        loop {
            let count = stream.read(buffer).await?;
            let first = *first.get_or_insert_with(Instant::now);
            anyhow::ensure!(count > 0, "the connection ended");
            read.extend_from_slice(buffer.get(..count).unwrap_or_default());
            anyhow::ensure!(read.starts_with(b"HTTP/1.1 200"), "an answer was not 200");
            if self.is_whole(&read) {
                return Ok(first);
            }
        }
    }

    fn is_whole(&self, read: &[u8]) -> bool {
        if self.end != b"}" {
            return read.ends_with(self.end);
        }
        let text = String::from_utf8_lossy(read);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        length.and_then(|length| length.parse().ok()) == Some(body.len())
    }
}

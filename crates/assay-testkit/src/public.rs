//! A server on loopback that speaks the protocols of Wikipedia, Stack Exchange, MDN and GitHub as
//! their documentation shows them, and misbehaves as it is told.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use flate2::{Compression, write::GzEncoder};
use serde_json::Value;

mod replies;

/// How a provider misbehaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// It accepts and never answers.
    Silent,
    /// It closes the connection.
    Dead,
    /// It answers with a status and header lines.
    Status(u16, Vec<(&'static str, String)>),
    /// It announces more than it sends.
    Cut,
    /// It answers with JSON of another form.
    WrongJson,
    /// It sends for ever.
    Endless,
    /// It redirects.
    Redirect(String),
    /// It sends some kilobytes that unpack to a gigabyte.
    Bomb,
    /// It answers as usual, with these header lines.
    With(Vec<(&'static str, String)>),
    /// It answers with this JSON.
    Says(Value),
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct PublicRequest {
    /// The path.
    pub path: String,
    /// The query, decoded.
    pub query: BTreeMap<String, String>,
    /// Header lines; names in lower case.
    pub headers: BTreeMap<String, String>,
}

#[derive(Debug, Default)]
struct State {
    faults: BTreeMap<String, Fault>,
    requests: Vec<PublicRequest>,
}

/// The server.
#[derive(Debug)]
pub struct PublicServer {
    /// `http://127.0.0.1:PORT`.
    pub url: String,
    state: Arc<Mutex<State>>,
}

impl PublicServer {
    /// Starts it; its threads end with the process.
    ///
    /// # Errors
    /// When no port can be had.
    pub fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                // The other side may hang up at any time: that ends this thread, and nothing else.
                thread::spawn(move || serve(stream, &state));
            }
        });
        Ok(Self { url, state })
    }

    /// Lets the provider whose paths begin with `path` misbehave; `None` ends that. The longest
    /// path counts.
    pub fn fault(&self, path: &str, fault: Option<Fault>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match fault {
            Some(fault) => state.faults.insert(path.to_owned(), fault),
            None => state.faults.remove(path),
        };
    }

    /// The requests since the last call.
    pub fn requests(&self) -> Vec<PublicRequest> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut state.requests)
    }

    /// Settings of the section `web` that send all four providers here.
    #[must_use]
    pub fn settings(&self) -> Value {
        serde_json::json!({
            "providers": ["wikipedia", "stackoverflow", "mdn", "github"],
            "contact": "ops@example.org",
            "allow_private_hosts": ["127.0.0.1"],
            "wikipedia": { "base_url": self.url, "calls_per_minute": 10_000 },
            "stackoverflow": { "base_url": self.url, "calls_per_minute": 10_000 },
            "mdn": { "base_url": self.url, "calls_per_minute": 10_000 },
            "github": { "base_url": self.url, "calls_per_minute": 10_000 },
        })
    }
}

fn serve(mut stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let request = read_request(&mut reader)?;
    let fault = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        let fault = state.faults.iter().rev().find(|(path, _)| request.path.starts_with(*path));
        let fault = fault.map(|(_, fault)| fault.clone());
        state.requests.push(request.clone());
        fault
    };
    match fault {
        None => reply(&mut stream, &request, &[]),
        Some(Fault::With(headers)) => reply(&mut stream, &request, &headers),
        Some(Fault::Says(value)) => send_json(&mut stream, &request, &value, &[]),
        Some(Fault::WrongJson) => {
            let value = serde_json::json!({ "items": "none", "documents": 7, "query": "none" });
            send_json(&mut stream, &request, &value, &[])
        }
        Some(Fault::Dead) => Ok(()),
        Some(Fault::Silent) => reader.read_to_end(&mut Vec::new()).map(|_| ()),
        Some(Fault::Status(status, headers)) => send(&mut stream, status, &headers, b"{}"),
        Some(Fault::Redirect(to)) => send(&mut stream, 302, &[("Location", to)], b""),
        Some(Fault::Cut) => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n{\"items\": [")
        }
        Some(Fault::Endless) => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")?;
            loop {
                stream.write_all(&[b' '; 65_536])?;
            }
        }
        Some(Fault::Bomb) => {
            let mut packed = GzEncoder::new(Vec::new(), Compression::best());
            for _ in 0..64 {
                packed.write_all(&vec![b' '; 1 << 20])?;
            }
            let body = packed.finish()?;
            send(&mut stream, 200, &[("Content-Encoding", "gzip".to_owned())], &body)
        }
    }
}

fn read_request(reader: &mut impl BufRead) -> std::io::Result<PublicRequest> {
    let mut lines = reader.lines().map_while(Result::ok);
    let first = lines.next().ok_or(std::io::ErrorKind::UnexpectedEof)?;
    let target = first.split(' ').nth(1).unwrap_or_default();
    let headers = lines.take_while(|line| !line.is_empty()).filter_map(|line| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_ascii_lowercase(), value.trim().to_owned()))
    });
    let headers = headers.collect();
    let url = reqwest::Url::parse("http://here").and_then(|base| base.join(target));
    let url = url.map_err(std::io::Error::other)?;
    let query = url.query_pairs().map(|(key, value)| (key.into_owned(), value.into_owned()));
    Ok(PublicRequest { path: url.path().to_owned(), query: query.collect(), headers })
}

fn reply(
    stream: &mut TcpStream,
    request: &PublicRequest,
    headers: &[(&str, String)],
) -> std::io::Result<()> {
    match replies::to(request) {
        Some(value) => send_json(stream, request, &value, headers),
        None => send(stream, 404, headers, b"{\"message\": \"Not Found\"}"),
    }
}

/// Stack Exchange packs whatever is asked.
fn send_json(
    stream: &mut TcpStream,
    request: &PublicRequest,
    value: &Value,
    headers: &[(&str, String)],
) -> std::io::Result<()> {
    let mut headers = headers.to_vec();
    headers.push(("Content-Type", "application/json; charset=utf-8".to_owned()));
    let body = value.to_string();
    if !request.path.starts_with("/2.3/") {
        return send(stream, 200, &headers, body.as_bytes());
    }
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(body.as_bytes())?;
    headers.push(("Content-Encoding", "gzip".to_owned()));
    send(stream, 200, &headers, &packed.finish()?)
}

fn send(
    stream: &mut TcpStream,
    status: u16,
    headers: &[(&str, String)],
    body: &[u8],
) -> std::io::Result<()> {
    let mut head = format!("HTTP/1.1 {status} x\r\nConnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)
}

//! A deployment that answers as Assay does and errs as often as it is told, and a client of one request.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// Answers to users so far, and how many of them were errors.
#[derive(Default)]
struct Counts {
    answered: AtomicU64,
    erred: AtomicU64,
    stop: AtomicBool,
}

pub(super) struct Erring {
    pub(super) url: String,
    counts: Arc<Counts>,
}

impl Erring {
    /// Errs `percent` times of a hundred.
    pub(super) fn start(percent: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let counts = Arc::new(Counts::default());
        let (shared, start) = (Arc::clone(&counts), Instant::now());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if shared.stop.load(Ordering::Relaxed) {
                    return;
                }
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || answer(stream, percent, &shared, start));
            }
        });
        Self { url, counts }
    }

    pub(super) fn answered(&self) -> u64 {
        self.counts.answered.load(Ordering::SeqCst)
    }
}

impl Drop for Erring {
    fn drop(&mut self) {
        self.counts.stop.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(self.url.trim_start_matches("http://"));
    }
}

fn answer(mut stream: TcpStream, percent: u64, counts: &Counts, start: Instant) {
    let head = read_head(&mut stream);
    let path = head.split_whitespace().nth(1).unwrap_or_default();
    let (status, body) = match path {
        "/health" | "/health/ready" => {
            let uptime = start.elapsed().as_secs_f64();
            let now = jiff::Timestamp::now();
            (
                200,
                format!(
                    "{{\"version\": \"bad\", \"uptime_s\": {uptime}, \"timestamp\": \"{now}\"}}"
                ),
            )
        }
        "/v1/alerts" => (200, "{\"alerts\": []}".to_owned()),
        "/metrics" => (200, metrics(counts)),
        _ => {
            let n = counts.answered.fetch_add(1, Ordering::SeqCst);
            let errs = n * 37 % 100 < percent;
            counts.erred.fetch_add(u64::from(errs), Ordering::SeqCst);
            (if errs { 500 } else { 200 }, "{}".to_owned())
        }
    };
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(format!("{head}{body}").as_bytes());
}

fn metrics(counts: &Counts) -> String {
    let erred = counts.erred.load(Ordering::SeqCst);
    let answered = counts.answered.load(Ordering::SeqCst);
    let good = answered.saturating_sub(erred);
    let bucket = "assay_http_request_duration_seconds_bucket{route=\"/v1/collections\",le=";
    format!(
        "assay_http_requests_total{{route=\"/v1/collections\",method=\"GET\",status=\"200\"}} {good}\n\
         assay_http_requests_total{{route=\"/v1/collections\",method=\"GET\",status=\"500\"}} {erred}\n\
         {bucket}\"0.001\"}} {answered}\n{bucket}\"3.0\"}} {answered}\n{bucket}\"+Inf\"}} {answered}\n"
    )
}

fn read_head(stream: &mut TcpStream) -> String {
    let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
    let mut head = Vec::new();
    let mut part = [0; 1024];
    while !head.windows(4).any(|it| it == b"\r\n\r\n") {
        match stream.read(&mut part) {
            Ok(read @ 1..) => head.extend_from_slice(&part[..read]),
            _ => break,
        }
    }
    String::from_utf8_lossy(&head).into_owned()
}

/// Status and body of a GET; none when there was no answer.
pub(super) fn get(address: &str, path: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n").ok()?;
    let mut text = String::new();
    stream.read_to_string(&mut text).ok()?;
    let status = text.split_whitespace().nth(1)?.parse().ok()?;
    Some((status, text.split_once("\r\n\r\n")?.1.to_owned()))
}

/// Whether one that errs answers behind a proxy.
pub(super) fn is_canary(front: &str) -> bool {
    let answer = get(front.trim_start_matches("http://"), "/health");
    answer.is_some_and(|(_, body)| body.contains("\"version\": \"bad\""))
}

/// Whether the deployment at `url` is the one that answers behind a proxy: both say for how long they are
/// up.
pub(super) fn serves(front: &str, url: &str) -> bool {
    let started = |address: &str| {
        let (_, body) = get(address.trim_start_matches("http://"), "/health")?;
        let health: serde_json::Value = serde_json::from_str(&body).ok()?;
        let now: jiff::Timestamp = health["timestamp"].as_str()?.parse().ok()?;
        Some(now.as_millisecond() as f64 / 1_000.0 - health["uptime_s"].as_f64()?)
    };
    started(front).zip(started(url)).is_some_and(|(front, own)| (front - own).abs() < 0.1)
}

//! Lanes that fail at random: no error, no answer late, none silent about what is missing.
//!
//! `examples/resilience.rs` runs the same drill with the default budgets and a thousand questions.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use assay_answer::{AnswerSettings, EmbeddingSettings};
use assay_testkit::public::{Fault, PublicServer};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::app::{TRIAL, TestApp};

const QUESTIONS: [&str; 5] = [
    "Did dexamethasone lower mortality among ventilated patients?",
    "When was the gear pump described by Johannes Kepler?",
    "How do I abort a fetch request?",
    "Where did the second trial take place?",
    "Which volcano erupted in Iceland in 1783?",
];
/// The paths of the public sources.
const SOURCES: [&str; 4] = ["/w/", "/2.3/", "/api/", "/search/"];
/// Questions asked at once.
const CLIENTS: usize = 4;

/// What a drill is to do.
#[derive(Debug, Clone)]
pub(crate) struct Drill {
    pub(crate) questions: usize,
    pub(crate) seed: u64,
    pub(crate) answer: AnswerSettings,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Answers that were no answer: `status: body`.
    pub(crate) errors: Vec<String>,
    /// Answers that do not say what is missing.
    pub(crate) silent: Vec<String>,
    /// How long each took, as the client saw it.
    pub(crate) took: Vec<Duration>,
    /// Answers with a lane, or a part of one, missing.
    pub(crate) partial: usize,
}

/// Numbers that look random and are the same for the same seed (xorshift64*, Vigna 2016).
#[derive(Debug)]
struct Chance(AtomicU64);

impl Chance {
    fn below(&self, bound: usize) -> usize {
        let step = |mut x: u64| {
            x ^= x >> 12;
            x ^= x << 25;
            x ^= x >> 27;
            x
        };
        let x = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |x| Some(step(x)));
        let x = x.unwrap_or_else(|x| x);
        (step(x).wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound
    }
}

/// Asks the questions of a fresh server whose every lane fails now and then.
pub(crate) async fn run(drill: Drill) -> Outcome {
    let chance = Arc::new(Chance(AtomicU64::new(drill.seed)));
    let public = PublicServer::start().unwrap();
    let faulty = Arc::new(AtomicBool::new(false));
    let models = models(Arc::clone(&chance), Arc::clone(&faulty)).await;
    let web = serde_json::from_value(public.settings()).unwrap();
    let endpoint = |model: &str| json!({ "base_url": models, "model": model });
    let app = TestApp::open(|settings| {
        settings.answer = drill.answer.clone();
        settings.web = web;
        settings.embedding = EmbeddingSettings {
            endpoint: serde_json::from_value(endpoint("vectors")).unwrap(),
            ..EmbeddingSettings::default()
        };
        settings.writer = serde_json::from_value(json!({ "endpoint": endpoint("words") })).ok();
    })
    .await;
    app.ingest("trial.md", TRIAL).await;
    faulty.store(true, Ordering::Relaxed);
    let mut outcome = Outcome::default();
    for first in (0..drill.questions).step_by(CLIENTS) {
        for source in SOURCES {
            public.fault(source, fault(&chance));
        }
        let numbers = first..drill.questions.min(first + CLIENTS);
        let answers = futures_util::future::join_all(numbers.map(|number| ask(&app, number))).await;
        for (took, status, body) in answers {
            outcome.took.push(took);
            judge(&mut outcome, status, &body);
        }
    }
    outcome
}

async fn ask(app: &TestApp, number: usize) -> (Duration, u16, Value) {
    let question = QUESTIONS[number % QUESTIONS.len()];
    let start = Instant::now();
    // A number makes each question new to the caches.
    let query = json!({ "query": format!("{question} ({number})") });
    let (status, body) = app.post("/query", query).await;
    (start.elapsed(), status, body)
}

/// Compares what the lanes report with what the answer says of them.
fn judge(outcome: &mut Outcome, status: u16, body: &Value) {
    if status != 200 {
        return outcome.errors.push(format!("{status}: {body}"));
    }
    let notices = body["notices"].to_string();
    let lanes =
        ["keyword", "vector", "web", "writer"].map(|name| (name, &body["lane_results"][name]));
    let missing: Vec<&str> = lanes
        .iter()
        .filter(|(_, lane)| lane["status"] != "completed" || !lane["error"].is_null())
        .map(|(name, _)| *name)
        .collect();
    outcome.partial += usize::from(!missing.is_empty());
    let is_told = missing.iter().all(|name| notices.contains(&format!("`{name}`")));
    let is_flagged = missing.is_empty() || body["partial_results"] == true;
    let hides_answer = body["state"] == "not_in_sources"
        && lanes
            .iter()
            .any(|(_, lane)| matches!(lane["status"].as_str(), Some("timeout" | "failed")));
    if !is_told || !is_flagged || hides_answer {
        outcome.silent.push(body.to_string());
    }
}

fn fault(chance: &Chance) -> Option<Fault> {
    match chance.below(12) {
        0 => Some(Fault::Silent),
        1 => Some(Fault::Dead),
        2 => Some(Fault::Status(500, Vec::new())),
        3 => Some(Fault::Cut),
        4 => Some(Fault::WrongJson),
        5 => Some(Fault::Bomb),
        _ => None,
    }
}

/// A server for vectors and words that fails one time in four once `faulty` is set.
async fn models(chance: Arc<Chance>, faulty: Arc<AtomicBool>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (chance, faulty) = (Arc::clone(&chance), Arc::clone(&faulty));
            tokio::spawn(async move {
                let fault = if faulty.load(Ordering::Relaxed) { chance.below(12) } else { 9 };
                // A client that went away ends this, and nothing else.
                let _ = model(stream, fault).await;
            });
        }
    });
    url
}

async fn model(mut stream: TcpStream, fault: usize) -> std::io::Result<()> {
    let (head, body) = request(&mut stream).await?;
    let reply = match fault {
        0 => return Ok(()),
        1 => return stream.read_to_end(&mut Vec::new()).await.map(|_| ()),
        2 => "HTTP/1.1 500 x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned(),
        _ if head.contains("/embeddings") => {
            let inputs = body["input"].as_array().map_or(1, Vec::len);
            let data: Vec<Value> = (0..inputs)
                .map(|index| json!({ "index": index, "embedding": [1.0, index as f32, 0.5, 0.25] }))
                .collect();
            let text = json!({ "data": data }).to_string();
            format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\
                     content-length: {}\r\n\r\n{text}",
                text.len()
            )
        }
        _ => {
            let words = "Dexamethasone lowered mortality after 28 days from 41.4 % to 29.3 % among \
                         ventilated patients. The moon is made of cheese.";
            let delta = json!({ "choices": [{ "delta": { "content": words } }] });
            let end = json!({ "choices": [{ "delta": {}, "finish_reason": "stop" }] });
            format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n\
                     data: {delta}\n\ndata: {end}\n\ndata: [DONE]\n\n"
            )
        }
    };
    stream.write_all(reply.as_bytes()).await
}

async fn request(stream: &mut TcpStream) -> std::io::Result<(String, Value)> {
    let mut bytes = Vec::new();
    let mut part = vec![0; 16_384];
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n")
            && let Ok(body) = serde_json::from_str(body)
        {
            return Ok((head.to_owned(), body));
        }
        let read = stream.read(&mut part).await?;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        bytes.extend_from_slice(&part[..read]);
    }
}

/// Budgets a fifth of the usual ones, so that silent lanes cost the test less time.
#[tokio::test(flavor = "multi_thread")]
async fn lanes_that_fail_at_random_leave_honest_answers_in_time() {
    let answer = AnswerSettings {
        total_ms: 900,
        lanes_ms: 500,
        keyword_ms: 400,
        vector_ms: 400,
        web_ms: 400,
        ..AnswerSettings::default()
    };
    let outcome = run(Drill { questions: 40, seed: 11, answer }).await;
    assert!(outcome.errors.is_empty(), "{:?}", outcome.errors);
    assert!(outcome.silent.is_empty(), "{:?}", outcome.silent);
    assert!(outcome.partial > 20, "only {} answers had anything missing", outcome.partial);
    let slowest = outcome.took.iter().max().unwrap();
    // The budget, and half a second for four clients of an unoptimised server on a busy machine.
    assert!(*slowest < Duration::from_millis(1_400), "{slowest:?}");
}

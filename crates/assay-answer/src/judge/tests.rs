//! What is made of a model's answer, and what happens when it gives none.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use assay_core::{SystemClock, TenantScope};
use assay_gateway::{EndpointSettings, Purpose};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::{Opinion, chat::read};
use crate::{Engine, EngineSettings, VerifierSettings, verify::Verdict};

const SHOWN: [&str; 2] = ["The mine closed in 1990.", "It employed 85 people."];

#[test]
fn an_answer_is_read_whatever_stands_around_it() {
    let answer = "Sure!\n```json\n{\"verdict\": \"supported\", \"probability\": 0.9, \
                  \"sentences\": [2, 9]}\n```";
    let opinion = Opinion { verdict: Verdict::Supported, confidence: 0.9, sentences: vec![1] };
    assert_eq!(read(answer, 2), Ok(opinion));
}

#[test]
fn an_answer_that_says_nothing_is_a_failure() {
    for answer in [
        "",
        "supported",
        "{\"verdict\": \"fine\", \"probability\": 1, \"sentences\": [1]}",
        "{\"verdict\": \"supported\", \"probability\": 1, \"sentences\": []}",
        "{\"verdict\": \"supported\", \"probability\": 1, \"sentences\": [0, 3]}",
        "} {",
    ] {
        assert!(read(answer, 2).is_err(), "{answer}");
    }
}

#[test]
fn a_probability_fits_its_verdict() {
    let told = |verdict: &str| {
        let answer =
            format!("{{\"verdict\": \"{verdict}\", \"probability\": 0.9, \"sentences\": [1]}}");
        read(&answer, 2).unwrap().confidence
    };
    assert!(told("contradicted") < 0.2 && told("unsupported") < 0.2 && told("partial") < 0.5);
}

/// Serves one answer to every request; nothing at all when there is none. Counts requests.
async fn endpoint(answer: Option<&'static str>) -> (EndpointSettings, Arc<AtomicUsize>) {
    let requests = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&requests);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            let mut request = vec![0; 65_536];
            let _ = stream.read(&mut request).await;
            let Some(answer) = answer else {
                while stream.read(&mut request).await.is_ok_and(|bytes| bytes > 0) {}
                continue;
            };
            let chunk = serde_json::json!({
                "choices": [{ "delta": { "content": answer }, "finish_reason": "stop" }]
            });
            let body = format!("data: {chunk}\n\ndata: [DONE]\n\n");
            let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close";
            let length = body.len();
            let response = format!("{head}\r\ncontent-length: {length}\r\n\r\n{body}");
            let _ = stream.write_all(response.as_bytes()).await;
        }
    });
    let settings = serde_json::json!({
        "base_url": format!("http://{address}/v1"), "model": "scripted"
    });
    (serde_json::from_value(settings).unwrap(), requests)
}

/// An engine whose claims are judged as the settings say.
struct Court {
    engine: Arc<Engine>,
    _folder: tempfile::TempDir,
}

impl Court {
    fn new(verifier: VerifierSettings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = EngineSettings { verifier, ..EngineSettings::new(folder.path()) };
        let engine = Engine::open(settings, Arc::new(SystemClock)).unwrap();
        Self { engine, _folder: folder }
    }

    async fn opinion(&self, claim: &str, shown: &[&str]) -> Result<Opinion, String> {
        let scope = TenantScope::built_in();
        self.engine.judge.as_ref().unwrap().opinion(Purpose::of(&scope), claim, shown).await
    }
}

#[tokio::test]
async fn a_model_behind_an_endpoint_judges() {
    let answer = "{\"verdict\": \"contradicted\", \"probability\": 0.02, \"sentences\": [1]}";
    let (endpoint, _) = endpoint(Some(answer)).await;
    let endpoint = Some(endpoint);
    let judge = Court::new(VerifierSettings { endpoint, ..VerifierSettings::default() });
    let opinion = judge.opinion("The mine closed in 1991.", &SHOWN).await.unwrap();
    assert_eq!((opinion.verdict, opinion.sentences), (Verdict::Contradicted, vec![0]));
}

#[tokio::test]
async fn a_late_model_costs_one_wait_and_says_why() {
    let (endpoint, requests) = endpoint(None).await;
    let endpoint = Some(endpoint);
    let settings = VerifierSettings { endpoint, claim_ms: 100, ..VerifierSettings::default() };
    let judge = Court::new(settings);
    let error = judge.opinion("The mine closed.", &SHOWN).await.unwrap_err();
    assert!(error.contains("within 100 ms"), "{error}");
    let again = judge.opinion("It employed 85 people.", &SHOWN).await.unwrap_err();
    assert_eq!(again, error);
    assert_eq!(requests.load(Ordering::SeqCst), 1, "it was asked again");
}

#[tokio::test]
async fn a_model_that_is_not_there_is_named() {
    let settings = VerifierSettings { model: "nli".to_owned(), ..VerifierSettings::default() };
    let error = Court::new(settings).opinion("It closed.", &SHOWN).await.unwrap_err();
    assert!(error.contains("nli"), "{error}");
    assert!(Court::new(VerifierSettings::default()).engine.judge.is_none());
}

//! The mode `reranked`, by the own model and by an endpoint that fails in every way.

use std::time::Duration;

use assay_answer::RerankerSettings;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use crate::app::TestApp;

const SCATTERED: &str = "Logan is an airport. A mount is a hill. Height matters to pilots, and so \
                         does Canada. The height of a tower is told there.";
const RIGHT: &str = "Mount Logan in Canada has a height of 5,959 metres.";

/// What the endpoint does with a call.
#[derive(Clone, Copy)]
enum Answer {
    /// This status and body.
    Body(u16, &'static str),
    /// Half an answer, then the connection is cut.
    Cut,
    /// Nothing.
    Stall,
}

async fn endpoint(answer: Answer) -> RerankerSettings {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut request = vec![0; 65_536];
                let _ = stream.read(&mut request).await;
                let text = match answer {
                    Answer::Body(status, body) => format!(
                        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n\
                         content-length: {}\r\nconnection: close\r\n\r\n{body}",
                        body.len()
                    ),
                    Answer::Cut => "HTTP/1.1 200 X\r\ncontent-length: 999\r\n\r\n{".to_owned(),
                    Answer::Stall => {
                        while stream.read(&mut request).await.is_ok_and(|bytes| bytes > 0) {}
                        return;
                    }
                };
                let _ = stream.write_all(text.as_bytes()).await;
            });
        }
    });
    serde_json::from_value(json!({
        "endpoint": { "base_url": format!("http://{address}/v1"), "model": "scripted" }
    }))
    .unwrap()
}

async fn filled(reranker: RerankerSettings) -> TestApp {
    let app = TestApp::open(|settings| {
        settings.answer.rerank_ms = 300;
        settings.reranker = reranker;
    })
    .await;
    app.ingest("scattered.txt", SCATTERED).await;
    app.ingest("right.txt", RIGHT).await;
    app
}

async fn search(app: &TestApp, mode: &str) -> Value {
    let body = json!({ "query": "Mount Logan Canada height", "mode": mode });
    let (status, found) = app.post("/search", body).await;
    assert_eq!(status, 200, "{found}");
    found
}

fn snippets(found: &Value) -> Vec<String> {
    let results = found["results"].as_array().unwrap();
    results.iter().map(|result| result["snippet"].as_str().unwrap().to_owned()).collect()
}

fn lane(found: &Value) -> Value {
    let lanes = found["lanes"].as_array().unwrap();
    lanes.iter().find(|lane| lane["lane_name"] == "reranker").cloned().unwrap_or_default()
}

#[tokio::test]
async fn the_own_model_ranks_without_vectors() {
    let app = filled(RerankerSettings::default()).await;
    let found = search(&app, "reranked").await;
    assert_eq!(lane(&found)["status"], "completed", "{found}");
    assert_eq!(snippets(&found)[0], RIGHT);
    assert_eq!(lane(&search(&app, "hybrid").await), Value::Null);
    let (_, found) = app.get("/search?q=Logan&mode=reranked&limit=1").await;
    assert_eq!(found["total_results"], 1, "{found}");
    let (_, found) = app.get("/search?q=zzz&mode=reranked").await;
    assert_eq!(found["total_results"], 0, "{found}");
}

#[tokio::test]
async fn an_endpoint_takes_its_place() {
    // The fusion has one text first; the endpoint says the second one is better.
    let body =
        r#"{"results":[{"index":1,"relevance_score":0.9},{"index":0,"relevance_score":0.2}]}"#;
    let app = filled(endpoint(Answer::Body(200, body)).await).await;
    let fused = snippets(&search(&app, "hybrid").await);
    let found = search(&app, "reranked").await;
    assert_eq!(lane(&found)["status"], "completed", "{found}");
    let turned: Vec<String> = fused.into_iter().rev().collect();
    assert_eq!(snippets(&found), turned);
    let best = found["results"][0]["relevance"].as_f64().unwrap();
    assert!((best - 0.9).abs() < 1e-6, "{best}");
}

#[tokio::test]
async fn whatever_the_endpoint_does_the_fused_order_stands() {
    let foreign = r#"{"results":[{"index":7,"relevance_score":0.9}]}"#;
    let missing = r#"{"results":[{"index":0,"relevance_score":0.9}]}"#;
    let cases = [
        (Answer::Body(500, "{}"), "failed"),
        (Answer::Body(429, "slow down"), "failed"),
        (Answer::Body(200, "no JSON"), "failed"),
        (Answer::Body(200, foreign), "failed"),
        (Answer::Body(200, missing), "failed"),
        (Answer::Body(302, ""), "failed"),
        (Answer::Cut, "failed"),
        (Answer::Stall, "timeout"),
    ];
    for (answer, status) in cases {
        let app = filled(endpoint(answer).await).await;
        let fused = snippets(&search(&app, "hybrid").await);
        let start = std::time::Instant::now();
        let found = search(&app, "reranked").await;
        assert_eq!(lane(&found)["status"], status, "{found}");
        assert_eq!(snippets(&found), fused);
        assert_eq!(found["status"], "partial", "{found}");
        assert!(lane(&found)["error"].as_str().is_some_and(|error| !error.is_empty()));
        assert!(start.elapsed() < Duration::from_secs(2));
    }
}

#[tokio::test]
async fn a_folder_without_a_model_is_told_and_does_not_prevent_the_start() {
    let reranker = RerankerSettings { model: "absent".to_owned(), ..RerankerSettings::default() };
    let app = filled(reranker).await;
    let found = search(&app, "reranked").await;
    assert_eq!(lane(&found)["status"], "failed", "{found}");
    assert!(lane(&found)["error"].as_str().unwrap().contains("does not exist"), "{found}");
    assert_eq!(snippets(&found), snippets(&search(&app, "hybrid").await));
}

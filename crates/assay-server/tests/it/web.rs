//! Public sources through the HTTP surface: found, cited, opened again, missing and told so.

use std::time::{Duration, Instant};

use assay_testkit::public::{Fault, PublicServer};
use serde_json::{Value, json};

use crate::app::{TRIAL, TestApp, chars};

async fn start() -> (TestApp, PublicServer) {
    let server = PublicServer::start().unwrap();
    let web = serde_json::from_value(server.settings()).unwrap();
    let app = TestApp::open(|settings| settings.web = web).await;
    (app, server)
}

fn providers(body: &Value) -> Vec<&str> {
    let results = body["results"].as_array().unwrap();
    results.iter().map(|result| result["provider"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn search_gives_pages_of_all_public_sources_with_their_credits() {
    let (app, server) = start().await;
    let (status, body) = app.get("/search?q=How+do+I+abort+a+fetch+request%3F&sources=web").await;
    assert_eq!(status, 200, "{body}");
    assert!(body["total_results"].as_u64().unwrap() >= 6, "{body}");
    assert_eq!(body["sources_used"], json!(["wikipedia", "stackoverflow", "mdn", "github"]));
    let found = providers(&body);
    for name in ["wikipedia", "stackoverflow", "mdn", "github"] {
        assert!(found.contains(&name), "{name} is not in {found:?}");
    }
    assert_eq!(
        (body["status"].as_str(), body["lanes"].as_array().unwrap().len()),
        (Some("success"), 1)
    );
    let mut before = f64::MAX;
    for result in body["results"].as_array().unwrap() {
        let factor = |name: &str| result[name].as_f64().unwrap();
        let rank =
            ["relevance", "credibility", "recency", "diversity"].map(factor).iter().product();
        assert!(rank <= before + 1e-6, "{result} stands below less");
        before = rank;
        let text =
            app.get(&format!("/v1/web/texts/{}", result["version_id"].as_str().unwrap())).await;
        assert_eq!(text.0, 200, "{}", text.1);
        let shown = chars(text.1["text"].as_str().unwrap(), &result["start"], &result["end"]);
        assert_eq!(shown, result["snippet"].as_str().unwrap());
        assert_eq!(text.1["url"], result["url"]);
        assert!(result["attribution"]["fetched_at"].is_string());
    }
    let sent: Vec<String> =
        server.requests().into_iter().filter_map(|mut request| request.query.remove("q")).collect();
    assert!(sent.iter().all(|words| words.starts_with("abort fetch request")), "{sent:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_cites_a_public_page_like_a_file() {
    let (app, _server) = start().await;
    app.ingest("trial.md", TRIAL).await;
    let answer = app.ask("When was the gear pump described by Johannes Kepler?").await;
    assert_eq!(answer["success"], true, "{answer}");
    let citation = &answer["citations"][0];
    assert_eq!(citation["provider"], "wikipedia", "{answer}");
    assert_eq!(citation["url"], "https://en.wikipedia.org/wiki/Gear_pump");
    assert_eq!(citation["attribution"]["licence"], "CC BY-SA 4.0");
    let version = citation["version_id"].as_str().unwrap();
    let (_, text) = app.get(&format!("/v1/web/texts/{version}")).await;
    let quote = chars(text["text"].as_str().unwrap(), &citation["start"], &citation["end"]);
    assert_eq!(quote, citation["quote"].as_str().unwrap());
    assert!(quote.contains("1604"), "{quote}");
    assert_eq!(answer["lane_results"]["web"]["status"], "completed");
    assert_eq!(answer["final_answer"]["sources_used"]["web"], true);
    let of_files = app.ask("Did dexamethasone lower mortality among ventilated patients?").await;
    assert_eq!(of_files["citations"][0]["provider"], "assay", "{of_files}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_leaves_the_machine_unless_it_is_wanted() {
    let (app, server) = start().await;
    app.ingest("trial.md", TRIAL).await;
    for body in [
        json!({ "query": "mortality", "sources": ["files"] }),
        json!({ "query": "mortality", "sources": ["default"] }),
        json!({ "query": "mortality", "collections": ["default"] }),
    ] {
        let (status, found) = app.post("/search", body.clone()).await;
        assert_eq!((status, providers(&found)), (200, vec!["assay"]), "{body}: {found}");
    }
    assert!(server.requests().is_empty());
    let (_, one) = app.get("/search?q=abort&sources=MDN").await;
    assert!(providers(&one).iter().all(|&name| name == "mdn"), "{one}");
    assert!(
        server.requests().iter().all(
            |request| request.path.starts_with("/api/") || request.path.ends_with("index.json")
        )
    );
    let without = TestApp::start().await;
    for name in ["web", "github"] {
        let (status, body) = without.get(&format!("/search?q=x&sources={name}")).await;
        assert_eq!(status, 400, "{body}");
        assert!(body["error"]["hint"].as_str().unwrap().contains("web.providers"), "{body}");
    }
    assert_eq!(app.get("/search?q=x&sources=nowhere").await.0, 404);
    assert_eq!(app.get("/v1/web/texts/00000000-0000-7000-8000-000000000009").await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_slow_and_one_dead_source_leave_a_full_answer_that_says_so() {
    let (app, server) = start().await;
    server.fault("/2.3/", Some(Fault::Silent));
    server.fault("/search/", Some(Fault::Dead));
    let start = Instant::now();
    let answer = app.ask("When was the gear pump described by Johannes Kepler?").await;
    assert!(start.elapsed() < Duration::from_millis(3_050), "{:?}", start.elapsed());
    assert_eq!(answer["success"], true, "{answer}");
    let notices = answer["notices"].to_string();
    assert!(notices.contains("`web` is missing in part"), "{notices}");
    assert!(notices.contains("stackoverflow: ") && notices.contains("github: "), "{notices}");
    let lane = &answer["lane_results"]["web"];
    assert_eq!(
        (lane["status"].as_str(), lane["is_partial"].as_bool()),
        (Some("completed"), Some(true))
    );
    assert_eq!(answer["partial_results"], true);
    let state = |name: &str| {
        let providers = lane["providers"].as_array().unwrap();
        let of = providers.iter().find(|provider| provider["provider"] == name).unwrap();
        of["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        ["wikipedia", "stackoverflow", "mdn", "github"].map(state),
        ["completed", "timeout", "completed", "failed"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_rests_is_told_by_health_and_metrics() {
    let (app, server) = start().await;
    let wait = vec![("Retry-After", "600".to_owned())];
    server.fault("/search/", Some(Fault::Status(429, wait)));
    app.get("/search?q=abort&sources=web").await;
    let (status, ready) = app.get("/health/ready").await;
    assert_eq!((status, ready["status"].as_str()), (200, Some("degraded")), "{ready}");
    let parts = ready["dependencies"].as_array().unwrap();
    let web = parts.iter().find(|part| part["name"] == "web").unwrap();
    let message = web["error_message"].as_str().unwrap();
    assert!(message.starts_with("github is left alone for "), "{message}");
    let (_, metrics) = app.get("/metrics/lanes").await;
    assert_eq!(metrics["web_providers"]["github"]["circuit_state"], "open", "{metrics}");
    assert_eq!(metrics["web_providers"]["mdn"]["success_count"], 1);
    let lanes = &metrics["orchestration_metrics"];
    assert_eq!(lanes["lane_metrics"]["web"]["success_count"], 1);
    assert_eq!(lanes["circuit_breaker_states"]["web"], "closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_without_any_lane_is_an_error() {
    let (app, server) = start().await;
    for path in ["/w/", "/2.3/", "/api/", "/search/"] {
        server.fault(path, Some(Fault::Dead));
    }
    let (status, body) = app.get("/search?q=abort&sources=web").await;
    assert_eq!((status, body["error"]["code"].as_str()), (503, Some("unavailable")), "{body}");
    let answer = app.post("/query", json!({ "query": "abort", "sources": ["web"] })).await.1;
    assert_eq!(
        (answer["state"].as_str(), answer["success"].as_bool()),
        (Some("partial"), Some(false))
    );
    assert!(answer["notices"].to_string().contains("`web` is missing"), "{answer}");
}

//! Metrics count what happened.

use serde_json::Value;

use crate::app::{TRIAL, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn metrics_follow_the_requests() {
    let app = TestApp::start().await;
    let before = app.get("/metrics/lanes").await.1;
    app.ingest("trial.md", TRIAL).await;
    app.ask("Where did the second trial take place?").await;
    app.get("/search?q=mortality").await;
    app.get("/search?q=").await;
    let after = app.get("/metrics/lanes").await.1;
    let runs = |body: &Value| {
        body["orchestration_metrics"]["lane_metrics"]["keyword"]["success_count"].as_u64().unwrap()
    };
    assert_eq!(runs(&after) - runs(&before), 2, "{after}");
    assert_eq!(after["orchestrator_health"], "healthy");

    let (_, vector) = app.get("/metrics/vector").await;
    assert_eq!(vector["status"], "absent");
    assert_eq!(vector["health"], "no_data");
    assert_eq!(vector["performance_metrics"]["cache_hit_rate"], Value::Null);

    let (_, text) = app.get("/metrics").await;
    let text = text.as_str().unwrap();
    for line in [
        "assay_http_requests_total{route=\"/search\",method=\"GET\",status=\"200\"} 1",
        "assay_http_requests_total{route=\"/search\",method=\"GET\",status=\"400\"} 1",
        "assay_documents{state=\"current\"} 1",
    ] {
        assert!(text.lines().any(|found| found == line), "`{line}` is not in\n{text}");
    }
}

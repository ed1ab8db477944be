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
    assert!(text.contains("# TYPE assay_http_requests_total counter\n") && !text.contains("# EOF"));
    // What Prometheus asks for.
    let accepts = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5";
    let request = app.client.get(format!("{}/metrics", app.url)).header("accept", accepts);
    let open = request.send().await.unwrap();
    assert!(
        open.headers()["content-type"].to_str().unwrap().starts_with("application/openmetrics")
    );
    let open = open.text().await.unwrap();
    assert!(open.contains("# TYPE assay_http_requests counter\n") && open.ends_with("# EOF\n"));
    for line in [
        "assay_http_requests_total{route=\"/search\",method=\"GET\",status=\"200\"} 1",
        "assay_http_requests_total{route=\"/search\",method=\"GET\",status=\"400\"} 1",
        "assay_documents{state=\"current\"} 1",
    ] {
        assert!(text.lines().any(|found| found == line), "`{line}` is not in\n{text}");
    }
}

//! Metrics count what happened.

use assay_telemetry::TelemetrySettings;
use serde_json::{Value, json};

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

#[tokio::test(flavor = "multi_thread")]
async fn a_duration_leads_to_the_trace_of_a_request_where_traces_go_somewhere() {
    // Nobody takes them there; what would be kept is known without.
    for (endpoint, ratio, is_shown) in
        [("http://127.0.0.1:9", 1.0, true), ("http://127.0.0.1:9", 0.0, false), ("", 1.0, false)]
    {
        let traces = json!({ "endpoint": endpoint, "ratio": ratio, "slow_ms": 3_600_000 });
        let settings: TelemetrySettings =
            serde_json::from_value(json!({ "traces": traces })).unwrap();
        let (app, _notices) = TestApp::watched(settings).await;
        let asked = app.client.get(format!("{}/search?q=pumps", app.url)).send().await.unwrap();
        let name = asked.headers()["x-request-id"].to_str().unwrap().replace('-', "");
        let exemplar = format!(" # {{trace_id=\"{name}\"}} ");
        let request = app.client.get(format!("{}/metrics", app.url));
        let request = request.header("accept", "application/openmetrics-text");
        let open = request.send().await.unwrap().text().await.unwrap();
        let search = "assay_http_request_duration_seconds_bucket{";
        let traced =
            open.lines().filter(|line| line.contains("/search") && line.contains(&exemplar));
        let traced: Vec<&str> = traced.collect();
        assert_eq!(traced.len(), usize::from(is_shown), "{open}");
        assert!(traced.iter().all(|line| line.starts_with(search)), "{traced:?}");
        let (_, plain) = app.get("/metrics").await;
        let plain = plain.as_str().unwrap();
        assert!(!plain.contains("trace_id") && plain.contains("/search"), "{plain}");
    }
}

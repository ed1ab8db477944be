//! Numbers, rules and objectives over a server that is asked things.

use std::{collections::BTreeSet, time::Duration};

use assay_telemetry::{AlertState, METRICS, TelemetrySettings, read};
use assay_testkit::upstream::{Script, Upstream};
use serde_json::{Value, json};

use crate::app::{TRIAL, TestApp};

/// Shown from the first task on that waits, and the first that is tried again.
const LATER: [&str; 6] = [
    // Only where backups are set up.
    "assay_backup_failures_total",
    "assay_backup_full_age_seconds",
    "assay_backup_full_every_seconds",
    "assay_backup_lag_seconds",
    "assay_task_retries_total",
    "assay_tasks_oldest_seconds",
];

#[tokio::test(flavor = "multi_thread")]
async fn what_rules_may_ask_for_is_what_a_server_at_work_shows() {
    let answer = json!({ "id": "c", "object": "chat.completion", "created": 7, "model": "real",
        "choices": [{ "index": 0, "message": { "role": "assistant", "content": "a" },
            "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 5, "completion_tokens": 1, "total_tokens": 6 } });
    let upstream = Upstream::start(move |_, seen| match seen.json()["stream"] == json!(true) {
        true => Script::stream().frames([frame()]).done(),
        false => Script::json(200, &answer),
    })
    .await;
    let routes = json!({
        "providers": { "up": { "base_url": format!("{}/v1", upstream.url) } },
        "routes": { "m": { "targets": [{ "provider": "up", "model": "real" }] } },
    });
    let app = TestApp::routing(routes, json!({})).await;
    app.ingest("trial.md", TRIAL).await;
    app.ask("Where did the second trial take place?").await;
    let budget = json!({ "name": "all", "limit_calls": 100 });
    assert_eq!(app.post("/v1/budgets", budget).await.0, 201);
    for stream in [false, true] {
        let text = "the key is ghp_16C7e42F292c6912E7710c838347Ae178B4a";
        let call = json!({ "model": "m", "stream": stream,
            "messages": [{ "role": "user", "content": text }] });
        assert_eq!(app.post("/v1/chat/completions", call).await.0, 200);
    }
    let _counted = assay_telemetry::LogCounter::new();
    let (_, metrics) = app.get("/metrics").await;
    let shown: BTreeSet<String> = read(metrics.as_str().unwrap()).names.into_iter().collect();
    let known = METRICS.iter().filter(|name| !LATER.contains(name));
    let known: BTreeSet<String> = known.map(|name| (*name).to_owned()).collect();
    let shown: BTreeSet<String> =
        shown.into_iter().filter(|name| !LATER.contains(&name.as_str())).collect();
    assert_eq!(shown, known);
}

fn frame() -> Value {
    json!({ "id": "c", "object": "chat.completion.chunk", "created": 7, "model": "real",
        "choices": [{ "index": 0, "delta": { "content": "a" }, "finish_reason": "stop" }] })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_fires_once_and_heals_and_windows_and_budgets_count_what_happened() {
    let settings: TelemetrySettings = serde_json::from_value(json!({
        "interval_seconds": 1,
        "rules": [{ "name": "Passages", "expression": "assay_passages > 0", "severity": "critical" }],
        "objectives": { "found": {
            "target": 0.9, "all": "sum(assay_http_requests_total)",
            "bad": "sum(assay_http_requests_total{status=\"404\"})",
        } },
    }))
    .unwrap();
    let (app, mut notices) = TestApp::watched(settings).await;
    let (_, before) = app.get("/metrics/performance").await;
    assert_eq!(
        (&before["status"], &before["monitoring"]["health_score"]),
        (&json!("no_data"), &json!(null))
    );
    let (document, _) = app.ingest("trial.md", TRIAL).await;
    // The machine may be busy enough for rules that ship.
    let mut next = async || loop {
        let notice = tokio::time::timeout(Duration::from_secs(20), notices.recv()).await;
        let alerts = notice.expect("a notice within 20 s").unwrap().alerts;
        if let Some(alert) = alerts.into_iter().find(|alert| alert.rule == "Passages") {
            break alert.state;
        }
    };
    assert_eq!(next().await, AlertState::Firing);
    let (_, shown) = app.get("/v1/alerts").await;
    let alerts = shown["alerts"].as_array().unwrap();
    assert!(alerts.iter().any(|it| it["rule"] == "Passages" && it["state"] == "firing"), "{shown}");
    for _ in 0..3 {
        app.ask("Where did the second trial take place?").await;
    }
    assert_eq!(app.get("/documents/00000000-0000-7000-8000-000000000009").await.0, 404);
    assert_eq!(app.delete(&format!("/documents/{document}")).await.0, 204);
    assert_eq!(next().await, AlertState::Resolved);

    let (_, found) = app.get("/metrics/performance").await;
    let summary = &found["performance_summary"];
    let latency = &summary["sla_compliance"]["query_latency"];
    assert_eq!(
        (&latency["total_measurements"], &latency["compliance_rate"]),
        (&json!(3), &json!(1.0)),
        "{found}"
    );
    let (_, past) = app.get("/metrics/history?window=1h").await;
    let points = past["times"].as_array().unwrap().len();
    assert_eq!(points, 30, "{past}");
    for line in ["p50_ms", "p95_ms", "requests", "failures", "memory_bytes"] {
        assert_eq!(past[line].as_array().unwrap().len(), points, "{line}");
    }
    assert_eq!(past["requests"][0], json!(null), "nothing was measured an hour ago");
    assert_eq!(app.get("/metrics/history?window=7d").await.0, 400);
    let window = &summary["key_metrics"]["query_latency"]["windows"]["1m"];
    assert_eq!((&window["count"], &window["error_rate"]), (&json!(3), &json!(0.0)));
    assert!(window["p50"].as_f64().unwrap() <= window["p99"].as_f64().unwrap(), "{window}");
    assert_eq!(found["status"], "healthy");

    let (_, lanes) = app.get("/metrics/lanes").await;
    let keyword = &lanes["orchestration_metrics"]["lane_metrics"]["keyword"];
    assert_eq!(keyword["windows"].as_object().unwrap().len(), 4, "{lanes}");
    let minute = &keyword["windows"]["1m"];
    assert_eq!(minute["error_rate"], json!(0.0), "{keyword}");
    assert!(minute["count"].as_u64().unwrap() >= 3 && minute["p95"].is_number(), "{keyword}");
    let (_, vector) = app.get("/metrics/vector").await;
    let figures = &vector["performance_metrics"];
    assert_eq!((&figures["tfti_ms"], &figures["tts_ms"]), (&json!(null), &json!(null)), "{vector}");
    assert_eq!(figures["windows"]["1h"]["count"], json!(0), "there is no model: {vector}");
    let (_, router) = app.get("/metrics/router").await;
    assert_eq!(router["metrics"]["windows"]["24h"]["count"], json!(0), "{router}");

    let (_, slo) = app.get("/v1/slo").await;
    let objectives = slo["objectives"].as_array().unwrap();
    let mine = objectives.iter().find(|it| it["name"] == "found").unwrap();
    assert_eq!(mine["bad_events"], 1, "{mine}");
    assert!(mine["events"].as_u64().unwrap() > 4 && mine["achieved"].as_f64().unwrap() < 1.0);
    let availability = objectives.iter().find(|it| it["name"] == "availability").unwrap();
    assert_eq!((&availability["status"], &availability["bad_events"]), (&json!("met"), &json!(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_alert_about_a_part_fires_when_the_data_folder_is_taken_away() {
    // The rule that ships, without its half minute.
    let settings: TelemetrySettings = serde_json::from_value(json!({
        "interval_seconds": 1,
        "alerts": { "DependencyDown": { "for_seconds": 0 } },
    }))
    .unwrap();
    let (app, mut notices) = TestApp::watched(settings).await;
    app.ingest("trial.md", TRIAL).await;
    let mut next = async || loop {
        let notice = tokio::time::timeout(Duration::from_secs(20), notices.recv()).await;
        let alerts = notice.expect("a notice within 20 s").unwrap().alerts;
        if let Some(alert) = alerts.into_iter().find(|alert| alert.rule == "DependencyDown") {
            break (alert.state, alert.series_text());
        }
    };
    let (folder, away) = (app.data().to_owned(), app.data().with_extension("away"));
    std::fs::rename(&folder, &away).unwrap();
    let (state, series) = next().await;
    assert!(state == AlertState::Firing && series.contains("records"), "{series}");
    let (status, ready) = app.get("/health/ready").await;
    assert_eq!((status, &ready["status"]), (503, &json!("not_ready")), "{ready}");
    let (status, metrics) = app.get("/metrics").await;
    let down = "assay_dependency_up{dependency=\"records\"} 0";
    assert!(status == 200 && metrics.as_str().unwrap().contains(down), "{metrics}");
    std::fs::rename(&away, &folder).unwrap();
    assert_eq!(next().await.0, AlertState::Resolved);
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_shown_as_they_hold_and_as_a_prometheus_takes_them() {
    let app = TestApp::start().await;
    let (_, shown) = app.get("/v1/alerts/rules").await;
    let rules = shown["rules"].as_array().unwrap();
    let text = shown["prometheus"].as_str().unwrap();
    // A Prometheus also sees what no server can see of itself.
    let outside = assay_telemetry::OUTSIDE_RULES.iter().map(|rule| rule.name);
    let names: Vec<&str> =
        rules.iter().map(|rule| rule["name"].as_str().unwrap()).chain(outside).collect();
    assert_eq!(text.matches("- alert: ").count(), names.len());
    for name in names {
        assert!(text.contains(&format!("- alert: {name}\n")));
    }
}

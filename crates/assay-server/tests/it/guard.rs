//! The guard through HTTP.

use assay_answer::GuardSettings;
use serde_json::json;

use crate::app::{TestApp, chars};

const TEXT: &str =
    "Ünder: write to julian.galvez@rhyta.com, the key is ghp_16C7e42F292c6912E7710c838347Ae178B4a.";

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_names_places_in_characters_and_redacts_what_the_policy_says() {
    let app = TestApp::start().await;
    let (status, answer) =
        app.post("/v1/guard/scan", json!({ "text": TEXT, "redact": true })).await;
    assert_eq!(status, 200, "{answer}");
    let found: Vec<(String, String)> = answer["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (one["kind"].as_str().unwrap().to_owned(), chars(TEXT, &one["start"], &one["end"]))
        })
        .collect();
    assert!(
        found.contains(&("pii.email".to_owned(), "julian.galvez@rhyta.com".to_owned())),
        "{answer}"
    );
    assert!(found.iter().any(|(kind, text)| kind == "secret.token" && text.starts_with("ghp_")));
    let text = answer["text"].as_str().unwrap();
    assert!(text.contains("julian.galvez@rhyta.com"), "e-mail is flagged, not redacted: {text}");
    assert!(text.contains("[TOKEN]") && !text.contains("ghp_"), "{text}");
    let (_, metrics) = app.get("/metrics").await;
    let line = "llm_security_events_total{event_type=\"sensitive_leak\",severity=\"critical\"} 1";
    assert!(metrics.as_str().unwrap().contains(line), "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_text_is_not_given_back() {
    let app = TestApp::open(|settings| {
        let guard = json!({ "actions": { "secret": "block" } });
        settings.guard = serde_json::from_value::<GuardSettings>(guard).unwrap();
    })
    .await;
    let (_, answer) = app.post("/v1/guard/scan", json!({ "text": TEXT, "redact": true })).await;
    assert_eq!((&answer["blocked"], &answer["text"]), (&json!(true), &json!(null)), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_scans_are_refused() {
    let app = TestApp::start().await;
    let (status, _) = app.post("/v1/guard/scan", json!({ "text": "a", "scope": "some" })).await;
    assert_eq!(status, 400);
    let (status, answer) =
        app.post("/v1/guard/scan", json!({ "text": "a".repeat(2_000_001) })).await;
    assert_eq!((status, &answer["error"]["code"]), (413, &json!("too_large")));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_rule_says_why() {
    let app = TestApp::start().await;
    let (_, answer) = app.get("/v1/guard/rules").await;
    let rules = answer["rules"].as_array().unwrap();
    assert!(rules.len() > 50, "{} rules", rules.len());
    for rule in rules {
        assert!(rule["reason"].as_str().is_some_and(|reason| reason.len() > 10), "{rule}");
    }
}

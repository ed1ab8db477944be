//! Checking a text that the caller brings.

use serde_json::json;

use crate::app::{TestApp, chars};

#[tokio::test(flavor = "multi_thread")]
async fn claims_are_judged_against_the_sources() {
    let app = TestApp::start().await;
    let text = "The bridge was opened in 1932. The bridge was opened in 1947.";
    let source =
        "Work began late. — The bridge was opened in 1932 by the mayor of the city. It is red.";
    let body = json!({
        "text": text,
        "sources": [{ "title": "City", "url": "https://example.org/city", "content": source }],
    });
    let (status, checked) = app.post("/citations/process", body).await;
    assert_eq!(status, 200, "{checked}");
    assert_eq!(checked["claims"][0]["verdict"], "supported", "{checked}");
    assert_ne!(checked["claims"][1]["verdict"], "supported", "{checked}");
    assert_eq!(checked["status"], "success");
    for citation in checked["citations"].as_array().unwrap() {
        let quote = chars(source, &citation["passage_start"], &citation["passage_end"]);
        assert_eq!(quote, citation["snippet"].as_str().unwrap());
    }
    let cited = checked["cited_text"].as_str().unwrap();
    assert!(cited.starts_with("The bridge was opened in 1932. [1]"), "{cited}");
    assert!(checked["bibliography"].as_str().unwrap().contains("https://example.org/city"));
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_hold() {
    let app = TestApp::start().await;
    let source = json!({ "content": "x" });
    let cases = [
        json!({ "text": "", "sources": [source] }),
        json!({ "text": "x".repeat(20_001), "sources": [source] }),
        json!({ "text": "A claim.", "sources": [] }),
        json!({ "text": "A claim.", "sources": vec![source.clone(); 51] }),
        json!({ "text": "A claim.", "sources": [{ "title": "no text" }] }),
    ];
    for body in cases {
        let (status, answer) = app.post("/citations/process", body).await;
        assert_eq!((status, answer["error"]["code"].as_str()), (400, Some("bad_request")));
    }
}

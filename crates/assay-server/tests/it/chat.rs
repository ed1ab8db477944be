//! Answers in the OpenAI protocol, extracted and written by a model.

use assay_answer::AnswerSettings;
use serde_json::{Value, json};

use crate::{
    app::{TRIAL, TestApp},
    provider::{End, scripted},
};

/// Two sentences that the file supports and one that it does not, cut at odd places.
const PIECES: &[&str] = &[
    "Dexamethasone lowered mortality after 28 days from 41.4 % to 29",
    ".3 % among ventilated patients [7]. It was invented by Napoleon on the island of Elba ",
    "in 1814 [1]. A treatment costs ",
    "6 euros [2][3].",
];

async fn stream(app: &TestApp, model: &str, question: &str) -> Vec<String> {
    let body = json!({
        "model": model, "stream": true, "stream_options": { "include_usage": true },
        "messages": [{ "role": "user", "content": question }],
    });
    let request = app.client.post(format!("{}/v1/chat/completions", app.url)).json(&body);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let text = response.text().await.unwrap();
    text.lines().filter_map(|line| line.strip_prefix("data: ")).map(str::to_owned).collect()
}

fn text_of(events: &[String]) -> String {
    let parsed = events.iter().filter_map(|event| serde_json::from_str::<Value>(event).ok());
    parsed
        .filter_map(|chunk| {
            chunk.pointer("/choices/0/delta/content").and_then(Value::as_str).map(str::to_owned)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_completion_answers_from_the_files() {
    let app = TestApp::start().await;
    app.ingest("trial.md", TRIAL).await;
    let body = json!({
        "model": "assay/extractive",
        "messages": [{ "role": "user", "content": "What does a treatment cost?" }],
    });
    let (status, answer) = app.post("/v1/chat/completions", body).await;
    assert_eq!(status, 200, "{answer}");
    let text = answer["choices"][0]["message"]["content"].as_str().unwrap();
    assert!(text.contains("6 euros") && text.contains("[1]"), "{text}");
    assert_eq!(answer["object"], "chat.completion");
    assert!(answer["citations"][0]["quote"].as_str().unwrap().contains("6 euros"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_gives_the_same_text_and_ends_with_done() {
    let app = TestApp::start().await;
    app.ingest("trial.md", TRIAL).await;
    let question = "What does a treatment cost?";
    let events = stream(&app, "assay", question).await;
    assert_eq!(events.last().map(String::as_str), Some("[DONE]"));
    assert_eq!(text_of(&events), app.ask(question).await["final_answer"]["answer"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_model_invents_is_left_out_and_its_marks_are_replaced() {
    let writer = scripted(PIECES, End::Whole).await;
    let app = TestApp::with(AnswerSettings::default(), Some(writer)).await;
    app.ingest("trial.md", TRIAL).await;
    let answer = app.ask("What did dexamethasone do, and what does it cost?").await;
    let text = answer["final_answer"]["answer"].as_str().unwrap();
    assert!(text.contains("29.3 %") && text.contains("6 euros"), "{text}");
    assert!(!text.contains("Napoleon"), "{text}");
    assert!(!text.contains("[7]"), "{text}");
    assert_eq!(answer["state"], "partly_supported");
    assert!(answer["notices"].to_string().contains("1 claim was left out"), "{answer}");
    assert_eq!(answer["final_answer"]["model_used"], "scripted");

    let events = stream(&app, "scripted", "What did dexamethasone do?").await;
    assert!(!text_of(&events).contains("Napoleon"));
    let usage = events.iter().find(|event| event.contains("\"usage\"")).unwrap();
    assert!(usage.contains("\"total_tokens\":18"), "{usage}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_stream_keeps_what_was_checked_and_says_so() {
    let writer = scripted(PIECES, End::Cut).await;
    let app = TestApp::with(AnswerSettings::default(), Some(writer)).await;
    app.ingest("trial.md", TRIAL).await;
    let answer = app.ask("What did dexamethasone do?").await;
    let text = answer["final_answer"]["answer"].as_str().unwrap();
    assert!(text.contains("29.3 %"), "{answer}");
    assert_eq!(answer["state"], "partial_timeout");
    assert_eq!(answer["lane_results"]["writer"]["status"], "failed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_says_nothing_in_time_is_replaced_by_extraction() {
    let writer = scripted(&[], End::Stall).await;
    let answer = AnswerSettings {
        total_ms: 600,
        lanes_ms: 400,
        keyword_ms: 300,
        vector_ms: 300,
        ..AnswerSettings::default()
    };
    let app = TestApp::with(answer, Some(writer)).await;
    app.ingest("trial.md", TRIAL).await;
    let answer = app.ask("What does a treatment cost?").await;
    assert!(answer["final_answer"]["answer"].as_str().unwrap().contains("6 euros"), "{answer}");
    assert_eq!(answer["final_answer"]["model_used"], "assay/extractive");
    assert_eq!(answer["lane_results"]["writer"]["status"], "timeout");
    assert_eq!(answer["state"], "partial_timeout");
}

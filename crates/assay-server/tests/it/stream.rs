//! `/query` as a stream: claims as they are checked, then the whole; lists and tables keep their form.

use assay_answer::AnswerSettings;
use serde_json::{Value, json};

use crate::{
    app::{TRIAL, TestApp, chars},
    provider::{End, scripted},
};

/// The events of a streamed question: their names and what they hold.
async fn events(app: &TestApp, body: Value) -> Vec<(String, Value)> {
    let request = app.client.post(format!("{}/query", app.url)).json(&body);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    let text = response.text().await.unwrap();
    text.split("\n\n")
        .filter_map(|event| event.split_once('\n'))
        .map(|(name, data)| {
            let data = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
            (name.strip_prefix("event: ").unwrap().to_owned(), data)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_claim_comes_with_its_verdict_and_the_whole_at_the_end() {
    let pieces = &[
        "The members of the trial report this:\n\n- A treatment costs 6 euros. [4]\n- The moon is",
        " made of cheese.\n\n| City | Year |\n|---|---|\n| Oslo | 2021 |\n",
    ];
    let writer = scripted(pieces, End::Whole).await;
    let app = TestApp::with(AnswerSettings::default(), Some(writer)).await;
    app.ingest("trial.md", TRIAL).await;
    let question =
        "Where and when did the second trial take place, and what does a treatment cost?";
    let events = events(&app, json!({ "query": question, "stream": true })).await;
    let (last, whole) = events.split_last().unwrap();
    assert_eq!(last.0, "answer");
    let mut text = String::new();
    for (name, piece) in whole {
        assert_eq!(name, "claim");
        text.push_str(piece["text"].as_str().unwrap());
        let claim = &piece["claim"];
        assert_eq!(chars(&text, &claim["start"], &claim["end"]), claim["text"].as_str().unwrap());
    }
    assert_eq!(last.1["final_answer"]["answer"], text, "what was sent is the answer");
    assert!(text.contains("\n- A treatment costs 6 euros. ["), "{text}");
    assert!(!text.contains("cheese") && !text.contains("[4]"), "{text}");
    assert!(text.contains("| City | Year |\n|---|---|\n| Oslo | 2021 ["), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_without_an_answer_says_so_on_the_stream_too() {
    let app = TestApp::start().await;
    app.ingest("trial.md", TRIAL).await;
    let events =
        events(&app, json!({ "query": "Who is the king of Spain?", "stream": true })).await;
    assert_eq!(events.len(), 2, "{events:?}");
    assert_eq!(events[0].1["text"], events[1].1["final_answer"]["answer"]);
    assert_eq!(events[0].1["claim"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_told_at_once_is_a_status_and_no_stream() {
    let app = TestApp::start().await;
    let ask = |body| app.post("/query", body);
    let (status, _) = ask(json!({ "query": "why?", "stream": true, "writer": "model" })).await;
    assert_eq!(status, 503);
    let (status, _) = ask(json!({ "query": "a b", "stream": true, "collections": ["x"] })).await;
    assert_eq!(status, 404);
    let nobody = "00000000-0000-7000-8000-000000000000";
    let (status, _) = ask(json!({ "query": "a b", "stream": true, "session_id": nobody })).await;
    assert_eq!(status, 404);
}

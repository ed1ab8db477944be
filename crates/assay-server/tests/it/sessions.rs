//! Sessions: kept, understood by, set aside, expired, deleted.

use std::sync::Arc;

use assay_answer::{AnswerSettings, EmbeddingSettings};
use assay_core::FakeClock;
use serde_json::{Value, json};

use crate::{
    app::{TRIAL, TestApp},
    provider::{End, scripted},
};

async fn create(app: &TestApp, body: Value) -> String {
    let (status, made) = app.post("/v1/sessions", body).await;
    assert_eq!(status, 201, "{made}");
    made["id"].as_str().unwrap().to_owned()
}

async fn ask(app: &TestApp, session: &str, question: &str) -> Value {
    let body = json!({ "query": question, "session_id": session });
    let (status, answer) = app.post("/query", body).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follow_up_is_understood_by_the_session_and_kept_in_it() {
    let app = TestApp::start().await;
    app.ingest("trial.md", TRIAL).await;
    let session = create(&app, json!({ "title": "Trials" })).await;
    let first = ask(&app, &session, "Where did the second trial take place?").await;
    assert_eq!((&first["rewritten_query"], &first["session_id"]), (&Value::Null, &json!(session)));
    let second = ask(&app, &session, "When?").await;
    assert_eq!(second["rewritten_query"], "When did the second trial take place?");
    assert!(second["final_answer"]["answer"].as_str().unwrap().contains("2021"), "{second}");

    let (_, shown) = app.get(&format!("/v1/sessions/{session}")).await;
    assert_eq!(shown["session"]["message_count"], 2);
    let last = &shown["messages"][1];
    assert_eq!((&last["query"], &last["number"]), (&json!("When?"), &json!(2)));
    assert_eq!(last["answer"], second["final_answer"]["answer"]);
    assert_eq!(last["citations"][0]["quote"], second["citations"][0]["quote"]);
    assert_eq!(app.delete(&format!("/v1/sessions/{session}")).await.0, 204);
    assert_eq!(app.get(&format!("/v1/sessions/{session}")).await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_is_not_active_takes_no_question() {
    let clock = Arc::new(FakeClock::at_ms(1_700_000_000_000));
    let none = EmbeddingSettings { model: String::new(), ..EmbeddingSettings::default() };
    let app = TestApp::built(AnswerSettings::default(), none, None, clock.clone()).await;
    let session = create(&app, json!({ "ttl_minutes": 5 })).await;
    let state = async || app.get(&format!("/v1/sessions/{session}")).await.1["session"].clone();
    assert_eq!(state().await["state"], "active");
    clock.advance_ms(5 * 60_000);
    assert_eq!(state().await["state"], "expired");
    let body = json!({ "query": "What does it cost?", "session_id": session });
    let (status, refused) = app.post("/query", body.clone()).await;
    assert_eq!(status, 409, "{refused}");
    assert!(refused["error"]["hint"].as_str().unwrap().contains("activate"), "{refused}");
    let change = async |how| app.post(&format!("/v1/sessions/{session}/{how}"), json!({})).await;
    assert_eq!(change("activate").await.1["state"], "active");
    assert_eq!(app.post("/query", body.clone()).await.0, 200);
    assert_eq!(change("deactivate").await.1["state"], "inactive");
    assert_eq!(app.post("/query", body).await.0, 409);
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_listed_and_their_bounds_are_checked() {
    let app = TestApp::start().await;
    let first = create(&app, json!({})).await;
    let second = create(&app, json!({ "ttl_minutes": 10_080 })).await;
    let (_, page) = app.get("/v1/sessions?limit=1").await;
    assert_eq!(page["sessions"][0]["id"], json!(second), "{page}");
    let (_, rest) = app.get(&format!("/v1/sessions?after={second}")).await;
    assert_eq!(rest["sessions"][0]["id"], json!(first), "{rest}");
    assert_eq!(rest["sessions"][0]["ttl_minutes"], 60);
    for body in
        [json!({ "ttl_minutes": 0 }), json!({ "ttl_minutes": 10_081 }), json!({ "title": "" })]
    {
        assert_eq!(app.post("/v1/sessions", body).await.0, 400);
    }
    assert_eq!(app.get("/v1/sessions?limit=0").await.0, 400);
    assert_eq!(app.get("/v1/sessions/nonsense").await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_changes_the_words_of_a_question_is_not_believed() {
    let writer = scripted(&["What does a treatment in Bergen cost?"], End::Whole).await;
    let app = TestApp::with(AnswerSettings::default(), Some(writer)).await;
    app.ingest("trial.md", TRIAL).await;
    let session = create(&app, json!({})).await;
    ask(&app, &session, "Where did the second trial take place?").await;
    let answer = ask(&app, &session, "When?").await;
    assert_eq!(answer["rewritten_query"], "When did the second trial take place?", "{answer}");
    assert_eq!(answer["lane_results"]["rewriter"]["status"], "skipped");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_is_understood_by_the_messages_it_brings() {
    let app = TestApp::start().await;
    app.ingest("trial.md", TRIAL).await;
    let body = json!({ "model": "assay", "messages": [
        { "role": "user", "content": "Where did the second trial take place?" },
        { "role": "assistant", "content": "The second trial took place in 2021 in Oslo. [1]" },
        { "role": "user", "content": "When?" },
    ] });
    let (status, answer) = app.post("/v1/chat/completions", body).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["assay"]["rewritten_query"], "When did the second trial take place?");
    assert_eq!(answer["assay"]["state"], "supported", "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn conversations_are_found_by_what_was_asked_and_answered() {
    let app = TestApp::start().await;
    app.ingest("trial.md", TRIAL).await;
    let trials = create(&app, json!({ "title": "Trials" })).await;
    ask(&app, &trials, "Where did the second trial take place?").await;
    ask(&app, &trials, "What does a treatment cost?").await;
    let budget = create(&app, json!({ "title": "Money" })).await;
    ask(&app, &budget, "Who approved the budget?").await;
    let find = async |words: &str| app.get(&format!("/v1/sessions?q={words}&limit=10")).await;
    let ids = |page: &Value| -> Vec<String> {
        let sessions = page["sessions"].as_array().unwrap().iter();
        sessions.map(|it| it["id"].as_str().unwrap().to_owned()).collect()
    };
    let (status, page) = find("osl").await;
    assert_eq!((status, ids(&page)), (200, vec![trials.clone()]), "{page}");
    let place = &page["sessions"][0]["found"];
    assert_eq!(place["message"], 1, "{page}");
    assert!(place["text"].as_str().unwrap().contains("Oslo"), "{page}");
    let (_, page) = find("money").await;
    assert_eq!((ids(&page), page["sessions"][0].get("found")), (vec![budget.clone()], None));
    assert_eq!(ids(&find("oslo%20budget").await.1), [""; 0], "in no conversation are both");
    // Both speak of costs or budgets: page by page.
    let (_, first) = app.get("/v1/sessions?q=t&limit=1").await;
    assert_eq!((ids(&first), &first["next"]), (vec![budget.clone()], &json!(budget)), "{first}");
    let (_, rest) = app.get(&format!("/v1/sessions?q=t&limit=1&after={budget}")).await;
    assert_eq!(ids(&rest), [trials], "{rest}");
    for refused in ["q=%20", "q=%E2%80%A6", "q=x&limit=51"] {
        assert_eq!(app.get(&format!("/v1/sessions?{refused}")).await.0, 400, "{refused}");
    }
    assert_eq!(find(&"x".repeat(1_001)).await.0, 400);
}

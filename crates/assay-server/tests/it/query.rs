//! Questions: what is found, what is cited, and when it says that it does not know.

use serde_json::json;

use crate::app::{TRIAL, TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_quotes_the_sentence_that_holds_it() {
    let app = TestApp::start().await;
    app.ingest("trial.md", TRIAL).await;
    let answer = app.ask("Did dexamethasone lower mortality among ventilated patients?").await;
    assert_eq!(answer["success"], true, "{answer}");
    let quotes: Vec<&str> = answer["citations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|citation| citation["quote"].as_str().unwrap())
        .collect();
    assert!(quotes.iter().any(|quote| quote.contains("41.4 % to 29.3 %")), "{quotes:?}");
    for citation in answer["citations"].as_array().unwrap() {
        let quote = citation["quote"].as_str().unwrap();
        assert!(TRIAL.contains(quote), "`{quote}` is not in the file");
        assert_eq!(citation["title"], "trial.md");
        let length = citation["end"].as_u64().unwrap() - citation["start"].as_u64().unwrap();
        assert_eq!(length, quote.chars().count() as u64);
    }
    let text = answer["final_answer"]["answer"].as_str().unwrap();
    for claim in answer["claims"].as_array().unwrap() {
        let words = crate::app::chars(text, &claim["start"], &claim["end"]);
        assert_eq!(words, claim["text"].as_str().unwrap());
        assert_eq!(claim["verdict"], "supported");
        assert!(!claim["citations"].as_array().unwrap().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_without_an_answer_is_told_so() {
    let app = TestApp::start().await;
    app.ingest("trial.md", TRIAL).await;
    let answer = app.ask("Which company supplied the dexamethasone?").await;
    assert_eq!(answer["state"], "not_in_sources", "{answer}");
    assert!(answer["nearest"][0]["snippet"].as_str().unwrap().contains("Dexamethasone"));
    assert_eq!(answer["success"], false);
    assert_eq!(answer["claims"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_model_the_answer_says_so() {
    let app = TestApp::start().await;
    app.ingest("trial.md", TRIAL).await;
    let answer = app.ask("Where did the second trial take place?").await;
    let notices = answer["notices"].to_string();
    assert!(notices.contains("vector") && notices.contains("embedding model"), "{notices}");
    assert_eq!(answer["lane_results"]["keyword"]["status"], "completed");
    assert_eq!(answer["lane_results"]["vector"]["status"], "skipped");
}

#[tokio::test(flavor = "multi_thread")]
async fn search_filters_by_collection_and_document() {
    let app = TestApp::start().await;
    let (trial, _) = app.ingest("trial.md", TRIAL).await;
    let (other, _) = app.ingest("other.md", "Mortality of bees in the second winter.").await;
    let find = |body| app.post("/search", body);
    let (_, all) = find(json!({ "query": "mortality" })).await;
    assert_eq!(all["total_results"], 2, "{all}");
    let (_, one) = find(json!({ "query": "mortality", "documents": [other] })).await;
    assert_eq!(one["results"][0]["document_id"], json!(other));
    assert_eq!(one["total_results"], 1);
    let (_, named) = find(json!({ "query": "mortality", "collections": ["default"] })).await;
    assert_eq!(named["total_results"], 2);
    assert_ne!(trial, other);
}

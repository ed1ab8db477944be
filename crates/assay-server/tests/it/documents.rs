//! The life of a document: accepted, searchable, replaced, deleted, failed.

use serde_json::json;

use crate::app::{TRIAL, TestApp};

async fn hits(app: &TestApp, query: &str) -> u64 {
    let (status, found) = app.get(&format!("/search?q={query}")).await;
    assert_eq!(status, 200, "{found}");
    found["total_results"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_bytes_change_nothing_and_other_bytes_replace() {
    let app = TestApp::start().await;
    let (document, job) = app.ingest("trial.md", TRIAL).await;
    assert_eq!(job["state"], "done", "{job}");
    let (status, again) = app.upload("trial.md", TRIAL).await;
    assert_eq!((status, again["outcome"].as_str()), (200, Some("unchanged")));
    assert_eq!(again["document_id"], json!(document));

    let (changed, _) = app.ingest("trial.md", "Nothing about drugs, only about zebras.").await;
    assert_eq!(changed, document);
    assert_eq!(hits(&app, "dexamethasone").await, 0);
    assert_eq!(hits(&app, "zebras").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_document_is_gone_at_once() {
    let app = TestApp::start().await;
    let (document, _) = app.ingest("trial.md", TRIAL).await;
    assert!(hits(&app, "dexamethasone").await > 0);
    let (status, _) = app.delete(&format!("/documents/{document}")).await;
    assert_eq!(status, 204);
    assert_eq!(hits(&app, "dexamethasone").await, 0);
    for (status, body) in [
        app.get(&format!("/documents/{document}")).await,
        app.delete(&format!("/documents/{document}")).await,
    ] {
        assert_eq!((status, body["error"]["code"].as_str()), (404, Some("not_found")));
    }
    // The same name afterwards is a new document.
    let (next, _) = app.ingest("trial.md", TRIAL).await;
    assert_ne!(next, document);
    assert!(hits(&app, "dexamethasone").await > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_read_is_a_failed_document_and_its_neighbours_are_in() {
    let app = TestApp::start().await;
    let (broken, job) = app.ingest("broken.pdf", &b"%PDF-1.7\nnothing follows"[..]).await;
    assert_eq!(job["state"], "failed", "{job}");
    assert!(!job["error"].as_str().unwrap().is_empty());
    let (_, shown) = app.get(&format!("/documents/{broken}")).await;
    assert_eq!(shown["state"], "failed", "{shown}");
    assert!(shown["failure"].is_string());
    app.ingest("trial.md", TRIAL).await;
    assert!(hits(&app, "dexamethasone").await > 0);
    let (_, ready) = app.get("/health/ready").await;
    assert_ne!(ready["status"], "not_ready", "{ready}");
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_listed_page_by_page() {
    let app = TestApp::start().await;
    for number in 0..5 {
        app.ingest(&format!("{number}.txt"), format!("text number {number}")).await;
    }
    let mut names = Vec::new();
    let mut after = String::new();
    loop {
        let (status, page) = app.get(&format!("/v1/documents?limit=2{after}")).await;
        assert_eq!(status, 200, "{page}");
        for document in page["documents"].as_array().unwrap() {
            assert_eq!(document["collection"], "default");
            names.push(document["name"].as_str().unwrap().to_owned());
        }
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(names, ["4.txt", "3.txt", "2.txt", "1.txt", "0.txt"]);
}

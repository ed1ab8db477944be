//! Reading a document in its order: windows join to the whole, and lead to a quote.

use serde_json::{Value, json};

use crate::app::{TRIAL, TestApp};

/// A text of many passages, with characters of more than one byte.
fn book() -> String {
    let chapter = |n: usize| {
        format!("# Kapitel {n}\n\nDas Schiff Nummer {n} fährt übers Meer. 𝄞 Wellen und Wind. ")
            + &"Die Fahrt dauert lange, und niemand weiß, wann sie endet. ".repeat(12)
    };
    (1..=30).map(chapter).collect::<Vec<_>>().join("\n\n")
}

async fn read(app: &TestApp, document: &str, query: &str) -> Value {
    let (status, window) = app.get(&format!("/v1/documents/{document}/text{query}")).await;
    assert_eq!(status, 200, "{window}");
    window
}

#[tokio::test(flavor = "multi_thread")]
async fn windows_join_to_the_text_and_passages_are_slices_of_it() {
    let app = TestApp::start().await;
    let (document, _) = app.ingest("book.md", book()).await;
    let whole = read(&app, &document, "?limit=200").await;
    let total = whole["total"].as_u64().unwrap();
    assert!(total > 5, "{total} passages");
    let text = whole["text"].as_str().unwrap();
    let chars: Vec<char> = text.chars().collect();
    assert_eq!((&whole["start"], &whole["first"]), (&json!(0), &json!(0)));
    let mut joined = String::new();
    for from in (0..total).step_by(3) {
        let window = read(&app, &document, &format!("?from={from}&limit=3")).await;
        assert_eq!(window["start"].as_u64().unwrap() as usize, joined.chars().count());
        joined.push_str(window["text"].as_str().unwrap());
    }
    assert_eq!(joined, text);
    for passage in whole["passages"].as_array().unwrap() {
        let at = |name: &str| passage[name].as_u64().unwrap() as usize;
        assert!(at("start") < at("end") && at("end") <= chars.len(), "{passage}");
    }
    let beyond = read(&app, &document, "?from=1000").await;
    assert_eq!((&beyond["text"], &beyond["passages"]), (&json!(""), &json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_citation_is_found_where_it_says() {
    let app = TestApp::start().await;
    let (document, _) = app.ingest("book.md", book()).await;
    let question = json!({"query": "Schiff Nummer 17", "documents": [document]});
    let (_, found) = app.post("/search", question).await;
    let result = &found["results"][0];
    let (start, end) = (result["start"].as_u64().unwrap(), result["end"].as_u64().unwrap());
    let passage = result["passage_id"].as_str().unwrap();
    for query in [format!("?around={start}&limit=3"), format!("?passage={passage}&limit=3")] {
        let window = read(&app, &document, &query).await;
        assert_eq!(window["version_id"], result["version_id"]);
        let skip = (start - window["start"].as_u64().unwrap()) as usize;
        let text = window["text"].as_str().unwrap().chars();
        let quote: String = text.skip(skip).take((end - start) as usize).collect();
        assert_eq!(quote, result["snippet"].as_str().unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_version_can_be_read_and_what_is_not_there_cannot() {
    let app = TestApp::start().await;
    let (document, _) = app.ingest("trial.md", TRIAL).await;
    let old = read(&app, &document, "").await;
    app.ingest("trial.md", "Nothing about drugs, only about zebras.").await;
    let new = read(&app, &document, "").await;
    assert!(new["text"].as_str().unwrap().contains("zebras"));
    assert_eq!(new["versions"].as_array().unwrap().len(), 2);
    let version = old["version_id"].as_str().unwrap();
    let again = read(&app, &document, &format!("?version={version}")).await;
    assert_eq!(again["text"], old["text"]);

    let (other, _) = app.ingest("other.md", "A text of another document.").await;
    let base = format!("/v1/documents/{other}/text");
    for (query, expected) in [
        (format!("?version={version}"), 404),
        (format!("?passage={}", old["passages"][0]["id"].as_str().unwrap()), 404),
        ("?passage=0199aaaa-0000-7000-8000-000000000000".to_owned(), 404),
        ("?version=x".to_owned(), 400),
        ("?passage=x".to_owned(), 400),
        ("?limit=0".to_owned(), 400),
        ("?limit=201".to_owned(), 400),
        ("?around=-1".to_owned(), 400),
    ] {
        assert_eq!(app.get(&format!("{base}{query}")).await.0, expected, "{query}");
    }
    assert_eq!(app.get("/v1/documents/x/text").await.0, 404);
}

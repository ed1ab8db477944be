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

#[tokio::test(flavor = "multi_thread")]
async fn search_says_which_words_it_took_in_place_of_misspelt_ones() {
    let app = TestApp::start().await;
    app.ingest("trial.md", TRIAL).await;
    let (_, found) = app.post("/search", json!({ "query": "dexamethasnoe mortality" })).await;
    assert_eq!(found["respelled"][0]["asked"], "dexamethasnoe", "{found}");
    assert_eq!(found["respelled"][0]["taken"], "dexamethasone");
    assert!(found["total_results"].as_u64().unwrap() > 0);
    let (_, found) = app.post("/search", json!({ "query": "dexamethasone" })).await;
    assert_eq!(found["respelled"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phrase_has_to_stand_in_the_passage() {
    let app = TestApp::start().await;
    app.ingest("a.md", "# Pumps\n\nThe inlet valve of the pump is closed first.").await;
    app.ingest("b.md", "# Pumps\n\nThe valve at the inlet of the pump stays open.").await;
    let body =
        json!({ "query": "pump \"inlet valve\"", "explain": true, "facet_fields": ["title"] });
    let (_, found) = app.post("/search", body).await;
    assert_eq!(found["total_results"], 1, "{found}");
    assert_eq!(found["facets"]["title"]["total_docs"], 1, "{found}");
    let result = &found["results"][0];
    let terms = result["explanation"]["terms"].as_array().unwrap();
    let sum: f64 = terms.iter().map(|term| term["score"].as_f64().unwrap()).sum();
    assert!((sum - result["keyword_score"].as_f64().unwrap()).abs() < 1e-3, "{result}");
    let (_, found) = app.post("/search", json!({ "query": "\"pump valve\"" })).await;
    assert_eq!(found["total_results"], 0, "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn words_are_found_in_other_forms_in_each_language() {
    let app = TestApp::start().await;
    let german = "Die Häuser am alten Hafen werden seit vielen Jahren von der Stadt verwaltet. Die \
                  Mieten der Wohnungen steigen dort langsamer als in anderen Vierteln.";
    let spanish = "Las ciudades del norte publican cada mañana las informaciones sobre los trenes. \
                   Los viajeros pueden consultar los horarios en las estaciones principales.";
    app.ingest("hafen.md", german).await;
    app.ingest("trenes.md", spanish).await;
    for (query, title) in [
        ("Haus mit Wohnung", "hafen.md"),
        ("Haeuser", "hafen.md"),
        ("horario del tren en la ciudad", "trenes.md"),
        ("informacion", "trenes.md"),
    ] {
        let (_, found) = app.post("/search", json!({ "query": query, "mode": "keyword" })).await;
        assert_eq!(found["results"][0]["title"], title, "{query}: {found}");
    }
}

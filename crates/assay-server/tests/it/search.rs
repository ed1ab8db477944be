//! Search: filters, counts, groups, pages, weights, variety, and where scores come from.

use serde_json::{Value, json};

use crate::app::{TestApp, chars};

impl TestApp {
    /// Takes a text in and says something of it.
    async fn describe(&self, name: &str, text: &str, told: Value) -> String {
        let (document, _) = self.ingest(name, text).await;
        let (status, body) = self.patch(&format!("/v1/documents/{document}"), told).await;
        assert_eq!(status, 200, "{body}");
        document
    }

    async fn find(&self, body: Value) -> Value {
        let (status, found) = self.post("/search", body).await;
        assert_eq!(status, 200, "{found}");
        found
    }
}

fn documents(found: &Value) -> Vec<&str> {
    let results = found["results"].as_array().unwrap().iter();
    results.map(|result| result["document_id"].as_str().unwrap()).collect()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_follow_the_records_at_once() {
    let app = TestApp::start().await;
    let told = json!({ "tags": ["Finance"], "metadata": { "created": "2023-05-04" } });
    let plan = app.describe("plan.md", "The pump budget of line two.", told).await;
    let told = json!({ "tags": ["legal"], "metadata": { "created": "2019", "owner": "Ada" } });
    let deed = app.describe("deed.md", "The pump contract of line two.", told).await;

    for (filter, expected) in [
        (json!("tags = finance"), &plan),
        (json!("date >= 2020 and not tags in [legal]"), &plan),
        (json!("owner = ada"), &deed),
        (json!({ "and": [{ "field": "name", "op": "starts_with", "value": "DEED" }] }), &deed),
        (json!({ "not": { "field": "year", "op": "gt", "value": 2019 } }), &deed),
    ] {
        let found = app.find(json!({ "query": "pump", "filter": filter })).await;
        assert_eq!(documents(&found), [expected], "{filter}");
        assert_eq!(found["matched_documents"], 1);
    }
    let (_, found) =
        app.get("/search?q=pump&filter=tags%20contains%20leg%20or%20page%20%3D%201").await;
    assert_eq!(documents(&found), [&deed], "{found}");
    let (status, answer) =
        app.post("/query", json!({ "query": "pump contract?", "filter": "tags = nothing" })).await;
    assert_eq!((status, &answer["state"]), (200, &json!("off_topic")), "{answer}");
    assert_eq!(answer["nearest"], json!([]));

    app.patch(&format!("/v1/documents/{deed}"), json!({ "tags": ["finance"] })).await;
    let found = app.find(json!({ "query": "pump", "filter": "tags = finance" })).await;
    assert_eq!(found["total_results"], 2);
    app.delete(&format!("/documents/{deed}")).await;
    let found = app.find(json!({ "query": "pump", "filter": "tags = finance" })).await;
    assert_eq!(documents(&found), [&plan]);
    let found = app.find(json!({ "query": "pump", "filter": "ownr = ada" })).await;
    assert!(found["notices"][0].as_str().unwrap().contains("`ownr`"), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_options_are_refused_with_the_place_and_a_hint() {
    let app = TestApp::start().await;
    for (body, part) in [
        (json!({ "filter": "tags in [a" }), "filter, character 11"),
        (
            json!({ "filter": { "and": [{ "field": "a", "op": "is", "value": 1 }] } }),
            "filter.and[0].op",
        ),
        (json!({ "filter": "a regex '('" }), "not a regular expression"),
        (json!({ "offset": 99, "limit": 10 }), "offset 99"),
        (json!({ "min_score": 2 }), "min_score"),
        (json!({ "use_diversification": true, "diversification_lambda": -1 }), "lambda"),
        (json!({ "group_by": "colour" }), "`colour`"),
        (json!({ "facet_fields": ["page"] }), "page"),
        (json!({ "weights": { "weights": [{ "when": "page = 1", "weight": 2 }] } }), "page"),
        (json!({ "weights": { "vector_weight": 7 } }), "vector_weight 7"),
    ] {
        let mut request = body.clone();
        request["query"] = json!("pump");
        let (status, refused) = app.post("/search", request).await;
        assert_eq!((status, &refused["error"]["code"]), (400, &json!("bad_request")), "{body}");
        assert!(refused["error"]["message"].as_str().unwrap().contains(part), "{refused}");
        assert!(refused["error"]["hint"].is_string(), "{refused}");
    }
    let search = json!({ "search": { "weights": [{ "when": "tags =", "weight": 2 }] } });
    let (status, refused) =
        app.patch("/v1/collections/default", json!({ "settings": search })).await;
    assert_eq!(status, 400, "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_counted_over_what_is_found() {
    let app = TestApp::start().await;
    for (number, tags) in [["a", "x"], ["a", "y"], ["b", "x"]].into_iter().enumerate() {
        let told = json!({ "tags": tags });
        app.describe(&format!("{number}.md"), &format!("Pump number {number}."), told).await;
    }
    app.describe("other.md", "A ledger.", json!({ "tags": ["a"] })).await;
    let body = json!({ "query": "pump", "facet_fields": ["tags", "media_type"], "limit": 1,
        "top_facet_values": 2 });
    let found = app.find(body).await;
    let tags = &found["facets"]["tags"];
    assert_eq!((&tags["total_docs"], &tags["distinct_values"]), (&json!(3), &json!(4)), "{found}");
    assert_eq!(tags["values"][0], json!({ "value": "a", "count": 2, "percentage": 66.67 }));
    assert_eq!(tags["values"][1]["value"], "x");
    assert_eq!(found["facets"]["media_type"]["values"][0]["count"], 3);
    let body = json!({ "query": "pump", "facet_fields": ["tags"], "filter": "tags = b" });
    assert_eq!(app.find(body).await["facets"]["tags"]["total_docs"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn passages_of_a_document_are_one_result_and_neighbours_are_joined() {
    let app = TestApp::start().await;
    let settings = json!({ "settings": { "passage_tokens": 40 } });
    app.patch("/v1/collections/default", settings).await;
    let text: String = (0..40)
        .map(|day| format!("On day {day} the pump of line two was greased and checked by Ada. "))
        .collect();
    let (document, _) = app.ingest("pump.txt", text.as_str()).await;
    app.ingest("other.txt", "Another pump.").await;
    let found = app.find(json!({ "query": "greased pump" })).await;
    assert_eq!(found["total_results"], 2, "{found}");
    let result = &found["results"][0];
    assert_eq!(result["document_id"], json!(document));
    let snippet = result["snippet"].as_str().unwrap();
    assert_eq!(chars(&text, &result["start"], &result["end"]), snippet);
    let joined = result["joined"].as_array().unwrap();
    assert!(joined.len() > 1 && joined.contains(&result["passage_id"]), "{result}");
    let more = result["more"].as_array().unwrap();
    assert!(!more.is_empty() && more.len() <= 3);
    for other in more {
        assert_eq!(other["document_id"], json!(document));
        assert!(!joined.contains(&other["passage_id"]), "shown once");
        let words = chars(&text, &other["start"], &other["end"]);
        assert_eq!(words, other["snippet"].as_str().unwrap());
    }

    let all = app.find(json!({ "query": "pump", "group_by": "passage", "limit": 50 })).await;
    let ids = |found: &Value| -> Vec<String> {
        let results = found["results"].as_array().unwrap().iter();
        results.map(|result| result["passage_id"].as_str().unwrap().to_owned()).collect()
    };
    let mut paged = Vec::new();
    for page in 0.. {
        let body =
            json!({ "query": "pump", "group_by": "passage", "limit": 5, "offset": page * 5 });
        let found = app.find(body).await;
        paged.extend(ids(&found));
        if found["has_more"] == false {
            break;
        }
    }
    assert!(paged.len() > 5);
    assert_eq!(paged, ids(&all));
    let best = number(&all["results"][0]["relevance"]);
    let body = json!({ "query": "pump", "group_by": "passage", "min_score": best });
    let least = app.find(body).await;
    assert!(number(&least["total_results"]) < paged.len() as f64, "{least}");
}

#[tokio::test(flavor = "multi_thread")]
async fn weights_are_neutral_until_they_are_set_and_explained_when_they_are() {
    let app = TestApp::start().await;
    let text = |place: &str| format!("The pump of {place} was greased.");
    let longer = "The pump of Rome was greased yesterday.";
    let old = json!({ "metadata": { "created": "2001-01-01" } });
    let first = app.describe("first.md", &text("Oslo"), old).await;
    let new = json!({ "tags": ["official"], "metadata": { "created": "2026-01-01" } });
    let second = app.describe("second.md", longer, new).await;
    let body = json!({ "query": "pump greased", "explain": true });
    let found = app.find(body.clone()).await;
    assert_eq!(documents(&found), [&first, &second]);
    let lowest = &found["results"][1];
    assert_eq!((number(&lowest["relevance"]), &lowest["explanation"]["boosts"]), (0.0, &json!([])));

    let rule = json!({ "weights": [{ "when": "tags = official", "weight": 2 }] });
    let recency = json!({ "recency": { "half_life_days": 365, "weight": 0.2 } });
    for weights in [&rule, &recency] {
        let mut request = body.clone();
        request["weights"] = weights.clone();
        assert_eq!(documents(&app.find(request).await), [&second, &first], "{weights}");
    }
    let settings = json!({ "settings": { "search": rule } });
    assert_eq!(app.patch("/v1/collections/default", settings).await.0, 200);
    let found = app.find(body.clone()).await;
    assert_eq!(documents(&found), [&second, &first]);
    for result in found["results"].as_array().unwrap() {
        let explained = &result["explanation"];
        let terms = explained["terms"].as_array().unwrap();
        let sum: f64 = terms.iter().map(|term| number(&term["score"])).sum();
        assert!((sum - number(&result["keyword_score"])).abs() < 1e-3, "{result}");
        let weight = number(&explained["vector_weight"]);
        let fused = (1.0 - weight) * number(&explained["keyword_normalized"])
            + weight * number(&explained["vector_normalized"]);
        assert!((fused - number(&explained["fused"])).abs() < 1e-6);
        if explained["boosts"] == json!([]) {
            assert_eq!(explained["boosted"], explained["fused"]);
        }
        let score = number(&explained["boosted"]) / number(&explained["scale"]);
        assert!((score - number(&result["relevance"])).abs() < 1e-6, "{result}");
    }
    let moved = &found["results"][0]["explanation"];
    assert_eq!((&moved["rank_before"], &moved["rank_after"]), (&json!(2), &json!(1)));
    assert_eq!(moved["boosts"][0]["reason"], "tags = official");
    let mut neutral = body;
    neutral["weights"] = json!({});
    assert_eq!(documents(&app.find(neutral).await), [&first, &second]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_repeats_a_better_result_steps_back() {
    let app = TestApp::start().await;
    let (one, _) = app.ingest("one.md", "Pump pump pump greased in Oslo by the night shift.").await;
    let (copy, _) =
        app.ingest("copy.md", "Pump pump pump greased in Oslo by the night shift again.").await;
    let (other, _) =
        app.ingest("other.md", "A pump: invoices of March remain open until payment.").await;
    let plain = app.find(json!({ "query": "pump" })).await;
    assert_eq!(documents(&plain), [&one, &copy, &other], "{plain}");
    let body = json!({ "query": "pump", "use_diversification": true, "explain": true,
        "diversification_lambda": 0.3 });
    let varied = app.find(body).await;
    assert_eq!(documents(&varied), [&one, &other, &copy], "{varied}");
    let told = &varied["results"][2]["explanation"]["diversification"];
    assert!(number(&told["similarity"]) > 0.8, "{varied}");
}

#[tokio::test(flavor = "multi_thread")]
async fn judgements_are_kept_and_tuning_needs_a_model() {
    let app = TestApp::start().await;
    let (document, _) = app.ingest("one.md", "The pump was greased.").await;
    let found = app.find(json!({ "query": "pump" })).await;
    let passage = found["results"][0]["passage_id"].clone();
    let body = json!({ "query": " pump ", "passage_id": passage, "useful": true });
    let (status, recorded) = app.post("/v1/feedback", body).await;
    assert_eq!(status, 201, "{recorded}");
    assert_eq!(recorded, json!({ "query": "pump", "document_id": document, "useful": true }));
    for (body, status) in [
        (json!({ "query": "pump", "useful": true }), 400),
        (json!({ "query": "", "document_id": document, "useful": true }), 400),
        (json!({ "query": "pump", "document_id": "x", "useful": true }), 400),
        (json!({ "query": "pump", "document_id": uuid(), "useful": false }), 404),
        (json!({ "query": "pump", "passage_id": uuid(), "useful": false }), 404),
    ] {
        assert_eq!(app.post("/v1/feedback", body.clone()).await.0, status, "{body}");
    }
    let (status, body) = app.post("/v1/collections/default/tune", json!({})).await;
    assert_eq!((status, &body["error"]["code"]), (503, &json!("unavailable")), "{body}");
}

fn uuid() -> &'static str {
    "01890000-0000-7000-8000-000000000001"
}

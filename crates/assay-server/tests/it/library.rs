//! Collections, tags, metadata, near duplicates, originals.

use serde_json::json;

use crate::app::{TRIAL, TestApp, answer};

impl TestApp {
    pub(crate) async fn patch(
        &self,
        path: &str,
        body: serde_json::Value,
    ) -> (u16, serde_json::Value) {
        answer(self.client.patch(format!("{}{path}", self.url)).json(&body)).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_moved_and_found_where_it_is() {
    let app = TestApp::start().await;
    let (document, _) = app.ingest("trial.md", TRIAL).await;
    let (status, made) = app.post("/v1/collections", json!({ "name": "medicine" })).await;
    assert_eq!((status, &made["documents"]), (201, &json!(0)), "{made}");
    let (status, again) = app.post("/v1/collections", json!({ "name": "medicine" })).await;
    assert_eq!((status, &again["error"]["code"]), (409, &json!("conflict")), "{again}");

    let change = json!({ "collection": "medicine", "tags": ["trial", "2021"] });
    let (status, moved) = app.patch(&format!("/v1/documents/{document}"), change).await;
    assert_eq!((status, &moved["collection"]), (200, &json!("medicine")), "{moved}");
    let hits = async |collection: &str| {
        let query = json!({ "query": "dexamethasone", "collections": [collection] });
        app.post("/search", query).await.1["total_results"].clone()
    };
    assert_eq!((hits("medicine").await, hits("default").await), (json!(1), json!(0)));
    let (_, tagged) = app.get("/v1/documents?tag=trial").await;
    assert_eq!(tagged["documents"][0]["id"], json!(document), "{tagged}");
    let (_, none) = app.get("/v1/documents?tag=other").await;
    assert_eq!(none["documents"], json!([]));

    let (status, full) = app.delete("/v1/collections/medicine").await;
    assert_eq!(status, 400, "{full}");
    assert_eq!(app.delete("/v1/collections/medicine?documents=true").await.0, 204);
    assert_eq!(app.get(&format!("/documents/{document}")).await.0, 404);
    assert_eq!(app.get("/v1/collections/medicine").await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_collection_of_every_tenant_keeps_its_name_and_what_it_holds() {
    let app = TestApp::start().await;
    let (document, _) = app.ingest("trial.md", TRIAL).await;
    for path in ["/v1/collections/default", "/v1/collections/default?documents=true"] {
        let (status, refused) = app.delete(path).await;
        assert_eq!(status, 400, "{refused}");
    }
    let other = app.patch("/v1/collections/default", json!({ "name": "other" })).await;
    assert_eq!(other.0, 400, "{}", other.1);
    assert_eq!(app.get(&format!("/documents/{document}")).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_that_is_told_is_searched_and_shown() {
    let app = TestApp::start().await;
    let (document, _) = app.ingest("trial.md", TRIAL).await;
    let path = format!("/v1/documents/{document}");
    let told = json!({ "metadata": { "title": "Zebrafish report", "owner": "Ada" } });
    let (status, shown) = app.patch(&path, told).await;
    assert_eq!((status, &shown["metadata"]["owner"]), (200, &json!("Ada")), "{shown}");
    let (_, found) = app.get("/search?q=zebrafish").await;
    assert_eq!(found["results"][0]["title"], "Zebrafish report", "{found}");
    let (status, refused) = app.patch(&path, json!({ "metadata": [1] })).await;
    assert_eq!((status, &refused["error"]["code"]), (400, &json!("bad_request")), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_of_a_collection_apply_when_it_is_read_again() {
    let app = TestApp::start().await;
    let text = "The pump of line two was greased in May and checked in June by Ada. ".repeat(40);
    let (document, _) = app.ingest("pump.txt", text.as_str()).await;
    let path = format!("/documents/{document}");
    let before = app.get(&path).await.1["passages"].as_u64().unwrap();
    let settings = json!({ "settings": { "passage_tokens": 40 } });
    let (status, refused) =
        app.patch("/v1/collections/default", json!({ "settings": { "passage_tokens": 1 } })).await;
    assert_eq!(status, 400, "{refused}");
    assert_eq!(app.patch("/v1/collections/default", settings).await.0, 200);
    let (status, begun) = app.post("/v1/collections/default/reingest", json!({})).await;
    assert_eq!((status, &begun["begun"]), (202, &json!(1)), "{begun}");
    assert_ne!(app.get("/search?q=greased").await.1["total_results"], 0, "no outage");
    app.wait_until(&path, |shown| shown["state"] == "current").await;
    let after = app.get(&path).await.1["passages"].as_u64().unwrap();
    assert!(after > 2 * before, "{before} {after}");
}

#[tokio::test(flavor = "multi_thread")]
async fn near_duplicates_are_shown_and_kept() {
    let app = TestApp::start().await;
    let words =
        |from: u32| (from..from + 300).map(|word| format!("word{word} ")).collect::<String>();
    let (one, _) = app.ingest("one.txt", words(0)).await;
    let (two, _) = app.ingest("two.txt", format!("{} end", words(0))).await;
    let (other, _) = app.ingest("other.txt", words(5_000)).await;
    let (_, near) = app.get(&format!("/v1/documents/{one}/near")).await;
    assert_eq!(near["documents"][0]["document_id"], json!(two), "{near}");
    let (_, groups) = app.get("/v1/duplicates").await;
    assert_eq!(groups["groups"], json!([[one, two]]), "{groups}");
    assert_eq!(app.get(&format!("/documents/{other}")).await.0, 200);
    assert_eq!(app.get("/v1/duplicates?similarity=2").await.0, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_original_comes_back_byte_for_byte() {
    let app = TestApp::start().await;
    let (document, _) = app.ingest("träum „x\".md", TRIAL).await;
    let url = format!("{}/v1/documents/{document}/original", app.url);
    let response = app.client.get(url).send().await.unwrap();
    let disposition = response.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert!(disposition.starts_with("attachment; filename*=UTF-8''tr%C3%A4um"), "{disposition}");
    assert_eq!(response.bytes().await.unwrap(), TRIAL.as_bytes());
}

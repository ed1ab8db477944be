//! The fixed paths, the OpenAPI document and the page that renders it.

use serde_json::Value;

use crate::app::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn the_openapi_document_lists_every_fixed_path() {
    let app = TestApp::start().await;
    let (_, document) = app.get("/openapi.json").await;
    let routes: Vec<String> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| {
            methods.as_object().unwrap().keys().map(move |method| format!("{method} {path}"))
        })
        .collect();
    insta::assert_snapshot!(routes.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reference_in_the_document_leads_somewhere() {
    let app = TestApp::start().await;
    let (_, document) = app.get("/openapi.json").await;
    let mut waiting = vec![&document];
    let mut references = 0;
    while let Some(value) = waiting.pop() {
        match value {
            Value::Object(fields) => {
                if let Some(Value::String(target)) = fields.get("$ref") {
                    let pointer = target.trim_start_matches('#');
                    assert!(document.pointer(pointer).is_some(), "{target} leads nowhere");
                    references += 1;
                }
                waiting.extend(fields.values());
            }
            Value::Array(items) => waiting.extend(items),
            _ => {}
        }
    }
    assert!(references > 20, "only {references} references: is this the document?");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_loads_only_from_its_own_server() {
    let app = TestApp::start().await;
    for (path, kind) in [
        ("/docs", "text/html"),
        ("/docs/page.js", "text/javascript"),
        ("/docs/page.css", "text/css"),
    ] {
        let response = app.client.get(format!("{}{path}", app.url)).send().await.unwrap();
        assert!(response.headers()["content-type"].to_str().unwrap().starts_with(kind));
        let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        let text = response.text().await.unwrap();
        assert!(!text.contains("http://") && !text.contains("https://"), "{path} names a host");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_web_page_is_there_or_its_absence_is_said() {
    let app = TestApp::start().await;
    for path in ["/", "/app/documents", "/app/ask/0190a0b0-0000-7000-8000-000000000000"] {
        let response = app.client.get(format!("{}{path}", app.url)).send().await.unwrap();
        let status = response.status();
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        assert!(header("content-type").starts_with("text/html"), "{path}");
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        let text = response.text().await.unwrap();
        let is_built = text.contains("/app/assets/");
        assert_eq!(status, if is_built { 200 } else { 404 }, "{path}");
        assert!(is_built || text.contains("make build"), "{path}: {text}");
    }
    assert_eq!(app.get("/app/assets/absent.js").await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn health_routes_answer() {
    let app = TestApp::start().await;
    for path in ["/health", "/health/live"] {
        let (status, body) = app.get(path).await;
        assert_eq!((status, body["status"].as_str()), (200, Some("healthy")));
    }
    let (status, ready) = app.get("/health/ready").await;
    assert_eq!((status, ready["status"].as_str()), (200, Some("ready")), "{ready}");
    let names: Vec<&str> = ready["dependencies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| part["name"].as_str().unwrap())
        .collect();
    let serving = ["records", "index", "tasks", "disk"];
    assert_eq!(names[..4], serving);
    let others = ["embedding_model", "text_recognition", "writer_model", "web", "lanes"];
    assert_eq!(names[4..], others);
    let (status, warm) = app.get("/health/warmup").await;
    assert_eq!((status, warm["warmup_completed"].as_bool()), (200, Some(true)));
    assert_eq!(
        (&warm["total_tasks"], &warm["completed_tasks"]),
        (&Value::from(3), &Value::from(3))
    );
}

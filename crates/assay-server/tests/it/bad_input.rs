//! Wrong requests: the right status, a code, a message, and a server that goes on.

use serde_json::{Value, json};

use crate::app::{TRIAL, TestApp, answer};

async fn check(app: &TestApp, got: (u16, Value), status: u16, code: &str) {
    let (got_status, body) = got;
    assert_eq!(got_status, status, "{body}");
    assert_eq!(body["error"]["code"], code, "{body}");
    assert!(!body["error"]["message"].as_str().unwrap().is_empty());
    assert!(body["error"]["request_id"].is_string());
    assert_eq!(app.get("/health").await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_questions_and_searches() {
    let app = TestApp::start().await;
    let long = "x".repeat(1 << 20);
    let cases = [
        (app.post("/query", json!({ "query": "  " })).await, 400, "bad_request"),
        (app.post("/query", json!({ "query": long })).await, 400, "bad_request"),
        (app.post("/query", json!({})).await, 422, "bad_request"),
        (app.post("/query", json!({ "query": "x", "writer": "poet" })).await, 400, "bad_request"),
        (app.post("/query", json!({ "query": "x", "writer": "model" })).await, 503, "unavailable"),
        (
            app.post("/query", json!({ "query": "x", "collections": ["no"] })).await,
            404,
            "not_found",
        ),
        (app.get("/search?q=").await, 400, "bad_request"),
        (app.get("/search?q=x&limit=0").await, 400, "bad_request"),
        (app.get("/search?q=x&limit=10000").await, 400, "bad_request"),
        (app.get("/search?q=x&mode=psychic").await, 400, "bad_request"),
        (
            app.post("/search", json!({ "query": "x", "documents": ["no"] })).await,
            400,
            "bad_request",
        ),
        (app.get("/documents/no-id").await, 404, "not_found"),
        (app.get("/v1/jobs/no-id").await, 404, "not_found"),
        (app.get("/nowhere").await, 404, "not_found"),
        (app.get("/query").await, 405, "bad_request"),
    ];
    for (got, status, code) in cases {
        check(&app, got, status, code).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_content_types_and_bodies() {
    let app = TestApp::start().await;
    let url = format!("{}/query", app.url);
    let text = app.client.post(&url).header("content-type", "text/plain").body("{}");
    check(&app, answer(text).await, 415, "unsupported_media").await;
    let cut = app.client.post(&url).header("content-type", "application/json").body("{\"query\"");
    check(&app, answer(cut).await, 400, "bad_request").await;
    let huge = json!({ "text": "x".repeat(11 << 20), "sources": [] });
    check(&app, app.post("/citations/process", huge).await, 413, "too_large").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_uploads() {
    let settings = assay_answer::AnswerSettings { file_bytes_max: 1000, ..Default::default() };
    let app = TestApp::with(settings, None).await;
    check(&app, app.upload("big.txt", vec![b'x'; 2000]).await, 413, "too_large").await;
    check(&app, app.upload("huge.txt", vec![b'x'; 200_000]).await, 413, "too_large").await;
    let url = format!("{}/documents/upload", app.url);
    let form = |name: &'static str| reqwest::multipart::Form::new().text(name, "x");
    check(&app, answer(app.client.post(&url).multipart(form("other"))).await, 400, "bad_request")
        .await;
    check(
        &app,
        answer(app.client.post(&url).multipart(form("collection"))).await,
        400,
        "bad_request",
    )
    .await;
    let cut = app
        .client
        .post(&url)
        .header("content-type", "multipart/form-data; boundary=b")
        .body("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhalf of it");
    check(&app, answer(cut).await, 400, "bad_request").await;
    let (_, listed) = app.get("/v1/documents").await;
    assert_eq!(listed["documents"], json!([]), "something of a refused upload was kept");
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_on_openai_paths_have_their_shape() {
    let app = TestApp::start().await;
    let (status, body) =
        app.post("/v1/chat/completions", json!({ "model": "no", "messages": [] })).await;
    assert_eq!(status, 404, "{body}");
    assert_eq!(body["error"]["type"], "invalid_request_error");
    assert_eq!(body["error"]["code"], "model_not_found");
    let (status, body) =
        app.post("/v1/embeddings", json!({ "model": "assay", "input": "x" })).await;
    assert_eq!(status, 503, "{body}");
    assert_eq!(body["error"]["type"], "server_error");
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_documents_do_not_stop_the_server() {
    let app = TestApp::start().await;
    let files: [(&str, Vec<u8>); 4] = [
        ("empty.txt", Vec::new()),
        ("invalid.txt", vec![0x68, 0xff, 0xfe, 0x80, 0x69]),
        ("deep.html", "<div>".repeat(100_000).into_bytes()),
        ("cut.docx", b"PK\x03\x04 and nothing else".to_vec()),
    ];
    for (name, bytes) in files {
        let (_, job) = app.ingest(name, bytes).await;
        assert!(matches!(job["state"].as_str(), Some("done" | "failed")), "{name}: {job}");
    }
    app.ingest("trial.md", TRIAL).await;
    assert_eq!(app.ask("Where did the second trial take place?").await["success"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_parser_reads_is_refused_at_once_and_names_lead_nowhere() {
    let app = TestApp::start().await;
    let send = async |name: &str, bytes: Vec<u8>| {
        let part = reqwest::multipart::Part::bytes(bytes).file_name(name.to_owned());
        let form = reqwest::multipart::Form::new().part("file", part);
        answer(app.client.post(format!("{}/documents/upload", app.url)).multipart(form)).await
    };
    let program = b"MZ\x01\x02 not a document".to_vec();
    for (name, bytes) in [
        ("setup.exe", program.clone()),
        ("report.txt", program),
        ("binary.bin", (0..=255).cycle().take(10_000).collect()),
        ("tool", b"\x7fELF\x02\x01\x01".to_vec()),
    ] {
        check(&app, send(name, bytes).await, 415, "unsupported_media").await;
    }
    assert_eq!(app.get("/v1/documents").await.1["documents"], json!([]), "nothing was kept");
    for name in ["../../etc/passwd.txt", "..\\..\\passwd.txt", "/etc/passwd.txt"] {
        let (status, body) = send(name, b"A name that leads out of its folder.".to_vec()).await;
        assert!(status == 202 || status == 200, "{name}: {body}");
        let id = body["document_id"].as_str().unwrap();
        let shown = app.get(&format!("/documents/{id}")).await.1;
        assert_eq!(
            (&shown["name"], &shown["source"]),
            (&json!("passwd.txt"), &json!("passwd.txt"))
        );
    }
    let nameless = send("..", b"text".to_vec()).await;
    check(&app, nameless, 400, "bad_request").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_other_sites_are_refused() {
    let app = TestApp::start().await;
    let own = app.url.clone();
    let port = own.rsplit(':').next().unwrap();
    let post = || app.client.post(format!("{own}/query")).json(&json!({ "query": "anything" }));
    check(&app, answer(post().header("origin", "https://evil.example")).await, 403, "forbidden")
        .await;
    let other = format!("http://127.0.0.1:{}", port.parse::<u16>().unwrap() ^ 1);
    check(&app, answer(post().header("origin", other)).await, 403, "forbidden").await;
    check(&app, answer(post().header("origin", "null")).await, 403, "forbidden").await;
    let named =
        app.client.get(format!("{own}/health")).header("host", format!("evil.example:{port}"));
    check(&app, answer(named).await, 403, "forbidden").await;
    assert_eq!(answer(post().header("origin", &own)).await.0, 200);
    let local = format!("localhost:{port}");
    assert_eq!(answer(app.client.get(format!("{own}/health")).header("host", local)).await.0, 200);
}

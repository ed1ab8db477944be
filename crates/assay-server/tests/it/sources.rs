//! Sources: set up, run on schedule, only what changed, removed.

use std::{fs, time::Duration};

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    app::TestApp,
    auth::{send, tenant},
};

async fn total(app: &TestApp, word: &str) -> u64 {
    app.get(&format!("/search?q={word}")).await.1["total_results"].as_u64().unwrap()
}

/// Runs the source now and waits until everything it took in is searchable.
async fn run(app: &TestApp, source: &str) -> Value {
    let (status, begun) = app.post(&format!("/v1/sources/{source}/run"), json!({})).await;
    assert_eq!(status, 202, "{begun}");
    let job = begun["job_id"].as_str().unwrap();
    let (_, job) = app.get(&format!("/v1/jobs/{job}?wait_ms=30000")).await;
    assert_eq!(job["state"], "done", "{job}");
    app.wait_until("/v1/documents?limit=100", |listed| {
        let documents = listed["documents"].as_array().unwrap();
        documents.iter().all(|document| document["state"] == "current")
    })
    .await;
    app.get(&format!("/v1/sources/{source}")).await.1["last_run"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_followed_and_only_what_changed_is_taken() {
    let app = TestApp::start().await;
    fs::write(app.watched.join("pump.txt"), "The pump was greased in May.").unwrap();
    fs::write(app.watched.join("valve.txt"), "The valve was checked in June.").unwrap();
    let path = app.watched.display().to_string();
    let request = json!({ "name": "plant", "settings": { "kind": "folder", "path": path } });
    let (status, made) = app.post("/v1/sources", request.clone()).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(app.post("/v1/sources", request).await.0, 409);
    let id = made["id"].as_str().unwrap();
    // The first run is due at once, without being asked for.
    app.wait_until(&format!("/v1/sources/{id}"), |source| source["last_run"].is_object()).await;
    run(&app, id).await;
    assert_eq!((total(&app, "greased").await, total(&app, "checked").await), (1, 1));

    fs::write(app.watched.join("pump.txt"), "The pump was painted blue in July.").unwrap();
    fs::remove_file(app.watched.join("valve.txt")).unwrap();
    let last = run(&app, id).await;
    assert_eq!((&last["taken"], &last["removed"]), (&json!(1), &json!(1)), "{last}");
    assert_eq!((total(&app, "painted").await, total(&app, "greased").await), (1, 0));
    assert_eq!(total(&app, "checked").await, 0);
    let last = run(&app, id).await;
    assert_eq!((&last["taken"], &last["removed"]), (&json!(0), &json!(0)), "{last}");

    assert_eq!(app.delete(&format!("/v1/sources/{id}")).await.0, 204);
    assert_eq!(app.get(&format!("/v1/sources/{id}")).await.0, 404);
    assert_eq!(total(&app, "painted").await, 1, "documents stay");
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_that_are_not_allowed_or_wrong_are_refused() {
    let app = TestApp::start().await;
    for settings in [
        json!({ "kind": "folder", "path": "/etc" }),
        json!({ "kind": "folder" }),
        json!({ "kind": "pigeon" }),
        json!({ "kind": "folder", "path": app.watched, "colour": "red" }),
        json!(7),
    ] {
        let request = json!({ "name": "x", "settings": settings });
        let (status, refused) = app.post("/v1/sources", request).await;
        assert_eq!((status, &refused["error"]["code"]), (400, &json!("bad_request")), "{refused}");
        assert!(refused["error"]["hint"].is_string(), "{refused}");
    }
    let often = json!({ "name": "x", "every_seconds": 1,
        "settings": { "kind": "folder", "path": app.watched } });
    assert_eq!(app.post("/v1/sources", often).await.0, 400);
    assert_eq!(app.get("/v1/sources").await.1["sources"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_waited_while_its_tenant_was_suspended_takes_nothing() {
    let (app, root) = TestApp::guarded().await;
    let owner = tenant(&app, &root, "acme", "owner").await;
    let ask = async |key: &str, method: Method, path: &str, body: Value| {
        send(&app, key, method, path, Some(body), &[]).await
    };
    // Runs that are enqueued wait.
    assert_eq!(ask(&root, Method::POST, "/v1/tasks/drain", json!({})).await.0, 200);
    let settings = json!({ "kind": "web", "urls": ["https://nowhere.invalid/"] });
    let request = json!({ "name": "plant", "settings": settings });
    let (status, made) = ask(&owner, Method::POST, "/v1/sources", request).await;
    assert_eq!(status, 201, "{made}");
    let source = format!("/v1/sources/{}", made["id"].as_str().unwrap());
    let (status, run) = ask(&owner, Method::POST, &format!("{source}/run"), json!({})).await;
    assert_eq!(status, 202, "{run}");
    let state = async |state: &str| {
        ask(&root, Method::PATCH, "/v1/tenants/acme", json!({ "state": state })).await.0
    };
    assert_eq!(state("suspended").await, 200);
    assert_eq!(ask(&root, Method::POST, "/v1/tasks/resume", json!({})).await.0, 200);
    let (scope, _) = app.engine().identities().managed_tenant("acme").unwrap();
    let task = run["job_id"].as_str().unwrap().parse().unwrap();
    let ended = app.engine().job(&scope, task, Duration::from_secs(30)).await.unwrap().unwrap();
    assert_eq!(ended.record.result, Some(json!({ "not_active": true })));
    assert_eq!(state("active").await, 200);
    let (_, shown) = ask(&owner, Method::GET, &source, json!(null)).await;
    assert_eq!(shown["last_run"]["error"], "the tenant is not active", "{shown}");
    assert_eq!(shown["last_run"]["seen"], 0, "{shown}");
}

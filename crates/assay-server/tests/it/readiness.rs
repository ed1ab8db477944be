//! Kept runs of readiness: shown to those who run the deployment, and to nobody else.

use std::{collections::BTreeMap, fs};

use assay_ready::{Folder, Run};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    app::TestApp,
    auth::{send, tenant},
};

const FIRST: &str = "20260101T000000000Z";
const SECOND: &str = "20260102T000000000Z";

fn outcome(id: &str, severity: &str, verdict: &str, number: f64) -> Value {
    json!({
        "id": id, "section": "Health", "title": format!("{id} holds"), "severity": severity,
        "class": ["automatic"], "when": "before", "verdict": verdict, "says": "as it was seen",
        "remedy": "mend it", "sources": "S0:1", "seconds": 0.1,
        "observations": [{ "name": "took", "value": number, "unit": "ms" }],
        "judged": [{ "of": "took", "verdict": verdict, "says": format!("{number} ms, at most 10") }],
    })
}

/// Keeps a run of these outcomes behind those that are there.
fn keep(folder: &Folder, id: &str, outcomes: &[Value]) {
    let started = format!("{}-{}-{}T00:00:00Z", &id[..4], &id[4..6], &id[6..8]);
    let run = json!({
        "schema": "assay.readiness/1", "id": id, "started": started, "seconds": 1.5,
        "url": "http://127.0.0.1:8080", "server_version": "0.1.0", "uptime_seconds": null,
        "version": "0.1.0", "build": "b".repeat(64), "profile": "dev", "checklist": "c".repeat(64),
        "config": "", "previous": folder.newest_head(), "problems": [], "outcomes": outcomes,
    });
    let run: Run = serde_json::from_value(run).unwrap();
    folder.save(&run, &BTreeMap::new()).unwrap();
}

fn two_runs(app: &TestApp) -> Folder {
    let folder = Folder::new(app.data().join("ready"));
    let minor = outcome("LOG-01", "minor", "inconclusive", 1.0);
    keep(&folder, FIRST, &[outcome("HLT-01", "blocker", "pass", 4.0), minor.clone()]);
    let mut asked = outcome("LEG-01", "major", "inconclusive", 1.0);
    asked["role"] = json!("security");
    keep(&folder, SECOND, &[minor, asked, outcome("HLT-01", "blocker", "fail", 40.0)]);
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_shown_with_blockers_first_and_what_was_before() {
    let app = TestApp::start().await;
    let (status, empty) = app.get("/v1/readiness/runs").await;
    assert_eq!((status, &empty["runs"]), (200, &json!([])), "{empty}");
    assert_eq!(app.get("/v1/readiness/runs/latest").await.0, 404);
    two_runs(&app);
    let (_, page) = app.get("/v1/readiness/runs?limit=1").await;
    assert_eq!((&page["runs"][0]["id"], &page["next"]), (&json!(SECOND), &json!(SECOND)), "{page}");
    let (_, rest) = app.get(&format!("/v1/readiness/runs?limit=1&before={SECOND}")).await;
    assert_eq!((&rest["runs"][0]["id"], &rest["next"]), (&json!(FIRST), &Value::Null), "{rest}");
    assert_eq!((&rest["runs"][0]["ready"], &rest["runs"][0]["minor"]), (&json!(true), &json!(1)));

    let (status, shown) = app.get("/v1/readiness/runs/latest").await;
    assert_eq!((status, &shown["run"]["ready"]), (200, &json!(false)), "{shown}");
    assert_eq!((&shown["run"]["blockers"], &shown["run"]["decided"]), (&json!(1), &json!(1)));
    let ids: Vec<_> = shown["checks"].as_array().unwrap().iter().map(|it| &it["id"]).collect();
    assert_eq!(ids, [&json!("HLT-01"), &json!("LEG-01"), &json!("LOG-01")]);
    let worst = &shown["checks"][0];
    assert_eq!((&worst["past"], &worst["lets_through"]), (&json!(["pass"]), &json!(false)));
    assert_eq!(worst["observations"][0]["value"], "40");
    assert_eq!(worst["judged"][0]["says"], "40 ms, at most 10");
    assert_eq!(shown["checks"][1]["past"], json!([null]), "it was not asked then");
    assert_eq!(shown["checks"][1]["waits_for_person"], true);
    assert_eq!(shown["checks"][2]["waits_for_person"], false, "nobody may attest it");
    assert_eq!((&shown["faults"], &shown["history"][0]["id"]), (&json!([]), &json!(FIRST)));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_runs_are_compared() {
    let app = TestApp::start().await;
    two_runs(&app);
    let path = format!("/v1/readiness/runs/latest/diff?from={FIRST}");
    let (status, diff) = app.get(&path).await;
    assert_eq!(status, 200, "{diff}");
    let checks = json!([
        { "id": "HLT-01", "title": "HLT-01 holds", "kind": "worse", "before": "pass", "after": "fail" },
        { "id": "LEG-01", "title": "LEG-01 holds", "kind": "new", "before": null, "after": "inconclusive" },
    ]);
    assert_eq!(diff["checks"], checks);
    let moved =
        json!([{ "id": "HLT-01", "name": "took", "before": 4.0, "after": 40.0, "unit": "ms" }]);
    assert_eq!((&diff["moved"], &diff["basis"]), (&moved, &json!([])));
    assert_eq!(app.get("/v1/readiness/runs/latest/diff?from=never").await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_changed_is_shown_as_such_and_a_broken_one_is_named() {
    let app = TestApp::start().await;
    let folder = two_runs(&app);
    let path = folder.run_path(SECOND).join("run.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\"fail\"", "\"pass\"")).unwrap();
    let (_, shown) = app.get("/v1/readiness/runs/latest").await;
    assert!(shown["faults"][0].as_str().unwrap().contains("not what was written"), "{shown}");
    fs::write(&path, "{").unwrap();
    let (status, listed) = app.get("/v1/readiness/runs").await;
    assert_eq!((status, listed["runs"].as_array().unwrap().len()), (200, 1), "{listed}");
    assert_eq!(listed["unreadable"][0]["id"], SECOND);
    let (status, refused) = app.get("/v1/readiness/runs/latest").await;
    assert_eq!(status, 500, "{refused}");
    assert!(refused["error"]["hint"].as_str().unwrap().contains("assay ready verify"));
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_for_those_who_run_the_deployment_and_names_lead_nowhere_else() {
    let (app, root) = TestApp::guarded().await;
    let folder = two_runs(&app);
    let post = async |path: &str, body: Value| {
        let (status, made) = send(&app, &root, Method::POST, path, Some(body), &[]).await;
        assert_eq!(status, 201, "{path}: {made}");
        made
    };
    // A program that reads metrics is of the platform, and is no administrator.
    post("/v1/services", json!({ "name": "scraper" })).await;
    let made = post("/v1/keys", json!({ "name": "s", "service": "scraper" })).await;
    let service = made["key"].as_str().unwrap().to_owned();
    let (status, metrics) = send(&app, &service, Method::GET, "/v1/slo", None, &[]).await;
    assert_eq!(status, 200, "{metrics}");
    let tenants = [
        tenant(&app, &root, "acme", "owner").await,
        tenant(&app, &root, "acme", "admin").await,
        service,
    ];
    for path in [
        "/v1/readiness/runs".to_owned(),
        "/v1/readiness/runs/latest".to_owned(),
        format!("/v1/readiness/runs/latest/diff?from={FIRST}"),
    ] {
        for key in &tenants {
            let (status, said) = send(&app, key, Method::GET, &path, None, &[]).await;
            assert_eq!(status, 403, "{path}: {said}");
            assert!(!said.to_string().contains("HLT-01"), "{said}");
        }
        let (status, said) = send(&app, &root, Method::GET, &path, None, &[]).await;
        assert_eq!(status, 200, "{path}: {said}");
    }
    // A run outside of the folder of runs, and one that is still being written.
    fs::create_dir_all(folder.path().join("secret")).unwrap();
    fs::copy(folder.run_path(FIRST).join("run.json"), folder.path().join("secret/run.json"))
        .unwrap();
    fs::create_dir_all(folder.run_path(".20260103T000000000Z")).unwrap();
    for name in ["..%2Fsecret", ".20260103T000000000Z", "%2e%2e", "20260101", "%00"] {
        let path = format!("/v1/readiness/runs/{name}");
        let (status, said) = send(&app, &root, Method::GET, &path, None, &[]).await;
        assert_eq!(status, 404, "{name}: {said}");
    }
}

//! Invitations, limits of tenants, and taking everything out.

use std::{collections::BTreeMap, io::Read, sync::Arc};

use assay_core::FakeClock;
use assay_identity::audit::verify;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    app::{TRIAL, TestApp, answer},
    auth::{send, tenant, upload},
};

async fn get(app: &TestApp, key: &str, path: &str) -> (u16, Value) {
    send(app, key, Method::GET, path, None, &[]).await
}

async fn post(app: &TestApp, key: &str, path: &str, body: Value) -> (u16, Value) {
    send(app, key, Method::POST, path, Some(body), &[]).await
}

async fn limit(app: &TestApp, root: &str, limits: Value) {
    let body = json!({ "limits": limits });
    let (status, set) = send(app, root, Method::PATCH, "/v1/tenants/acme", Some(body), &[]).await;
    assert_eq!(status, 200, "{set}");
}

const PASSWORD: &str = "correct horse battery";

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_makes_a_member_once() {
    let clock = Arc::new(FakeClock::at_ms(1_760_000_000_000));
    let (app, root) = TestApp::guarded_at(Arc::<FakeClock>::clone(&clock)).await;
    let owner = tenant(&app, &root, "acme", "owner").await;
    let admin = tenant(&app, &root, "acme", "admin").await;
    let invite = async |key: &str, name: &str, role: &str| {
        post(&app, key, "/v1/invitations", json!({ "name": name, "role": role })).await
    };
    let accept = async |token: &Value, password: &str| {
        let body = json!({ "token": token, "password": password });
        post(&app, "", "/v1/login/invitation", body).await
    };
    let (status, made) = invite(&admin, "eve@example.org", "member").await;
    assert_eq!((status, made["about"]["state"].as_str()), (201, Some("pending")), "{made}");
    let token = &made["token"];
    // Nobody but an owner makes owners, whatever the way.
    assert_eq!(invite(&admin, "x@example.org", "owner").await.0, 403);
    assert_eq!(invite(&owner, "x@example.org", "service").await.0, 400);
    assert_eq!(invite(&owner, "admin@acme", "member").await.0, 409);
    // The list never shows a token.
    let (_, listed) = get(&app, &owner, "/v1/invitations").await;
    assert_eq!(listed["invitations"][0]["name"], "eve@example.org");
    assert!(!listed.to_string().contains(token.as_str().unwrap()), "{listed}");
    let mut wrong = token.as_str().unwrap().to_owned();
    let last = if wrong.pop() == Some('a') { 'b' } else { 'a' };
    wrong.push(last);
    assert_eq!(accept(&json!(wrong), PASSWORD).await.0, 401);
    assert_eq!(accept(token, "short").await.0, 400);
    let (status, joined) = accept(token, PASSWORD).await;
    assert_eq!((status, &joined["tenant"], &joined["is_new"]), (200, &json!("acme"), &json!(true)));
    assert_eq!(accept(token, PASSWORD).await.0, 401, "it is good once");
    let login = json!({ "user": "eve@example.org", "password": PASSWORD });
    assert_eq!(post(&app, "", "/v1/login", login).await.0, 200);
    // A user who is known keeps the password: the token alone changes nothing.
    let globex = tenant(&app, &root, "globex", "owner").await;
    let (_, made) = invite(&globex, "eve@example.org", "guest").await;
    assert_eq!(accept(&made["token"], "another long password").await.0, 401);
    let (status, joined) = accept(&made["token"], PASSWORD).await;
    assert_eq!((status, &joined["is_new"]), (200, &json!(false)), "{joined}");
    // Revoked and expired ones are as good as none.
    let (_, made) = invite(&owner, "late@example.org", "guest").await;
    let path = format!("/v1/invitations/{}", made["about"]["id"].as_str().unwrap());
    assert_eq!(send(&app, &owner, Method::DELETE, &path, None, &[]).await.0, 204);
    assert_eq!(accept(&made["token"], PASSWORD).await.0, 401);
    let (_, made) = invite(&owner, "late@example.org", "guest").await;
    clock.advance_ms(8 * 24 * 3_600_000);
    assert_eq!(accept(&made["token"], PASSWORD).await.0, 401);
    let (_, members) = get(&app, &owner, "/v1/members").await;
    assert_eq!(members["members"].as_array().unwrap().len(), 3, "{members}");
    let (_, log) = get(&app, &owner, "/v1/audit?limit=1000").await;
    for action in
        ["invitation.create", "invitation.accept", "invitation.revoke", "invitation.failed"]
    {
        let known = log["entries"].as_array().unwrap().iter().any(|it| it["action"] == action);
        // A token that is not good names no tenant: its refusal stands in the platform's log.
        assert!(known || action == "invitation.failed", "{action}: {log}");
    }
    assert!(!log.to_string().contains("eve@example.org"), "ids, no names");
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_are_named_when_they_are_reached() {
    let clock = Arc::new(FakeClock::at_ms(1_760_000_000_000));
    let (app, root) = TestApp::guarded_at(Arc::<FakeClock>::clone(&clock)).await;
    let owner = tenant(&app, &root, "acme", "owner").await;
    let refused = async |name: &str, text: &str| {
        let part = reqwest::multipart::Part::bytes(text.as_bytes().to_vec());
        let form = reqwest::multipart::Form::new().part("file", part.file_name(name.to_owned()));
        let request = app.client.post(format!("{}/documents/upload", app.url));
        let (status, said) = answer(request.bearer_auth(&owner).multipart(form)).await;
        (status, said.to_string())
    };
    limit(&app, &root, json!({ "documents": 1, "bytes": 1000, "members": 2 })).await;
    let document = upload(&app, &owner, "trial.md", TRIAL).await;
    let (status, said) = refused("second.md", "x").await;
    assert!(status == 403 && said.contains("may have 1 documents"), "{status} {said}");
    let (status, said) = refused("trial.md", &TRIAL.repeat(3)).await;
    assert!(status == 413 && said.contains("may have 1000 bytes"), "{status} {said}");
    let (_, shown) = get(&app, &owner, "/v1/tenant").await;
    assert_eq!(shown["limits"], json!({ "documents": 1, "bytes": 1000, "members": 2 }));
    let usage = json!({ "documents": 1, "bytes": TRIAL.len(), "members": 1 });
    assert_eq!(shown["usage"], usage, "what was refused counts nothing");
    // Back to what the configuration says, which is none; a limit that there is not is refused.
    let back = |names: Value| Some(json!({ "default_limits": names }));
    let wrong = back(json!(["documents", "cats"]));
    let (status, _) = send(&app, &root, Method::PATCH, "/v1/tenants/acme", wrong, &[]).await;
    assert_eq!(status, 400);
    let both = back(json!(["documents", "bytes"]));
    let (_, shown) = send(&app, &root, Method::PATCH, "/v1/tenants/acme", both, &[]).await;
    assert_eq!(shown["limits"], json!({ "members": 2 }), "{shown}");
    upload(&app, &owner, "second.md", "x").await;
    let path = format!("/documents/{document}");
    assert_eq!(send(&app, &owner, Method::DELETE, &path, None, &[]).await.0, 204);
    let (_, shown) = get(&app, &root, "/v1/tenants/acme").await;
    assert_eq!(shown["usage"]["documents"], 1, "{shown}");
    assert_eq!(shown["usage"]["bytes"], 1, "{shown}");
    // Members, by every way that makes one.
    assert_eq!(post(&app, &owner, "/v1/services", json!({ "name": "one" })).await.0, 201);
    let (status, said) = post(&app, &owner, "/v1/services", json!({ "name": "two" })).await;
    assert!(status == 403 && said.to_string().contains("may have 2 members"), "{said}");
    let invited = json!({ "name": "new@acme", "role": "guest" });
    let (_, made) = post(&app, &owner, "/v1/invitations", invited).await;
    let body = json!({ "token": made["token"], "password": PASSWORD });
    assert_eq!(post(&app, "", "/v1/login/invitation", body.clone()).await.0, 403);
    limit(&app, &root, json!({ "members": 3 })).await;
    assert_eq!(post(&app, "", "/v1/login/invitation", body).await.0, 200, "it is still good");
    // Questions, by every way that asks one.
    limit(&app, &root, json!({ "questions_per_minute": 2 })).await;
    let question = json!({ "query": "what is x?" });
    for _ in 0..2 {
        assert_eq!(post(&app, &owner, "/query", question.clone()).await.0, 200);
    }
    let (status, said) = post(&app, &owner, "/query", question.clone()).await;
    assert!(status == 429 && said.to_string().contains("2 questions a minute"), "{said}");
    let streamed = json!({ "query": "what is x?", "stream": true });
    assert_eq!(post(&app, &owner, "/query", streamed).await.0, 429);
    clock.advance_ms(60_000);
    assert_eq!(post(&app, &owner, "/query", question).await.0, 200);
    limit(&app, &root, json!({ "requests_per_minute": 1 })).await;
    assert_eq!(get(&app, &owner, "/v1/me").await.0, 200);
    assert_eq!(get(&app, &owner, "/v1/me").await.0, 429);
    // Only the platform sets limits.
    let body = json!({ "limits": { "documents": 9 } });
    let (status, _) = send(&app, &root, Method::PATCH, "/v1/tenants/nobody", Some(body), &[]).await;
    assert_eq!(status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_takes_everything_out() {
    let (app, root) = TestApp::guarded().await;
    let owner = tenant(&app, &root, "acme", "owner").await;
    let admin = tenant(&app, &root, "acme", "admin").await;
    let document = upload(&app, &owner, "trial.md", TRIAL).await;
    upload(&app, &owner, "copy.md", TRIAL).await;
    post(&app, &owner, "/v1/groups", json!({ "name": "board" })).await;
    let access = format!("/v1/documents/{document}/access");
    let body = json!({ "groups": ["board"], "members": ["admin@acme"] });
    assert_eq!(send(&app, &owner, Method::PUT, &access, Some(body), &[]).await.0, 200);
    let (_, session) = post(&app, &admin, "/v1/sessions", json!({ "title": "talk" })).await;
    let asked = json!({ "query": "What does a treatment cost?", "session_id": session["id"] });
    assert_eq!(post(&app, &admin, "/query", asked).await.0, 200);
    assert_eq!(get(&app, &admin, "/v1/tenant/export").await.0, 403);
    let request = app.client.get(format!("{}/v1/tenant/export", app.url)).bearer_auth(&owner);
    let bytes = request.send().await.unwrap().bytes().await.unwrap();
    let mut files = BTreeMap::new();
    let mut archive = tar::Archive::new(&bytes[..]);
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = entry.path().unwrap().display().to_string();
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        files.insert(path, text);
    }
    let manifest: Value = serde_json::from_str(&files["manifest.json"]).unwrap();
    assert_eq!(manifest["everything"], true);
    assert_eq!((&manifest["documents"], &manifest["originals"]), (&json!(2), &json!(1)));
    let documents: Vec<Value> = files["documents/00001.jsonl"]
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let closed = documents.iter().find(|it| it["id"] == json!(document)).unwrap();
    assert_eq!(closed["access"].as_array().unwrap().len(), 2, "{closed}");
    let original = closed["versions"][0]["original"].as_str().unwrap();
    assert_eq!(files[&format!("originals/{original}")], TRIAL);
    assert!(files["members.jsonl"].contains("owner@acme"));
    assert!(files["groups.jsonl"].contains("board"));
    assert!(files["collections.jsonl"].contains("everybody"));
    let talk: Value = serde_json::from_str(&files["sessions/00001.jsonl"]).unwrap();
    assert_eq!((&talk["title"], &manifest["sessions"]), (&json!("talk"), &json!(1)));
    let said = talk["messages"][0]["said"].to_string();
    assert!(said.contains("treatment cost") && said.contains("6 euros"), "{said}");
    assert!(talk["owner"].as_str().unwrap().starts_with("principal:"), "{talk}");
    verify(&files["audit.jsonl"], None, None).unwrap();
    assert!(files["audit.jsonl"].contains("tenant.export"));
    assert!(!bytes.windows(6).any(|part| part == b"assay_"), "no key is in it");
}

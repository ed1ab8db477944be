//! Who is let in, to what, and what a refusal looks like.

use std::sync::Arc;

use assay_core::FakeClock;
use reqwest::Method;
use serde_json::{Value, json};

use crate::app::{TRIAL, TestApp, answer};

/// Sends a request with this key and these headers.
pub(crate) async fn send(
    app: &TestApp,
    key: &str,
    method: Method,
    path: &str,
    body: Option<Value>,
    headers: &[(&str, &str)],
) -> (u16, Value) {
    let mut request = app.client.request(method, format!("{}{path}", app.url));
    if !key.is_empty() {
        request = request.bearer_auth(key);
    }
    if let Some(body) = body {
        request = request.json(&body);
    }
    answer(headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)))
        .await
}

async fn get(app: &TestApp, key: &str, path: &str) -> (u16, Value) {
    send(app, key, Method::GET, path, None, &[]).await
}

async fn post(app: &TestApp, key: &str, path: &str, body: Value) -> (u16, Value) {
    send(app, key, Method::POST, path, Some(body), &[]).await
}

/// A tenant with a user of this role, and a key of that user.
pub(crate) async fn tenant(app: &TestApp, root: &str, name: &str, role: &str) -> String {
    let user = format!("{role}@{name}");
    let (status, made) = post(app, root, "/v1/users", json!({ "name": user })).await;
    assert_eq!(status, 201, "{made}");
    let (status, made) = post(app, root, "/v1/tenants", json!({ "name": name })).await;
    assert!(status == 201 || status == 409, "{made}");
    let place = format!("/v1/tenants/{name}/members");
    let member = json!({ "user": user, "role": role });
    let (status, set) = send(app, root, Method::PUT, &place, Some(member), &[]).await;
    assert_eq!(status, 204, "{set}");
    // Only the user makes keys for the user; the operator of the machine stands in here.
    let identities = app.engine().identities().clone();
    let principal = identities.user_named(&user).unwrap().id;
    let (scope, _) = identities.managed_tenant(name).unwrap();
    let new = assay_identity::NewKey {
        name: "test".to_owned(),
        principal,
        scopes: None,
        expires_ms: None,
    };
    let operator = assay_identity::Actor::operator();
    identities.create_key(&operator, &scope, new).unwrap().key.expose().to_owned()
}

pub(crate) async fn upload(app: &TestApp, key: &str, name: &str, text: &str) -> String {
    let part = reqwest::multipart::Part::bytes(text.as_bytes().to_vec()).file_name(name.to_owned());
    let form = reqwest::multipart::Form::new().part("file", part);
    let request = app.client.post(format!("{}/documents/upload", app.url)).bearer_auth(key);
    let (status, accepted) = answer(request.multipart(form)).await;
    assert_eq!(status, 202, "{accepted}");
    let job = accepted["job_id"].as_str().unwrap();
    let (_, job) = get(app, key, &format!("/v1/jobs/{job}?wait_ms=30000")).await;
    assert_eq!(job["state"], "done", "{job}");
    let caller = app.engine().identities().authenticate(key, None).unwrap();
    app.engine().settle(caller.scope()).await.unwrap();
    accepted["document_id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_only_health_and_the_description_answer() {
    let (app, root) = TestApp::guarded().await;
    for path in ["/health", "/health/live", "/health/ready", "/openapi.json", "/docs"] {
        assert_eq!(get(&app, "", path).await.0, 200, "{path}");
    }
    let response = app.client.get(format!("{}/v1/documents", app.url)).send().await.unwrap();
    assert_eq!(response.status(), 401);
    assert_eq!(response.headers()["www-authenticate"], "Bearer");
    let (status, refused) = get(&app, "", "/metrics").await;
    assert_eq!((status, refused["error"]["code"].as_str()), (401, Some("unauthenticated")));
    assert_eq!(get(&app, &root, "/v1/documents").await.0, 200);
    let (_, me) = get(&app, &root, "/v1/me").await;
    assert_eq!((me["tenant_name"].as_str(), me["role"].as_str()), (Some("default"), Some("owner")));
    // No handler is reached by a method that no route takes.
    assert_eq!(send(&app, &root, Method::PUT, "/v1/documents", None, &[]).await.0, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_have_the_shape_that_the_clients_of_the_path_read() {
    let (app, root) = TestApp::guarded().await;
    let (status, openai) = post(&app, "", "/v1/chat/completions", json!({})).await;
    assert_eq!((status, openai["error"]["code"].as_str()), (401, Some("unauthenticated")));
    assert_eq!(openai["error"]["type"], "invalid_request_error");
    let (status, anthropic) = post(&app, "", "/v1/messages", json!({})).await;
    assert_eq!((status, anthropic["error"]["type"].as_str()), (401, Some("authentication_error")));
    let key = [("x-api-key", root.as_str())];
    let (status, _) = send(&app, "", Method::GET, "/v1/models", None, &key).await;
    assert_eq!(status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tenants_do_not_see_each_other() {
    let (app, root) = TestApp::guarded().await;
    let acme = tenant(&app, &root, "acme", "owner").await;
    let globex = tenant(&app, &root, "globex", "owner").await;
    let own = upload(&app, &acme, "trial.md", TRIAL).await;
    let found = post(&app, &acme, "/search", json!({ "query": "dexamethasone" })).await.1;
    assert!(found.to_string().contains(&own));
    for other in [&globex, &root] {
        let (_, found) = post(&app, other, "/search", json!({ "query": "dexamethasone" })).await;
        assert!(!found.to_string().contains(&own), "{found}");
        let foreign = get(&app, other, &format!("/documents/{own}")).await;
        let absent = "0199aaaa-0000-7000-8000-000000000000";
        let missing = get(&app, other, &format!("/documents/{absent}")).await;
        assert_eq!(foreign.0, 404);
        let told = |body: &Value| body["error"]["message"].as_str().unwrap().to_owned();
        assert_eq!(told(&foreign.1).replace(&own, "…"), told(&missing.1).replace(absent, "…"));
        let place = format!("/documents/{own}");
        assert_eq!(send(&app, other, Method::DELETE, &place, None, &[]).await.0, 404);
        assert_eq!(get(&app, other, "/v1/documents").await.1["documents"], json!([]));
        assert_eq!(get(&app, other, "/v1/jobs").await.1["jobs"], json!([]));
    }
    assert_eq!(get(&app, &acme, &format!("/documents/{own}")).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_names_no_tenant_but_its_own() {
    let (app, root) = TestApp::guarded().await;
    let acme = tenant(&app, &root, "acme", "member").await;
    tenant(&app, &root, "globex", "member").await;
    let me = async |headers: &[(&str, &str)]| {
        send(&app, &acme, Method::GET, "/v1/me", None, headers).await
    };
    for right in [("x-tenant-id", "acme"), ("host", "acme.assay.localhost")] {
        assert_eq!(me(&[right]).await.0, 200, "{right:?}");
    }
    assert_eq!(me(&[("host", "globex.assay.localhost")]).await.0, 403);
    let two = [("x-tenant-id", "acme"), ("host", "globex.assay.localhost")];
    assert_eq!(me(&two).await.0, 400);
    let platform = "00000000-0000-7000-8000-000000000001";
    for wrong in ["globex", "nobody", "default", platform, "", "?", "acme' OR '1'='1", "../acme"] {
        let (status, refused) = me(&[("x-tenant-id", wrong)]).await;
        assert_eq!(
            (status, refused["error"]["code"].as_str()),
            (403, Some("forbidden")),
            "{wrong}"
        );
    }
    let (status, _) = me(&[("x-tenant-id", "acme"), ("cookie", "assay_tenant=globex")]).await;
    assert_eq!(status, 400);
    let (status, _) = me(&[("cookie", "assay_tenant=globex")]).await;
    assert_eq!(status, 403);
    let two = [("x-api-key", root.as_str())];
    assert_eq!(me(&two).await.0, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_decide_what_a_member_may_do() {
    let (app, root) = TestApp::guarded().await;
    let owner = tenant(&app, &root, "acme", "owner").await;
    let guest = tenant(&app, &root, "acme", "guest").await;
    let member = tenant(&app, &root, "acme", "member").await;
    let make = json!({ "name": "finance" });
    let (status, refused) = post(&app, &guest, "/v1/collections", make.clone()).await;
    assert_eq!(status, 403);
    let told = refused["error"]["message"].as_str().unwrap();
    assert!(told.contains("content.write") && told.contains("guest"), "{told}");
    assert_eq!(post(&app, &member, "/v1/collections", make).await.0, 201);
    assert_eq!(get(&app, &guest, "/v1/collections").await.0, 200);
    assert_eq!(get(&app, &member, "/v1/audit").await.0, 403);
    assert_eq!(get(&app, &owner, "/v1/audit").await.0, 200);
    for key in [&owner, &member, &guest] {
        assert_eq!(get(&app, key, "/v1/tenants").await.0, 403);
        assert_eq!(get(&app, key, "/metrics").await.0, 403);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_made_narrowed_rotated_and_revoked() {
    let clock = Arc::new(FakeClock::at_ms(1_760_000_000_000));
    let (app, root) = TestApp::guarded_at(Arc::<FakeClock>::clone(&clock)).await;
    let owner = tenant(&app, &root, "acme", "owner").await;
    let reading = json!({ "name": "reader", "scopes": ["content.read", "key.own"] });
    let (status, made) = post(&app, &owner, "/v1/keys", reading).await;
    assert_eq!(status, 201, "{made}");
    let (reader, id) = (made["key"].as_str().unwrap(), made["about"]["id"].as_str().unwrap());
    assert_eq!(get(&app, reader, "/v1/documents").await.0, 200);
    assert_eq!(post(&app, reader, "/v1/collections", json!({ "name": "x" })).await.0, 403);
    // What it makes is no wider than it is itself.
    let wide = json!({ "name": "wide", "scopes": ["content.write"] });
    assert_eq!(post(&app, reader, "/v1/keys", wide).await.0, 403);
    let (_, same) = post(&app, reader, "/v1/keys", json!({ "name": "same" })).await;
    assert_eq!(same["about"]["scopes"], json!(["content.read", "key.own"]));
    let rotate = format!("/v1/keys/{id}/rotate");
    let (status, new) = post(&app, &owner, &rotate, json!({ "overlap_seconds": 60 })).await;
    assert_eq!(status, 201, "{new}");
    assert_eq!(get(&app, reader, "/v1/documents").await.0, 200);
    clock.advance_ms(60_000);
    let (status, ended) = get(&app, reader, "/v1/documents").await;
    assert_eq!((status, ended["error"]["message"].as_str()), (401, Some("this key has expired")));
    let (new, id) = (new["key"].as_str().unwrap(), new["about"]["id"].as_str().unwrap());
    assert_eq!(get(&app, new, "/v1/documents").await.0, 200);
    let revoke = format!("/v1/keys/{id}");
    assert_eq!(send(&app, &owner, Method::DELETE, &revoke, None, &[]).await.0, 204);
    assert_eq!(get(&app, new, "/v1/documents").await.0, 401);
    let (_, listed) = get(&app, &owner, "/v1/keys").await;
    assert!(
        !listed.to_string().contains(&new[20..70]) && listed.to_string().contains("revoked_at")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_has_keys_of_its_own() {
    let (app, root) = TestApp::guarded().await;
    let owner = tenant(&app, &root, "acme", "owner").await;
    let member = tenant(&app, &root, "acme", "member").await;
    assert_eq!(post(&app, &member, "/v1/services", json!({ "name": "bot" })).await.0, 403);
    let (status, bot) = post(&app, &owner, "/v1/services", json!({ "name": "bot" })).await;
    assert_eq!(status, 201, "{bot}");
    let request = json!({ "name": "ci", "service": "bot" });
    assert_eq!(post(&app, &member, "/v1/keys", request.clone()).await.0, 403);
    let key = post(&app, &owner, "/v1/keys", request).await.1["key"].as_str().unwrap().to_owned();
    assert_eq!(get(&app, &key, "/v1/me").await.1["role"], "service");
    assert_eq!(post(&app, &key, "/v1/keys", json!({ "name": "more" })).await.0, 403);
    // Another tenant may have a service of the same name, and does not learn of this one.
    let other = tenant(&app, &root, "globex", "owner").await;
    assert_eq!(post(&app, &other, "/v1/services", json!({ "name": "bot" })).await.0, 201);
    let gone = format!("/v1/members/{}", bot["id"].as_str().unwrap());
    assert_eq!(send(&app, &other, Method::DELETE, &gone, None, &[]).await.0, 404);
    assert_eq!(send(&app, &owner, Method::DELETE, &gone, None, &[]).await.0, 204);
    assert_eq!(get(&app, &key, "/v1/me").await.0, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_tenant_stands_still_and_an_erased_one_is_gone() {
    let (app, root) = TestApp::guarded().await;
    let owner = tenant(&app, &root, "acme", "owner").await;
    upload(&app, &owner, "trial.md", TRIAL).await;
    let folder = |id: &str| app.data().join("tenants").join(id);
    let (_, shown) = get(&app, &root, "/v1/tenants/acme").await;
    let id = shown["id"].as_str().unwrap().to_owned();
    assert!(folder(&id).join("records.db").is_file());
    let place = "/v1/tenants/acme";
    let change = async |state: &str| {
        let body = Some(json!({ "state": state }));
        send(&app, &root, Method::PATCH, place, body, &[]).await.0
    };
    assert_eq!(change("suspended").await, 200);
    let (status, refused) = get(&app, &owner, "/v1/documents").await;
    assert_eq!(status, 403);
    assert_eq!(refused["error"]["message"], "the tenant is suspended");
    assert_eq!(get(&app, &owner, "/v1/audit").await.0, 200);
    assert_eq!(change("active").await, 200);
    assert_eq!(get(&app, &owner, "/v1/documents").await.0, 200);
    assert_eq!(change("lost").await, 400);
    assert_eq!(send(&app, &root, Method::DELETE, "/v1/tenants/default", None, &[]).await.0, 409);
    assert_eq!(send(&app, &root, Method::DELETE, place, None, &[]).await.0, 204);
    assert_eq!(get(&app, &owner, "/v1/documents").await.0, 401);
    assert_eq!(get(&app, &root, place).await.0, 404);
    assert!(!folder(&id).try_exists().unwrap());
    // The name is free again, and what comes under it is new.
    let again = post(&app, &root, "/v1/tenants", json!({ "name": "acme" })).await;
    assert_eq!(again.0, 201);
    assert_ne!(again.1["id"], id.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_tells_who_did_what_and_is_sound() {
    let (app, root) = TestApp::guarded().await;
    let owner = tenant(&app, &root, "acme", "owner").await;
    let document = upload(&app, &owner, "trial.md", TRIAL).await;
    let delete = format!("/documents/{document}");
    assert_eq!(send(&app, &owner, Method::DELETE, &delete, None, &[]).await.0, 204);
    let (_, listed) = get(&app, &owner, "/v1/audit").await;
    let told: Vec<(&str, &str)> = listed["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["action"].as_str().unwrap(), entry["outcome"].as_str().unwrap()))
        .collect();
    for expected in ["member.set", "key.create", "document.add", "document.delete"] {
        assert!(told.contains(&(expected, "done")), "{expected}: {told:?}");
    }
    let entries = listed["entries"].as_array().unwrap();
    let added = entries.iter().find(|entry| entry["action"] == "document.add").unwrap();
    assert_eq!(added["object"], format!("document:{document}"));
    assert_eq!(added["from"], "127.0.0.1");
    assert!(added["via"].as_str().unwrap().starts_with("key:"));
    let export = app.client.get(format!("{}/v1/audit/export", app.url)).bearer_auth(&owner);
    let text = export.send().await.unwrap().text().await.unwrap();
    let key = listed["public_key"].as_str().unwrap();
    let sound = assay_identity::audit::verify(&text, Some(key), None).unwrap();
    assert!(sound.entries as usize >= entries.len());
    assert!(!text.contains(&owner[20..70]) && !text.contains("owner@acme"), "{text}");
    let cut: Vec<&str> = text.lines().filter(|line| !line.contains("document.delete")).collect();
    assert!(assay_identity::audit::verify(&cut.join("\n"), Some(key), None).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_server_acts_as_the_platform_and_still_checks_the_keys_it_is_shown() {
    let app = TestApp::start().await;
    let (_, me) = app.get("/v1/me").await;
    assert_eq!((me["credential"].as_str(), me["role"].as_str()), (Some("local"), Some("owner")));
    // Client libraries demand a key; one that is none of Assay's says nothing.
    assert_eq!(get(&app, "sk-anything", "/v1/me").await.0, 200);
    assert_eq!(get(&app, "assay_anything", "/v1/me").await.0, 401);
    let acme = tenant(&app, "", "acme", "member").await;
    assert_eq!(get(&app, &acme, "/v1/me").await.1["tenant_name"], "acme");
    let chosen = [("x-tenant-id", "acme")];
    assert_eq!(send(&app, "", Method::GET, "/v1/me", None, &chosen).await.0, 403);
    assert_eq!(
        send(&app, "", Method::GET, "/v1/me", None, &[("x-tenant-id", "default")]).await.0,
        200
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_is_a_cookie_with_a_proof_for_changes() {
    let clock = Arc::new(FakeClock::at_ms(1_760_000_000_000));
    let (app, root) = TestApp::guarded_at(Arc::<FakeClock>::clone(&clock)).await;
    tenant(&app, &root, "acme", "member").await;
    let password = json!({ "password": "correct horse battery" });
    let place = "/v1/users/member@acme/password";
    let short = Some(json!({ "password": "short" }));
    assert_eq!(send(&app, &root, Method::PUT, place, short, &[]).await.0, 400);
    assert_eq!(send(&app, &root, Method::PUT, place, Some(password), &[]).await.0, 204);
    let log_in = async |user: &str, password: &str| {
        let body = json!({ "user": user, "password": password });
        let request = app.client.post(format!("{}/v1/login", app.url)).json(&body);
        request.send().await.unwrap()
    };
    assert_eq!(log_in("member@acme", "wrong horse battery").await.status(), 401);
    assert_eq!(log_in("nobody", "correct horse battery").await.status(), 401);
    let response = log_in("member@acme", "correct horse battery").await;
    assert_eq!(response.status(), 200);
    let cookies = cookies_of(&response);
    let proof = response.json::<Value>().await.unwrap()["csrf_token"].as_str().unwrap().to_owned();
    let access = format!("assay_login={}", cookies["assay_login"]);
    let own = [("cookie", access.as_str())];
    assert_eq!(send(&app, "", Method::GET, "/v1/me", None, &own).await.1["role"], "member");
    let make = || Some(json!({ "name": "made-by-login" }));
    let (status, said) = send(&app, "", Method::POST, "/v1/collections", make(), &own).await;
    assert_eq!(status, 401, "{said}");
    let wrong = [("cookie", access.as_str()), ("x-csrf-token", "wrong")];
    assert_eq!(send(&app, "", Method::POST, "/v1/collections", make(), &wrong).await.0, 401);
    let proven = [("cookie", access.as_str()), ("x-csrf-token", proof.as_str())];
    assert_eq!(send(&app, "", Method::POST, "/v1/collections", make(), &proven).await.0, 201);
    let elsewhere = [("cookie", access.as_str()), ("x-tenant-id", "default")];
    assert_eq!(send(&app, "", Method::GET, "/v1/me", None, &elsewhere).await.0, 403);
    // Half an hour later the next pair is due, and each token for it is good once.
    clock.advance_ms(30 * 60_000);
    assert_eq!(send(&app, "", Method::GET, "/v1/me", None, &own).await.0, 401);
    let refresh = format!("assay_refresh={}", cookies["assay_refresh"]);
    let next = async || {
        let request = app.client.post(format!("{}/v1/login/refresh", app.url));
        request.header("cookie", &refresh).send().await.unwrap()
    };
    let renewed = next().await;
    assert_eq!(renewed.status(), 200);
    let access = format!("assay_login={}", cookies_of(&renewed)["assay_login"]);
    let own = [("cookie", access.as_str())];
    assert_eq!(send(&app, "", Method::GET, "/v1/me", None, &own).await.0, 200);
    assert_eq!(next().await.status(), 401, "somebody else has the token too");
    assert_eq!(send(&app, "", Method::GET, "/v1/me", None, &own).await.0, 401);
}

/// The cookies that an answer sets, by name.
fn cookies_of(response: &reqwest::Response) -> std::collections::BTreeMap<String, String> {
    let lines = response.headers().get_all("set-cookie").iter();
    lines
        .map(|line| {
            let line = line.to_str().unwrap();
            assert!(line.contains("HttpOnly") && line.contains("SameSite=Strict"), "{line}");
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            (name.to_owned(), value.to_owned())
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_closed_after_ten_wrong_passwords() {
    let clock = Arc::new(FakeClock::at_ms(1_760_000_000_000));
    let (app, root) = TestApp::guarded_at(Arc::<FakeClock>::clone(&clock)).await;
    let _ = root;
    let wrong = json!({ "user": "root@example.org", "password": "x" });
    for _ in 0..10 {
        assert_eq!(post(&app, "", "/v1/login", wrong.clone()).await.0, 401);
    }
    assert_eq!(post(&app, "", "/v1/login", wrong.clone()).await.0, 429);
    clock.advance_ms(15 * 60_000);
    assert_eq!(post(&app, "", "/v1/login", wrong).await.0, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_ask_too_often_wait() {
    let (app, root) = TestApp::limited(5).await;
    for left in (0..5).rev() {
        let request = app.client.get(format!("{}/v1/me", app.url)).bearer_auth(&root);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["ratelimit-limit"], "1");
        assert_eq!(response.headers()["ratelimit-remaining"], left.to_string().as_str());
    }
    let request = app.client.get(format!("{}/v1/me", app.url)).bearer_auth(&root);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 429);
    let wait: u64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait));
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["error"]["code"], "too_many_requests");
    // Whoever has no key is counted by address, and health is never counted.
    let mut refusals: Vec<u16> = Vec::new();
    for _ in 0..6 {
        refusals.push(get(&app, "", "/v1/me").await.0);
    }
    assert_eq!(refusals, [401, 401, 401, 401, 401, 429]);
    for _ in 0..20 {
        assert_eq!(get(&app, "", "/health").await.0, 200);
    }
}

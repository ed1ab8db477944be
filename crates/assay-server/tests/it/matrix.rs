//! Every route of the OpenAPI document, by callers who must not get through, with the ids of
//! somebody else's things in every place that takes an id.

use std::{collections::BTreeSet, sync::Arc};

use assay_core::FakeClock;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    app::{TRIAL, TestApp, answer},
    auth::{send, tenant},
};

/// An id that nothing has.
const ABSENT: &str = "0199aaaa-0000-7000-8000-000000000000";
/// A name that nothing has.
const NOBODY: &str = "nobody-is-called-so";

/// A route with the ids of `acme`'s things, or of nothing, in its path.
struct Case {
    method: Method,
    route: String,
    theirs: String,
    absent: String,
}

impl Case {
    fn takes_id(&self) -> bool {
        self.theirs != self.absent
    }
}

/// The things of the tenant `acme` that other callers try to reach.
struct Things {
    document: String,
    version: String,
    job: String,
    collection: String,
    source: String,
    session: String,
    budget: String,
    key: String,
    member: String,
    user: String,
    tenant: String,
    group: String,
    invitation: String,
    schedule: String,
    webhook: String,
}

async fn ok(app: &TestApp, key: &str, method: Method, path: &str, body: Value) -> Value {
    let (status, made) = send(app, key, method, path, Some(body), &[]).await;
    assert!((200..300).contains(&status), "{path}: {status} {made}");
    made
}

async fn things(app: &TestApp, owner: &str) -> Things {
    let part = reqwest::multipart::Part::bytes(TRIAL.as_bytes().to_vec()).file_name("trial.md");
    let form = reqwest::multipart::Form::new().part("file", part).text("collection", "secret");
    let request = app.client.post(format!("{}/documents/upload", app.url)).bearer_auth(owner);
    let (_, accepted) = answer(request.multipart(form)).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (document, job) = (text(&accepted["document_id"]), text(&accepted["job_id"]));
    send(app, owner, Method::GET, &format!("/v1/jobs/{job}?wait_ms=30000"), None, &[]).await;
    let caller = app.engine().identities().authenticate(owner, None).unwrap();
    app.engine().settle(caller.scope()).await.unwrap();
    let (_, shown) =
        send(app, owner, Method::GET, &format!("/documents/{document}"), None, &[]).await;
    // Nobody listens there: the run ends at once.
    let source = json!({ "name": "s", "collection": "secret",
                         "settings": { "kind": "web", "urls": ["http://127.0.0.1:1/"] } });
    let source = ok(app, owner, Method::POST, "/v1/sources", source).await;
    let session = ok(app, owner, Method::POST, "/v1/sessions", json!({ "title": "secret" })).await;
    let budget = json!({ "name": "b", "limit_calls": 1000 });
    let budget = ok(app, owner, Method::POST, "/v1/budgets", budget).await;
    let key = ok(app, owner, Method::POST, "/v1/keys", json!({ "name": "secret" })).await;
    let (_, me) = send(app, owner, Method::GET, "/v1/me", None, &[]).await;
    let group = ok(app, owner, Method::POST, "/v1/groups", json!({ "name": "secret" })).await;
    let invited = json!({ "name": "new@acme", "role": "guest" });
    let invited = ok(app, owner, Method::POST, "/v1/invitations", invited).await;
    let schedule = json!({ "name": "s", "cron": "@yearly", "kind": "tidy" });
    let schedule = ok(app, owner, Method::POST, "/v1/schedules", schedule).await;
    let webhook = json!({ "url": "https://example.invalid/", "kinds": ["none"] });
    let webhook = ok(app, owner, Method::POST, "/v1/webhooks", webhook).await;
    Things {
        schedule: text(&schedule["id"]),
        webhook: text(&webhook["id"]),
        invitation: text(&invited["about"]["id"]),
        group: text(&group["id"]),
        version: shown["version_id"].as_str().unwrap_or(ABSENT).to_owned(),
        document,
        job,
        collection: "secret".to_owned(),
        source: text(&source["id"]),
        session: text(&session["id"]),
        budget: text(&budget["id"]),
        key: text(&key["about"]["id"]),
        member: text(&me["principal"]),
        user: "owner@acme".to_owned(),
        tenant: text(&me["tenant"]),
    }
}

/// What stands for the parameter of a path. A parameter that is not here fails the test.
fn parameter<'a>(things: &'a Things, route: &str) -> Option<&'a str> {
    let of = |prefix: &str| route.starts_with(prefix);
    Some(match route {
        _ if of("/documents/{id}") || of("/v1/documents/{id}") => &things.document,
        _ if of("/v1/web/texts/{version_id}") => &things.version,
        _ if of("/v1/jobs/{id}") => &things.job,
        _ if of("/v1/tasks/{id}") => &things.job,
        _ if of("/v1/schedules/{id}") => &things.schedule,
        _ if of("/v1/webhooks/{id}") => &things.webhook,
        _ if of("/v1/collections/{name}") => &things.collection,
        _ if of("/v1/sources/{id}") => &things.source,
        _ if of("/v1/sessions/{id}") || of("/v1/shared/{id}") => &things.session,
        _ if of("/v1/budgets/{id}") => &things.budget,
        _ if of("/v1/keys/{id}") => &things.key,
        _ if of("/v1/members/{id}") => &things.member,
        _ if of("/v1/invitations/{id}") => &things.invitation,
        _ if of("/v1/groups/{id}") => &things.group,
        _ if of("/v1/users/{name}") => &things.user,
        _ if of("/v1/tenants/{id}") => &things.tenant,
        // Runs of readiness are the installation's, and there is none here.
        _ if of("/v1/readiness/runs/{id}") => &things.job,
        // Providers are the installation's, and there is none here.
        _ if of("/v1/login/oidc/{provider}") => &things.collection,
        _ => return None,
    })
}

/// A body that the route takes, so that a refusal is for the caller and not for the body.
fn body(method: &Method, route: &str) -> Option<Value> {
    let body = match (method.as_str(), route) {
        ("GET" | "DELETE", _) => return None,
        (_, "/query") => json!({ "query": "dexamethasone" }),
        (_, "/search") => json!({ "query": "dexamethasone" }),
        (_, "/citations/process") => json!({ "text": "x", "sources": [] }),
        (_, "/v1/budgets" | "/v1/budgets/{id}") => json!({ "name": "x", "limit_calls": 5 }),
        (_, "/v1/budgets/{id}/override") => json!({ "limit": "9", "minutes": 5, "reason": "x" }),
        (_, "/v1/keys" | "/v1/services" | "/v1/users" | "/v1/collections" | "/v1/groups") => {
            json!({ "name": "x" })
        }
        (_, "/v1/invitations") => json!({ "name": "x", "role": "member" }),
        (_, "/v1/login/invitation") => json!({ "token": "x", "password": "y" }),
        (_, "/v1/groups/{id}") => json!({ "add": ["owner@globex"] }),
        (_, "/v1/members" | "/v1/tenants/{id}/members") => {
            json!({ "user": "owner@globex", "role": "admin" })
        }
        (_, "/v1/tenants") => json!({ "name": "x" }),
        (_, "/v1/tenants/{id}") => json!({ "state": "suspended" }),
        (_, "/v1/users/{name}") => json!({ "disabled": true }),
        (_, "/v1/users/{name}/password") => json!({ "password": "correct horse battery" }),
        (_, "/v1/login") => json!({ "user": "x", "password": "y" }),
        (_, "/v1/guard/scan") => json!({ "text": "x" }),
        (_, "/v1/embeddings") => json!({ "model": "m", "input": "x" }),
        (_, "/v1/feedback") => json!({ "query": "x", "document_id": ABSENT, "useful": true }),
        (_, "/v1/sessions/{id}/opinion") => json!({ "message": 1, "useful": true }),
        (_, "/v1/sources") => json!({ "name": "x", "collection": "x", "settings": {} }),
        (_, "/v1/tasks") => json!({ "kind": "tidy" }),
        (_, "/v1/schedules") => json!({ "name": "x", "cron": "@yearly", "kind": "tidy" }),
        (_, "/v1/webhooks") => json!({ "url": "https://example.invalid/x" }),
        _ => json!({}),
    };
    Some(body)
}

fn cases(things: &Things) -> Vec<Case> {
    let document = serde_json::to_value(assay_server::openapi()).unwrap();
    let mut cases = Vec::new();
    for (route, methods) in document["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            let (mut theirs, mut absent) = (route.clone(), route.clone());
            if let Some((start, end)) = route.find('{').zip(route.find('}')) {
                let name = &route[start..=end];
                let own = parameter(things, route);
                assert!(own.is_some(), "{route}: say what stands for {name}");
                let own = own.unwrap();
                let nothing = match name {
                    "{name}" => NOBODY,
                    _ if route.starts_with("/v1/keys") => "aaaaaaaaaaaaa",
                    _ => ABSENT,
                };
                theirs = theirs.replace(name, own);
                absent = absent.replace(name, nothing);
                assert!(!theirs.contains('{'), "{route}: more than one parameter");
            }
            let method = method.to_uppercase().parse().unwrap();
            cases.push(Case { method, route: route.clone(), theirs, absent });
        }
    }
    cases
}

/// Routes that answer anybody: they show nobody's data.
fn is_public(case: &Case) -> bool {
    case.route.starts_with("/health")
        || (case.method != Method::DELETE && case.route.starts_with("/v1/login"))
}

/// Everything that `acme` holds, as its owner sees it.
async fn holdings(app: &TestApp, owner: &str) -> Vec<Value> {
    let mut seen = Vec::new();
    for path in [
        "/v1/documents",
        "/v1/collections",
        "/v1/sources",
        "/v1/sessions",
        "/v1/budgets",
        "/v1/keys",
        "/v1/members",
        "/v1/groups",
        "/v1/invitations",
        "/v1/jobs",
    ] {
        let (status, mut shown) = send(app, owner, Method::GET, path, None, &[]).await;
        assert_eq!(status, 200, "{path}: {shown}");
        // What the owner's own look changes is not meant, nor what the source does by itself.
        for changing in ["keys", "sources"] {
            for thing in shown[changing].as_array_mut().into_iter().flatten() {
                for field in ["used_at", "last_run", "next_run_at"] {
                    thing[field] = Value::Null;
                }
            }
        }
        if let Some(jobs) = shown["jobs"].as_array_mut() {
            jobs.retain(|job| job["kind"] == "ingest");
        }
        seen.push(shown);
    }
    seen
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_through_any_route_to_what_is_not_theirs() {
    let clock = Arc::new(FakeClock::at_ms(1_760_000_000_000));
    let (app, root) = TestApp::guarded_at(Arc::<FakeClock>::clone(&clock)).await;
    let owner = tenant(&app, &root, "acme", "owner").await;
    let guest = tenant(&app, &root, "acme", "guest").await;
    let member = tenant(&app, &root, "acme", "member").await;
    let foreign = tenant(&app, &root, "globex", "owner").await;
    let things = things(&app, &owner).await;
    let expiring = json!({ "name": "e", "expires_at": "2025-10-09T08:54:00Z" });
    let made = ok(&app, &owner, Method::POST, "/v1/keys", expiring).await;
    let expired = made["key"].as_str().unwrap().to_owned();
    let made = ok(&app, &owner, Method::POST, "/v1/keys", json!({ "name": "r" })).await;
    let revoked = made["key"].as_str().unwrap().to_owned();
    let gone = format!("/v1/keys/{}", made["about"]["id"].as_str().unwrap());
    assert_eq!(send(&app, &owner, Method::DELETE, &gone, None, &[]).await.0, 204);
    clock.advance_ms(3_600_000);
    let before = holdings(&app, &owner).await;
    let cases = cases(&things);
    let secrets = [&things.document, &things.session, &things.source, &things.budget, &things.key];
    let mut tried = 0;
    for case in &cases {
        let told = format!("{} {}", case.method, case.route);
        let body = body(&case.method, &case.route);
        let ask = async |key: &str, path: &str, headers: &[(&str, &str)]| {
            send(&app, key, case.method.clone(), path, body.clone(), headers).await
        };
        if is_public(case) {
            continue;
        }
        // Nobody, and keys that were good once.
        for key in ["", &revoked, &expired] {
            let (status, said) = ask(key, &case.theirs, &[]).await;
            assert_eq!(status, 401, "{told}: {said}");
        }
        // Another tenant, chosen by a member of this one.
        let (status, said) = ask(&owner, &case.theirs, &[("x-tenant-id", "globex")]).await;
        assert_eq!(status, 403, "{told}: {said}");
        // A guest: what it may not do is refused before anything is looked up.
        let (status, said) = ask(&guest, &case.theirs, &[]).await;
        if case.method != Method::GET && !may_a_guest(&case.route) {
            assert_eq!(status, 403, "{told}: {said}");
        }
        // Another user of the same tenant: sessions and keys are their owner's alone.
        if case.takes_id()
            && (case.route.starts_with("/v1/sessions") || case.route.starts_with("/v1/keys"))
        {
            let (status, said) = ask(&member, &case.theirs, &[]).await;
            assert_eq!(status, 404, "{told}: {said}");
        }
        // Another tenant altogether: theirs is as absent as what there is not.
        if case.route.starts_with("/v1/tenants") || case.route.starts_with("/v1/users") {
            let (status, said) = ask(&foreign, &case.theirs, &[]).await;
            assert_eq!(status, 403, "{told}: {said}");
        } else if case.takes_id() {
            let (status, theirs) = ask(&foreign, &case.theirs, &[]).await;
            let (nothing, absent) = ask(&foreign, &case.absent, &[]).await;
            assert_eq!(status, nothing, "{told}: {theirs} {absent}");
            assert!(is_refusal(case, status), "{told}: {theirs}");
            assert_eq!(shape(&theirs, &case.theirs), shape(&absent, &case.absent), "{told}");
        } else if !case.route.starts_with("/v1/budgets") || case.method == Method::GET {
            let (_, seen) = ask(&foreign, &case.theirs, &[]).await;
            let seen = seen.to_string();
            // Its own audit log holds what it asked for itself.
            let is_told = secrets.iter().any(|id| seen.contains(id.as_str()));
            let own = ["/v1/audit", "/v1/tenant/export"];
            let is_own = own.iter().any(|it| case.route.starts_with(it));
            assert!(!is_told || is_own, "{told}: {seen}");
            assert!(!seen.contains("examethasone lowered"), "{told}: {seen}");
        }
        tried += 1;
    }
    assert!(tried > 80, "{tried} routes");
    assert_eq!(holdings(&app, &owner).await, before, "something of acme was changed");
}

/// Whether a status says that the caller cannot have this. Tuning asks for an embedding model first,
/// which the server of these tests does not have.
fn is_refusal(case: &Case, status: u16) -> bool {
    (400..500).contains(&status) || (status == 503 && case.route.ends_with("/tune"))
}

/// What a guest may do besides reading.
fn may_a_guest(route: &str) -> bool {
    let asks = ["/query", "/search", "/citations/process", "/v1/guard/scan", "/v1/feedback"];
    asks.contains(&route) || route.starts_with("/v1/sessions") || route == "/v1/login"
}

/// An error without what the caller gave, and without the name of the request.
fn shape(error: &Value, path: &str) -> Value {
    let given: BTreeSet<&str> = path.split('/').collect();
    let mut error = error.clone();
    error["error"]["request_id"] = Value::Null;
    let mut text = error.to_string();
    for part in given.into_iter().filter(|part| part.len() > 12 || *part == "secret") {
        text = text.replace(part, "…");
    }
    Value::String(text)
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_inside_of_bodies_and_queries_reach_nothing_foreign() {
    let (app, root) = TestApp::guarded().await;
    let owner = tenant(&app, &root, "acme", "owner").await;
    let foreign = tenant(&app, &root, "globex", "owner").await;
    let things = things(&app, &owner).await;
    let ask = async |path: &str, body: Value| {
        send(&app, &foreign, Method::POST, path, Some(body), &[]).await
    };
    let documents = json!([things.document]);
    for (path, body) in [
        ("/search", json!({ "query": "dexamethasone", "documents": documents })),
        ("/query", json!({ "query": "dexamethasone?", "documents": documents })),
        ("/search", json!({ "query": "dexamethasone", "collections": ["secret"] })),
        ("/query", json!({ "query": "dexamethasone?", "collections": ["secret"] })),
        ("/query", json!({ "query": "and what else?", "session_id": things.session })),
        ("/v1/feedback", json!({ "query": "x", "document_id": things.document, "useful": true })),
    ] {
        let (status, said) = ask(path, body.clone()).await;
        let said = said.to_string();
        assert!(!said.contains("lowered mortality"), "{path} {body}: {status} {said}");
        if body.get("session_id").is_some() {
            assert_eq!(status, 404, "{said}");
        }
    }
    let cursor = format!("/v1/documents?after={}", things.document);
    let (_, listed) = send(&app, &foreign, Method::GET, &cursor, None, &[]).await;
    assert!(!listed.to_string().contains("trial.md"), "{listed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_of_the_machine_are_for_the_platform_alone() {
    let (app, root) = TestApp::guarded().await;
    let owner = tenant(&app, &root, "acme", "owner").await;
    let folder = app.watched.to_str().unwrap();
    let source = json!({ "name": "s", "settings": { "kind": "folder", "path": folder } });
    let (status, said) =
        send(&app, &owner, Method::POST, "/v1/sources", Some(source.clone()), &[]).await;
    assert_eq!(status, 400, "{said}");
    ok(&app, &root, Method::POST, "/v1/sources", source).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_ids_are_refused_and_leave_everything_as_it_was() {
    let (app, root) = TestApp::guarded().await;
    let owner = tenant(&app, &root, "acme", "owner").await;
    let things = things(&app, &owner).await;
    let before = holdings(&app, &owner).await;
    let hostile = [
        "'%20OR%20'1'='1",
        "%27;%20DROP%20TABLE%20audit;--",
        "..%2F..%2Fidentity.db",
        "%00",
        "%0d%0aX-Tenant-Id:%20globex",
        "%F0%9F%92%A9",
        "*",
        "-1",
        "99999999999999999999999999",
    ];
    for case in cases(&things).iter().filter(|case| case.takes_id()) {
        for id in hostile {
            let route = case.route.split('{').next().unwrap();
            let rest = case.route.split('}').nth(1).unwrap();
            let body = body(&case.method, &case.route);
            let path = format!("{route}{id}{rest}");
            let (status, said) = send(&app, &owner, case.method.clone(), &path, body, &[]).await;
            assert!(is_refusal(case, status), "{} {path}: {status} {said}", case.method);
        }
    }
    assert_eq!(holdings(&app, &owner).await, before);
}

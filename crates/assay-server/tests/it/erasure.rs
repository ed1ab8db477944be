//! What is left of a tenant that was erased: ids in the audit log and the ledger, no name anywhere.

use std::path::PathBuf;

use assay_answer::WebhookSettings;
use assay_core::Secret;
use assay_identity::{Actor, NewKey};
use assay_sqlite::testing::{Postgres, USER};
use reqwest::Method;
use serde_json::json;

use crate::{
    app::TestApp,
    auth::{send, tenant, upload},
    encryption::showing,
};

/// The name of the tenant, and in the name of everything that it has.
const PLANTED: &str = "quorvex";

/// Makes one of everything that bears a name, changes it and asks for what is not there.
async fn fill(app: &TestApp, key: &str) {
    let name = |more: &str| format!("{PLANTED}{more}");
    let collection = format!("/v1/collections/{PLANTED}");
    let access = format!("{collection}/access");
    let made = [
        (Method::POST, "/v1/collections", json!({ "name": PLANTED })),
        (Method::PUT, &access, json!({ "open_to": "everybody" })),
        (Method::POST, "/v1/groups", json!({ "name": PLANTED })),
        (Method::POST, "/v1/services", json!({ "name": PLANTED })),
        (Method::POST, "/v1/keys", json!({ "name": PLANTED })),
        (Method::POST, "/v1/sessions", json!({ "title": PLANTED })),
        (Method::POST, "/v1/budgets", json!({ "name": PLANTED, "limit_calls": 3 })),
        (
            Method::POST,
            "/v1/schedules",
            json!({ "name": PLANTED, "cron": "@yearly", "kind": "tidy" }),
        ),
        (Method::POST, "/v1/webhooks", json!({ "url": format!("http://127.0.0.1/{PLANTED}") })),
        (Method::POST, "/v1/invitations", json!({ "name": name("@example.org"), "role": "guest" })),
    ];
    for (method, path, body) in made {
        let (status, said) = send(app, key, method, path, Some(body), &[]).await;
        assert!(status < 300, "{path}: {status} {said}");
    }
    upload(app, key, &name(".md"), &format!("# {PLANTED}\n\nThe {PLANTED} trial.\n")).await;
    for path in [collection, format!("/documents/{PLANTED}"), format!("/v1/budgets/{PLANTED}")] {
        let (status, said) = send(app, key, Method::DELETE, &path, None, &[]).await;
        assert!(status == 204 || status >= 400, "{path}: {status} {said}");
    }
}

/// Somebody else asks for what is the tenant's, and is refused.
async fn pry(app: &TestApp, key: &str) {
    for (name, value) in [("x-tenant-id", PLANTED), ("cookie", "assay_tenant=quorvex")] {
        let (status, _) =
            send(app, key, Method::GET, "/v1/documents", None, &[(name, value)]).await;
        assert!(status >= 400, "{name}: {status}");
    }
    let path = format!("/v1/collections/{PLANTED}");
    let (status, _) = send(app, key, Method::DELETE, &path, None, &[]).await;
    assert_eq!(status, 404);
}

/// The owner's key of the tenant.
async fn owner(app: &TestApp, root: &str) -> String {
    let user = "ann@example.org";
    let made = json!({ "name": PLANTED, "owner": user });
    for (path, body) in [("/v1/users", json!({ "name": user })), ("/v1/tenants", made)] {
        let (status, said) = send(app, root, Method::POST, path, Some(body), &[]).await;
        assert_eq!(status, 201, "{said}");
    }
    let identities = app.engine().identities().clone();
    let principal = identities.user_named(user).unwrap().id;
    let (scope, _) = identities.managed_tenant(PLANTED).unwrap();
    let new = NewKey { name: PLANTED.to_owned(), principal, scopes: None, expires_ms: None };
    identities.create_key(&Actor::operator(), &scope, new).unwrap().key.expose().to_owned()
}

/// Fills the tenant, has somebody else ask for it, and erases it.
async fn erase(app: &TestApp, root: &str) {
    let owner = owner(app, root).await;
    let other = tenant(app, root, "other", "owner").await;
    fill(app, &owner).await;
    pry(app, &other).await;
    for key in [&owner, &other, root] {
        let (_, log) = send(app, key, Method::GET, "/v1/audit?limit=1000", None, &[]).await;
        assert!(!log.to_string().contains(PLANTED), "ids, no names: {log}");
    }
    let (_, log) = send(app, &owner, Method::GET, "/v1/audit?limit=1000", None, &[]).await;
    let entries = log["entries"].as_array().unwrap();
    let done = |action: &str| entries.iter().find(|it| it["action"] == action).unwrap().clone();
    let collection = done("collection.create")["object"].clone();
    assert!(collection.as_str().unwrap().starts_with("collection:"), "{collection}");
    // What was done to it by its name is found by its id.
    assert_eq!(done("collection.access")["object"], collection);
    assert_eq!(done("document.delete")["object"], "/documents/{id}");
    let path = format!("/v1/tenants/{PLANTED}");
    let (status, said) = send(app, root, Method::DELETE, &path, None, &[]).await;
    assert_eq!(status, 204, "{said}");
}

/// Nobody is told; the address bears the name.
fn webhooks() -> WebhookSettings {
    WebhookSettings { allow_private_hosts: vec!["127.0.0.1".to_owned()] }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_file_names_an_erased_tenant() {
    let (app, root) = TestApp::guarded_with(|settings| settings.webhooks = webhooks()).await;
    erase(&app, &root).await;
    // With the server running: logs of databases count too.
    assert_eq!(showing(app.data(), PLANTED), Vec::<PathBuf>::new());
    assert!(!showing(app.data(), "other").is_empty(), "the others are there");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_row_names_an_erased_tenant() {
    let Some(postgres) = Postgres::shared() else { return };
    let database = postgres.empty_database().unwrap();
    let url = |role| Some(Secret::new(postgres.url(&database, role)));
    let (app, root) = TestApp::guarded_with(|settings| {
        settings.webhooks = webhooks();
        settings.database.url = url("migrator");
        assay_answer::migrate(&settings.database, USER).unwrap();
        settings.database.url = url(USER);
    })
    .await;
    erase(&app, &root).await;
    let holding = |word: &str| {
        let tables =
            "SELECT schemaname || '.' || tablename FROM pg_tables WHERE schemaname LIKE 'assay%'";
        let tables = postgres.sql(&database, tables).unwrap();
        assert!(tables.lines().count() > 20, "{tables}");
        let holds = |table: &&str| {
            let sql = format!("SELECT count(*) FROM {table} t WHERE t::text ILIKE '%{word}%'");
            postgres.sql(&database, &sql).unwrap().trim() != "0"
        };
        tables.lines().filter(holds).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(holding(PLANTED), Vec::<String>::new());
    assert!(holding("other").iter().any(|table| table == "assay_identity.tenant"));
    assert_eq!(showing(app.data(), PLANTED), Vec::<PathBuf>::new());
}

//! The whole server without sockets, with its rows in files or on a Postgres.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use assay_answer::{Engine, EngineSettings};
use assay_core::{PrincipalId, Secret, SystemClock};
use assay_identity::{Actor, AuthMode, NewKey};
use assay_server::{App, RateSettings, ServerSettings, Watch, router};
use assay_sqlite::testing::{Postgres, USER};
use assay_telemetry::TelemetrySettings;
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Method, Request},
};
use serde_json::Value;
use tempfile::TempDir;
use tower_service::Service as _;

/// Ids that are remembered for other tenants to try.
const IDS: usize = 500;

/// The server with everything below it, in a folder of its own.
pub(crate) struct Stack {
    engine: Arc<Engine>,
    router: Router,
    root: String,
    /// Ids of all tenants, for the others to try.
    ids: Mutex<Vec<String>>,
    _folder: TempDir,
}

impl Stack {
    /// With the rows on a server when there is one.
    pub(crate) fn open(postgres: Option<&Postgres>) -> Arc<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = EngineSettings::new(folder.path());
        settings.auth.mode = AuthMode::Required;
        if let Some(postgres) = postgres {
            let database = postgres.empty_database().unwrap();
            let url = |role| Some(Secret::new(postgres.url(&database, role)));
            settings.database.url = url("migrator");
            assay_answer::migrate(&settings.database, USER).unwrap();
            settings.database.url = url(USER);
        }
        // What is compared is what comes, not how fast: a busy machine must make no difference.
        let answer = &mut settings.answer;
        (answer.total_ms, answer.lanes_ms, answer.keyword_ms) = (300_000, 200_000, 200_000);
        let engine = Engine::open(settings, Arc::new(SystemClock)).unwrap();
        let rates = RateSettings { client_per_minute: 0, tenant_per_minute: 0, client_burst: 0 };
        let surface = ServerSettings { rates, ..ServerSettings::default() };
        let (watch, _notices) = Watch::new(TelemetrySettings::default()).unwrap();
        let router = router(App::new(Arc::clone(&engine), surface, watch));
        let first = engine.identities().bootstrap("root@example.org", "first").unwrap();
        let root = first.key.expose().to_owned();
        Arc::new(Self { engine, router, root, ids: Mutex::default(), _folder: folder })
    }

    /// The ids that were remembered last.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn remember(&self, id: String) {
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        ids.push(id);
        let old = ids.len().saturating_sub(IDS);
        ids.drain(..old);
    }

    pub(crate) fn close(&self) {
        self.engine.close(Duration::from_secs(5));
    }

    pub(crate) async fn send(
        &self,
        key: &str,
        tenant: &str,
        request: Request<Body>,
    ) -> (u16, Value) {
        let (mut parts, body) = request.into_parts();
        parts.headers.insert("authorization", format!("Bearer {key}").parse().unwrap());
        if !tenant.is_empty() {
            parts.headers.insert("x-tenant-id", tenant.parse().unwrap());
        }
        let answer = self.router.clone().call(Request::from_parts(parts, body)).await.unwrap();
        let status = answer.status().as_u16();
        let bytes = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    pub(crate) async fn platform(&self, method: Method, path: &str, body: Value) {
        let (status, said) = self.send(&self.root, "", plain(method, path, Some(body))).await;
        assert!(status < 300, "{path}: {status} {said}");
    }

    /// The id of a user.
    pub(crate) fn principal(&self, t: usize, user: usize) -> PrincipalId {
        self.engine.identities().user_named(&name(t, user)).unwrap().id
    }

    /// A key of a user, made by the operator: only the user makes keys for the user.
    pub(crate) fn mint(&self, t: usize, user: usize) -> (String, String) {
        let identities = self.engine.identities();
        let principal = self.principal(t, user);
        let (scope, _) = identities.managed_tenant(&format!("t{t}")).unwrap();
        let new = NewKey { name: "minted".to_owned(), principal, scopes: None, expires_ms: None };
        let made = identities.create_key(&Actor::operator(), &scope, new).unwrap();
        (made.record.id.to_string(), made.key.expose().to_owned())
    }

    pub(crate) async fn settle(&self, t: usize) {
        let (scope, _) = self.engine.identities().managed_tenant(&format!("t{t}")).unwrap();
        self.engine.settle(&scope).await.unwrap();
    }
}

/// The name of a user.
pub(crate) fn name(t: usize, user: usize) -> String {
    format!("u{user}@t{t}")
}

/// A request with JSON in it, or nothing.
pub(crate) fn plain(method: Method, path: &str, body: Option<Value>) -> Request<Body> {
    let request = Request::builder().method(method).uri(path);
    match body {
        None => request.body(Body::empty()).unwrap(),
        Some(body) => {
            let request = request.header("content-type", "application/json");
            request.body(body.to_string().into()).unwrap()
        }
    }
}

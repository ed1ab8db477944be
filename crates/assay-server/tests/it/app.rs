//! A server on a free port over an empty data folder.

use std::{path::PathBuf, sync::Arc, time::Duration};

use assay_answer::{
    AnswerSettings, EmbeddingSettings, Engine, EngineSettings, SourcePolicy, WriterSettings,
    ledger::UnknownAction,
};
use assay_core::SystemClock;
use assay_gateway::GatewaySettings;
use assay_identity::AuthMode;
use assay_server::{App, Certificates, RateSettings, ServerSettings, Watch, bind, serve};
use assay_telemetry::{Notice, TelemetrySettings};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A text whose facts the tests ask for.
pub(crate) const TRIAL: &str = "# The second trial\n\n\
    The second trial took place in 2021 in Oslo. \
    Dexamethasone lowered mortality after 28 days from 41.4 % to 29.3 % among ventilated patients. \
    It did not help patients without oxygen.\n\n\
    ## Cost\n\nA treatment costs 6 euros. The budget was approved by Dr. Lind on 3 May 2020.\n";

pub(crate) struct TestApp {
    pub(crate) client: reqwest::Client,
    pub(crate) url: String,
    /// The folder that sources may read.
    pub(crate) watched: PathBuf,
    engine: Arc<Engine>,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    serving: Option<Serving>,
    folder: TempDir,
}

/// What ends when the server has stopped.
pub(crate) type Serving = tokio::task::JoinHandle<Result<(), assay_server::ServeError>>;

impl TestApp {
    /// A server without an embedding model: what it does must not depend on files that are fetched.
    pub(crate) async fn start() -> Self {
        Self::with(AnswerSettings::default(), None).await
    }

    pub(crate) async fn with(answer: AnswerSettings, writer: Option<WriterSettings>) -> Self {
        Self::open(|settings| {
            settings.answer = answer;
            settings.writer = writer;
        })
        .await
    }

    pub(crate) async fn built(
        answer: AnswerSettings,
        embedding: EmbeddingSettings,
        writer: Option<WriterSettings>,
        clock: Arc<dyn assay_core::Clock>,
    ) -> Self {
        let change = |settings: &mut EngineSettings| {
            (settings.answer, settings.embedding, settings.writer) = (answer, embedding, writer);
        };
        Self::open_at(change, clock).await
    }

    /// A server with settings of any part changed.
    pub(crate) async fn open(change: impl FnOnce(&mut EngineSettings)) -> Self {
        Self::open_at(change, Arc::new(SystemClock)).await
    }

    /// A server whose gateway has these settings, as TOML would have them, and whose guard has these.
    /// Models without a price are charged at the stated maximum.
    pub(crate) async fn routing(settings: Value, guard: Value) -> Self {
        let gateway: GatewaySettings = serde_json::from_value(settings).unwrap();
        assert_eq!(gateway.problems(), []);
        let guard = serde_json::from_value(guard).unwrap();
        Self::open(|settings| {
            settings.gateway = gateway;
            settings.guard = guard;
            settings.ledger.unknown_model.action = UnknownAction::Charge;
        })
        .await
    }

    async fn open_at(
        change: impl FnOnce(&mut EngineSettings),
        clock: Arc<dyn assay_core::Clock>,
    ) -> Self {
        // What a test asks in a second is not what a client does.
        let rates = RateSettings { client_per_minute: 0, tenant_per_minute: 0, client_burst: 0 };
        Self::rated(change, clock, rates).await
    }

    /// A server that asks for credentials and lets a client ask so often at once.
    pub(crate) async fn limited(client_burst: u32) -> (Self, String) {
        let clock: Arc<dyn assay_core::Clock> = Arc::new(SystemClock);
        // Slow enough that nothing is given back while a test runs.
        let rates = RateSettings { client_per_minute: 1, client_burst, tenant_per_minute: 100 };
        let require = |settings: &mut EngineSettings| settings.auth.mode = AuthMode::Required;
        let app = Self::rated(require, clock, rates).await;
        let first = app.engine.identities().bootstrap("root@example.org", "first").unwrap();
        (app, first.key.expose().to_owned())
    }

    async fn rated(
        change: impl FnOnce(&mut EngineSettings),
        clock: Arc<dyn assay_core::Clock>,
        rates: RateSettings,
    ) -> Self {
        let settings = ServerSettings { port: 0, rates, ..ServerSettings::default() };
        Self::serving(change, clock, settings).await
    }

    /// A server that looks at its own numbers, with the notices of its alerts.
    pub(crate) async fn watched(
        settings: TelemetrySettings,
    ) -> (Self, tokio::sync::mpsc::Receiver<Notice>) {
        let rates = RateSettings { client_per_minute: 0, tenant_per_minute: 0, client_burst: 0 };
        let surface = ServerSettings { port: 0, rates, ..ServerSettings::default() };
        let (watch, notices) = Watch::new(settings).unwrap();
        let (test, app) =
            Self::serving_watched(|_| {}, Arc::new(SystemClock), surface, watch).await;
        tokio::spawn(app.watch(test.folder.path().join("objectives.json")));
        (test, notices)
    }

    /// A server with these settings of its surface; `url` is https where they have a certificate.
    pub(crate) async fn serving(
        change: impl FnOnce(&mut EngineSettings),
        clock: Arc<dyn assay_core::Clock>,
        surface: ServerSettings,
    ) -> Self {
        let (watch, _notices) = Watch::new(TelemetrySettings::default()).unwrap();
        Self::serving_watched(change, clock, surface, watch).await.0
    }

    async fn serving_watched(
        change: impl FnOnce(&mut EngineSettings),
        clock: Arc<dyn assay_core::Clock>,
        surface: ServerSettings,
        watch: Watch,
    ) -> (Self, App) {
        let folder = tempfile::tempdir().unwrap();
        let watched = folder.path().join("watched");
        std::fs::create_dir(&watched).unwrap();
        let mut settings = EngineSettings {
            sources: SourcePolicy { allow_folders: vec![watched.clone()], ..Default::default() },
            ..EngineSettings::new(folder.path())
        };
        change(&mut settings);
        let engine = Engine::open(settings, clock).unwrap();
        let listener = bind(&surface).await.unwrap();
        let certificates = Certificates::load(&surface.tls).unwrap();
        let scheme = if certificates.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{}", listener.local_addr().unwrap());
        let app = App::new(Arc::clone(&engine), surface, watch);
        app.show_readiness(folder.path().join("ready"));
        app.warm_up().await;
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let serving = tokio::spawn(serve(listener, certificates, app.clone(), async {
            let _ = stopped.await;
        }));
        assay_testkit::install_crypto();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let (stop, serving) = (Some(stop), Some(serving));
        (Self { client, url, watched, engine, stop, serving, folder }, app)
    }

    /// A server that asks for credentials, with the key of an owner of the platform tenant.
    pub(crate) async fn guarded() -> (Self, String) {
        Self::guarded_at(Arc::new(SystemClock)).await
    }

    /// The same by a clock of the test's.
    pub(crate) async fn guarded_at(clock: Arc<dyn assay_core::Clock>) -> (Self, String) {
        Self::guarded_by(|_| {}, clock).await
    }

    /// The same with settings of any part changed.
    pub(crate) async fn guarded_with(change: impl FnOnce(&mut EngineSettings)) -> (Self, String) {
        Self::guarded_by(change, Arc::new(SystemClock)).await
    }

    async fn guarded_by(
        change: impl FnOnce(&mut EngineSettings),
        clock: Arc<dyn assay_core::Clock>,
    ) -> (Self, String) {
        let require = |settings: &mut EngineSettings| {
            settings.auth.mode = AuthMode::Required;
            "assay.localhost".clone_into(&mut settings.auth.domain);
            settings.sources.allow_private_hosts = vec!["127.0.0.1".to_owned()];
            change(settings);
        };
        let app = Self::open_at(require, clock).await;
        let first = app.engine.identities().bootstrap("root@example.org", "first").unwrap();
        (app, first.key.expose().to_owned())
    }

    /// Asks the server to stop; what is returned ends when it has.
    pub(crate) fn stop_serving(&mut self) -> Serving {
        self.stop.take().unwrap().send(()).unwrap();
        self.serving.take().unwrap()
    }

    /// The data folder.
    pub(crate) fn data(&self) -> &std::path::Path {
        self.folder.path()
    }

    pub(crate) fn engine(&self) -> Arc<Engine> {
        Arc::clone(&self.engine)
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        answer(self.client.get(format!("{}{path}", self.url))).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        answer(self.client.post(format!("{}{path}", self.url)).json(&body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> (u16, Value) {
        answer(self.client.delete(format!("{}{path}", self.url))).await
    }

    pub(crate) async fn upload(&self, name: &str, bytes: impl Into<Vec<u8>>) -> (u16, Value) {
        let part = reqwest::multipart::Part::bytes(bytes.into()).file_name(name.to_owned());
        let form = reqwest::multipart::Form::new().part("file", part);
        answer(self.client.post(format!("{}/documents/upload", self.url)).multipart(form)).await
    }

    /// Uploads, waits for the end of the job and until the index has followed; returns the
    /// document's id and the job.
    pub(crate) async fn ingest(&self, name: &str, bytes: impl Into<Vec<u8>>) -> (String, Value) {
        let (status, accepted) = self.upload(name, bytes).await;
        assert!(status < 300, "{accepted}");
        let job = match accepted["job_id"].as_str() {
            Some(job) => self.get(&format!("/v1/jobs/{job}?wait_ms=30000")).await.1,
            None => Value::Null,
        };
        self.engine.settle(&assay_core::TenantScope::built_in()).await.unwrap();
        (accepted["document_id"].as_str().unwrap().to_owned(), job)
    }

    /// Waits until every task has ended and the index has followed, then checks what is at `path`.
    pub(crate) async fn wait_until(&self, path: &str, holds: impl Fn(&Value) -> bool) {
        self.wait_until_shown(path, holds).await;
        self.engine.settle(&assay_core::TenantScope::built_in()).await.unwrap();
    }

    /// Waits until what is at `path` is as it should be.
    pub(crate) async fn wait_until_shown(&self, path: &str, holds: impl Fn(&Value) -> bool) {
        let deadline = std::time::Instant::now() + Duration::from_secs(30);
        loop {
            let (_, shown) = self.get(path).await;
            if holds(&shown) {
                return;
            }
            assert!(std::time::Instant::now() < deadline, "{shown}");
            tokio::task::yield_now().await;
        }
    }

    pub(crate) async fn ask(&self, question: &str) -> Value {
        let (status, answer) = self.post("/query", json!({ "query": question })).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        self.engine.close(Duration::from_secs(5));
    }
}

pub(crate) async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// The characters `start..end` of a text, as a client of the API would cut them.
pub(crate) fn chars(text: &str, start: &Value, end: &Value) -> String {
    let (start, end) = (start.as_u64().unwrap() as usize, end.as_u64().unwrap() as usize);
    text.chars().skip(start).take(end - start).collect()
}

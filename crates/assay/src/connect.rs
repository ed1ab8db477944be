//! The server to talk to: the one that holds the data folder, or one started inside this process.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context as _;
use assay_answer::Engine;
use assay_api::{ErrorBody, JobResponse, ReadyResponse};
use assay_core::ErrorCode;
use assay_server::{App, ServerSettings, Watch};
use reqwest::{
    StatusCode,
    header::{AUTHORIZATION, HeaderMap, HeaderValue, RETRY_AFTER},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tokio::io::AsyncWriteExt;

use crate::{
    config::Config,
    output::{Told, note, told},
    wiring,
};

/// Where a running server says how to reach it, in the data folder.
const FILE: &str = "server.json";
/// The variable with the key that the command line shows.
const KEY: &str = "ASSAY_API_KEY";
/// Longest that a request of the command line may take: a job is waited for in parts.
const REQUEST: Duration = Duration::from_secs(300);
/// Longest that a look at the health may take.
const HEALTH: Duration = Duration::from_secs(10);
/// Longest that one stream of events is followed.
const WATCH: Duration = Duration::from_secs(3_600);
/// Pause before a stream that ended too early is taken up again.
const WATCH_AGAIN: Duration = Duration::from_secs(1);
/// Longest that a request waits in all for a server that limits how often it may be asked.
const PATIENCE: Duration = Duration::from_secs(600);
/// Time for work under way when a server inside this process ends.
const GRACE: Duration = Duration::from_secs(10);

/// What `server.json` holds.
#[derive(Debug, Serialize, Deserialize)]
struct Address {
    url: String,
    /// Whether its rows are on a Postgres server.
    #[serde(default)]
    on_postgres: bool,
    /// Its process: `assay ready` looks at the limits that it runs under.
    #[serde(default)]
    pid: Option<u32>,
}

/// Says in the data folder how to reach this server and where its rows are.
pub(crate) fn announce(config: &Config, url: &str) -> anyhow::Result<()> {
    let on_postgres = config.database.url.is_some();
    let address = Address { url: url.to_owned(), on_postgres, pid: Some(std::process::id()) };
    let address = serde_json::to_string(&address)?;
    Ok(std::fs::write(config.data().join(FILE), address)?)
}

/// Takes the announcement back. One that is left behind by a crash does no harm: nobody answers.
pub(crate) fn withdraw(data: &Path) {
    let _ = std::fs::remove_file(data.join(FILE));
}

/// A connection to a server.
pub(crate) struct Connection {
    client: reqwest::Client,
    url: String,
    own: Option<Own>,
}

/// A server inside this process.
struct Own {
    engine: Arc<Engine>,
    stop: tokio::sync::oneshot::Sender<()>,
    serving: tokio::task::JoinHandle<()>,
}

impl Connection {
    /// The server that holds the data folder, when one is running.
    pub(crate) async fn find(config: &Config) -> Option<Self> {
        let client = client().ok()?;
        let url = running(&client, &config.data()).await?;
        Some(Self { client, url, own: None })
    }

    /// Finds the server of the data folder or starts one.
    pub(crate) async fn open(config: &Config) -> anyhow::Result<Self> {
        if let Some(found) = Self::find(config).await {
            return Ok(found);
        }
        let client = client()?;
        // A server for one command is no reason for a full copy.
        let mut config = config.clone();
        config.backup.folders.extend(config.backup.to.take());
        let config = &config;
        let engine = wiring::open_engine(config)?;
        // What one command asks at once is not to miss what the index has yet to take up.
        engine.settle(&assay_core::TenantScope::built_in()).await.map_err(told)?;
        let settings = ServerSettings {
            host: std::net::Ipv4Addr::LOCALHOST.into(),
            port: 0,
            ..config.server.clone()
        };
        let listener = assay_server::bind(&settings).await.map_err(told)?;
        let url = format!("http://{}", listener.local_addr()?);
        let (watch, _notices) = Watch::new(config.telemetry.clone()).map_err(told)?;
        let app = App::new(Arc::clone(&engine), settings, watch);
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let serving = tokio::spawn(async move {
            let stop = async move {
                let _ = stopped.await;
            };
            if let Err(error) = assay_server::serve(listener, None, app, stop).await {
                tracing::error!(%error, "the server inside this process stopped");
            }
        });
        Ok(Self { client, url, own: Some(Own { engine, stop, serving }) })
    }

    /// A server by its address, whoever runs it.
    pub(crate) fn at(url: &str) -> anyhow::Result<Self> {
        if !url.starts_with("http://") && !url.starts_with("https://") {
            let message = format!("`{url}` is no HTTP URL");
            return Err(Told::new(ErrorCode::BadRequest, message)
                .hint("write it as http://HOST:PORT or https://HOST")
                .into());
        }
        Ok(Self { client: client()?, url: url.trim_end_matches('/').to_owned(), own: None })
    }

    /// The same server, asked with another key.
    pub(crate) fn with_key(self, key: &str) -> anyhow::Result<Self> {
        Ok(Self { client: client_with(key)?, ..self })
    }

    /// Ends the server when it is inside this process.
    pub(crate) async fn close(self) {
        let Some(own) = self.own else { return };
        let _ = own.stop.send(());
        let _ = own.serving.await;
        let _ = tokio::task::spawn_blocking(move || own.engine.close(GRACE)).await;
    }

    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        self.send(self.client.get(format!("{}{path}", self.url))).await
    }

    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> anyhow::Result<T> {
        self.send(self.client.post(format!("{}{path}", self.url)).json(body)).await
    }

    /// Posts with headers of its own.
    pub(crate) async fn post_with<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
        headers: &[(&str, &str)],
    ) -> anyhow::Result<T> {
        let request = self.client.post(format!("{}{path}", self.url)).json(body);
        let request =
            headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        self.send(request).await
    }

    pub(crate) async fn patch<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> anyhow::Result<T> {
        self.send(self.client.patch(format!("{}{path}", self.url)).json(body)).await
    }

    /// Puts where nothing comes back.
    pub(crate) async fn set(&self, path: &str, body: &impl Serialize) -> anyhow::Result<()> {
        self.answer(self.client.put(format!("{}{path}", self.url)).json(body)).await.map(|_| ())
    }

    pub(crate) async fn put<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> anyhow::Result<T> {
        self.send(self.client.put(format!("{}{path}", self.url)).json(body)).await
    }

    /// The bytes at a path.
    pub(crate) async fn bytes(&self, path: &str) -> anyhow::Result<Vec<u8>> {
        let response = self.answer(self.client.get(format!("{}{path}", self.url))).await?;
        Ok(response.bytes().await?.into())
    }

    /// Writes what is at `path` into a file, as it comes; returns the bytes. A body that is cut leaves
    /// no file.
    pub(crate) async fn save(&self, path: &str, file: &Path) -> anyhow::Result<u64> {
        let request = self.client.get(format!("{}{path}", self.url)).timeout(WATCH);
        let mut response = self.answer(request).await?;
        let mut out = tokio::fs::File::create(file).await?;
        let mut bytes = 0;
        loop {
            let part = match response.chunk().await {
                Ok(Some(part)) => part,
                Ok(None) => break,
                Err(error) => {
                    drop(out);
                    tokio::fs::remove_file(file).await?;
                    return Err(error.into());
                }
            };
            bytes += part.len() as u64;
            out.write_all(&part).await?;
        }
        out.sync_all().await?;
        Ok(bytes)
    }

    pub(crate) async fn upload<T: DeserializeOwned>(
        &self,
        path: &str,
        form: impl AsyncFn() -> anyhow::Result<reqwest::multipart::Form>,
    ) -> anyhow::Result<T> {
        let url = format!("{}{path}", self.url);
        let request = async || Ok(self.client.post(&url).multipart(form().await?));
        Ok(self.patiently(request).await?.json().await?)
    }

    /// Follows a job to its end; `show` gets each state. A stream that is cut is taken up again.
    pub(crate) async fn watch(
        &self,
        job: &str,
        mut show: impl FnMut(&JobResponse),
    ) -> anyhow::Result<JobResponse> {
        loop {
            let request = self.client.get(format!("{}/v1/jobs/{job}?stream=true", self.url));
            let mut response = self.answer(request.timeout(WATCH)).await?;
            let mut events = Events::default();
            while let Ok(Some(chunk)) = response.chunk().await {
                for event in events.read(&chunk) {
                    let Ok(job) = serde_json::from_str::<JobResponse>(&event.data) else {
                        continue;
                    };
                    show(&job);
                    if !matches!(job.state.as_str(), "queued" | "running") {
                        return Ok(job);
                    }
                }
            }
            tokio::time::sleep(WATCH_AGAIN).await;
        }
    }

    /// Posts, and follows the events that come back, to their end.
    pub(crate) async fn post_streaming(
        &self,
        path: &str,
        body: &impl Serialize,
        mut take: impl FnMut(ServerEvent) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let request = self.client.post(format!("{}{path}", self.url)).json(body);
        let mut response = self.answer(request).await?;
        let mut events = Events::default();
        while let Some(chunk) = response.chunk().await? {
            events.read(&chunk).into_iter().try_for_each(&mut take)?;
        }
        Ok(())
    }

    /// How the parts of the server are, also when one of them keeps it from serving.
    pub(crate) async fn ready(&self) -> anyhow::Result<ReadyResponse> {
        let request = self.client.get(format!("{}/health/ready", self.url)).timeout(HEALTH);
        Ok(request.send().await?.json().await?)
    }

    /// Where the server is that goes on without this process; none when it is inside it.
    pub(crate) fn lasting(&self) -> Option<&str> {
        self.own.is_none().then_some(self.url.as_str())
    }

    pub(crate) async fn delete(&self, path: &str) -> anyhow::Result<()> {
        let request = self.client.delete(format!("{}{path}", self.url));
        self.answer(request).await.map(|_| ())
    }

    async fn send<T: DeserializeOwned>(
        &self,
        request: reqwest::RequestBuilder,
    ) -> anyhow::Result<T> {
        Ok(self.answer(request).await?.json().await?)
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> anyhow::Result<reqwest::Response> {
        let copy = async || request.try_clone().context("a request that cannot be repeated");
        self.patiently(copy).await
    }

    /// Sends a request, and again when the server says how soon it may be asked again.
    async fn patiently(
        &self,
        request: impl AsyncFn() -> anyhow::Result<reqwest::RequestBuilder>,
    ) -> anyhow::Result<reqwest::Response> {
        let end = Instant::now() + PATIENCE;
        let response = loop {
            let response = request().await?.send().await.map_err(|error| {
                Told::new(
                    ErrorCode::Unavailable,
                    format!("the server at {} went away: {error}", self.url),
                )
                .hint("look at its log, start it again with `assay serve`, and repeat the command")
            })?;
            let Some(wait) = pause(&response).filter(|wait| Instant::now() + *wait < end) else {
                break response;
            };
            note(&format!("the server limits requests: going on in {} s", wait.as_secs()));
            tokio::time::sleep(wait).await;
        };
        if response.status().is_success() {
            return Ok(response);
        }
        let status = response.status();
        let body = response.text().await.unwrap_or_default();
        Err(refusal(&body)
            .unwrap_or_else(|| {
                Told::new(ErrorCode::Internal, format!("the server answered {status}"))
            })
            .into())
    }
}

/// How long a refused request is to wait, when that is all there is to do.
fn pause(response: &reqwest::Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    let is_too_soon = response.status() == StatusCode::TOO_MANY_REQUESTS;
    is_too_soon.then_some(Duration::from_secs(seconds))
}

/// What an error of the server says.
pub(crate) fn refusal(body: &str) -> Option<Told> {
    let body: ErrorBody = serde_json::from_str(body).ok()?;
    let error = body.error;
    Some(Told { code: code(&error.code), message: error.message, hint: error.hint })
}

/// A text as one segment of a path or a value of a query.
pub(crate) fn segment(text: &str) -> String {
    let encoded = text.bytes().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    });
    encoded.collect()
}

/// One server-sent event.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct ServerEvent {
    /// Its name; empty where it has none.
    pub(crate) name: String,
    pub(crate) data: String,
}

/// Server-sent events that arrive in pieces.
#[derive(Default)]
struct Events(Vec<u8>);

impl Events {
    /// The events that are whole now. Comments keep the connection alive and say nothing.
    fn read(&mut self, chunk: &[u8]) -> Vec<ServerEvent> {
        self.0.extend_from_slice(chunk);
        let mut events = Vec::new();
        while let Some(end) = self.0.windows(2).position(|pair| pair == b"\n\n") {
            let bytes: Vec<u8> = self.0.drain(..end + 2).collect();
            let mut event = ServerEvent::default();
            for line in String::from_utf8_lossy(&bytes).lines() {
                match line.split_once(": ") {
                    Some(("event", name)) => name.clone_into(&mut event.name),
                    Some(("data", data)) => event.data.push_str(data),
                    _ => {}
                }
            }
            if !event.data.is_empty() {
                events.push(event);
            }
        }
        events
    }
}

/// Lets HTTP clients be built; without a provider of cryptography none can.
pub(crate) fn install_crypto() {
    // A second installation of the same provider is an error value that means "already done".
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// A client that shows the key of the environment, when there is one.
#[expect(clippy::disallowed_methods, reason = "the binary is what reads the environment")]
fn client() -> anyhow::Result<reqwest::Client> {
    client_with(std::env::var(KEY).unwrap_or_default().trim())
}

/// A client that shows a key, when there is one.
pub(crate) fn client_with(key: &str) -> anyhow::Result<reqwest::Client> {
    install_crypto();
    let mut headers = HeaderMap::new();
    if !key.is_empty() {
        let mut value = HeaderValue::try_from(format!("Bearer {key}")).map_err(|_| {
            Told::new(ErrorCode::BadRequest, format!("the variable {KEY} holds no key"))
        })?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    let client = reqwest::Client::builder().default_headers(headers).timeout(REQUEST);
    Ok(client.no_proxy().tcp_nodelay(true).build()?)
}

/// The address of the server that holds the folder, when it answers.
async fn running(client: &reqwest::Client, data: &Path) -> Option<String> {
    if !is_locked(data) {
        return None;
    }
    let address = announced(data)?;
    let request = client.get(format!("{}/health", address.url)).timeout(Duration::from_secs(2));
    request.send().await.ok()?.error_for_status().ok()?;
    Some(address.url)
}

fn announced(data: &Path) -> Option<Address> {
    serde_json::from_str(&std::fs::read_to_string(data.join(FILE)).ok()?).ok()
}

/// Refuses where a running server has its rows in another place than this command would look: what
/// was written there would be seen by nobody.
pub(crate) fn check_place_of_rows(config: &Config) -> anyhow::Result<()> {
    let data = config.data();
    let Some(server) = announced(&data).filter(|_| is_locked(&data)) else { return Ok(()) };
    let (its, hint) = match (server.on_postgres, config.database.url.is_some()) {
        (true, false) => ("on a Postgres server", "set ASSAY_DATABASE__URL to its address"),
        (false, true) => ("in files of the data folder", "take database.url out of the settings"),
        _ => return Ok(()),
    };
    let said = format!("the server that runs on {} has its rows {its}", data.display());
    Err(Told::new(ErrorCode::BadRequest, said).hint(hint).into())
}

/// Whether a process holds the folder. After a crash the address may belong to anybody.
fn is_locked(data: &Path) -> bool {
    let lock = std::fs::File::open(data.join("lock"));
    lock.is_ok_and(|lock| matches!(lock.try_lock(), Err(std::fs::TryLockError::WouldBlock)))
}

/// The code that a word of the wire stands for.
fn code(word: &str) -> ErrorCode {
    serde_json::from_value(serde_json::Value::String(word.to_owned()))
        .unwrap_or(ErrorCode::Internal)
}

#[cfg(test)]
mod tests {
    //! Events are put together again wherever the network cut them.

    use super::Events;

    #[test]
    fn events_cut_anywhere_are_whole() {
        let job = r#"{"step":"parsing: 1"}"#;
        let stream = format!(": heartbeat\n\ndata: {job}\n\nevent: claim\ndata: {job}\n\n");
        for cut in 0..stream.len() {
            let (first, second) = stream.as_bytes().split_at(cut);
            let mut events = Events::default();
            let mut whole = events.read(first);
            whole.extend(events.read(second));
            assert_eq!(whole.len(), 2, "{cut}");
            assert_eq!((whole[0].name.as_str(), whole[1].name.as_str()), ("", "claim"), "{cut}");
            assert!(whole.iter().all(|event| event.data == job), "{cut}");
        }
    }
}

//! What is fetched from issuers and providers: bounded requests, and documents that are kept.

use std::{
    fmt,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use assay_core::Deadline;
use assay_net::{Answer, Get, Guard, Http, Post, Url, header::HeaderMap};

use crate::IdentityError;

/// Time for one request.
const TIME: Duration = Duration::from_secs(5);
/// Bytes of an answer at most.
const BYTES_MAX: u64 = 256 << 10;
/// Milliseconds after which a document is fetched again when it is used.
const FRESH_MS: i64 = 10 * 60_000;
/// Milliseconds for which a document that cannot be fetched again goes on to serve.
const STALE_MS: i64 = 24 * 3_600_000;
/// Milliseconds between two fetches because of something that the document does not hold.
const INTERVAL_MS: i64 = 60_000;
/// Milliseconds after the first failure; each further one doubles them, up to the second number.
const BACKOFF_MS: (i64, i64) = (5_000, 300_000);

/// Requests to one issuer or provider. Its own hosts may lie inside the network; what its documents
/// lead to has to be public, or one of the hosts that the configuration names.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    http: Http,
    allow_http: bool,
}

impl Client {
    pub(crate) fn new(
        own: &[&str],
        private_hosts: &[String],
        allow_http: bool,
    ) -> Result<Self, IdentityError> {
        let mut hosts = private_hosts.to_vec();
        for url in own {
            hosts.extend(address(url, allow_http)?.host_str().map(str::to_owned));
        }
        let invalid = |error: String| IdentityError::invalid("private_hosts", error);
        let guard = Guard::new(&hosts).map_err(|error| invalid(error.to_string()))?;
        let http = Http::new(guard, concat!("assay/", env!("CARGO_PKG_VERSION")));
        let http = http.map_err(|error| invalid(error.to_string()))?;
        Ok(Self { http, allow_http })
    }

    /// An address that may be asked: https, or http on this machine or where that is allowed.
    pub(crate) fn address(&self, text: &str) -> Result<Url, IdentityError> {
        address(text, self.allow_http)
    }

    /// The body at an address. Redirects are no answer.
    pub(crate) async fn get(&self, url: &Url) -> Result<Vec<u8>, String> {
        let deadline = Deadline::after(TIME);
        let get = Get { url, headers: HeaderMap::new(), bytes_max: BYTES_MAX, deadline };
        body(self.http.get(get).await.map_err(|error| error.to_string())?)
    }

    /// The answer to a form, whatever its status.
    pub(crate) async fn post(
        &self,
        url: &Url,
        headers: HeaderMap,
        form: String,
    ) -> Result<Answer, String> {
        let post = Post {
            url,
            headers,
            body: form.into_bytes(),
            bytes_max: BYTES_MAX,
            deadline: Deadline::after(TIME),
        };
        self.http.post(post).await.map_err(|error| error.to_string())
    }
}

fn body(answer: Answer) -> Result<Vec<u8>, String> {
    if answer.is_success() { Ok(answer.bytes) } else { Err(format!("status {}", answer.status)) }
}

pub(crate) fn address(text: &str, allow_http: bool) -> Result<Url, IdentityError> {
    let refused =
        |reason: &str| Err(IdentityError::invalid("address", format!("`{text}` {reason}")));
    let Ok(url) = text.parse::<Url>() else { return refused("is no URL") };
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let is_local = host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_local || allow_http => Ok(url),
        _ => refused("is not https"),
    }
}

type Parse<T> = Box<dyn Fn(&[u8]) -> Result<T, String> + Send + Sync>;

/// A document of an issuer that is kept, fetched again now and then, and served on for a day while
/// it cannot be.
pub(crate) struct Remote<T> {
    client: Client,
    url: Url,
    what: &'static str,
    parse: Parse<T>,
    state: Mutex<State<T>>,
    /// Held while the document is fetched.
    fetching: Arc<tokio::sync::Mutex<()>>,
}

struct State<T> {
    held: Option<Arc<T>>,
    /// When it was fetched, and when that may be tried again.
    read_ms: i64,
    again_ms: i64,
    failures: u32,
}

impl<T> fmt::Debug for Remote<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Remote").field("url", &self.url.as_str()).finish_non_exhaustive()
    }
}

impl<T: Send + Sync + 'static> Remote<T> {
    pub(crate) fn new(client: Client, url: Url, what: &'static str, parse: Parse<T>) -> Arc<Self> {
        let state = State { held: None, read_ms: i64::MIN, again_ms: i64::MIN, failures: 0 };
        Arc::new(Self {
            client,
            url,
            what,
            parse,
            state: Mutex::new(state),
            fetching: Arc::default(),
        })
    }

    /// The document as it is here.
    pub(crate) fn held(&self, now_ms: i64) -> Result<Arc<T>, IdentityError> {
        let state = self.state();
        let good = state.held.as_ref().filter(|_| now_ms - state.read_ms < STALE_MS);
        good.map(Arc::clone).ok_or(IdentityError::Unreachable { what: self.what })
    }

    /// The document, fetched first when there is none, it is old, or it is not what is `wanted`,
    /// and it may be asked for again. One request is on its way at a time; whoever can use the old
    /// document does not wait for it.
    pub(crate) async fn get(
        self: &Arc<Self>,
        now_ms: i64,
        wanted: impl Fn(&T) -> bool,
    ) -> Result<Arc<T>, IdentityError> {
        let Some(usable) = self.is_due(now_ms, &wanted) else { return self.held(now_ms) };
        let fetching = Arc::clone(&self.fetching);
        let turn = if usable {
            let Ok(turn) = fetching.try_lock_owned() else { return self.held(now_ms) };
            turn
        } else {
            fetching.lock_owned().await
        };
        // Somebody else may have fetched it meanwhile.
        if self.is_due(now_ms, &wanted).is_some() {
            let this = Arc::clone(self);
            // In a task of its own: a client that leaves must not end what others wait for.
            let fetched = tokio::spawn(async move {
                this.fetch(now_ms).await;
                drop(turn);
            });
            let _ = fetched.await;
        }
        self.held(now_ms)
    }

    /// Whether it is to be fetched now, and if so, whether the old one will do meanwhile.
    fn is_due(&self, now_ms: i64, wanted: &impl Fn(&T) -> bool) -> Option<bool> {
        let state = self.state();
        let usable = state.held.as_ref().is_some_and(|held| wanted(held));
        let usable = usable && now_ms - state.read_ms < STALE_MS;
        let is_fresh = usable && now_ms - state.read_ms < FRESH_MS;
        (!is_fresh && now_ms >= state.again_ms).then_some(usable)
    }

    async fn fetch(&self, now_ms: i64) {
        let got = self.client.get(&self.url).await.and_then(|bytes| (self.parse)(&bytes));
        let mut state = self.state();
        match got {
            Ok(document) => {
                *state = State {
                    held: Some(Arc::new(document)),
                    read_ms: now_ms,
                    again_ms: now_ms + INTERVAL_MS,
                    failures: 0,
                };
            }
            Err(reason) => {
                let wait = BACKOFF_MS.0 << state.failures.min(10);
                state.again_ms = now_ms + wait.min(BACKOFF_MS.1);
                state.failures += 1;
                let (what, url) = (self.what, self.url.as_str());
                tracing::warn!(what, url, %reason, "a document could not be fetched");
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! Requests to the service, from threads that block: signed, tried again, and explained where they
//! fail.

use std::{
    path::PathBuf,
    sync::{Arc, mpsc},
    time::Duration,
};

use assay_core::{Clock as _, Deadline, SystemClock};
use assay_net::{
    Answer, Guard, Http, HttpError, Method, Post,
    bucket::{Bucket, BucketAddress, BucketKey, entity_tag, refusal},
    header::{ETAG, HeaderMap, HeaderName, HeaderValue},
};
use tokio::runtime::{Builder, Runtime};

use crate::{BackupError, Location, S3Settings};

/// Pauses before a request is made again. A step is tried again by itself ten seconds later.
const PAUSES_MS: [u64; 3] = [100, 400, 1_200];
/// Time for one request; the network has a shorter time without a byte.
const REQUEST: Duration = Duration::from_secs(600);
/// Bytes of an answer that is no file.
const SMALL: u64 = 1 << 20;

/// Makes requests to one bucket. Clones share connections.
#[derive(Debug, Clone)]
pub(super) struct Client(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    asking: Arc<Asking>,
    prefix: String,
    at: Location,
    /// `None` only while dropping.
    runtime: Option<Runtime>,
}

/// What a request needs.
#[derive(Debug)]
struct Asking {
    http: Http,
    bucket: Bucket,
}

/// A request.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    pub(super) method: Method,
    pub(super) query: Vec<(String, String)>,
    pub(super) header: Option<(HeaderName, String)>,
    pub(super) body: Vec<u8>,
    pub(super) bytes_max: u64,
    /// Of the bucket itself, not of a file.
    pub(super) is_of_bucket: bool,
}

/// The answer.
#[derive(Debug)]
pub(super) struct Said {
    pub(super) status: u16,
    pub(super) etag: String,
    pub(super) bytes: Vec<u8>,
    action: &'static str,
    path: PathBuf,
    reason: String,
}

impl Ask {
    pub(super) fn of(method: Method) -> Self {
        let (query, body) = (Vec::new(), Vec::new());
        Self { method, query, header: None, body, bytes_max: SMALL, is_of_bucket: false }
    }

    pub(super) fn of_bucket(method: Method, query: &[(&str, &str)], bytes_max: u64) -> Self {
        let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Self { query: query.collect(), bytes_max, is_of_bucket: true, ..Self::of(method) }
    }
}

impl Said {
    /// Whether there is no such file; a bucket that is missing is something else.
    pub(super) fn is_missing(&self) -> bool {
        self.status == 404 && !self.reason.contains("NoSuchBucket")
    }

    /// Whether somebody else was first.
    pub(super) const fn is_overtaken(&self) -> bool {
        matches!(self.status, 409 | 412)
    }

    /// The answer, when it is a success.
    pub(super) fn success(self) -> Result<Self, BackupError> {
        if matches!(self.status, 200..=299) {
            return Ok(self);
        }
        let Self { action, path, reason, status, .. } = self;
        Err(BackupError::Service { action, path, hint: hint(status, &reason), reason })
    }
}

impl Client {
    pub(super) fn new(
        name: &str,
        prefix: &str,
        settings: &S3Settings,
    ) -> Result<Self, BackupError> {
        let wrong = |what: String| BackupError::Bucket { what };
        let pair = settings.access_key.clone().zip(settings.secret_key.clone());
        let key = pair.map(|(access_key, secret_key)| BucketKey {
            access_key,
            secret_key,
            session_token: settings.session_token.clone(),
        });
        let address = BucketAddress {
            endpoint: &settings.endpoint,
            region: &settings.region,
            name,
            is_in_host: settings.bucket_in_host,
        };
        let bucket = Bucket::new(address, key)
            .map_err(|error| wrong(format!("backup.s3.endpoint or the bucket `{name}` {error}")))?;
        // Whoever configures the place may name a host of the inner network.
        let host = bucket.url("").host_str().unwrap_or_default().to_owned();
        let host = host.trim_matches(['[', ']']).to_owned();
        let guard = Guard::new(&[host]).map_err(|error| wrong(error.to_string()))?;
        let agent = concat!("assay/", env!("CARGO_PKG_VERSION"));
        let http = Http::new(guard, agent)
            .map_err(|error| wrong(assay_core::ErrorChain(&error).to_string()))?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("backup-bucket")
            .enable_all()
            .build()
            .map_err(|error| wrong(format!("no thread for requests: {error}")))?;
        let at = Location::Bucket { name: name.to_owned(), prefix: prefix.to_owned() };
        let asking = Arc::new(Asking { http, bucket });
        let runtime = Some(runtime);
        Ok(Self(Arc::new(Inner { asking, prefix: prefix.to_owned(), at, runtime })))
    }

    /// The key of a file.
    pub(super) fn key(&self, name: &str) -> String {
        format!("{}{name}", self.0.prefix)
    }

    /// Where a file lies, for messages.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        match name {
            "" => self.0.at.path(),
            name => self.0.at.path().join(name),
        }
    }

    /// Makes a request and waits for the answer.
    pub(super) fn ask(
        &self,
        action: &'static str,
        name: &str,
        ask: Ask,
    ) -> Result<Said, BackupError> {
        let mut said = self.ask_all(action, std::iter::once((name, ask)));
        said.pop().unwrap_or_else(|| Err(self.gone(action, name)))
    }

    /// Makes several requests at a time and waits for all answers, which come in the same order.
    pub(super) fn ask_all<'a>(
        &self,
        action: &'static str,
        asks: impl Iterator<Item = (&'a str, Ask)>,
    ) -> Vec<Result<Said, BackupError>> {
        let waiting: Vec<_> = asks
            .map(|(name, ask)| {
                let (send, answer) = mpsc::sync_channel(1);
                let (asking, path) = (Arc::clone(&self.0.asking), self.path(name));
                let key = if ask.is_of_bucket { String::new() } else { self.key(name) };
                let asked = async move {
                    // Nobody waits any more when this fails.
                    let _ = send.send(asking.ask(action, &key, path, &ask).await);
                };
                if let Some(runtime) = &self.0.runtime {
                    runtime.spawn(asked);
                }
                (name, answer)
            })
            .collect();
        let told = waiting
            .into_iter()
            .map(|(name, answer)| answer.recv().unwrap_or_else(|_| Err(self.gone(action, name))));
        told.collect()
    }

    fn gone(&self, action: &'static str, name: &str) -> BackupError {
        self.refused(action, name, "the thread for requests has ended".to_owned(), 0)
    }

    /// What cannot be used, though the service answered.
    pub(super) fn refused(
        &self,
        action: &'static str,
        name: &str,
        reason: String,
        status: u16,
    ) -> BackupError {
        let hint = hint(status, &reason);
        BackupError::Service { action, path: self.path(name), reason, hint }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Also where the last handle goes on a thread of another runtime.
            runtime.shutdown_background();
        }
    }
}

impl Asking {
    async fn ask(
        &self,
        action: &'static str,
        key: &str,
        path: PathBuf,
        ask: &Ask,
    ) -> Result<Said, BackupError> {
        let mut pauses = PAUSES_MS.iter();
        loop {
            let outcome = self.once(key, ask).await;
            let is_passing = match &outcome {
                Ok(answer) => matches!(answer.status, 408 | 429 | 500 | 502 | 503 | 504),
                Err(HttpError::Failed(_)) => true,
                Err(_) => false,
            };
            if is_passing && let Some(pause) = pauses.next() {
                tokio::time::sleep(Duration::from_millis(*pause)).await;
                continue;
            }
            return match outcome {
                Ok(answer) => Ok(said(action, path, answer)),
                Err(HttpError::TooLarge(_)) => Err(BackupError::TooLong { path }),
                Err(error) => {
                    let hint = "check backup.s3.endpoint and that the service runs";
                    Err(BackupError::Service { action, path, reason: error.to_string(), hint })
                }
            };
        }
    }

    async fn once(&self, key: &str, ask: &Ask) -> Result<Answer, HttpError> {
        let query: Vec<_> =
            ask.query.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let url = self.bucket.signed(&SystemClock.now(), &ask.method, key, &query);
        let mut headers = HeaderMap::new();
        if let Some((name, value)) = &ask.header
            && let Ok(value) = HeaderValue::from_str(value)
        {
            headers.insert(name.clone(), value);
        }
        let (bytes_max, deadline) = (ask.bytes_max, Deadline::after(REQUEST));
        let post = Post { url: &url, headers, body: ask.body.clone(), bytes_max, deadline };
        self.http.send(ask.method.clone(), post).await
    }
}

fn said(action: &'static str, path: PathBuf, answer: Answer) -> Said {
    let reason = if answer.is_success() { String::new() } else { refusal(&answer) };
    let etag = answer.header(ETAG.as_str()).map(entity_tag).unwrap_or_default();
    Said { status: answer.status, etag, bytes: answer.bytes, action, path, reason }
}

/// What to do about a refusal, by the words of the service.
fn hint(status: u16, reason: &str) -> &'static str {
    let codes = [
        ("NoSuchBucket", "make the bucket, or check backup.to and backup.s3.endpoint"),
        ("SignatureDoesNotMatch", "check backup.s3.secret_key and backup.s3.region"),
        ("InvalidAccessKeyId", "check backup.s3.access_key"),
        ("ExpiredToken", "the temporary credentials have ended: give new ones"),
        ("RequestTimeTooSkewed", "set the clock of this machine right"),
        ("AuthorizationHeaderMalformed", "check backup.s3.region"),
        ("PermanentRedirect", "check backup.s3.endpoint and backup.s3.region"),
        ("NotImplemented", "the service lacks something that backups need"),
        ("InsufficientStorage", "make room in the bucket"),
        ("QuotaExceeded", "make room in the bucket"),
    ];
    let found = codes.iter().find(|(code, _)| reason.contains(code));
    found.map_or_else(
        || match status {
            300..=399 => "check backup.s3.endpoint and backup.s3.region",
            401 | 403 => "the access key has to list, read, write and delete below the prefix",
            408 | 429 | 500..=599 => "the service has trouble now: it is tried again",
            _ => "docs/guide/backup.md says what a bucket has to be able to do",
        },
        |(_, hint)| hint,
    )
}

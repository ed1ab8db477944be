//! One HTTP request at a time, bounded in bytes and time.

use std::{error::Error, io::Read, sync::Arc, time::Duration};

use assay_core::{Deadline, ErrorChain};
use flate2::read::MultiGzDecoder;
use reqwest::{
    Method, RequestBuilder, Response, Url,
    header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderMap, HeaderValue, LOCATION},
};

use crate::guard::{Blocked, Guard, GuardedResolver};

/// Time for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// Time without a byte.
const IDLE: Duration = Duration::from_secs(20);
/// More header lines are refused by the HTTP client; these are bytes of one value that we keep.
const HEADER_BYTES_MAX: usize = 1_024;

/// Makes requests to what the guard allows. Redirects are given back, never followed.
/// Cheap to clone; connections are shared.
#[derive(Debug, Clone)]
pub struct Http {
    client: reqwest::Client,
    guard: Arc<Guard>,
}

/// The HTTP or TLS client could not be built.
#[derive(Debug, thiserror::Error)]
#[error("the network client could not be set up")]
pub struct SetupError(#[source] reqwest::Error);

/// What is asked for.
#[derive(Debug)]
pub struct Get<'a> {
    /// The whole address.
    pub url: &'a Url,
    /// Sent besides the usual ones.
    pub headers: HeaderMap,
    /// Bytes of the body at most, packed or not.
    pub bytes_max: u64,
    /// When the whole body must have been read.
    pub deadline: Deadline,
}

/// What is sent.
#[derive(Debug)]
pub struct Post<'a> {
    /// The whole address.
    pub url: &'a Url,
    /// Sent besides the usual ones.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
    /// Bytes of the answer's body at most, packed or not.
    pub bytes_max: u64,
    /// When the whole answer must have been read.
    pub deadline: Deadline,
}

/// The answer to a request.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, unpacked. Empty unless the status is a success or an error: a redirect's is not
    /// read.
    pub bytes: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The host may not be reached.
    #[error(transparent)]
    Blocked(#[from] Blocked),
    /// The time ran out.
    #[error("it took longer than the time for a request")]
    TooSlow,
    /// The body, packed or unpacked, is larger than so many bytes.
    #[error("it has more than {0} bytes")]
    TooLarge(u64),
    /// The body is not what its encoding says.
    #[error("its compressed content is damaged")]
    Damaged,
    /// The connection or the protocol failed.
    #[error("{0}")]
    Failed(String),
}

impl Http {
    /// A client that calls itself `agent`; no connection is made yet.
    ///
    /// # Errors
    /// [`SetupError`].
    pub fn new(guard: Arc<Guard>, agent: &str) -> Result<Self, SetupError> {
        // A second installation of the same provider is an error value that means "already done".
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .read_timeout(IDLE)
            .redirect(reqwest::redirect::Policy::none())
            // A proxy would resolve names itself, past the guard.
            .no_proxy()
            .referer(false)
            .user_agent(agent)
            .dns_resolver(Arc::new(GuardedResolver(Arc::clone(&guard))))
            .build()
            .map_err(SetupError)?;
        Ok(Self { client, guard })
    }

    /// What may be reached.
    #[must_use]
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// Makes the request and reads the whole answer.
    ///
    /// # Errors
    /// [`HttpError`]; a status that is no success is an answer.
    pub async fn get(&self, get: Get<'_>) -> Result<Answer, HttpError> {
        self.guard.check_url(get.url)?;
        let request = self.client.get(get.url.clone()).headers(get.headers);
        in_time(get.deadline, exchange(request, get.bytes_max)).await
    }

    /// Sends the body and reads the whole answer.
    ///
    /// # Errors
    /// [`HttpError`]; a status that is no success is an answer.
    pub async fn post(&self, post: Post<'_>) -> Result<Answer, HttpError> {
        self.send(Method::POST, post).await
    }

    /// The same with another method.
    ///
    /// # Errors
    /// As for [`Self::post`].
    pub async fn send(&self, method: Method, post: Post<'_>) -> Result<Answer, HttpError> {
        self.guard.check_url(post.url)?;
        let request = self.client.request(method, post.url.clone()).headers(post.headers);
        let request = request.body(post.body);
        in_time(post.deadline, exchange(request, post.bytes_max)).await
    }
}

async fn in_time(
    deadline: Deadline,
    exchange: impl Future<Output = Result<Answer, HttpError>>,
) -> Result<Answer, HttpError> {
    let ended = tokio::time::timeout_at(deadline.instant().into(), exchange).await;
    ended.map_err(|_| HttpError::TooSlow)?
}

async fn exchange(request: RequestBuilder, bytes_max: u64) -> Result<Answer, HttpError> {
    let request = request.header(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    let mut response = request.send().await.map_err(|error| failure(&error))?;
    let status = response.status().as_u16();
    let mut answer = Answer { status, headers: response.headers().clone(), bytes: Vec::new() };
    if response.status().is_redirection() {
        return Ok(answer);
    }
    answer.bytes = read(&mut response, bytes_max).await?;
    match answer.header(CONTENT_ENCODING.as_str()).map(str::to_ascii_lowercase).as_deref() {
        None | Some("identity" | "") => {}
        Some("gzip" | "x-gzip") => answer.bytes = unpack(&answer.bytes, bytes_max)?,
        Some(other) => {
            return Err(HttpError::Failed(format!("its content is encoded as `{other}`")));
        }
    }
    Ok(answer)
}

impl Answer {
    /// Whether the status is a success.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// A header that is short and plain text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let value = self.headers.get(name)?.to_str().ok()?;
        (value.len() <= HEADER_BYTES_MAX).then_some(value)
    }

    /// Where a redirect leads; none when the answer is no redirect.
    #[must_use]
    pub fn redirect(&self, from: &Url) -> Option<Url> {
        if !matches!(self.status, 301 | 302 | 303 | 307 | 308) {
            return None;
        }
        let mut to = from.join(self.headers.get(LOCATION)?.to_str().ok()?).ok()?;
        to.set_fragment(None);
        Some(to)
    }
}

async fn read(response: &mut Response, bytes_max: u64) -> Result<Vec<u8>, HttpError> {
    if response.content_length().is_some_and(|length| length > bytes_max) {
        return Err(HttpError::TooLarge(bytes_max));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() as u64 > bytes_max {
            return Err(HttpError::TooLarge(bytes_max));
        }
    }
    Ok(bytes)
}

/// Unpacks gzip up to a limit.
///
/// # Errors
/// [`HttpError::Damaged`] and [`HttpError::TooLarge`].
pub fn unpack(packed: &[u8], bytes_max: u64) -> Result<Vec<u8>, HttpError> {
    let mut bytes = Vec::new();
    MultiGzDecoder::new(packed)
        .take(bytes_max + 1)
        .read_to_end(&mut bytes)
        .map_err(|_| HttpError::Damaged)?;
    if bytes.len() as u64 > bytes_max {
        return Err(HttpError::TooLarge(bytes_max));
    }
    Ok(bytes)
}

/// What a person can use of an error; a block by the resolver is deep inside.
fn failure(error: &reqwest::Error) -> HttpError {
    let mut source: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = source {
        if let Some(blocked) = blocked(error) {
            return HttpError::Blocked(blocked);
        }
        source = error.source();
    }
    if error.is_timeout() {
        return HttpError::TooSlow;
    }
    // The URL stays out of the message: a signature may stand in it.
    error.source().map_or_else(
        || HttpError::Failed("the request failed".to_owned()),
        |source| HttpError::Failed(ErrorChain(source).to_string()),
    )
}

fn blocked(error: &(dyn Error + 'static)) -> Option<Blocked> {
    if let Some(io) = error.downcast_ref::<std::io::Error>() {
        return io.get_ref()?.downcast_ref::<Blocked>().cloned();
    }
    error.downcast_ref::<Blocked>().cloned()
}

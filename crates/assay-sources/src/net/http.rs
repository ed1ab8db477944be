//! One HTTP request at a time, bounded in bytes and time.

use std::{error::Error, io::Read, sync::Arc, time::Duration};

use assay_core::{Deadline, ErrorChain};
use flate2::read::MultiGzDecoder;
use reqwest::{
    Response, Url,
    header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderMap, HeaderValue, LOCATION},
};
use tokio::runtime::Handle;

use super::guard::{Blocked, Guard, GuardedResolver};
use crate::{SourceContext, SourceError};

/// How the crawler calls itself, to servers and to `robots.txt`.
pub(crate) const AGENT: &str = "assay";
/// Time for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// Time without a byte.
const IDLE: Duration = Duration::from_secs(20);
/// More header lines are refused by the HTTP client; these are bytes of one value that we keep.
const HEADER_BYTES_MAX: usize = 1_024;

/// Makes requests to what the guard allows. Redirects are given back, never followed.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    client: reqwest::Client,
    guard: Arc<Guard>,
    runtime: Handle,
}

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Get<'a> {
    pub(crate) url: &'a Url,
    pub(crate) headers: HeaderMap,
    /// Bytes of the body at most, packed or not.
    pub(crate) bytes_max: u64,
    pub(crate) deadline: Deadline,
}

/// The answer to a request.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// Empty unless the status is a success or an error: a redirect's is not read.
    pub(crate) bytes: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpError {
    #[error(transparent)]
    Blocked(#[from] Blocked),
    #[error("it took longer than the time for a request")]
    TooSlow,
    #[error("the run ended before it was read")]
    Ended,
    #[error("it has more than {0} bytes")]
    TooLarge(u64),
    #[error("its compressed content is damaged")]
    Damaged,
    #[error("{0}")]
    Failed(String),
}

impl Http {
    pub(crate) fn new(context: &SourceContext) -> Result<Self, SourceError> {
        let guard = Guard::new(&context.policy)?;
        // A second installation of the same provider is an error value that means "already done".
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .read_timeout(IDLE)
            .redirect(reqwest::redirect::Policy::none())
            // A proxy would resolve names itself, past the guard.
            .no_proxy()
            .referer(false)
            .user_agent(concat!("assay/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Arc::new(GuardedResolver(Arc::clone(&guard))))
            .build()
            .map_err(|error| SourceError::Setup(error.to_string()))?;
        Ok(Self { client, guard, runtime: context.runtime.clone() })
    }

    pub(crate) fn guard(&self) -> &Guard {
        &self.guard
    }

    /// Makes the request and reads the whole answer.
    pub(crate) fn get(&self, get: Get<'_>) -> Result<Answer, HttpError> {
        self.guard.check_url(get.url)?;
        self.runtime.block_on(async {
            tokio::time::timeout_at(get.deadline.instant().into(), self.exchange(get))
                .await
                .map_err(|_| HttpError::TooSlow)?
        })
    }

    async fn exchange(&self, get: Get<'_>) -> Result<Answer, HttpError> {
        let request = self
            .client
            .get(get.url.clone())
            .header(ACCEPT_ENCODING, HeaderValue::from_static("gzip"))
            .headers(get.headers);
        let mut response = request.send().await.map_err(|error| failure(&error))?;
        let status = response.status().as_u16();
        let mut answer = Answer { status, headers: response.headers().clone(), bytes: Vec::new() };
        if response.status().is_redirection() {
            return Ok(answer);
        }
        answer.bytes = read(&mut response, get.bytes_max).await?;
        match answer.header(CONTENT_ENCODING.as_str()).map(str::to_ascii_lowercase).as_deref() {
            None | Some("identity" | "") => {}
            Some("gzip" | "x-gzip") => answer.bytes = unpack(&answer.bytes, get.bytes_max)?,
            Some(other) => {
                return Err(HttpError::Failed(format!("its content is encoded as `{other}`")));
            }
        }
        Ok(answer)
    }
}

impl Answer {
    pub(crate) const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// A header that is short and plain text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let value = self.headers.get(name)?.to_str().ok()?;
        (value.len() <= HEADER_BYTES_MAX).then_some(value)
    }

    /// Where a redirect leads.
    pub(crate) fn redirect(&self, from: &Url) -> Option<Url> {
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
pub(crate) fn unpack(packed: &[u8], bytes_max: u64) -> Result<Vec<u8>, HttpError> {
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

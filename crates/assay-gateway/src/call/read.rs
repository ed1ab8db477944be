//! Reading from providers: bodies with limits, refusals, what to make of a broken connection.

use std::{io::Write as _, time::Duration};

use bytes::Bytes;
use flate2::write::GzDecoder;
use reqwest::{
    Response,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use tokio::time::{Instant, timeout_at};

use crate::{
    fault::{Fault, FaultKind},
    provider::Wire,
};

/// Bytes read of one plain answer at most.
const ANSWER_BYTES_MAX: usize = 32 << 20;
/// Bytes read of a refusal at most.
const REFUSAL_BYTES_MAX: usize = 64 << 10;
/// Bytes unpacked in one go: a small packed chunk may hold much.
const PACKED_STEP: usize = 1 << 10;

/// Headers of the caller that belong to the provider.
pub(super) fn forward(headers: &mut HeaderMap, forward: &[(String, String)], wire: Wire) {
    for (name, value) in forward {
        if name.starts_with("anthropic-") != (wire == Wire::Messages) {
            continue;
        }
        let header = HeaderName::try_from(name.as_str());
        if let (Ok(name), Ok(value)) = (header, HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    }
}

/// Unpacks what comes packed although that was not asked for.
#[derive(Debug)]
pub(super) enum Unpacker {
    Plain,
    Gzip(Box<GzDecoder<Vec<u8>>>),
}

impl Unpacker {
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Fault> {
        match headers.get("content-encoding").map(HeaderValue::as_bytes) {
            None | Some(b"identity" | b"") => Ok(Self::Plain),
            Some(b"gzip" | b"x-gzip") => Ok(Self::Gzip(Box::new(GzDecoder::new(Vec::new())))),
            Some(other) => {
                let name = String::from_utf8_lossy(other);
                Err(Fault::malformed(format!("the answer is packed with `{name}`")))
            }
        }
    }

    /// The bytes that a chunk holds.
    pub(super) fn unpack(&mut self, chunk: Bytes, limit: usize) -> Result<Bytes, Fault> {
        let Self::Gzip(decoder) = self else { return Ok(chunk) };
        let broken = |_| Fault::malformed("the packed answer cannot be unpacked");
        for step in chunk.chunks(PACKED_STEP) {
            decoder.write_all(step).map_err(broken)?;
            decoder.flush().map_err(broken)?;
            if decoder.get_ref().len() > limit {
                return Err(Fault::malformed(format!("more than {limit} bytes at once")));
            }
        }
        Ok(std::mem::take(decoder.get_mut()).into())
    }
}

/// A whole body, up to a limit.
pub(super) async fn body(
    provider: &str,
    mut response: Response,
    idle: Duration,
    end: Instant,
) -> Result<Bytes, Fault> {
    let mut unpacker = Unpacker::of(response.headers())?;
    let mut whole = Vec::new();
    let mut only = None;
    while let Some(chunk) = chunk(provider, &mut response, idle, end).await? {
        let chunk = unpacker.unpack(chunk, ANSWER_BYTES_MAX)?;
        if whole.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(Fault::malformed("the answer is longer than 32 MiB"));
        }
        // Most answers come in one piece, which needs no copy.
        match only.take() {
            None if whole.is_empty() => only = Some(chunk),
            first => {
                whole.extend_from_slice(&first.unwrap_or_default());
                whole.extend_from_slice(&chunk);
            }
        }
    }
    Ok(only.unwrap_or_else(|| whole.into()))
}

/// The next bytes, waited for no longer than the limits allow.
pub(super) async fn chunk(
    provider: &str,
    response: &mut Response,
    idle: Duration,
    end: Instant,
) -> Result<Option<Bytes>, Fault> {
    let limit = end.min(Instant::now() + idle);
    match timeout_at(limit, response.chunk()).await {
        Ok(Ok(chunk)) => Ok(chunk),
        Ok(Err(error)) => Err(broken(provider, error)),
        Err(_) => Err(silent(provider, idle)),
    }
}

/// What a status other than 2xx says.
pub(super) async fn refusal(provider: &str, mut response: Response, end: Instant) -> Fault {
    let status = response.status().as_u16();
    let retry_after = retry_after(response.headers());
    let mut body = Vec::new();
    let limit = Duration::from_secs(5);
    while let Ok(Some(more)) = chunk(provider, &mut response, limit, end).await {
        body.extend_from_slice(&more);
        if body.len() > REFUSAL_BYTES_MAX {
            break;
        }
    }
    Fault { retry_after, ..Fault::said(provider, status, &body) }
}

/// When it may be tried again: `retry-after-ms`, or `retry-after` in seconds or as a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok();
    let number = |name: &str| text(name)?.trim().parse::<f64>().ok().filter(|n| *n >= 0.0);
    if let Some(millis) = number("retry-after-ms") {
        return Duration::try_from_secs_f64(millis / 1e3).ok();
    }
    if let Some(seconds) = number("retry-after") {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let until = httpdate::parse_http_date(text("retry-after")?).ok()?;
    let date = httpdate::parse_http_date(text("date")?).ok()?;
    Some(until.duration_since(date).unwrap_or_default())
}

pub(super) fn silent(provider: &str, waited: Duration) -> Fault {
    let seconds = waited.as_secs_f64().ceil();
    Fault::new(
        FaultKind::Timeout,
        format!("the provider `{provider}` sent nothing for {seconds} s"),
    )
}

/// No connection, or none that held until the answer began.
pub(super) fn unreachable(provider: &str, error: reqwest::Error) -> Fault {
    // The URL stays out of the message: a key may stand in it.
    let error = error.without_url();
    tracing::debug!(provider, error = %assay_core::ErrorChain(&error), "no connection");
    Fault::new(FaultKind::Unreachable, format!("the provider `{provider}` could not be reached"))
}

/// The connection broke in the middle of an answer.
fn broken(provider: &str, error: reqwest::Error) -> Fault {
    let error = error.without_url();
    tracing::debug!(provider, error = %assay_core::ErrorChain(&error), "connection broke");
    Fault::new(FaultKind::Cut, format!("the connection to the provider `{provider}` broke off"))
}

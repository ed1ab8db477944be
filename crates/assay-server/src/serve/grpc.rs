//! The health by gRPC (`grpc.health.v1.Health`), as the probes of platforms ask for it.
//!
//! Two messages of one field each: written out here, they are shorter than what would generate them.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, to_bytes},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::Response,
};
use futures_util::{Stream, StreamExt as _, stream};
use hyper::{
    Request,
    body::{Frame, Incoming},
};
use tokio::time::sleep;

use crate::App;

const CHECK: &str = "/grpc.health.v1.Health/Check";
const WATCH: &str = "/grpc.health.v1.Health/Watch";
/// Bytes of a request at most: the name of a service.
const REQUEST_BYTES_MAX: usize = 1 << 10;
/// Time between two looks for somebody who watches.
const LOOK: Duration = Duration::from_secs(1);

/// What a service is, as the protocol numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Serving = 1,
    NotServing = 2,
    Unknown = 3,
}

/// Why a call fails, as gRPC numbers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Code {
    InvalidArgument = 3,
    NotFound = 5,
    Unimplemented = 12,
    Unavailable = 14,
}

/// A failed call.
type Refusal = (Code, &'static str);

/// The services that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Service {
    /// Whether it can serve, as `/health/ready` says: the empty name, or `ready`.
    Ready,
    /// Whether the process lives: `live`.
    Live,
}

impl Service {
    fn named(name: &str) -> Option<Self> {
        match name {
            "" | "ready" => Some(Self::Ready),
            "live" => Some(Self::Live),
            _ => None,
        }
    }

    async fn status(self, app: &App) -> Status {
        let is_well = match self {
            _ if app.sockets.is_stopping() => false,
            Self::Live => true,
            Self::Ready => app.is_ready().await,
        };
        if is_well { Status::Serving } else { Status::NotServing }
    }
}

/// Answers a call.
pub(super) async fn answer(app: App, request: Request<Incoming>) -> Result<Response, Infallible> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if request.method() != Method::POST
        || !kind.is_some_and(|kind| kind.starts_with("application/grpc"))
    {
        // The answer that the protocol asks for; what else there is speaks HTTP/1.1.
        return Ok(status_only(StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    Ok(called(app, request).await.unwrap_or_else(refused))
}

async fn called(app: App, request: Request<Incoming>) -> Result<Response, Refusal> {
    let path = request.uri().path().to_owned();
    if path != CHECK && path != WATCH {
        return Err((Code::Unimplemented, "only grpc.health.v1.Health is served here"));
    }
    let body = to_bytes(Body::new(request.into_body()), REQUEST_BYTES_MAX).await;
    let body = body.map_err(|_| (Code::InvalidArgument, "the request is too long or broken"))?;
    let service = Service::named(&service_name(&body)?);
    if path == WATCH {
        return Ok(streamed(watched(app, service)));
    }
    let service = service.ok_or((Code::NotFound, "the services are ready and live"))?;
    let status = service.status(&app).await;
    Ok(streamed(stream::iter([message(status), end(None)])))
}

/// The states of a service as they follow each other; one that is not known may come to be, says the
/// protocol: it is told once.
fn watched(app: App, service: Option<Service>) -> impl Stream<Item = Frame<Bytes>> + Send {
    stream::unfold((app, None, false), move |(app, last, is_over)| async move {
        if is_over {
            return None;
        }
        loop {
            let status = match service {
                Some(service) => service.status(&app).await,
                None => Status::Unknown,
            };
            if last != Some(status) {
                return Some((message(status), (app, Some(status), false)));
            }
            if app.sockets.is_stopping() {
                let frame = end(Some((Code::Unavailable, "the server stops")));
                return Some((frame, (app, last, true)));
            }
            tokio::select! {
                () = sleep(LOOK) => {}
                () = app.sockets.stopped() => {}
            }
        }
    })
}

/// The name in a `HealthCheckRequest`: its field 1.
fn service_name(frame: &[u8]) -> Result<String, Refusal> {
    const BROKEN: Refusal = (Code::InvalidArgument, "this is no HealthCheckRequest");
    let (head, mut fields) = frame.split_at_checked(5).ok_or(BROKEN)?;
    let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
    if head[0] != 0 {
        return Err((Code::Unimplemented, "compressed requests are not read"));
    }
    if usize::try_from(length) != Ok(fields.len()) {
        return Err(BROKEN);
    }
    let mut name = String::new();
    while !fields.is_empty() {
        let key = number(&mut fields).ok_or(BROKEN)?;
        match (key >> 3, key & 7) {
            (_, 0) => {
                number(&mut fields).ok_or(BROKEN)?;
            }
            (_, 1) => fields = fields.get(8..).ok_or(BROKEN)?,
            (_, 5) => fields = fields.get(4..).ok_or(BROKEN)?,
            (field, 2) => {
                let length = number(&mut fields).and_then(|length| usize::try_from(length).ok());
                let parts = length.and_then(|length| fields.split_at_checked(length));
                let (value, rest) = parts.ok_or(BROKEN)?;
                fields = rest;
                if field == 1 {
                    name = String::from_utf8(value.to_vec()).map_err(|_| BROKEN)?;
                }
            }
            _ => return Err(BROKEN),
        }
    }
    Ok(name)
}

/// A number of variable length, at the head of `bytes`.
fn number(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// A `HealthCheckResponse`: its field 1 is the state.
fn message(status: Status) -> Frame<Bytes> {
    Frame::data(Bytes::copy_from_slice(&[0, 0, 0, 0, 2, 0x08, status as u8]))
}

/// How the call ended.
fn end(refusal: Option<Refusal>) -> Frame<Bytes> {
    Frame::trailers(ended(refusal))
}

fn ended(refusal: Option<Refusal>) -> HeaderMap {
    let (code, message) = refusal.map_or((0, None), |(code, why)| (code as u16, Some(why)));
    let mut headers = HeaderMap::new();
    headers.insert("grpc-status", HeaderValue::from(code));
    if let Some(message) = message {
        headers.insert("grpc-message", HeaderValue::from_static(message));
    }
    headers
}

fn refused(refusal: Refusal) -> Response {
    let mut response = status_only(StatusCode::OK);
    response.headers_mut().extend(ended(Some(refusal)));
    response
}

fn status_only(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("application/grpc");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

fn streamed(frames: impl Stream<Item = Frame<Bytes>> + Send + 'static) -> Response {
    status_only(StatusCode::OK).map(|_| Body::new(Frames(frames.boxed())))
}

/// A body of frames: messages, then how the call ended.
struct Frames(Pin<Box<dyn Stream<Item = Frame<Bytes>> + Send>>);

impl hyper::body::Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_next_unpin(cx).map(|frame| frame.map(Ok))
    }
}

#[cfg(test)]
mod tests {
    //! Requests as bytes.

    use super::*;

    fn frame(message: &[u8]) -> Vec<u8> {
        let length = u32::try_from(message.len()).unwrap();
        [&[0][..], &length.to_be_bytes(), message].concat()
    }

    #[test]
    fn the_name_of_the_service_is_found_among_fields_that_nobody_knows() {
        assert_eq!(service_name(&frame(b"")), Ok(String::new()));
        assert_eq!(service_name(&frame(b"\x0a\x04live")), Ok("live".to_owned()));
        let others = b"\x10\x96\x01\x0a\x05ready\x1a\x02xx\x25abcd\x31abcdefgh";
        assert_eq!(service_name(&frame(others)), Ok("ready".to_owned()));
    }

    #[test]
    fn what_is_no_request_is_refused() {
        let broken = [
            b"\x0a\x05live".to_vec(),
            b"\x0a".to_vec(),
            b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01".to_vec(),
            b"\x0b".to_vec(),
            b"\x0a\x01\xff".to_vec(),
        ];
        for message in broken {
            assert_eq!(service_name(&frame(&message)).unwrap_err().0, Code::InvalidArgument);
        }
        assert_eq!(service_name(b"\0\0\0").unwrap_err().0, Code::InvalidArgument);
        assert_eq!(service_name(&[0, 0, 0, 0, 9, 0]).unwrap_err().0, Code::InvalidArgument);
        assert_eq!(service_name(&[1, 0, 0, 0, 0]).unwrap_err().0, Code::Unimplemented);
    }
}

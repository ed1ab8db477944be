//! Calls to models that pass through to providers, in the dialects of their clients.

use assay_gateway::{Dialect, Fault, FaultKind, Incoming, Reply, ReplyBody, Wishes};
use assay_identity::Credential;
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::StreamExt;

use crate::{
    auth::Acting,
    failure::{Enveloped, RequestName},
};

pub(super) mod explain;
pub(super) mod messages;
pub(super) mod responses;

/// Headers of a caller that a provider of the same dialect gets.
const FORWARDED: [&str; 3] = ["anthropic-beta", "anthropic-version", "openai-beta"];

/// What a handler knows of a request before its body is read as anything.
pub(super) fn incoming(
    app: &Acting,
    dialect: Dialect,
    name: RequestName,
    headers: &HeaderMap,
    body: Bytes,
) -> Result<Incoming, Box<Fault>> {
    let mut wishes = Wishes::default();
    let mut forward = Vec::new();
    for (header, value) in headers {
        let header = header.as_str();
        if header.starts_with("x-assay-") {
            let text = value.to_str().unwrap_or_default();
            wishes
                .read(header, text)
                .map_err(|what| Box::new(refusal(FaultKind::Request(400), what)))?;
        } else if header == header::CACHE_CONTROL {
            let value = value.to_str().unwrap_or_default();
            wishes.no_cache |= value.contains("no-cache") || value.contains("no-store");
        } else if FORWARDED.contains(&header)
            && let Ok(value) = value.to_str()
        {
            forward.push((header.to_owned(), value.to_owned()));
        }
    }
    if let Some(kind) = headers.get(header::CONTENT_TYPE)
        && !is_json(kind)
    {
        let what = "the body has to be JSON: send the header `content-type: application/json`";
        return Err(Box::new(refusal(FaultKind::Request(415), what)));
    }
    Ok(Incoming {
        scope: app.scope(),
        key: match app.caller().credential() {
            Credential::Key(id) => Some(id.to_string()),
            Credential::Local | Credential::Login(_) | Credential::Token => None,
        },
        user: Some(app.caller().user()),
        principal: Some(app.caller().principal()),
        id: name.0,
        dialect,
        body,
        wishes,
        forward,
        own: None,
    })
}

fn is_json(kind: &HeaderValue) -> bool {
    let kind = kind.to_str().unwrap_or_default();
    let media = kind.split(';').next().unwrap_or_default().trim();
    media.eq_ignore_ascii_case("application/json") || media.ends_with("+json")
}

fn refusal(kind: FaultKind, message: impl Into<String>) -> Fault {
    Fault {
        kind,
        message: message.into(),
        code: None,
        param: None,
        family: None,
        retry_after: None,
    }
}

/// Passes a request to the gateway.
pub(super) async fn pass(
    app: &Acting,
    dialect: Dialect,
    name: RequestName,
    headers: &HeaderMap,
    body: Bytes,
) -> Reply {
    match incoming(app, dialect, name, headers, body) {
        Ok(incoming) => {
            app.gateway.call_inspected(incoming, &app.engine.inspector(app.actor())).await
        }
        Err(fault) => Reply::fault(dialect, *fault, HeaderMap::new()),
    }
}

/// A reply of the gateway as a response of HTTP.
pub(super) fn response(reply: Reply) -> Response {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::BAD_GATEWAY);
    let (kind, body) = match reply.body {
        ReplyBody::Whole(bytes) => ("application/json", Body::from(bytes)),
        ReplyBody::Stream(frames) => {
            let frames = frames.map(Ok::<_, std::convert::Infallible>);
            ("text/event-stream", Body::from_stream(frames))
        }
    };
    let mut response = (status, body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if kind == "text/event-stream" {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        // nginx holds streams back without this.
        headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    }
    headers.extend(reply.headers);
    response.extensions_mut().insert(Enveloped);
    response
}

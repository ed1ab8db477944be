//! `POST /v1/messages` and `/v1/messages/count_tokens` of Anthropic.

use assay_gateway::Dialect;
use axum::{Extension, body::Bytes, http::HeaderMap, response::Response};

use super::{pass, response};
use crate::{auth::Acting, failure::RequestName};

/// A conversation in the protocol of Anthropic, answered by any model that a route leads to.
#[utoipa::path(
    post, path = "/v1/messages", tag = "anthropic",
    request_body(content = serde_json::Value, description = "as Anthropic's protocol has it"),
    responses(
        (status = 200, description = "a message; with `stream`, its events",
         content((serde_json::Value = "application/json"), (String = "text/event-stream"))),
        (status = 404, body = serde_json::Value, description = "unknown model"),
    )
)]
pub(in crate::route) async fn create(
    app: Acting,
    Extension(name): Extension<RequestName>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    response(pass(&app, Dialect::Messages, name, &headers, body).await)
}

/// How many tokens a conversation has, counted by the provider where it can, else estimated.
#[utoipa::path(
    post, path = "/v1/messages/count_tokens", tag = "anthropic",
    request_body(content = serde_json::Value, description = "as Anthropic's protocol has it"),
    responses(
        (status = 200, body = serde_json::Value),
        (status = 404, body = serde_json::Value, description = "unknown model"),
    )
)]
pub(in crate::route) async fn count_tokens(
    app: Acting,
    Extension(name): Extension<RequestName>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    response(pass(&app, Dialect::CountTokens, name, &headers, body).await)
}

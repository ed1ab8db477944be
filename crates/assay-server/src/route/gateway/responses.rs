//! `POST /v1/responses` of OpenAI.

use assay_api::OpenAiErrorBody;
use assay_gateway::Dialect;
use axum::{Extension, body::Bytes, http::HeaderMap, response::Response};

use super::{pass, response};
use crate::{auth::Acting, failure::RequestName};

/// A response in the protocol of OpenAI, by any model that a route leads to. Nothing is stored:
/// `previous_response_id` is refused.
#[utoipa::path(
    post, path = "/v1/responses", tag = "openai",
    request_body(content = serde_json::Value, description = "as OpenAI's protocol has it"),
    responses(
        (status = 200, description = "a response; with `stream`, its events",
         content((serde_json::Value = "application/json"), (String = "text/event-stream"))),
        (status = 400, body = OpenAiErrorBody),
        (status = 404, body = OpenAiErrorBody, description = "unknown model"),
    )
)]
pub(in crate::route) async fn create(
    app: Acting,
    Extension(name): Extension<RequestName>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    response(pass(&app, Dialect::Responses, name, &headers, body).await)
}

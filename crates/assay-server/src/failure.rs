//! A failed request and the envelope that every failure leaves in.

use assay_answer::AnswerError;
use assay_api::{ErrorBody, ErrorDetail, OpenAiErrorBody, OpenAiErrorDetail};
use assay_core::{Coded, ErrorChain, ErrorCode, RequestId};
use axum::{
    Json,
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::status::{code_of, status_of};

/// Paths whose clients expect errors in the OpenAI shape.
const OPENAI_PATHS: [&str; 3] = ["/v1/chat/completions", "/v1/embeddings", "/v1/models"];
/// Bytes read of a message that the HTTP layer wrote.
const MESSAGE_BYTES_MAX: usize = 4 << 10;

/// Names the request in the log and in error messages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestName(pub(crate) RequestId);

/// A failed request: what to say, to be put into the envelope of its path.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) code: ErrorCode,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl Failure {
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None }
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::BadRequest, message)
    }

    pub(crate) fn not_found(kind: &str, id: &str) -> Self {
        Self::new(ErrorCode::NotFound, format!("there is no {kind} `{id}`"))
    }

    /// The error as a body, also for the last event of a stream.
    pub(crate) fn body(&self, request_id: &str) -> ErrorBody {
        let error = ErrorDetail {
            code: self.code.as_str().to_owned(),
            message: self.message.clone(),
            hint: self.hint.clone(),
            request_id: request_id.to_owned(),
        };
        ErrorBody { error }
    }

    /// The error as a body of the OpenAI protocol, also for the last frame of a stream.
    pub(crate) fn openai_body(&self) -> OpenAiErrorBody {
        let kind = if status_of(self.code).is_server_error() {
            "server_error"
        } else {
            "invalid_request_error"
        };
        let message = match &self.hint {
            Some(hint) => format!("{} ({hint})", self.message),
            None => self.message.clone(),
        };
        let error = OpenAiErrorDetail {
            message,
            r#type: kind.to_owned(),
            param: None,
            code: Some(self.code.as_str().to_owned()),
        };
        OpenAiErrorBody { error }
    }
}

impl From<AnswerError> for Failure {
    fn from(error: AnswerError) -> Self {
        let code = error.code();
        let chain = ErrorChain(&error).to_string();
        if status_of(code).is_server_error() {
            tracing::error!(code = code.as_str(), error = %chain, "request failed");
        }
        Self { code, message: chain, hint: error.hint() }
    }
}

impl IntoResponse for Failure {
    /// Only the status; [`envelope`] writes the body, because it knows the path and the request.
    fn into_response(self) -> Response {
        let mut response = status_of(self.code).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Gives every request its name, and every failure the body of its path: those of the handlers as
/// well as those of the HTTP layer (unknown path, wrong method, body that does not parse).
pub(crate) async fn envelope(mut request: Request, next: Next) -> Response {
    let name = RequestName(RequestId::new());
    request.extensions_mut().insert(name);
    let openai = OPENAI_PATHS.contains(&request.uri().path());
    let mut response = next.run(request).await;
    let id = name.0.to_string();
    if response.status().is_client_error() || response.status().is_server_error() {
        response = enveloped(response, openai, &id).await;
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-request-id", value);
    }
    response
}

async fn enveloped(response: Response, openai: bool, request_id: &str) -> Response {
    let status = response.status();
    let (mut parts, body) = response.into_parts();
    let failure = match parts.extensions.remove::<Failure>() {
        Some(failure) => failure,
        None => http_failure(status, body).await,
    };
    let mut response = if openai {
        (status, Json(failure.openai_body())).into_response()
    } else {
        (status, Json(failure.body(request_id))).into_response()
    };
    if let Some(allow) = parts.headers.remove(header::ALLOW) {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        // The rest of the body is not read: a client must not send its next request after it.
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// What the HTTP layer refused, in our words where it has none.
async fn http_failure(status: StatusCode, body: Body) -> Failure {
    let bytes = to_bytes(body, MESSAGE_BYTES_MAX).await.unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let message = match status {
        StatusCode::NOT_FOUND => "there is no such route".to_owned(),
        StatusCode::METHOD_NOT_ALLOWED => "this route does not take this method".to_owned(),
        _ if text.is_empty() => status.canonical_reason().unwrap_or("refused").to_lowercase(),
        _ => text,
    };
    let failure = Failure::new(code_of(status), message);
    match status {
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => {
            failure.hint("the routes are listed at /docs")
        }
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            failure.hint("send the header `content-type: application/json`")
        }
        _ => failure,
    }
}

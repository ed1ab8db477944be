//! A failed request and the envelope that every failure leaves in.

use assay_answer::AnswerError;
use assay_api::{
    AnthropicErrorBody, AnthropicErrorDetail, ErrorBody, ErrorDetail, OpenAiErrorBody,
    OpenAiErrorDetail,
};
use assay_core::{Coded, ErrorChain, ErrorCode, RequestId, TraceContext};
use assay_identity::IdentityError;
use axum::{
    Json,
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{
    App,
    status::{code_of, status_of},
};

/// Paths whose clients expect errors in the OpenAI shape.
const OPENAI_PATHS: [&str; 4] =
    ["/v1/chat/completions", "/v1/embeddings", "/v1/models", "/v1/responses"];
/// Paths whose clients expect errors in Anthropic's shape.
const ANTHROPIC_PATHS: [&str; 2] = ["/v1/messages", "/v1/messages/count_tokens"];
/// Headers of a failed answer that stay beside the body that is written for it.
const KEPT: [HeaderName; 5] = [
    header::ALLOW,
    header::RETRY_AFTER,
    HeaderName::from_static("ratelimit-limit"),
    HeaderName::from_static("ratelimit-remaining"),
    HeaderName::from_static("ratelimit-reset"),
];
/// Bytes read of a message that the HTTP layer wrote.
const MESSAGE_BYTES_MAX: usize = 4 << 10;

/// Names the request in the log and in error messages.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestName(pub(crate) RequestId);

/// Marks a response whose body is an error already, in the shape of its path.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Enveloped;

/// The shape of errors on a path.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    Assay,
    OpenAi,
    Anthropic,
}

impl Shape {
    pub(crate) fn of(path: &str) -> Self {
        if OPENAI_PATHS.contains(&path) {
            Self::OpenAi
        } else if ANTHROPIC_PATHS.contains(&path) {
            Self::Anthropic
        } else {
            Self::Assay
        }
    }
}

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

    /// A failure of a part, logged when it is a fault of the server.
    fn of(error: &impl Coded) -> Self {
        let code = error.code();
        let chain = ErrorChain(error).to_string();
        if status_of(code).is_server_error() {
            tracing::error!(code = code.as_str(), error = %chain, "request failed");
        }
        Self { code, message: chain, hint: error.hint() }
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
        let error = OpenAiErrorDetail {
            message: self.told(),
            r#type: kind.to_owned(),
            param: None,
            code: Some(self.code.as_str().to_owned()),
        };
        OpenAiErrorBody { error }
    }

    /// The error as a body of Anthropic's protocol.
    fn anthropic_body(&self, request_id: &str) -> AnthropicErrorBody {
        let kind = match self.code {
            ErrorCode::Unauthenticated => "authentication_error",
            ErrorCode::Forbidden => "permission_error",
            ErrorCode::NotFound => "not_found_error",
            ErrorCode::TooLarge => "request_too_large",
            ErrorCode::TooManyRequests | ErrorCode::BudgetExceeded => "rate_limit_error",
            code if status_of(code).is_server_error() => "api_error",
            _ => "invalid_request_error",
        };
        let error = AnthropicErrorDetail { r#type: kind.to_owned(), message: self.told() };
        AnthropicErrorBody {
            r#type: "error".to_owned(),
            error,
            request_id: Some(request_id.to_owned()),
        }
    }

    /// Message and hint, for shapes that have no place for a hint.
    fn told(&self) -> String {
        match &self.hint {
            Some(hint) => format!("{} ({hint})", self.message),
            None => self.message.clone(),
        }
    }
}

impl From<AnswerError> for Failure {
    fn from(error: AnswerError) -> Self {
        Self::of(&error)
    }
}

impl From<IdentityError> for Failure {
    fn from(error: IdentityError) -> Self {
        Self::of(&error)
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
pub(crate) async fn envelope<F>(
    app: &App,
    mut request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response
where
    F: Future<Output = Response>,
{
    let given = request.extensions().get::<RequestName>().copied();
    let name = given.unwrap_or_else(|| RequestName(RequestId::new()));
    request.extensions_mut().insert(name);
    let place = TraceContext::current();
    let shape = Shape::of(request.uri().path());
    let mut response = next(request).await;
    let id = name.0.to_string();
    let failed = response.status().is_client_error() || response.status().is_server_error();
    if failed && response.extensions().get::<Enveloped>().is_none() {
        response = enveloped(response, shape, &id).await;
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        if matches!(shape, Shape::Anthropic) {
            response.headers_mut().insert("request-id", value.clone());
        }
        response.headers_mut().insert("x-request-id", value);
    }
    let place = place.and_then(|place| HeaderValue::from_str(&place.to_string()).ok());
    if let Some(place) = place {
        response.headers_mut().insert("traceresponse", place);
    }
    harden(response.headers_mut());
    if app.settings.tls.is_set() {
        let always = HeaderValue::from_static("max-age=31536000");
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, always);
    }
    response
}

/// What keeps a browser from taking an answer for more than it is; pages set their own policy.
fn harden(headers: &mut HeaderMap) {
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
             img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        ),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

async fn enveloped(response: Response, shape: Shape, request_id: &str) -> Response {
    let status = response.status();
    let (mut parts, body) = response.into_parts();
    let failure = match parts.extensions.remove::<Failure>() {
        Some(failure) => failure,
        None => http_failure(status, body).await,
    };
    let mut response = match shape {
        Shape::OpenAi => (status, Json(failure.openai_body())).into_response(),
        Shape::Anthropic => (status, Json(failure.anthropic_body(request_id))).into_response(),
        Shape::Assay => (status, Json(failure.body(request_id))).into_response(),
    };
    for name in KEPT {
        if let Some(value) = parts.headers.remove(&name) {
            response.headers_mut().insert(name, value);
        }
    }
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
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

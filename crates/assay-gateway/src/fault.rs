//! What can go wrong with a request, and who can do something about it.

use std::time::Duration;

use assay_core::ErrorCode;
use reqwest::header::HeaderMap;

use crate::{
    fields::{Fields, quoted},
    meter::{Refused, Why},
};

/// Characters kept of a provider's message.
const MESSAGE_CHARS_MAX: usize = 2_000;

/// Bytes from which on a key can be told from a word.
const KEY_BYTES_MIN: usize = 8;

/// A failed attempt or request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What it is.
    pub kind: FaultKind,
    /// What happened, for a person.
    pub message: String,
    /// The provider's own code, such as `invalid_value`.
    pub code: Option<String>,
    /// The parameter that it names.
    pub param: Option<String>,
    /// Its own word for the kind of error.
    pub family: Option<String>,
    /// When it may be tried again.
    pub retry_after: Option<Duration>,
}

/// What a fault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// The request is wrong: the provider said so with this status, or the gateway found it.
    Request(u16),
    /// No route, model or alias has this name.
    NoModel,
    /// No target of the route can do what the request needs.
    NoTarget,
    /// The request is longer than the model reads.
    TooLong,
    /// The meter refused the request, whoever were to serve it.
    Budget,
    /// The meter refused this target.
    TargetBudget,
    /// Nobody knows what the model costs.
    NoPrice,
    /// The call cannot be recorded.
    Meter,
    /// The provider does not take our key.
    Key,
    /// The provider does not know the model or the path.
    Missing,
    /// Too many calls: the provider said so, or the limit of calls under way is reached.
    Busy,
    /// The provider failed.
    Provider(u16),
    /// No connection.
    Unreachable,
    /// Nothing came for too long.
    Timeout,
    /// What came is not what the protocol says.
    Malformed,
    /// The stream ended before the provider said that it was finished.
    Cut,
    /// The breaker is open.
    Resting,
}

impl FaultKind {
    /// The word for headers, metrics and the log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Request(_) => "request",
            Self::NoModel => "no_model",
            Self::NoTarget => "no_target",
            Self::TooLong => "context_length",
            Self::Budget | Self::TargetBudget => "budget",
            Self::NoPrice => "no_price",
            Self::Meter => "ledger",
            Self::Key => "provider_key",
            Self::Missing => "provider_model",
            Self::Busy => "busy",
            Self::Provider(_) => "provider",
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::Malformed => "malformed",
            Self::Cut => "cut",
            Self::Resting => "circuit_breaker",
        }
    }

    /// The status that the caller sees.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Request(status) => status,
            Self::NoTarget | Self::TooLong => 400,
            Self::NoPrice => 403,
            Self::NoModel => 404,
            Self::Budget | Self::TargetBudget | Self::Busy => 429,
            // Our key is wrong, not the caller's; a 401 would send them looking for theirs.
            Self::Key | Self::Missing | Self::Unreachable | Self::Malformed | Self::Cut => 502,
            Self::Provider(503) | Self::Resting | Self::Meter => 503,
            Self::Provider(529) => 529,
            Self::Provider(_) => 502,
            Self::Timeout => 504,
        }
    }

    /// Whether the same target may do better a moment later.
    pub(crate) const fn may_pass(self) -> bool {
        matches!(
            self,
            Self::Busy | Self::Provider(_) | Self::Unreachable | Self::Malformed | Self::Cut
        )
    }

    /// Whether another target may do better.
    pub(crate) const fn may_pass_elsewhere(self) -> bool {
        !matches!(
            self,
            Self::Request(_) | Self::NoModel | Self::NoTarget | Self::Budget | Self::Meter
        )
    }

    /// Whether it speaks against the target, as its breaker counts.
    pub(crate) const fn is_of_target(self) -> bool {
        self.may_pass() || matches!(self, Self::Timeout | Self::Key | Self::Missing)
    }

    /// The closed code of it.
    #[must_use]
    pub const fn error_code(self) -> ErrorCode {
        match self {
            Self::Request(413) => ErrorCode::TooLarge,
            Self::Request(_) | Self::NoTarget | Self::TooLong => ErrorCode::BadRequest,
            Self::NoModel => ErrorCode::NotFound,
            Self::Budget | Self::TargetBudget => ErrorCode::BudgetExceeded,
            Self::NoPrice => ErrorCode::Forbidden,
            Self::Busy => ErrorCode::TooManyRequests,
            Self::Timeout => ErrorCode::Timeout,
            Self::Resting | Self::Meter => ErrorCode::Unavailable,
            Self::Key
            | Self::Missing
            | Self::Provider(_)
            | Self::Unreachable
            | Self::Malformed
            | Self::Cut => ErrorCode::UpstreamFailed,
        }
    }
}

impl Fault {
    /// A fault with nothing but words.
    pub(crate) fn new(kind: FaultKind, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { kind, message, code: None, param: None, family: None, retry_after: None }
    }

    pub(crate) fn request(message: impl Into<String>) -> Self {
        Self::new(FaultKind::Request(400), message)
    }

    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self::new(FaultKind::Malformed, message)
    }

    pub(crate) fn param(self, name: &str) -> Self {
        Self { param: Some(name.to_owned()), ..self }
    }

    /// What a provider says in an error: OpenAI's object, Anthropic's, Google's, a string, or a page.
    pub(crate) fn said(provider: &str, status: u16, body: &[u8]) -> Self {
        let outer = Fields::read(body).ok();
        let error = outer.as_ref().and_then(|fields| fields.get("error"));
        // Google's endpoint for OpenAI clients wraps the object in an array.
        let inner = error.and_then(|json| Fields::of(json).ok());
        let fields = inner.as_ref().or(outer.as_ref());
        let named = |name: &str| {
            let fields = fields?;
            fields.text(name).or_else(|| fields.get(name).map(Into::into)).map(|text| cut(&text))
        };
        let message = named("message")
            .or_else(|| error.and_then(crate::fields::text_of).map(|text| cut(&text)))
            .or_else(|| named("detail"))
            .unwrap_or_else(|| plain(body));
        let (code, family) = (named("code"), named("type").or_else(|| named("status")));
        let kind = kind_of(status, code.as_deref(), &message);
        let said = if message.is_empty() { "no reason".to_owned() } else { message };
        let message = match kind {
            // The caller's own fault is told in the provider's own words.
            FaultKind::Request(_) | FaultKind::TooLong => said,
            _ => format!("the provider `{provider}` answered with status {status}: {said}"),
        };
        Self { code, family, param: named("param"), ..Self::new(kind, message) }
    }

    /// The same without the keys that the provider was shown: some tell in an error what they were shown,
    /// and its reader is not who configured them.
    pub(crate) fn without_keys(self, shown: &HeaderMap) -> Self {
        let keys = shown.values().filter(|value| value.is_sensitive());
        let keys = keys.filter_map(|value| value.to_str().ok());
        let keys = keys.map(|value| value.strip_prefix("Bearer ").unwrap_or(value));
        keys.filter(|key| key.len() >= KEY_BYTES_MIN).fold(self, |fault, key| {
            let out = |text: String| text.replace(key, "[key]");
            Self {
                message: out(fault.message),
                code: fault.code.map(out),
                param: fault.param.map(out),
                family: fault.family.map(out),
                ..fault
            }
        })
    }

    /// An error inside an answer or a stream that began with 200.
    pub(crate) fn inside(body: &[u8]) -> Self {
        let status = Fields::read(body).ok().and_then(|fields| {
            let error = Fields::read(fields.get("error")?.as_bytes()).ok()?;
            error.value::<u16>("code").or_else(|| error.text("code")?.parse().ok())
        });
        let status = status.filter(|status| (400..600).contains(status)).unwrap_or(502);
        let fault = Self::said("", status, body);
        let words = format!("the provider `` answered with status {status}: ");
        let said = fault.message.strip_prefix(&words).map(str::to_owned);
        match said {
            Some(said) => {
                Self { message: format!("the provider reported an error: {said}"), ..fault }
            }
            None => fault,
        }
    }

    /// The code of OpenAI's protocol: the provider's where it has one.
    pub(crate) fn openai_code(&self) -> &str {
        match (self.kind, &self.code) {
            (FaultKind::NoModel, _) => "model_not_found",
            (FaultKind::TooLong, _) => "context_length_exceeded",
            (FaultKind::Budget | FaultKind::TargetBudget, _) => "budget_exceeded",
            (FaultKind::NoPrice, _) => "no_price",
            (FaultKind::Busy, None) => "rate_limit_exceeded",
            (_, Some(code)) => code,
            (kind, None) => kind.error_code().as_str(),
        }
    }

    /// The type of OpenAI's protocol.
    pub(crate) fn openai_type(&self) -> &str {
        match self.kind.status() {
            status @ 400..500 => match (&self.family, status) {
                (Some(family), _) => family,
                (None, 429) => "rate_limit_error",
                (None, _) => "invalid_request_error",
            },
            _ => "server_error",
        }
    }

    /// `{"error": …}` of OpenAI's protocol.
    pub(crate) fn openai_body(&self) -> String {
        let param = self.param.as_deref().map_or_else(|| "null".to_owned(), quoted);
        format!(
            r#"{{"error":{{"message":{},"type":{},"param":{param},"code":{}}}}}"#,
            quoted(&self.message),
            quoted(self.openai_type()),
            quoted(self.openai_code()),
        )
    }

    /// `{"type": "error", …}` of Anthropic's protocol; the header `request-id` has the id.
    pub(crate) fn anthropic_body(&self) -> String {
        let family = match self.kind.status() {
            400 | 422 => "invalid_request_error",
            401 => "authentication_error",
            403 => "permission_error",
            404 => "not_found_error",
            413 => "request_too_large",
            429 => "rate_limit_error",
            504 => "timeout_error",
            503 | 529 => "overloaded_error",
            _ => "api_error",
        };
        format!(
            r#"{{"type":"error","error":{{"type":{},"message":{}}},"request_id":null}}"#,
            quoted(family),
            quoted(&self.message)
        )
    }
}

impl From<Refused> for Fault {
    fn from(refused: Refused) -> Self {
        let kind = match refused.why {
            Why::Budget => FaultKind::Budget,
            Why::TargetBudget => FaultKind::TargetBudget,
            Why::NoPrice => FaultKind::NoPrice,
            Why::Failed => FaultKind::Meter,
        };
        Self { retry_after: refused.retry_after, ..Self::new(kind, refused.message) }
    }
}

fn kind_of(status: u16, code: Option<&str>, message: &str) -> FaultKind {
    let too_long = code == Some("context_length_exceeded")
        || (status == 400
            && ["context length", "context window", "prompt is too long", "context_length"]
                .iter()
                .any(|words| message.contains(words)));
    match status {
        _ if too_long => FaultKind::TooLong,
        401 | 403 => FaultKind::Key,
        404 => FaultKind::Missing,
        408 => FaultKind::Timeout,
        409 | 425 => FaultKind::Provider(status),
        429 => FaultKind::Busy,
        400..500 => FaultKind::Request(status),
        _ => FaultKind::Provider(status),
    }
}

fn cut(text: &str) -> String {
    text.chars().take(MESSAGE_CHARS_MAX).collect()
}

/// The words of a page: without its tags, on one line.
fn plain(body: &[u8]) -> String {
    let mut inside = false;
    let text: String =
        String::from_utf8_lossy(body.get(..4096.min(body.len())).unwrap_or_default())
            .chars()
            .filter(|&character| {
                let tag = inside || character == '<';
                inside = tag && character != '>';
                !tag
            })
            .collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(300).collect()
}

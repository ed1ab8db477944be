//! The one shape of an error.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The body of every answer whose status is not 2xx, but for the OpenAI paths.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    /// The error.
    pub error: ErrorDetail,
}

/// What happened and what to do next.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ErrorDetail {
    /// One of a closed set, such as `not_found`.
    pub code: String,
    /// What failed, for which thing.
    pub message: String,
    /// What to try next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// Names this request in the log.
    pub request_id: String,
}

/// The body of an error on the OpenAI paths.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OpenAiErrorBody {
    /// The error.
    pub error: OpenAiErrorDetail,
}

/// The body of an error on the paths of Anthropic's protocol.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AnthropicErrorBody {
    /// `error`.
    pub r#type: String,
    /// The error.
    pub error: AnthropicErrorDetail,
    /// The id of the request, as in the header `request-id`.
    pub request_id: Option<String>,
}

/// An error as clients of Anthropic's protocol expect it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct AnthropicErrorDetail {
    /// Such as `invalid_request_error`.
    pub r#type: String,
    /// What failed.
    pub message: String,
}

/// An error as clients of the OpenAI protocol expect it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OpenAiErrorDetail {
    /// What failed.
    pub message: String,
    /// `invalid_request_error` or `server_error`.
    pub r#type: String,
    /// The parameter at fault, when it is one.
    pub param: Option<String>,
    /// One of the closed set of codes.
    pub code: Option<String>,
}

//! Sessions: conversations that are kept.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::AnswerState;

/// A session to make.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionRequest {
    /// What it is called; at most 256 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Minutes after its last use at which it expires, 1 to 10,080; 60 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 10080)]
    pub ttl_minutes: Option<u32>,
}

/// Which sessions to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SessionListParams {
    /// Continue after this session: the last of the page before.
    pub after: Option<String>,
    /// Sessions wanted, 1 to 200; 50 when absent.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// A session without its messages.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SessionResponse {
    /// The session.
    pub id: String,
    /// What it is called.
    pub title: Option<String>,
    /// `active`, `inactive` (set aside) or `expired` (not used for too long).
    pub state: String,
    /// Minutes after its last use at which it expires.
    pub ttl_minutes: u32,
    /// Messages that are kept.
    pub message_count: u32,
    /// When it was made.
    pub created_at: String,
    /// When it was used last.
    pub used_at: String,
    /// When it expires unless it is used again.
    pub expires_at: String,
}

/// Sessions, those made last first.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SessionListResponse {
    /// The sessions of this page.
    pub sessions: Vec<SessionResponse>,
}

/// A session with its messages.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SessionDetailResponse {
    /// The session.
    pub session: SessionResponse,
    /// Its last messages, oldest first; at most 100 are kept.
    pub messages: Vec<SessionMessage>,
}

/// A question of a session and its answer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SessionMessage {
    /// Its place in the session, from 1.
    pub number: u64,
    /// The question as asked.
    pub query: String,
    /// The question as it was understood, where that differs.
    pub rewritten_query: Option<String>,
    /// What kind of answer it got.
    pub state: AnswerState,
    /// The answer.
    pub answer: String,
    /// What the answer rests on.
    pub citations: Vec<SessionCitation>,
    /// When it was asked.
    pub created_at: String,
}

/// A citation as a session keeps it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SessionCitation {
    /// The `[n]` of the answer.
    pub number: usize,
    /// The document.
    pub document_id: String,
    /// The passage.
    pub passage_id: String,
    /// Title of the document, or its name.
    pub title: String,
    /// The words of the document, unchanged.
    pub quote: String,
}

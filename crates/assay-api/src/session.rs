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
    /// Sessions wanted, 1 to 200, and 1 to 50 with `q`; 50 when absent.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
    /// Those alone in whose title, questions and answers every one of these words stands, or one that
    /// begins so; at most 1,000 bytes, of which eight words count.
    pub q: Option<String>,
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
    /// Since when the members of the tenant may read it; its owner alone when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared_at: Option<String>,
    /// In a search, where its words stand; absent where the title has them all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<SessionExcerpt>,
}

/// The place in a session where the words of a search stand.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SessionExcerpt {
    /// The message, by its `number`.
    pub message: u64,
    /// Its words with what stands around them.
    pub text: String,
}

/// A session that its owner opened to the tenant.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SharedSessionResponse {
    /// Whose it is; none when they have left.
    pub owner: Option<String>,
    /// Whether that is the caller.
    pub is_own: bool,
    /// The session.
    pub session: SessionResponse,
    /// Its last messages, oldest first. The answer of one that may hold words of documents which are
    /// closed to the caller says so, and cites nothing.
    pub messages: Vec<SessionMessage>,
}

/// What the one who asked says of an answer.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpinionRequest {
    /// The message in the session, by its `number`.
    pub message: u64,
    /// Whether it helped.
    pub useful: bool,
    /// Why, in up to 4,000 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// What somebody said of an answer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OpinionResponse {
    /// The session.
    pub session_id: String,
    /// The message in it.
    pub message: u64,
    /// Who said it; none when they have left.
    pub by: Option<String>,
    /// The question that was answered.
    pub query: String,
    /// What kind of answer it got, such as `supported`.
    pub state: String,
    /// Whether it helped.
    pub useful: bool,
    /// Why.
    pub comment: Option<String>,
    /// When it was said.
    pub created_at: String,
}

/// Which opinions to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OpinionListParams {
    /// Continue before this number: `next` of the page before.
    pub before: Option<u64>,
    /// Opinions wanted, 1 to 200; 50 when absent.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// What people said of answers, those said last first.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct OpinionListResponse {
    /// The opinions of this page.
    pub opinions: Vec<OpinionResponse>,
    /// Give it as `before` for the next page; none at the end.
    pub next: Option<u64>,
}

/// Sessions, those made last first.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SessionListResponse {
    /// The sessions of this page.
    pub sessions: Vec<SessionResponse>,
    /// Give it as `after` for the next page; none at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
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
    /// Whether the answer is withheld, because it may hold words of documents that are closed to the
    /// reader.
    #[serde(default)]
    pub is_closed: bool,
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

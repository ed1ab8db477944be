//! The part of the OpenAI protocol that Assay answers itself.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{AnswerState, Citation, Conflict, GuardNote, Reading};

/// A chat completion: the last user message is the question, the messages before it say what it
/// leans on.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
pub struct ChatCompletionRequest {
    /// `assay`, `assay/extractive`, or the name of the model that is set up.
    pub model: String,
    /// The conversation, oldest first.
    pub messages: Vec<ChatMessage>,
    /// Whether to send the answer piece by piece.
    #[serde(default)]
    pub stream: bool,
    /// What to send with a stream.
    #[serde(default)]
    pub stream_options: Option<StreamOptions>,
}

/// What to send with a stream.
#[derive(Debug, Clone, Copy, Default, Deserialize, Serialize, ToSchema)]
pub struct StreamOptions {
    /// Whether a last chunk holds the usage.
    #[serde(default)]
    pub include_usage: bool,
}

/// One message.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
pub struct ChatMessage {
    /// `system`, `user` or `assistant`.
    pub role: String,
    /// The text.
    pub content: ChatContent,
}

/// The text of a message, whole or in parts.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ChatContent {
    /// Whole.
    Text(String),
    /// In parts, of which those with text are read.
    Parts(Vec<ChatPart>),
}

/// A part of a message.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
pub struct ChatPart {
    /// `text` for a part that is read.
    pub r#type: String,
    /// The text.
    #[serde(default)]
    pub text: Option<String>,
}

/// A chat completion.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
pub struct ChatCompletionResponse {
    /// Names this completion.
    pub id: String,
    /// `chat.completion`.
    pub object: String,
    /// Seconds since 1970.
    pub created: i64,
    /// Who wrote it.
    pub model: String,
    /// One choice.
    pub choices: Vec<ChatChoice>,
    /// Tokens.
    pub usage: ChatUsage,
    /// What the answer rests on; not part of the OpenAI protocol.
    pub citations: Vec<Citation>,
    /// What kind of answer it is; not part of the OpenAI protocol.
    pub assay: ChatExtension,
}

/// What Assay says of an answer beyond the OpenAI protocol.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
pub struct ChatExtension {
    /// What kind of answer it is.
    pub state: AnswerState,
    /// The question as it was understood by the conversation, where that differs.
    pub rewritten_query: Option<String>,
    /// Claims of which sources say different things; their places count in the claims of the answer.
    pub conflicts: Vec<Conflict>,
    /// What the question can mean, when it has to be asked again.
    pub readings: Vec<Reading>,
    /// What is missing, in words.
    pub notices: Vec<String>,
    /// What the guard found in the question, in what a model read and in the answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub guard: Vec<GuardNote>,
}

/// The one choice of a completion.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
pub struct ChatChoice {
    /// 0.
    pub index: u32,
    /// The answer.
    pub message: ChatAnswer,
    /// `stop`.
    pub finish_reason: String,
}

/// The answer as a message.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
pub struct ChatAnswer {
    /// `assistant`.
    pub role: String,
    /// The text.
    pub content: String,
}

/// Tokens of a completion.
#[derive(Debug, Clone, Copy, Default, Deserialize, Serialize, ToSchema)]
pub struct ChatUsage {
    /// Read.
    pub prompt_tokens: u64,
    /// Written.
    pub completion_tokens: u64,
    /// Both.
    pub total_tokens: u64,
}

/// A piece of a streamed completion.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
pub struct ChatChunk {
    /// Names this completion.
    pub id: String,
    /// `chat.completion.chunk`.
    pub object: String,
    /// Seconds since 1970.
    pub created: i64,
    /// Who writes.
    pub model: String,
    /// One choice; none in the chunk that holds the usage.
    pub choices: Vec<ChatChunkChoice>,
    /// Tokens, in the last chunk when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<ChatUsage>,
    /// What the answer rests on, in the chunk that ends it; not part of the OpenAI protocol.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub citations: Option<Vec<Citation>>,
    /// What kind of answer it is, in the chunk that ends it; not part of the OpenAI protocol.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assay: Option<ChatExtension>,
}

/// The one choice of a chunk.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
pub struct ChatChunkChoice {
    /// 0.
    pub index: u32,
    /// What is new.
    pub delta: ChatDelta,
    /// `stop` in the chunk that ends the answer.
    pub finish_reason: Option<String>,
}

/// What is new in a chunk.
#[derive(Debug, Clone, Default, Deserialize, Serialize, ToSchema)]
pub struct ChatDelta {
    /// `assistant` in the first chunk.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// More text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
}

/// The models that can be named.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
pub struct ModelList {
    /// `list`.
    pub object: String,
    /// The models.
    pub data: Vec<ModelInfo>,
}

/// A model that can be named.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
pub struct ModelInfo {
    /// Its name.
    pub id: String,
    /// `model`.
    pub object: String,
    /// Seconds since 1970.
    pub created: i64,
    /// `assay` or the host of the provider.
    pub owned_by: String,
}

/// Texts to embed.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
pub struct EmbeddingsRequest {
    /// The name of the embedding model, or `assay`.
    pub model: String,
    /// One text or up to 256.
    pub input: EmbeddingsInput,
    /// `float` (default) or `base64` (little-endian 32-bit floats).
    #[serde(default)]
    pub encoding_format: Option<String>,
}

/// One text or several.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(untagged)]
pub enum EmbeddingsInput {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

/// Vectors, in the order of the texts.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
pub struct EmbeddingsResponse {
    /// `list`.
    pub object: String,
    /// The vectors.
    pub data: Vec<EmbeddingItem>,
    /// The model.
    pub model: String,
    /// Tokens.
    pub usage: EmbeddingsUsage,
}

/// One vector.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
pub struct EmbeddingItem {
    /// `embedding`.
    pub object: String,
    /// Place of the text in the request.
    pub index: usize,
    /// The vector.
    pub embedding: EmbeddingValue,
}

/// A vector as numbers or as base64.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(untagged)]
pub enum EmbeddingValue {
    /// Numbers.
    Float(Vec<f32>),
    /// Little-endian 32-bit floats in base64.
    Base64(String),
}

/// Tokens of an embeddings call.
#[derive(Debug, Clone, Copy, Deserialize, Serialize, ToSchema)]
pub struct EmbeddingsUsage {
    /// Read.
    pub prompt_tokens: u64,
    /// The same.
    pub total_tokens: u64,
}

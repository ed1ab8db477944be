//! Questions and their answers.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Attribution, GuardNote, LaneResult, Origin, SearchResult};

/// A question over the caller's own files, and public sources where they are set up.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QueryRequest {
    /// The question; 1 to 1,000 characters.
    pub query: String,
    /// What to look at: `all`, `files`, `web` (every public source that is set up), names of
    /// collections or of public sources. When empty: everything, or only files when `collections`
    /// or `documents` name some.
    #[serde(default)]
    pub sources: Vec<String>,
    /// Names of collections; all when empty.
    #[serde(default)]
    pub collections: Vec<String>,
    /// Ids of documents; all when empty.
    #[serde(default)]
    pub documents: Vec<String>,
    /// Only passages that a condition holds for, as in `/search`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub filter: Option<serde_json::Value>,
    /// What happens to a claim that its evidence does not support: `drop` (default) or `mark`.
    #[serde(default)]
    pub unsupported: Option<String>,
    /// `auto` (default: a model when one is set up), `model` or `extractive`.
    #[serde(default)]
    pub writer: Option<String>,
    /// How the evidence is looked for: `hybrid` (default), `keyword`, `vector` or `reranked`.
    #[serde(default)]
    pub mode: Option<String>,
    /// The session that the question belongs to: follow-up questions are understood by its history,
    /// and question and answer are kept in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// Whether to send each claim when it was checked, as server-sent events.
    #[serde(default)]
    pub stream: bool,
}

/// What kind of answer it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AnswerState {
    /// Every claim is supported.
    Supported,
    /// Some claims are only partly supported, or were left out.
    PartlySupported,
    /// Sources say different things; `conflicts` shows both sides.
    Conflicting,
    /// The sources speak of it, but do not hold the answer; `nearest` shows what comes closest.
    NotInSources,
    /// Nothing in the sources is related to the question.
    OffTopic,
    /// The question says too little, or can mean several things, which `readings` lists.
    NeedsClarification,
    /// A lane or the writer ran out of time or failed; what there is was checked, and `notices`
    /// names what is missing.
    PartialTimeout,
}

impl AnswerState {
    /// The word of the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::PartlySupported => "partly_supported",
            Self::Conflicting => "conflicting",
            Self::NotInSources => "not_in_sources",
            Self::OffTopic => "off_topic",
            Self::NeedsClarification => "needs_clarification",
            Self::PartialTimeout => "partial_timeout",
        }
    }
}

/// A claim of which sources say different things.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Conflict {
    /// Place of the claim in `claims`, from 0.
    pub claim: usize,
    /// What the sources say, newest first.
    pub sides: Vec<ConflictSide>,
}

/// What one source says where sources differ.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ConflictSide {
    /// The number of the citation that holds its words.
    pub citation: usize,
    /// `supports` or `contradicts` the claim.
    pub stance: String,
    /// The words of the document, unchanged.
    pub quote: String,
    /// The document.
    pub document_id: String,
    /// Title of the document, or its name.
    pub title: String,
    /// The date of the document, in ISO 8601 with the precision that is known.
    pub date: String,
    /// `metadata`, or `received` for a document that does not date itself.
    pub date_source: String,
}

/// One of the things that a question can mean.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Reading {
    /// What it is, in the words of the source.
    pub label: String,
    /// The document that answers this reading; give it as `documents` to ask again.
    pub document_id: String,
    /// Title of that document, or its name.
    pub title: String,
}

/// A piece of a streamed answer: the data of an event `claim`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct QueryPiece {
    /// What it adds to the answer, marks of citations included.
    pub text: String,
    /// The claim with its verdict; none for a text that says why there is no answer.
    pub claim: Option<Claim>,
    /// Citations that are used for the first time.
    pub citations: Vec<Citation>,
}

/// An answer whose every sentence was checked.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct QueryResponse {
    /// The question.
    pub query: String,
    /// Whether there is an answer.
    pub success: bool,
    /// The question as it was understood by the conversation, where that differs from `query`.
    pub rewritten_query: Option<String>,
    /// The session that it belongs to.
    pub session_id: Option<String>,
    /// What kind of answer it is.
    pub state: AnswerState,
    /// The answer.
    pub final_answer: FinalAnswer,
    /// The sentences of the answer with their verdicts.
    pub claims: Vec<Claim>,
    /// What the claims cite, numbered as in the answer's `[n]`.
    pub citations: Vec<Citation>,
    /// Claims of which sources say different things.
    pub conflicts: Vec<Conflict>,
    /// What the question can mean, when it has to be asked again.
    pub readings: Vec<Reading>,
    /// The nearest passages when there is no answer.
    pub nearest: Vec<SearchResult>,
    /// How each lane fared, by its name.
    pub lane_results: std::collections::BTreeMap<String, LaneResult>,
    /// The lanes counted.
    pub summary: LaneSummary,
    /// Whether something is missing because of time or a failure.
    pub partial_results: bool,
    /// What is missing, in words; empty when nothing is.
    pub notices: Vec<String>,
    /// What the guard found in the question, in what a model read and in the answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub guard: Vec<GuardNote>,
    /// Whether all was done inside the total budget.
    pub within_budget: bool,
    /// Milliseconds inside the server.
    pub total_time_ms: f64,
    /// The same, under the name that older clients read.
    pub query_processing_time_ms: f64,
    /// Version of Assay.
    pub version: String,
    /// When it was answered.
    pub timestamp: String,
}

/// The text of an answer and who wrote it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FinalAnswer {
    /// The sentences, each followed by the numbers of its citations.
    pub answer: String,
    /// Which kinds of source took part.
    pub sources_used: SourcesUsed,
    /// `assay` when it was extracted, else the host of the model.
    pub provider_used: String,
    /// `assay/extractive` or the model's name.
    pub model_used: String,
    /// Probability that every sentence shown is supported: the least of the claims'.
    pub confidence: f32,
}

/// Which kinds of source took part in an answer.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct SourcesUsed {
    /// Keyword search.
    pub retrieval: bool,
    /// Vector search.
    pub vector: bool,
    /// The knowledge graph.
    pub kg: bool,
    /// Public sources.
    #[serde(default)]
    pub web: bool,
}

/// Lanes by how they ended.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct LaneSummary {
    /// Completed.
    pub successful_lanes: usize,
    /// Gave a part.
    pub partial_lanes: usize,
    /// Failed or ran out of time.
    pub failed_lanes: usize,
    /// All that were started.
    pub total_lanes: usize,
}

/// A checkable part of an answer: a sentence, a half of one, an item of a list, a row of a table.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Claim {
    /// Its words.
    pub text: String,
    /// Its first character in `final_answer.answer`.
    pub start: usize,
    /// The first character after it.
    pub end: usize,
    /// `supported`, `partial`, `contradicted` or `unsupported`.
    pub verdict: String,
    /// Calibrated probability that the evidence supports it.
    pub confidence: f32,
    /// Numbers of the citations it rests on; at most three.
    pub citations: Vec<usize>,
}

/// A place in a document that a claim rests on.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Citation {
    /// The `[n]` of the answer, counted from 1.
    pub number: usize,
    /// The document.
    pub document_id: String,
    /// The version whose text the offsets count in; of a public page, what
    /// `/v1/web/texts/{version_id}` shows.
    pub version_id: String,
    /// The passage that holds the quote.
    pub passage_id: String,
    /// Title of the document, or its name.
    pub title: String,
    /// Where the document came from.
    pub url: String,
    /// `assay` for a file, else the public source.
    #[serde(default)]
    pub provider: String,
    /// Who wrote the public page and under which licence; none for a file.
    #[serde(default)]
    pub attribution: Option<Attribution>,
    /// The page or slide, counted from 1.
    pub page: Option<u32>,
    /// Where in the original it stands, for formats without pages.
    pub origin: Option<Origin>,
    /// The words of the document, unchanged.
    pub quote: String,
    /// First character of the quote in the document's text.
    pub start: usize,
    /// First character after it.
    pub end: usize,
    /// Verdict of the quote alone on the claim that cites it first.
    pub verdict: String,
    /// Calibrated probability of support.
    pub confidence: f32,
}

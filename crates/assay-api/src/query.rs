//! Questions and their answers.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{LaneResult, Origin, SearchResult};

/// A question over the caller's own files.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QueryRequest {
    /// The question; 1 to 1,000 characters.
    pub query: String,
    /// Names of collections; all when empty.
    #[serde(default)]
    pub collections: Vec<String>,
    /// Ids of documents; all when empty.
    #[serde(default)]
    pub documents: Vec<String>,
    /// What happens to a claim that its evidence does not support: `drop` (default) or `mark`.
    #[serde(default)]
    pub unsupported: Option<String>,
    /// `auto` (default: a model when one is set up), `model` or `extractive`.
    #[serde(default)]
    pub writer: Option<String>,
    /// How the evidence is looked for: `hybrid` (default), `keyword`, `vector` or `reranked`.
    #[serde(default)]
    pub mode: Option<String>,
}

/// An answer whose every sentence was checked.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct QueryResponse {
    /// The question.
    pub query: String,
    /// Whether there is an answer.
    pub success: bool,
    /// `supported`, `partly_supported`, `not_in_sources` or `partial` (a lane or the writer ran
    /// out of time).
    pub state: String,
    /// The answer.
    pub final_answer: FinalAnswer,
    /// The sentences of the answer with their verdicts.
    pub claims: Vec<Claim>,
    /// What the claims cite, numbered as in the answer's `[n]`.
    pub citations: Vec<Citation>,
    /// The nearest passages when the sources do not hold the answer.
    pub nearest: Vec<SearchResult>,
    /// How each lane fared, by its name.
    pub lane_results: std::collections::BTreeMap<String, LaneResult>,
    /// The lanes counted.
    pub summary: LaneSummary,
    /// Whether something is missing because of time or a failure.
    pub partial_results: bool,
    /// What is missing, in words; empty when nothing is.
    pub notices: Vec<String>,
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

/// A checkable sentence of an answer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Claim {
    /// The sentence.
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
    /// The version whose text the offsets count in.
    pub version_id: String,
    /// The passage that holds the quote.
    pub passage_id: String,
    /// Title of the document, or its name.
    pub title: String,
    /// Where the document came from.
    pub url: String,
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

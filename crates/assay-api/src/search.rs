//! Search.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Origin;

/// What to look for.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchRequest {
    /// The words or the question; 1 to 1,000 characters.
    pub query: String,
    /// Names of collections; all when empty.
    #[serde(default)]
    pub collections: Vec<String>,
    /// Ids of documents; all when empty.
    #[serde(default)]
    pub documents: Vec<String>,
    /// Results wanted, 1 to 50; 10 when absent.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 50)]
    pub limit: Option<usize>,
    /// `hybrid` (default), `keyword` or `vector`.
    #[serde(default)]
    pub mode: Option<String>,
}

/// What to look for, in the query string.
#[derive(Debug, Clone, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SearchParams {
    /// The words or the question; 1 to 1,000 characters.
    #[serde(default)]
    pub q: String,
    /// Names of collections, separated by commas, or `all`.
    pub sources: Option<String>,
    /// Results wanted, 1 to 50; 10 when absent.
    #[param(minimum = 1, maximum = 50)]
    pub limit: Option<usize>,
    /// `hybrid` (default), `keyword` or `vector`.
    pub mode: Option<String>,
}

/// The passages found.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SearchResponse {
    /// The query as it was understood.
    pub query: String,
    /// Collections that were searched; empty for all.
    pub sources_used: Vec<String>,
    /// Best first.
    pub results: Vec<SearchResult>,
    /// Number of results here.
    pub total_results: usize,
    /// Words of the query that no passage holds, each with the word that was searched in its
    /// place: "did you mean".
    #[serde(default)]
    pub respelled: Vec<Respelled>,
    /// How each lane fared.
    pub lanes: Vec<LaneResult>,
    /// Milliseconds inside the server.
    pub search_time_ms: f64,
    /// Whether every lane finished inside its budget.
    pub within_budget: bool,
    /// `success`, or `partial` when a lane is missing.
    pub status: String,
    /// When it was answered.
    pub timestamp: String,
}

/// A word of a query that no passage holds.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Respelled {
    /// As asked, in lower case.
    pub asked: String,
    /// The word of the passages that was taken in its place.
    pub taken: String,
}

/// One passage that was found.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SearchResult {
    /// Title of the document, or its name.
    pub title: String,
    /// Where the document came from.
    pub url: String,
    /// The passage.
    pub snippet: String,
    /// The collection.
    pub provider: String,
    /// Fused score, 0 to 1; comparable only inside one response.
    pub relevance: f32,
    /// The passage.
    pub passage_id: String,
    /// The document.
    pub document_id: String,
    /// The version whose text the offsets count in.
    pub version_id: String,
    /// The page or slide, counted from 1.
    pub page: Option<u32>,
    /// Where in the original it stands, for formats without pages.
    pub origin: Option<Origin>,
    /// Headings above the passage, outermost first.
    pub heading_path: Vec<String>,
    /// First character of the passage in the document's text.
    pub start: usize,
    /// First character after it.
    pub end: usize,
    /// Score in the keyword lane (BM25).
    pub keyword_score: Option<f32>,
    /// Score in the vector lane (cosine).
    pub vector_score: Option<f32>,
}

/// How one lane fared.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LaneResult {
    /// `keyword`, `vector` or `writer`.
    pub lane_name: String,
    /// `completed`, `timeout`, `failed` or `skipped`.
    pub status: String,
    /// Passages (or claims) it gave.
    pub found: usize,
    /// Why it failed or was skipped.
    pub error: Option<String>,
    /// How long it took.
    pub duration_ms: f64,
    /// Its budget.
    pub timeout_seconds: f64,
    /// Whether it completed.
    pub is_successful: bool,
    /// Whether what it gave is incomplete.
    pub is_partial: bool,
}

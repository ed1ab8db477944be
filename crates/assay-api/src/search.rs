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
    /// What to look at: `all`, `files`, `web` (every public source that is set up), names of
    /// collections or of public sources (`wikipedia`, `stackoverflow`, `mdn`, `github`). When
    /// empty: everything, or only files when `collections` or `documents` name some.
    #[serde(default)]
    pub sources: Vec<String>,
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
    /// `all`, `files`, `web`, names of collections or of public sources, separated by commas.
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
    /// Collections that were asked for by name, and public sources that answered; files of all
    /// collections are not named.
    pub sources_used: Vec<String>,
    /// Best first.
    pub results: Vec<SearchResult>,
    /// Number of results here.
    pub total_results: usize,
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

/// One passage that was found.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SearchResult {
    /// Title of the document, or its name.
    pub title: String,
    /// Where the document came from.
    pub url: String,
    /// The passage.
    pub snippet: String,
    /// `assay` for a file, else the public source.
    pub provider: String,
    /// When the public page was last changed; none for a file.
    #[serde(default)]
    pub timestamp: Option<String>,
    /// Of a file the fused score, of a public page how well its words and meaning fit; 0 to 1, and
    /// comparable only inside one response and one kind. Public pages are ranked by the product of
    /// this and the next three.
    pub relevance: f32,
    /// More than 1 for public sources that many people check.
    #[serde(default = "one")]
    pub credibility: f32,
    /// More than 1 for public pages that changed in the last 30 days.
    #[serde(default = "one")]
    pub recency: f32,
    /// Less than 1 when more of the same public source stands above.
    #[serde(default = "one")]
    pub diversity: f32,
    /// Who wrote the public page and under which licence; none for a file.
    #[serde(default)]
    pub attribution: Option<Attribution>,
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

const fn one() -> f32 {
    1.0
}

/// What the licence of a public page asks to be told with it.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Attribution {
    /// Who wrote it, as far as the source says.
    pub author: Option<String>,
    /// Under which licence, as far as the source says.
    pub licence: Option<String>,
    /// When it was fetched.
    pub fetched_at: String,
}

/// How one lane fared.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct LaneResult {
    /// `keyword`, `vector`, `web` or `writer`.
    pub lane_name: String,
    /// `completed`, `timeout`, `failed` or `skipped`.
    pub status: String,
    /// Passages (or claims) it gave.
    pub found: usize,
    /// Why it failed or was skipped, or what of it is missing.
    pub error: Option<String>,
    /// How long it took.
    pub duration_ms: f64,
    /// Its budget.
    pub timeout_seconds: f64,
    /// Whether it completed.
    pub is_successful: bool,
    /// Whether what it gave is incomplete.
    pub is_partial: bool,
    /// How each public source fared; only in the lane `web`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub providers: Vec<ProviderResult>,
}

/// How one public source fared.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ProviderResult {
    /// `wikipedia`, `stackoverflow`, `mdn` or `github`.
    pub provider: String,
    /// `completed`, `timeout`, `failed` or `skipped`.
    pub status: String,
    /// Pages it gave.
    pub found: usize,
    /// Whether they were remembered from an earlier question.
    pub cached: bool,
    /// Why there are none.
    pub error: Option<String>,
    /// How long it took.
    pub duration_ms: f64,
}

//! Search.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::{GuardNote, Origin, PassageFinding};

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
    /// `hybrid` (default), `keyword`, `vector` or `reranked`.
    #[serde(default)]
    pub mode: Option<String>,
    /// Only passages that a condition holds for: a text such as
    /// `tags in [a, b] and date >= 2020 and not language = de`, or the same as JSON
    /// (`{"and": [{"field": "tags", "op": "in", "value": ["a", "b"]}, …]}`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub filter: Option<serde_json::Value>,
    /// Fields whose values are counted over the documents found, such as `tags`; at most 20.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facet_fields: Vec<String>,
    /// Weights in place of those that the collections set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<SearchWeights>,
    /// Results that are passed over; with `limit` at most 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<usize>,
    /// Only results of at least this score, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_score: Option<f32>,
    /// `document` (default): a result is a document, its best passage joined with neighbours that
    /// were found too, others of it in `more`. `passage`: a result is a passage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_by: Option<String>,
    /// Whether results that repeat better ones step back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub use_diversification: Option<bool>,
    /// How much relevance counts against variety, 0 to 1; 0.5 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diversification_lambda: Option<f32>,
    /// Values of each facet that are shown, 1 to 100; 10 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_facet_values: Option<usize>,
    /// Whether each result tells where its score comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explain: Option<bool>,
}

/// How results are weighed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SearchWeights {
    /// Share of the vector score in the fused score, 0 to 1; the keyword score has the rest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vector_weight: Option<f32>,
    /// How newer documents come first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recency: Option<RecencyWeight>,
    /// Documents that weigh more or less, such as sources of authority or kinds of files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub weights: Vec<DocumentWeight>,
}

impl SearchWeights {
    /// Whether nothing is set.
    #[must_use]
    pub fn is_neutral(&self) -> bool {
        *self == Self::default()
    }
}

/// How newer documents come first: the score is multiplied by `1 + weight * 0.5^(age / half-life)`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RecencyWeight {
    /// Days after which half of the weight is left.
    pub half_life_days: f32,
    /// What a document of today gains, 0 to 10.
    pub weight: f32,
}

/// Documents whose score is multiplied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentWeight {
    /// Which ones: a condition as in `filter`, such as `domain = example.org`.
    #[schema(value_type = Object)]
    pub when: serde_json::Value,
    /// By what, 0.1 to 10.
    pub weight: f32,
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
    /// `hybrid` (default), `keyword`, `vector` or `reranked`.
    pub mode: Option<String>,
    /// Only passages that a condition holds for, such as `tags in [a, b] and date >= 2020`.
    pub filter: Option<String>,
    /// Fields whose values are counted over the documents found, separated by commas.
    pub facet_fields: Option<String>,
    /// Results that are passed over; with `limit` at most 100.
    pub offset: Option<usize>,
    /// Only results of at least this score, 0 to 1.
    pub min_score: Option<f32>,
    /// `document` (default): a result is a document, its best passage joined with neighbours that
    /// were found too, others of it in `more`. `passage`: a result is a passage.
    pub group_by: Option<String>,
    /// Whether results that repeat better ones step back.
    pub use_diversification: Option<bool>,
    /// How much relevance counts against variety, 0 to 1; 0.5 when absent.
    pub diversification_lambda: Option<f32>,
    /// Values of each facet that are shown, 1 to 100; 10 when absent.
    pub top_facet_values: Option<usize>,
    /// Whether each result tells where its score comes from.
    pub explain: Option<bool>,
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
    /// Whether further results follow behind these.
    #[serde(default)]
    pub has_more: bool,
    /// Documents that the filter holds for; absent without a filter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matched_documents: Option<usize>,
    /// How often values occur, by field.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facets: BTreeMap<String, Facet>,
    /// What the asker should know, such as a field of the filter that no document has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<String>,
    /// What the guard found in the query.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub guard: Vec<GuardNote>,
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
    /// `assay` for a file, else the public source.
    pub provider: String,
    /// When the public page was last changed; none for a file.
    #[serde(default)]
    pub timestamp: Option<String>,
    /// Of a file the fused score or that of the reranker, of a public page how well its words and
    /// meaning fit; 0 to 1, and comparable only inside one response and one kind. Public pages are
    /// ranked by the product of this and the next three.
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
    /// What the guard found in the passage; none in public pages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<PassageFinding>,
    /// First character of the passage in the document's text.
    pub start: usize,
    /// First character after it.
    pub end: usize,
    /// Score in the keyword lane (BM25).
    pub keyword_score: Option<f32>,
    /// Score in the vector lane (cosine).
    pub vector_score: Option<f32>,
    /// Ids of the passages that were joined, in the order of the text; absent for one passage.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub joined: Vec<String>,
    /// Other passages of the same document that were found; at most three.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(no_recursion)]
    pub more: Vec<SearchResult>,
    /// Where the score comes from, when `explain` was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Box<Explanation>>,
}

/// Where the score of a result comes from.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Explanation {
    /// What each term of the query added to the keyword score.
    pub terms: Vec<TermScore>,
    /// Its place in the keyword lane, from 1.
    pub keyword_rank: Option<u32>,
    /// Its place in the vector lane, from 1.
    pub vector_rank: Option<u32>,
    /// The keyword score between the lowest (0) and the best (1) hit of its lane.
    pub keyword_normalized: f32,
    /// The vector score between the lowest (0) and the best (1) hit of its lane.
    pub vector_normalized: f32,
    /// Share of the vector score; the keyword score has the rest.
    pub vector_weight: f32,
    /// `(1 - vector_weight) * keyword_normalized + vector_weight * vector_normalized`.
    pub fused: f32,
    /// What the scores of both lanes were multiplied by before they were normalised.
    pub boosts: Vec<Boost>,
    /// The fused score of the multiplied ones; `fused` when there is no boost.
    pub boosted: f32,
    /// What that was divided by so that no score passes 1.
    pub scale: f32,
    /// The reranker's judgement times the boosts, which took the place of the fused score in the
    /// mode `reranked`.
    #[serde(default)]
    pub reranked: Option<f32>,
    /// What choosing for variety made of it.
    pub diversification: Option<Diversification>,
    /// Its place by the fused score alone, from 1.
    pub rank_before: usize,
    /// Its place among the results, from 1.
    pub rank_after: usize,
}

/// One term of a keyword score.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TermScore {
    /// The term as it is indexed: the stem behind the code of its language, as in `de haus`.
    pub term: String,
    /// The inverse document frequency of its word, times what the word counts: less than 1 for
    /// parts of a name that passages hold whole and for a word in place of a misspelt one.
    pub weight: f32,
    /// How often the passage holds it.
    pub frequency: u32,
    /// What it added.
    pub score: f32,
}

/// A factor of a score.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Boost {
    /// `recency`, or the condition of a weight.
    pub reason: String,
    /// What the score was multiplied by.
    pub factor: f32,
}

/// What choosing for variety made of a result.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Diversification {
    /// Its score over the best one's.
    pub relevance: f32,
    /// The largest share of words in common with a result before it.
    pub similarity: f32,
    /// `lambda * relevance - (1 - lambda) * similarity`.
    pub score: f32,
}

/// How often the values of a field occur among the documents found.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Facet {
    /// The most frequent first.
    pub values: Vec<FacetValue>,
    /// Documents that were counted.
    pub total_docs: u64,
    /// Different values, those not shown included.
    pub distinct_values: u64,
}

/// One value of a facet.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FacetValue {
    /// The value.
    pub value: String,
    /// Documents that have it.
    pub count: u64,
    /// Their share of the documents counted, in percent.
    pub percentage: f64,
}

/// Whether a result was useful.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeedbackRequest {
    /// The query, as it was asked.
    pub query: String,
    /// The passage that was found; this or `document_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passage_id: Option<String>,
    /// The document that was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document_id: Option<String>,
    /// Whether it was useful for the query.
    pub useful: bool,
}

/// A judgement that was recorded.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct FeedbackResponse {
    /// The query.
    pub query: String,
    /// The document that it is about.
    pub document_id: String,
    /// Whether it was useful.
    pub useful: bool,
}

/// How to tune a collection.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct TuneRequest {
    /// Whether to set what is proposed.
    pub apply: bool,
}

/// What the judgements of a collection say of its weight.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct TuneResponse {
    /// The collection.
    pub collection: String,
    /// Share of the vector score now.
    pub current: f32,
    /// Share that is proposed; the present one when nothing speaks for another.
    pub proposed: f32,
    /// Whether it was set.
    pub applied: bool,
    /// Queries that were asked again.
    pub queries: usize,
    /// Judgements of them.
    pub judgements: usize,
    /// What each weight was worth.
    pub scores: Vec<WeightScore>,
    /// Why it is proposed.
    pub reason: String,
}

/// What a weight was worth.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct WeightScore {
    /// Share of the vector score.
    pub vector_weight: f32,
    /// Mean of `1 / rank` of what was useful and `-1 / rank` of what was not, -1 to 1.
    pub score: f64,
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
    /// `keyword`, `vector`, `web`, `reranker`, `rewriter` or `writer`.
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

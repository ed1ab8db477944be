//! Checking a text that the caller brings against sources that the caller brings.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A text and the sources it should rest on.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CitationsRequest {
    /// The text; at most 20,000 characters.
    pub text: String,
    /// The sources; at most 50.
    pub sources: Vec<CitationSource>,
}

/// A source that the caller brings.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct CitationSource {
    /// Title.
    #[serde(default)]
    pub title: String,
    /// Address.
    #[serde(default)]
    pub url: String,
    /// The text, under the name that older clients send.
    #[serde(default)]
    pub snippet: Option<String>,
    /// The text; at most 200,000 characters.
    #[serde(default)]
    pub content: Option<String>,
    /// Who provides it.
    #[serde(default)]
    pub provider: String,
}

/// The text with its claims judged.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CitationsResponse {
    /// The text as given.
    pub text: String,
    /// The text with `[n]` after every claim that a source supports.
    pub cited_text: String,
    /// The claims, with offsets in `text`.
    pub claims: Vec<crate::Claim>,
    /// What supports or contradicts them.
    pub citations: Vec<SourceCitation>,
    /// The sources that are cited, in Markdown.
    pub bibliography: String,
    /// Confidence of each claim, in order.
    pub confidence_scores: Vec<f32>,
    /// Milliseconds inside the server.
    pub processing_time_ms: f64,
    /// Whether it took under 2 s.
    pub within_budget: bool,
    /// `success`, or `partial` when claims were left out for lack of time.
    pub status: String,
}

/// A place in a source that the caller brought.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SourceCitation {
    /// The `[n]`, counted from 1.
    pub number: usize,
    /// `[n]` as it stands in the text.
    pub marker: String,
    /// The claim.
    pub claim_text: String,
    /// Place of the source in the request, counted from 0.
    pub source_index: usize,
    /// Title of the source.
    pub source_title: String,
    /// Address of the source.
    pub source_url: String,
    /// Provider of the source.
    pub source_provider: String,
    /// The words of the source, unchanged.
    pub snippet: String,
    /// First character of the snippet in the source's text.
    pub passage_start: usize,
    /// First character after it.
    pub passage_end: usize,
    /// `supported`, `partial` or `contradicted`.
    pub verdict: String,
    /// Calibrated probability of support.
    pub confidence: f32,
}

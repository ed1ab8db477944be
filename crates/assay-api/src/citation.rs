//! Checking a text that the caller brings against sources that the caller brings.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A text and the sources it should rest on.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct CitationsRequest {
    /// The text; at most 20,000 characters.
    pub text: String,
    /// The sources; at most 50.
    pub sources: Vec<CitationSource>,
    /// Where the claims are, in reading order; without it the text is split into claims.
    #[serde(default)]
    pub claims: Option<Vec<ClaimRange>>,
    /// Form of `bibliography`: `markdown` (default), `bibtex`, `ris`, `apa`, `mla`, `chicago`,
    /// `ieee` or `csl-json`.
    #[serde(default)]
    pub style: Option<String>,
    /// Marks in `cited_text`: `numbers` (default) for `[n]`, or `style` for the way that APA, MLA
    /// and Chicago refer to a source, such as `(Smith, 2020)`.
    #[serde(default)]
    pub marks: Option<String>,
}

/// Where a claim stands in the text.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct ClaimRange {
    /// Its first character.
    pub start: usize,
    /// The first character after it.
    pub end: usize,
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
    /// Authors, one each.
    #[serde(default)]
    pub authors: Vec<SourceAuthor>,
    /// Authors in one text, parted by `;` or `and`.
    #[serde(default)]
    pub author: Option<String>,
    /// When it was published: `2020`, `2020-05`, `2020-05-03` or a time stamp.
    #[serde(default)]
    pub published_at: Option<String>,
    /// When the address was read; the day of the request when absent.
    #[serde(default)]
    pub accessed_at: Option<String>,
    /// `webpage` (default), `article`, `book` or `report`.
    #[serde(default)]
    pub kind: Option<String>,
    /// The journal or the web site that it is part of.
    #[serde(default)]
    pub container: String,
    /// Publisher.
    #[serde(default)]
    pub publisher: String,
    /// Volume of the journal.
    #[serde(default)]
    pub volume: String,
    /// Issue of the volume.
    #[serde(default)]
    pub issue: String,
    /// Pages, such as `45-67`.
    #[serde(default)]
    pub pages: String,
    /// DOI.
    #[serde(default)]
    pub doi: String,
    /// Language tag; found from the text when absent.
    #[serde(default)]
    pub language: Option<String>,
    /// `public`, `paywall` or `login_required`, when the caller knows; it is handed on.
    #[serde(default)]
    pub accessibility: Option<String>,
}

impl CitationSource {
    /// The text of the source.
    #[must_use]
    pub fn words(&self) -> &str {
        self.content.as_deref().or(self.snippet.as_deref()).unwrap_or("")
    }
}

/// An author of a source.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum SourceAuthor {
    /// `Given Family` or `Family, Given`; `{…}` keeps the name of an organisation whole.
    Text(String),
    /// A person.
    Person {
        /// Family name.
        family: String,
        /// Given names or initials.
        #[serde(default)]
        given: String,
        /// `Jr.`, `III`.
        #[serde(default)]
        suffix: String,
    },
    /// An organisation.
    Organisation {
        /// Its name.
        name: String,
    },
}

/// The text with its claims judged.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct CitationsResponse {
    /// The text as given.
    pub text: String,
    /// The text with a mark at every claim that a source supports; all else is as given.
    pub cited_text: String,
    /// The claims, with offsets in `text`.
    pub claims: Vec<crate::Claim>,
    /// What supports or contradicts them.
    pub citations: Vec<SourceCitation>,
    /// The sources that are cited, in the style that was asked for.
    pub bibliography: String,
    /// The form of `bibliography`.
    pub bibliography_style: String,
    /// The sources that are cited, in the order of the list.
    pub bibliography_entries: Vec<BibliographyEntry>,
    /// Confidence of each claim, in order.
    pub confidence_scores: Vec<f32>,
    /// Their mean; 0 without claims.
    pub overall_confidence: f32,
    /// Share of the claims that a source supports, from 0 to 1.
    pub coverage: f32,
    /// The claims counted by verdict.
    pub summary: ClaimSummary,
    /// Claims that one source supports and another contradicts.
    pub disagreements: Vec<SourceDisagreement>,
    /// Places of the sources that no claim cites, counted from 0.
    pub uncited_sources: Vec<usize>,
    /// What is missing and what to know, in words; empty when there is nothing.
    pub notices: Vec<String>,
    /// Milliseconds inside the server.
    pub processing_time_ms: f64,
    /// Whether it took under 2 s.
    pub within_budget: bool,
    /// `success`, or `partial` when claims or sources were left out for lack of time.
    pub status: String,
}

/// Claims by verdict.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
pub struct ClaimSummary {
    /// All that were found.
    pub total: usize,
    /// Supported.
    pub supported: usize,
    /// Supported in part.
    pub partial: usize,
    /// Contradicted by a source, supported by none.
    pub contradicted: usize,
    /// Not in the sources.
    pub unsupported: usize,
    /// Left out for lack of time.
    pub unchecked: usize,
}

/// A place in a source that the caller brought.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SourceCitation {
    /// The number of its source in the text and the bibliography, counted from 1.
    pub number: usize,
    /// `[n]` as it stands in the text.
    pub marker: String,
    /// Place of the claim in `claims`, counted from 0.
    pub claim_index: usize,
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
    /// What the snippet alone says: `supported`, `partial`, `contradicted`, or `unsupported` where
    /// only several sentences together bear the claim out.
    pub verdict: String,
    /// Calibrated probability of support.
    pub confidence: f32,
    /// When it was checked.
    pub timestamp: String,
}

/// A source that is cited.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct BibliographyEntry {
    /// The `n` of `[n]`, as text.
    pub id: String,
    /// The `n` of `[n]`.
    pub number: usize,
    /// Place of the source in the request, counted from 0.
    pub source_index: usize,
    /// Title.
    pub title: String,
    /// Address.
    pub url: String,
    /// Host of the address.
    pub domain: String,
    /// Authors, parted by `; `; absent when unknown.
    pub author: Option<String>,
    /// When it was published; absent when unknown.
    pub published_at: Option<String>,
    /// The quote with the highest confidence, at most 200 characters.
    pub excerpt: String,
    /// Highest confidence of its citations.
    pub relevance_score: f32,
    /// By the ending of its domain: `.gov` 0.9, `.edu` 0.8, `.org` 0.7, else 0.5.
    pub authority_score: f32,
    /// As the caller told it; absent when the caller did not.
    pub accessibility: Option<String>,
    /// Language of its text; absent when it cannot be told.
    pub language: Option<String>,
    /// Words of its text.
    pub word_count: usize,
    /// Citations that lie in it.
    pub citations_count: usize,
    /// The entry in the style that was asked for.
    pub formatted: String,
    /// How a text refers to it in that style, without parentheses.
    pub in_text: String,
}

/// A claim that sources disagree about.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct SourceDisagreement {
    /// Place of the claim in `claims`.
    pub claim_index: usize,
    /// The claim.
    pub claim_text: String,
    /// `factual`, `temporal` (sources more than a year apart) or `interpretation` (they differ in
    /// how much they claim).
    pub kind: String,
    /// `high` or `medium`.
    pub severity: String,
    /// What differs: `number`, `unit`, `date`, `name`, `negation`, `quantifier`,
    /// `comparative`, `modality`.
    pub differs_in: Vec<String>,
    /// The sources that support the claim.
    pub supporting: Vec<DisagreementSide>,
    /// The sources that contradict it.
    pub contradicting: Vec<DisagreementSide>,
}

/// What one source says.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DisagreementSide {
    /// The number of the source in the bibliography.
    pub number: usize,
    /// Place of the source in the request.
    pub source_index: usize,
    /// Title.
    pub title: String,
    /// When it was published; absent when unknown.
    pub published_at: Option<String>,
    /// The words that say so, unchanged.
    pub quote: String,
}

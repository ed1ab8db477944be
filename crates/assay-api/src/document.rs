//! Documents and uploads.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::FindingCount;

/// What became of an upload.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct UploadResponse {
    /// The document.
    pub document_id: String,
    /// The version that these bytes are.
    pub version_id: String,
    /// `new`, `changed` (a new version of a known document) or `unchanged`.
    pub outcome: String,
    /// The work that makes it searchable; none when unchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job_id: Option<String>,
}

/// A document and the state of its newest version.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DocumentResponse {
    /// The document.
    pub id: String,
    /// The collection it is in.
    pub collection: String,
    /// Where it came from: the path or name that identifies it inside the collection.
    pub source: String,
    /// File name.
    pub name: String,
    /// Title found in the document.
    pub title: Option<String>,
    /// The newest version.
    pub version_id: String,
    /// `received`, `parsed`, `embedded`, `current` (searchable) or `failed`.
    pub state: String,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// How many parts could not be read, while the rest was.
    pub problem_count: u64,
    /// Those parts; left out of lists.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<DocumentProblem>,
    /// What the guard found in the newest version; left out of lists.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<FindingCount>,
    /// Type found by content.
    pub media_type: Option<String>,
    /// Bytes of the original.
    pub size_bytes: u64,
    /// Pages, where the format has them.
    pub pages: Option<u32>,
    /// Passages that can be found.
    pub passages: u64,
    /// When this version arrived.
    pub received_at: String,
    /// The archive or mail that it came out of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// What was found in the file (`authors`, `created`, `modified`, `keywords`, `language`, …) and,
    /// over it, what was told.
    #[serde(default, skip_serializing_if = "serde_json::Map::is_empty")]
    #[schema(value_type = Object)]
    pub metadata: serde_json::Map<String, serde_json::Value>,
    /// What was told alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub told: Option<serde_json::Value>,
}

/// What to change of a document; what is absent stays.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DocumentChange {
    /// Name of the collection to move it to, with all that came out of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collection: Option<String>,
    /// Its tags, all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// What is told of it, all of it: goes before what was found in the file. `title` is searched
    /// and shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<serde_json::Value>,
}

/// How alike documents have to be.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct NearParams {
    /// Share of common word sequences, 0.5 to 1; 0.8 when absent.
    #[param(minimum = 0.5, maximum = 1.0)]
    pub similarity: Option<f32>,
}

/// Documents that are nearly the same as one.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NearResponse {
    /// The most similar first.
    pub documents: Vec<NearDocument>,
}

/// A document that is nearly the same as another.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct NearDocument {
    /// The document.
    pub document_id: String,
    /// Its name.
    pub name: String,
    /// Estimated share of common word sequences, 0 to 1.
    pub similarity: f32,
}

/// Groups of documents that are nearly the same. Nothing is dropped: it is for a person to decide.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DuplicatesResponse {
    /// Ids of documents, the largest group first.
    pub groups: Vec<Vec<String>>,
}

/// A part of a document that could not be read.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DocumentProblem {
    /// The kind of problem.
    pub code: String,
    /// What happened.
    pub message: String,
    /// The page, counted from 1.
    pub page: Option<u32>,
}

/// Which documents to list.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct DocumentListParams {
    /// Name of the collection; all when absent.
    pub collection: Option<String>,
    /// Those that carry this tag; all when absent.
    pub tag: Option<String>,
    /// Those that came out of this document; all when absent.
    pub parent: Option<String>,
    /// Continue after this document.
    pub after: Option<String>,
    /// 1 to 1,000.
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<u32>,
}

/// A page of documents.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DocumentListResponse {
    /// Those created last first.
    pub documents: Vec<DocumentResponse>,
    /// Give it as `after` for the next page; none at the end.
    pub next: Option<String>,
}

/// Which part of a document to read.
#[derive(Debug, Clone, Default, Serialize, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct ReadingParams {
    /// The version; the one that searches find when absent.
    pub version: Option<String>,
    /// Begin with the passage of this place, counted from 0.
    pub from: Option<u32>,
    /// Show what stands around this character of the text; goes before `from`.
    pub around: Option<u32>,
    /// Show what stands around this passage, in its version; goes before all else.
    pub passage: Option<String>,
    /// Passages wanted, 1 to 200; 40 when absent.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// A part of the text of a document in its order.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReadingResponse {
    /// The document.
    pub document_id: String,
    /// The version whose text this is, and in which offsets count.
    pub version_id: String,
    /// The text of the passages and what stands between them.
    pub text: String,
    /// The first character of `text`, counted in the text of the version.
    pub start: u32,
    /// The place of the first passage, from 0.
    pub first: u32,
    /// The passages, in the order of the text.
    pub passages: Vec<ReadingPassage>,
    /// Passages of the version.
    pub total: u32,
    /// The versions of the document that are kept, the newest first.
    pub versions: Vec<ReadingVersion>,
}

/// Where a passage stands in the text of its version.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReadingPassage {
    /// The passage.
    pub id: String,
    /// Its first character in the text of the version.
    pub start: u32,
    /// The first character after it.
    pub end: u32,
    /// The page it starts on, counted from 1.
    pub page: Option<u32>,
    /// The headings it stands under, outermost first.
    pub heading_path: Vec<String>,
}

/// A version of a document.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct ReadingVersion {
    /// The version.
    pub version_id: String,
    /// `received`, `parsed`, `embedded`, `current`, `failed` or `superseded`.
    pub state: String,
    /// Bytes of its original.
    pub size_bytes: u64,
    /// When it arrived.
    pub received_at: String,
}

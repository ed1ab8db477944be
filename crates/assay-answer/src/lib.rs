#![doc = include_str!("../README.md")]

mod ask;
mod cite;
mod claim;
mod embed;
mod engine;
mod error;
pub mod eval;
mod extract;
mod ingest;
mod jobs;
mod lane;
mod overview;
mod search;
mod settings;
mod tidy;
mod verify;

pub use ask::{
    Answer, AnswerEvent, AnswerState, CheckedClaim, Citation, Question, UnsupportedPolicy,
    WriterChoice,
};
pub use assay_store::{Counts, Document, DocumentSummary, Outcome, ProblemRecord, StoredPassage};
pub use assay_tasks::{TaskRecord, TaskState};
pub use cite::{CheckedText, SourceCitation, SourceText};
pub use embed::EmbeddingTotals;
pub use engine::{Engine, EngineSettings};
pub use error::AnswerError;
pub use ingest::{Accepted, Upload};
pub use jobs::{Job, JobDocument, JobListing};
pub use lane::{LaneCounts, LaneReport, LaneState, LaneTotals};
pub use overview::{
    Embedded, IndexComparison, Listing, NamedModel, PartHealth, PartState, resident_bytes,
};
pub use search::{
    FoundPassage, QUERY_CHARS_MAX, RESULTS_MAX, SearchMode, SearchOutcome, SearchQuery,
};
pub use settings::{AnswerSettings, EmbeddingSettings, WriterSettings};
pub use tidy::Tidied;
pub use verify::Verdict;

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
mod library;
mod overview;
mod search;
mod settings;
mod sources;
mod tidy;
mod verify;

pub use ask::{
    Answer, AnswerEvent, AnswerState, CheckedClaim, Citation, Question, UnsupportedPolicy,
    WriterChoice,
};
pub use assay_index::Respelling;
pub use assay_sources::SourcePolicy;
pub use assay_store::SourceRecord;
pub use assay_store::{
    Counts, Document, DocumentSummary, NearDocument, Outcome, ProblemRecord, StoredPassage, Told,
};
pub use assay_tasks::{TaskRecord, TaskState};
pub use cite::{CheckedText, SourceCitation, SourceText};
pub use embed::EmbeddingTotals;
pub use engine::{Engine, EngineSettings};
pub use error::AnswerError;
pub use ingest::{Accepted, Upload};
pub use jobs::{Job, JobDocument, JobListing};
pub use lane::{LaneCounts, LaneReport, LaneState, LaneTotals};
pub use library::{CollectionOverview, CollectionSettings, Original};
pub use overview::{
    Embedded, IndexComparison, Listing, NamedModel, PartHealth, PartState, resident_bytes,
};
pub use search::{
    FoundPassage, QUERY_CHARS_MAX, RESULTS_MAX, SearchMode, SearchOutcome, SearchQuery,
};
pub use settings::{AnswerSettings, EmbeddingSettings, WriterSettings};
pub use sources::NewSource;
pub use tidy::Tidied;
pub use verify::Verdict;

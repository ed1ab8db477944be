#![doc = include_str!("../README.md")]

mod access;
mod ask;
mod backup;
pub mod bibliography;
mod catalogue;
mod cite;
mod claim;
mod database;
mod embed;
mod engine;
mod error;
pub mod eval;
mod export;
mod extract;
mod filter;
mod guarding;
mod ingest;
mod jobs;
mod judge;
mod lane;
mod library;
mod limits;
mod measure;
mod money;
mod overview;
mod rerank;
mod search;
mod session;
mod settings;
mod sources;
mod tenants;
mod tidy;
mod upkeep;
mod verify;
mod warm;
mod way_back;
mod web;
mod webhooks;
mod work;
mod worker;
mod yaml;

pub use ask::{
    Answer, AnswerEvent, AnswerState, CheckedClaim, Citation, Conflict, DateSource, Exchange,
    Piece, Question, Reading, Side, UnsupportedPolicy, WriterChoice,
};
pub use assay_backup::{
    BackupError, BackupSettings, Checked, Location, Place, Plan, Restored, Returned, Shipping,
    Summary, databases,
};
pub use assay_guard::{
    Action, Finding, Guard, GuardSettings, Kind as FindingKind, Place as GuardPlace, Pseudonyms,
    Rule, Scope, Severity,
};
pub use assay_identity as identity;
pub use assay_index::{Respelling, TermScore};
pub use assay_ledger as ledger;
pub use assay_sources::SourcePolicy;
/// Where the rows are, when not in files of the data folder.
pub use assay_store::ServerSettings as DatabaseSettings;
pub use assay_store::{
    AccessList, Counts, Document, DocumentAccess, DocumentSummary, FindingCount, NearDocument,
    Opinion, Outcome, PassageFinding, ProblemRecord, StoredPassage, Told, WebText,
};
pub use assay_store::{ReadFrom, SourceRecord, StatementTimes, statement_times};
pub use assay_tasks::{
    FailureRecord, History, Missed, NewSchedule, NewTask, QueueCount, RunEnd as TaskRunEnd,
    Schedule, StepRecord, TaskRecord, TaskState, Webhook,
};
pub use assay_web::{
    ProviderName, ProviderReport, ProviderState, ProviderStatus, WebSettings, WebSetupError,
};
pub use backup::{Verified, restore, verify};
pub use cite::{
    CheckedText, Disagreement, DisagreementKind, SourceCitation, SourceText, marked, marks_of,
};
pub use database::{identities, migrate, move_tenant};
pub use embed::EmbeddingTotals;
pub use engine::{Engine, EngineSettings, PRICES, make_data_folder};
pub use error::AnswerError;
pub use export::Part;
pub use filter::Condition;
pub use guarding::{GuardNote, Guards};
pub use ingest::{Accepted, Upload};
pub use jobs::{Job, JobDocument, JobListing};
pub use lane::{LaneCounts, LaneReport, LaneState, LaneTotals};
pub use library::{
    CollectionOverview, CollectionSettings, DocumentReading, Original, WantedReading,
};
pub use measure::Measured;
pub use overview::{
    Embedded, IndexComparison, Listing, NamedModel, PartHealth, PartState, TaskLoad, resident_bytes,
};
pub use rerank::{Reranked, RerankerSettings};
pub use search::{
    Boost, Explanation, FACET_FIELDS_MAX, FACET_VALUES_MAX, Facet, FacetValue, Facets,
    FoundPassage, GroupBy, Judged, LAST_RESULT, QUERY_CHARS_MAX, RESULTS_MAX, Recency, SearchMode,
    SearchOptions, SearchOutcome, SearchQuery, SearchSettings, Tuning, Variety, WeightRule,
};
pub use session::{
    FoundIn, FoundSession, SESSION_TTL_MINUTES, Session, SessionState, SharedSession, Turn,
    TurnCitation,
};
pub use settings::{AnswerSettings, EmbeddingSettings, VerifierSettings, WriterSettings};
pub use sources::{NewSource, without_secrets};
pub use tidy::Tidied;
pub use verify::Verdict;
pub use warm::WarmPart;
pub use way_back::{BackOrder, go_back, rehearse};
pub use web::WebOrigin;
pub use webhooks::{NewWebhook, WebhookSettings};
pub use work::TaskOrder;
pub use worker::Worker;
pub use yaml::read_yaml;

#![doc = include_str!("../README.md")]
#![warn(missing_docs)]

mod access;
mod blob;
mod catalogue;
mod collection;
mod document;
mod error;
mod feedback;
mod finding;
mod hash;
mod integrity;
mod moving;
mod near;
mod opinion;
mod outbox;
mod parsed;
mod passage;
mod publish;
mod reading;
mod receive;
mod row;
mod session;
mod settings;
mod source;
mod store;
mod tenant;
mod text;
mod usage;
mod vector;
mod version;
mod web_text;

#[cfg(test)]
mod contract;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod isolation;

pub use assay_sqlite::{
    Migration, Schema, Server, ServerSettings, StatementTimes, WayBack, copy::TableSum,
    statement_times,
};

pub use access::{AccessList, DocumentAccess};
pub use blob::SweptBlobs;
pub use catalogue::{CatalogueChange, CatalogueDocument, PassagePage};
pub use collection::Collection;
pub use document::{Document, DocumentFilter, DocumentSummary};
pub use error::StoreError;
pub use feedback::{FEEDBACK_MAX, Feedback};
pub use finding::{FindingCount, PassageFinding};
pub use hash::{BlobHash, ContentHash};
pub use integrity::{Counts, Integrity};
pub use near::NearDocument;
pub use opinion::Opinion;
pub use outbox::{Change, CurrentVersion, CurrentVersions, IndexPassage, OutboxEntry};
pub use parsed::{ParsedRecord, PassageRecord, ProblemRecord};
pub use passage::StoredPassage;
pub use publish::Publication;
pub use reading::{PassagePlace, ReadFrom, ReadingWindow};
pub use receive::{NewVersion, Outcome, Received, Told};
pub use session::{SessionRecord, TurnRecord, WantedWords};
pub use settings::StoreSettings;
pub use source::SourceRecord;
pub use store::{SCHEMAS, Store, Tenant};
pub use tenant::{MIGRATIONS as RECORDS_MIGRATIONS, RECORDS_BACK, TenantStore};
pub use usage::Usage;
pub use vector::PassageToEmbed;
pub use version::{Failure, Version, VersionState};
pub use web_text::WebText;

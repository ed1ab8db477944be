//! One version of a document: its states, its record, its failure.

use assay_core::{CollectionId, DocumentId, VersionId};
use assay_sqlite::sql::{
    self, Connection, OptionalExtension, Row, Transaction, params,
    types::{FromSql, FromSqlResult, ToSql, ValueRef},
};
use serde::{Deserialize, Serialize};

use crate::{
    BlobHash, StoreError, TenantStore,
    access::{ReaderValue, readable},
    row::{get, unknown_word},
};

/// Where a version stands.
///
/// `Received → Parsed → Embedded → Current → Superseded`; without an embedder `Embedded` is left
/// out. `Failed` ends it from any state before `Current`, until [`TenantStore::reopen`]; `Deleted`
/// from any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VersionState {
    /// The bytes are on disk.
    Received,
    /// Text and passages are recorded.
    Parsed,
    /// Every passage has a vector.
    Embedded,
    /// The version that searches find.
    Current,
    /// It could not be read; see [`Failure`].
    Failed,
    /// A newer version took its place.
    Superseded,
    /// Its document was deleted.
    Deleted,
}

impl VersionState {
    /// All states, in the order of a version's life.
    pub const ALL: [Self; 7] = [
        Self::Received,
        Self::Parsed,
        Self::Embedded,
        Self::Current,
        Self::Failed,
        Self::Superseded,
        Self::Deleted,
    ];

    /// The state as it stands in the records and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Parsed => "parsed",
            Self::Embedded => "embedded",
            Self::Current => "current",
            Self::Failed => "failed",
            Self::Superseded => "superseded",
            Self::Deleted => "deleted",
        }
    }

    /// Whether work on it is still to be done.
    #[must_use]
    pub const fn is_pending(self) -> bool {
        matches!(self, Self::Received | Self::Parsed | Self::Embedded)
    }
}

impl FromSql for VersionState {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let text = value.as_str()?;
        let state = Self::ALL.into_iter().find(|state| state.as_str() == text);
        state.ok_or_else(|| unknown_word(text))
    }
}

impl ToSql for VersionState {
    fn to_sql(&self) -> sql::Bound<'_> {
        Ok(self.as_str().into())
    }
}

/// Why a version could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// A word of the parser or embedder, for programs.
    pub code: String,
    /// For a person.
    pub reason: String,
}

/// The record of a version, with what identifies its document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its id.
    pub id: VersionId,
    /// Its document.
    pub document: DocumentId,
    /// The collection of the document.
    pub collection: CollectionId,
    /// What the source calls the document; unique in the collection.
    pub source_key: String,
    /// The name shown to people.
    pub name: String,
    /// Where it stands.
    pub state: VersionState,
    /// Its bytes.
    pub blob: BlobHash,
    /// Number of those bytes.
    pub size: u64,
    /// The media type: as told at receipt, after parsing as found.
    pub media_type: Option<String>,
    /// The title found by the parser.
    pub title: Option<String>,
    /// Number of pages, where it has pages.
    pub pages: Option<u32>,
    /// Bytes of text, once parsed.
    pub text_bytes: Option<u32>,
    /// Why it failed, when it did.
    pub failure: Option<Failure>,
    /// When it was received, in milliseconds since 1970.
    pub received_ms: i64,
    /// When its state last changed, in milliseconds since 1970.
    pub changed_ms: i64,
}

/// Columns and tables that [`read_version`] reads.
pub(crate) const SELECT_VERSION: &str = "SELECT v.id, v.document, d.collection, d.source_key, \
     d.name, v.state, v.blob, v.size, v.media_type, \
     coalesce(json_extract(d.told, '$.title'), v.title) AS title, v.pages, v.text_bytes, \
     v.failure_code, v.failure_reason, v.received_ms, v.changed_ms \
     FROM version v JOIN document d ON d.id = v.document";

pub(crate) fn read_version(row: &Row<'_>) -> sql::Result<Version> {
    let code: Option<String> = row.get("failure_code")?;
    let reason: Option<String> = row.get("failure_reason")?;
    Ok(Version {
        id: get(row, "id")?,
        document: get(row, "document")?,
        collection: get(row, "collection")?,
        source_key: row.get("source_key")?,
        name: row.get("name")?,
        state: row.get("state")?,
        blob: get(row, "blob")?,
        size: row.get("size")?,
        media_type: row.get("media_type")?,
        title: row.get("title")?,
        pages: row.get("pages")?,
        text_bytes: row.get("text_bytes")?,
        failure: code.zip(reason).map(|(code, reason)| Failure { code, reason }),
        received_ms: row.get("received_ms")?,
        changed_ms: row.get("changed_ms")?,
    })
}

/// What every step on a version needs to know of it.
pub(crate) struct VersionKey {
    /// Row number, and the order of receipt.
    pub(crate) number: i64,
    pub(crate) id: VersionId,
    pub(crate) document: DocumentId,
    pub(crate) state: VersionState,
}

impl VersionKey {
    pub(crate) fn find(
        db: &Connection,
        id: VersionId,
        reader: &ReaderValue,
    ) -> Result<Self, StoreError> {
        db.prepare_cached(&format!(
            "SELECT v.number, v.id, v.document, v.state FROM version v \
             JOIN document d ON d.id = v.document WHERE v.id = ?1 AND {}",
            readable(2)
        ))?
        .query_row(params![id.to_bytes(), reader], |row| {
            Ok(Self {
                number: row.get("number")?,
                id: get(row, "id")?,
                document: get(row, "document")?,
                state: row.get("state")?,
            })
        })
        .optional()?
        .ok_or_else(|| StoreError::not_found("version", id))
    }

    pub(crate) fn refuse(&self, action: &'static str) -> StoreError {
        StoreError::State { action, version: self.id, state: self.state }
    }

    pub(crate) fn require_pending(&self, action: &'static str) -> Result<(), StoreError> {
        if self.state.is_pending() { Ok(()) } else { Err(self.refuse(action)) }
    }

    pub(crate) fn set_state(
        &self,
        tx: &Transaction<'_>,
        state: VersionState,
        now_ms: i64,
    ) -> Result<(), StoreError> {
        tx.prepare_cached("UPDATE version SET state = ?, changed_ms = ? WHERE number = ?")?
            .execute(params![state, now_ms, self.number])?;
        Ok(())
    }
}

impl TenantStore {
    /// The record of a version, whatever its state.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn version(&self, id: VersionId) -> Result<Version, StoreError> {
        self.read(|db| {
            db.prepare_cached(&format!("{SELECT_VERSION} WHERE v.id = ?1 AND {}", readable(2)))?
                .query_row(params![id.to_bytes(), self.reader()], read_version)
                .optional()?
                .ok_or_else(|| StoreError::not_found("version", id))
        })
    }

    /// Versions that are neither searchable nor failed, in order of receipt: what a start has to
    /// take up again.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn pending(&self) -> Result<Vec<Version>, StoreError> {
        self.read(|db| {
            let mut rows = db.prepare_cached(&format!(
                "{SELECT_VERSION} WHERE v.state IN ('received', 'parsed', 'embedded') \
                 ORDER BY v.number"
            ))?;
            Ok(rows.query_map([], read_version)?.collect::<Result<_, _>>()?)
        })
    }

    /// Records that a version cannot be made searchable. What was searchable before stays so.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::State`] unless the version is pending.
    pub fn fail(&self, id: VersionId, code: &str, reason: &str) -> Result<(), StoreError> {
        let now_ms = self.clock().now_ms();
        let (code, reason) = (code.to_owned(), reason.to_owned());
        let reader = self.reader().clone();
        self.write(move |tx| {
            let version = VersionKey::find(tx, id, &reader)?;
            version.require_pending("fail")?;
            version.set_state(tx, VersionState::Failed, now_ms)?;
            tx.prepare_cached(
                "UPDATE version SET failure_code = ?, failure_reason = ? WHERE number = ?",
            )?
            .execute(params![code, reason, version.number])?;
            Ok(())
        })
    }

    /// Takes the failure of a version back, so that the work on it goes on where it was: after
    /// parsing when its text is recorded, else from its bytes. A pending version stays as it is.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::State`] when the version is current, superseded or
    /// deleted.
    pub fn reopen(&self, id: VersionId) -> Result<(), StoreError> {
        let (reader, now_ms) = (self.reader().clone(), self.clock().now_ms());
        self.write(move |tx| {
            let version = VersionKey::find(tx, id, &reader)?;
            if version.state != VersionState::Failed {
                return version.require_pending("reopen");
            }
            tx.prepare_cached(
                "UPDATE version SET failure_code = NULL, failure_reason = NULL, changed_ms = ?, \
                 state = CASE WHEN text_bytes IS NULL THEN 'received' ELSE 'parsed' END \
                 WHERE number = ?",
            )?
            .execute(params![now_ms, version.number])?;
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests;

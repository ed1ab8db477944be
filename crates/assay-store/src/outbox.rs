//! The outbox: what an index has to do, in order, and what it needs for that.

use assay_core::{CollectionId, DocumentId, PassageId, VersionId};
use assay_sqlite::sql::{
    self, Connection, Row, Transaction, params,
    types::{FromSql, FromSqlResult, ValueRef},
};

use crate::{
    StoreError, TenantStore,
    row::{from_json, get, unknown_word},
    vector::Floats,
    version::VersionKey,
};

/// What changed for an index. Doing one twice is as doing it once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Searches are to find the passages of this version.
    PutVersion {
        /// The document.
        document: DocumentId,
        /// Its new current version.
        version: VersionId,
    },
    /// Searches are no more to find the passages of this version.
    RemoveVersion {
        /// The document.
        document: DocumentId,
        /// The version that was current.
        version: VersionId,
    },
    /// Searches are no more to find the document.
    RemoveDocument {
        /// The document.
        document: DocumentId,
    },
}

/// A change and its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutboxEntry {
    /// Positions rise and are never used twice; the first is 1, so that 0 stands before all.
    pub position: u64,
    /// The change.
    pub change: Change,
}

/// A version that searches find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CurrentVersion {
    /// The document.
    pub document: DocumentId,
    /// Its current version.
    pub version: VersionId,
}

/// All that an index holds when it stands at a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentVersions {
    /// Where the index stands once it holds them: it goes on after this.
    pub position: u64,
    /// The versions, oldest first.
    pub versions: Vec<CurrentVersion>,
}

/// A passage as an index takes it in.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexPassage {
    /// Its id.
    pub id: PassageId,
    /// Its document.
    pub document: DocumentId,
    /// Its version.
    pub version: VersionId,
    /// The collection of the document.
    pub collection: CollectionId,
    /// Its place among the passages of the version, from 0.
    pub ordinal: u32,
    /// The name of the document shown to people.
    pub name: String,
    /// The title of the version.
    pub title: Option<String>,
    /// BCP 47 code of the language of the document, as told or found.
    pub language: Option<String>,
    /// The headings it stands under, outermost first.
    pub heading_path: Vec<String>,
    /// The text.
    pub text: String,
    /// Its vector of the model asked for, where it has one.
    pub vector: Option<Vec<f32>>,
}

impl TenantStore {
    /// At most `limit` entries after `position`, in order; empty when the index is up to date.
    ///
    /// # Errors
    /// [`StoreError::OutboxPruned`] when entries after `position` are gone: the index is to be
    /// rebuilt from [`Self::all_current_versions`].
    pub fn outbox_after(&self, position: u64, limit: u32) -> Result<Vec<OutboxEntry>, StoreError> {
        self.read(|db| {
            let pruned = pruned_position(db)?;
            if position < pruned {
                return Err(StoreError::OutboxPruned { asked: position, pruned });
            }
            let mut rows = db.prepare_cached(
                "SELECT position, change, document, version FROM outbox WHERE position > ? \
                 ORDER BY position LIMIT ?",
            )?;
            Ok(rows.query_map(params![position, limit], read_entry)?.collect::<Result<_, _>>()?)
        })
    }

    /// Position of the last entry ever appended, 0 before the first.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn last_position(&self) -> Result<u64, StoreError> {
        self.read(last_position)
    }

    /// Removes the entries up to `position`, which every index has consumed. Returns how many.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for a position that is not reached yet.
    pub fn prune_outbox(&self, position: u64) -> Result<u64, StoreError> {
        self.write(move |tx| {
            let last = last_position(tx)?;
            if position > last {
                return Err(StoreError::Invalid {
                    what: "outbox position",
                    why: format!("{position} is after the last one, {last}"),
                });
            }
            tx.prepare_cached("UPDATE outbox_pruned SET position = ?1 WHERE position < ?1")?
                .execute([position])?;
            let mut delete = tx.prepare_cached("DELETE FROM outbox WHERE position <= ?")?;
            Ok(delete.execute([position])? as u64)
        })
    }

    /// All versions that searches find, and the position that stands for them: what a rebuild of
    /// an index reads.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn all_current_versions(&self) -> Result<CurrentVersions, StoreError> {
        self.read(|db| {
            let mut rows = db.prepare_cached(
                "SELECT document, id FROM version WHERE state = 'current' ORDER BY number",
            )?;
            let versions = rows.query_map([], |row| {
                Ok(CurrentVersion { document: get(row, 0)?, version: get(row, 1)? })
            })?;
            Ok(CurrentVersions {
                versions: versions.collect::<Result<_, _>>()?,
                position: last_position(db)?,
            })
        })
    }

    /// At most `limit` passages of a version from `first_ordinal` on, with the vectors of the model
    /// `fingerprint`. Empty past the end, and for a version that was deleted or forgotten since.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn version_passages_for_index(
        &self,
        version: VersionId,
        fingerprint: Option<&str>,
        first_ordinal: u32,
        limit: u32,
    ) -> Result<Vec<IndexPassage>, StoreError> {
        self.read(|db| {
            let version = match VersionKey::find(db, version, self.reader()) {
                Err(StoreError::NotFound { .. }) => return Ok(Vec::new()),
                version => version?,
            };
            let mut rows = db.prepare_cached(
                "SELECT p.id, p.ordinal, p.heading_path, p.text, v.id AS version, v.document, \
                 coalesce(json_extract(d.told, '$.title'), v.title) AS title, \
                 CAST(coalesce(json_extract(d.told, '$.language'), \
                 json_extract(v.found, '$.language')) AS TEXT) AS language, d.collection, d.name, (SELECT body FROM vector WHERE hash = p.hash \
                 AND model = (SELECT number FROM model WHERE fingerprint = ?2)) AS vector \
                 FROM passage p JOIN version v ON v.number = p.version \
                 JOIN document d ON d.id = v.document \
                 WHERE p.version = ?1 AND p.ordinal >= ?3 ORDER BY p.ordinal LIMIT ?4",
            )?;
            let values = params![version.number, fingerprint, first_ordinal, limit];
            Ok(rows.query_map(values, read_passage)?.collect::<Result<_, _>>()?)
        })
    }
}

/// Appends an entry, in the transaction of the change it tells.
pub(crate) fn append(tx: &Transaction<'_>, change: Change) -> Result<(), StoreError> {
    let (word, document, version) = match change {
        Change::PutVersion { document, version } => ("put_version", document, Some(version)),
        Change::RemoveVersion { document, version } => ("remove_version", document, Some(version)),
        Change::RemoveDocument { document } => ("remove_document", document, None),
    };
    tx.prepare_cached("INSERT INTO outbox (change, document, version) VALUES (?, ?, ?)")?
        .execute(params![word, document.to_bytes(), version.map(VersionId::to_bytes)])?;
    Ok(())
}

pub(crate) fn last_position(db: &Connection) -> Result<u64, StoreError> {
    // When all entries are pruned, the last of them is the position up to which they were.
    let mut rows = db.prepare_cached(
        "SELECT coalesce(max(position), (SELECT position FROM outbox_pruned)) FROM outbox",
    )?;
    Ok(rows.query_row([], |row| row.get(0))?)
}

fn pruned_position(db: &Connection) -> Result<u64, StoreError> {
    let mut rows = db.prepare_cached("SELECT position FROM outbox_pruned")?;
    Ok(rows.query_row([], |row| row.get(0))?)
}

/// The words of the column `change`.
enum Word {
    PutVersion,
    RemoveVersion,
    RemoveDocument,
}

impl FromSql for Word {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value.as_str()? {
            "put_version" => Ok(Self::PutVersion),
            "remove_version" => Ok(Self::RemoveVersion),
            "remove_document" => Ok(Self::RemoveDocument),
            word => Err(unknown_word(word)),
        }
    }
}

fn read_entry(row: &Row<'_>) -> sql::Result<OutboxEntry> {
    let document = get(row, "document")?;
    let change = match row.get("change")? {
        Word::PutVersion => Change::PutVersion { document, version: get(row, "version")? },
        Word::RemoveVersion => Change::RemoveVersion { document, version: get(row, "version")? },
        Word::RemoveDocument => Change::RemoveDocument { document },
    };
    Ok(OutboxEntry { position: row.get("position")?, change })
}

fn read_passage(row: &Row<'_>) -> sql::Result<IndexPassage> {
    Ok(IndexPassage {
        id: get(row, "id")?,
        document: get(row, "document")?,
        version: get(row, "version")?,
        collection: get(row, "collection")?,
        ordinal: row.get("ordinal")?,
        name: row.get("name")?,
        title: row.get("title")?,
        language: row.get("language")?,
        heading_path: from_json(row, "heading_path")?,
        text: row.get("text")?,
        vector: row.get::<_, Option<Floats>>("vector")?.map(|floats| floats.0),
    })
}

#[cfg(test)]
mod tests;

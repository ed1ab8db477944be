//! Receiving bytes as a version of a document.

use assay_core::{CollectionId, DocumentId, VersionId};
use assay_sqlite::rusqlite::{OptionalExtension, Transaction, params};

use crate::{
    BlobHash, StoreError, TenantStore, VersionState,
    collection::require_collection,
    row::{check_text, get},
};

/// Paths of Linux are at most this long.
const SOURCE_KEY_BYTES_MAX: usize = 4096;
const NAME_BYTES_MAX: usize = 1024;

/// Bytes that arrived for a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewVersion {
    /// The collection.
    pub collection: CollectionId,
    /// What the source calls the document, such as an absolute path or the name of an upload. With
    /// the collection it is the identity of the document.
    pub source_key: String,
    /// The name shown to people.
    pub name: String,
    /// The media type as the source told it; the parser decides.
    pub media_type: Option<String>,
    /// The bytes, put before.
    pub blob: BlobHash,
    /// Number of those bytes.
    pub size: u64,
}

/// What receiving came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The first version of a new document.
    New,
    /// A further version of a known document.
    Changed,
    /// The document has these bytes already, searchable or on the way: nothing to do.
    Unchanged,
}

/// The answer to a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received {
    /// The document.
    pub document: DocumentId,
    /// The version with these bytes.
    pub version: VersionId,
    /// What it came to.
    pub outcome: Outcome,
}

impl TenantStore {
    /// Records a version, durably and in state [`VersionState::Received`].
    ///
    /// Its bytes are compared with the newest version that has not failed, so a file that changed
    /// back while the change was in work is a change again.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the collection does not exist or the blob was not put;
    /// [`StoreError::Invalid`] for an empty or overlong key or name.
    pub fn receive(&self, new: NewVersion) -> Result<Received, StoreError> {
        check_text("source key", &new.source_key, SOURCE_KEY_BYTES_MAX)?;
        check_text("document name", &new.name, NAME_BYTES_MAX)?;
        if !self.contains_blob(new.blob)? {
            return Err(StoreError::not_found("blob", new.blob));
        }
        let now_ms = self.clock().now_ms();
        self.write(move |tx| receive(tx, &new, now_ms))
    }
}

fn receive(tx: &Transaction<'_>, new: &NewVersion, now_ms: i64) -> Result<Received, StoreError> {
    require_collection(tx, new.collection)?;
    let Some(document) = known_document(tx, new)? else {
        let document = insert_document(tx, new, now_ms)?;
        let version = insert_version(tx, document, new, now_ms)?;
        return Ok(Received { document, version, outcome: Outcome::New });
    };
    tx.prepare_cached("UPDATE document SET name = ?1 WHERE id = ?2 AND name <> ?1")?
        .execute(params![new.name, document.to_bytes()])?;
    if let Some(version) = same_version(tx, document, new.blob, now_ms)? {
        return Ok(Received { document, version, outcome: Outcome::Unchanged });
    }
    let version = insert_version(tx, document, new, now_ms)?;
    Ok(Received { document, version, outcome: Outcome::Changed })
}

fn known_document(
    tx: &Transaction<'_>,
    new: &NewVersion,
) -> Result<Option<DocumentId>, StoreError> {
    let mut rows = tx.prepare_cached(
        "SELECT id FROM document WHERE collection = ? AND source_key = ? AND deleted_ms IS NULL",
    )?;
    let key = params![new.collection.to_bytes(), new.source_key];
    Ok(rows.query_row(key, |row| get(row, 0)).optional()?)
}

fn insert_document(
    tx: &Transaction<'_>,
    new: &NewVersion,
    now_ms: i64,
) -> Result<DocumentId, StoreError> {
    let id = DocumentId::new();
    tx.prepare_cached(
        "INSERT INTO document (id, collection, source_key, name, created_ms) \
         VALUES (?, ?, ?, ?, ?)",
    )?
    .execute(params![
        id.to_bytes(),
        new.collection.to_bytes(),
        new.source_key,
        new.name,
        now_ms
    ])?;
    Ok(id)
}

fn insert_version(
    tx: &Transaction<'_>,
    document: DocumentId,
    new: &NewVersion,
    now_ms: i64,
) -> Result<VersionId, StoreError> {
    let id = VersionId::new();
    tx.prepare_cached(
        "INSERT INTO version \
         (id, document, state, blob, size, media_type, received_ms, changed_ms) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)",
    )?
    .execute(params![
        id.to_bytes(),
        document.to_bytes(),
        VersionState::Received,
        new.blob.to_bytes(),
        new.size,
        new.media_type,
        now_ms
    ])?;
    Ok(id)
}

/// The newest version in work or searchable, if it has these bytes. Failures after it are then
/// history: the source went back to what is known.
fn same_version(
    tx: &Transaction<'_>,
    document: DocumentId,
    blob: BlobHash,
    now_ms: i64,
) -> Result<Option<VersionId>, StoreError> {
    let newest = tx
        .prepare_cached(
            "SELECT number, id, blob FROM version WHERE document = ? \
             AND state IN ('received', 'parsed', 'embedded', 'current') \
             ORDER BY number DESC LIMIT 1",
        )?
        .query_row([document.to_bytes()], |row| {
            Ok((row.get::<_, i64>(0)?, get::<VersionId, _>(row, 1)?, get::<BlobHash, _>(row, 2)?))
        })
        .optional()?;
    let Some((number, version, _)) = newest.filter(|(_, _, known)| *known == blob) else {
        return Ok(None);
    };
    tx.prepare_cached(
        "UPDATE version SET state = 'superseded', changed_ms = ? \
         WHERE document = ? AND number > ? AND state = 'failed'",
    )?
    .execute(params![now_ms, document.to_bytes(), number])?;
    Ok(Some(version))
}

#[cfg(test)]
mod tests;

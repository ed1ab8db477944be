//! Receiving bytes as a version of a document.

use assay_core::{CollectionId, DocumentId, VersionId};
use assay_sqlite::sql::{OptionalExtension, Transaction, params};

use crate::{
    AccessList, BlobHash, Change, StoreError, TenantStore, VersionState,
    access::{ReaderValue, give, list_number, readable},
    collection::require_collection,
    document::{known_document, summary},
    outbox::append,
    publish::current_version,
    row::{check_text, get, to_json},
    usage::is_within,
    version::{SELECT_VERSION, read_version},
};

/// Paths of Linux are at most this long.
const SOURCE_KEY_BYTES_MAX: usize = 4096;
const NAME_BYTES_MAX: usize = 1024;
const TAG_BYTES_MAX: usize = 128;
const METADATA_BYTES_MAX: usize = 64 << 10;

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
    /// The document that this one came out of, such as an archive or a mail.
    pub parent: Option<DocumentId>,
    /// What the source says of the document; `None` leaves what was told before.
    pub told: Option<Told>,
    /// The access list that a new document is given. A known one has to have it already; without
    /// one it keeps what it has.
    pub access: Option<AccessList>,
}

/// What people or sources say of a document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// Tags; `None` leaves them.
    pub tags: Option<Vec<String>>,
    /// Metadata: an object of names and values; `None` leaves it.
    pub metadata: Option<serde_json::Value>,
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
    /// [`StoreError::Invalid`] for an empty or overlong key or name; [`StoreError::Limit`] when the
    /// tenant would have more than it may have; [`StoreError::Exists`] for a known document with
    /// another access list.
    pub fn receive(&self, new: NewVersion) -> Result<Received, StoreError> {
        check_text("source key", &new.source_key, SOURCE_KEY_BYTES_MAX)?;
        check_text("document name", &new.name, NAME_BYTES_MAX)?;
        if !self.contains_blob(new.blob)? {
            return Err(StoreError::not_found("blob", new.blob));
        }
        let now_ms = self.clock().now_ms();
        let (reader, limits) = (self.reader().clone(), self.limits());
        self.write(move |tx| {
            let received = receive(tx, &new, &reader, now_ms)?;
            if received.outcome != Outcome::Unchanged {
                is_within(tx, limits)?;
            }
            Ok(received)
        })
    }

    /// Receives the bytes of the current version once more, so that they are read with the
    /// settings of today; what is searchable stays so until that is done. `None` for a document
    /// that has no current version.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn receive_again(&self, document: DocumentId) -> Result<Option<VersionId>, StoreError> {
        let (reader, now_ms) = (self.reader().clone(), self.clock().now_ms());
        self.write(move |tx| again(tx, document, &reader, now_ms))
    }
}

fn again(
    tx: &Transaction<'_>,
    document: DocumentId,
    reader: &ReaderValue,
    now_ms: i64,
) -> Result<Option<VersionId>, StoreError> {
    let sql = format!(
        "{SELECT_VERSION} WHERE v.document = ?1 AND v.state = 'current' AND {}",
        readable(2)
    );
    let mut rows = tx.prepare_cached(&sql)?;
    let current = rows.query_row(params![document.to_bytes(), reader], read_version).optional()?;
    let Some(current) = current else { return Ok(None) };
    let new = NewVersion {
        collection: current.collection,
        source_key: current.source_key,
        name: current.name,
        media_type: current.media_type,
        blob: current.blob,
        size: current.size,
        parent: None,
        told: None,
        access: None,
    };
    insert_version(tx, document, &new, now_ms).map(Some)
}

fn receive(
    tx: &Transaction<'_>,
    new: &NewVersion,
    reader: &ReaderValue,
    now_ms: i64,
) -> Result<Received, StoreError> {
    require_collection(tx, new.collection, reader)?;
    if let Some(parent) = new.parent {
        // One that is deleted meanwhile takes nothing in any more.
        summary(tx, parent, reader)?;
    }
    let known = known_document(tx, new.collection, &new.source_key, new.parent, reader)?;
    let Some(document) = known else {
        let document = insert_document(tx, new, now_ms)?;
        // In the same transaction: nobody sees it before its list holds.
        give(tx, document, new.access.as_ref())?;
        tell(tx, document, new.told.as_ref())?;
        let version = insert_version(tx, document, new, now_ms)?;
        return Ok(Received { document, version, outcome: Outcome::New });
    };
    if let Some(asked) = &new.access {
        has_list(tx, document, asked)?;
    }
    tx.prepare_cached("UPDATE document SET name = ?1 WHERE id = ?2 AND name <> ?1")?
        .execute(params![new.name, document.to_bytes()])?;
    tell(tx, document, new.told.as_ref())?;
    if let Some(version) = same_version(tx, document, new.blob, now_ms)? {
        return Ok(Received { document, version, outcome: Outcome::Unchanged });
    }
    let version = insert_version(tx, document, new, now_ms)?;
    Ok(Received { document, version, outcome: Outcome::Changed })
}

/// Refuses bytes for a document that is open to others than the sender thinks.
fn has_list(
    tx: &Transaction<'_>,
    document: DocumentId,
    asked: &AccessList,
) -> Result<(), StoreError> {
    let asked = list_number(tx, asked)?;
    let mut rows =
        tx.prepare_cached("SELECT own_list IS NOT DISTINCT FROM ? FROM document WHERE id = ?")?;
    if rows.query_row(params![asked, document.to_bytes()], |row| row.get(0))? {
        return Ok(());
    }
    let name = format!("{document} (with another access list)");
    Err(StoreError::Exists { kind: "document", name })
}

fn insert_document(
    tx: &Transaction<'_>,
    new: &NewVersion,
    now_ms: i64,
) -> Result<DocumentId, StoreError> {
    let id = DocumentId::new();
    tx.prepare_cached(
        "INSERT INTO document (id, collection, source_key, name, created_ms, parent) \
         VALUES (?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        id.to_bytes(),
        new.collection.to_bytes(),
        new.source_key,
        new.name,
        now_ms,
        new.parent.map(DocumentId::to_bytes)
    ])?;
    Ok(id)
}

/// Records what was told; a title that changes has to reach the index.
pub(crate) fn tell(
    tx: &Transaction<'_>,
    document: DocumentId,
    told: Option<&Told>,
) -> Result<(), StoreError> {
    let Some(told) = told else { return Ok(()) };
    if let Some(tags) = &told.tags {
        for tag in tags {
            check_text("tag", tag, TAG_BYTES_MAX)?;
        }
        tx.prepare_cached("UPDATE document SET tags = ? WHERE id = ?")?
            .execute(params![to_json("tags", tags)?, document.to_bytes()])?;
    }
    if let Some(metadata) = &told.metadata {
        let text = to_json("metadata", metadata)?;
        if !metadata.is_object() || text.len() > METADATA_BYTES_MAX {
            let why = format!("it is no object of at most {METADATA_BYTES_MAX} bytes");
            return Err(StoreError::Invalid { what: "metadata", why });
        }
        tx.prepare_cached("UPDATE document SET told = ? WHERE id = ?")?
            .execute(params![text, document.to_bytes()])?;
    }
    Ok(())
}

/// Puts the current version of a document into the index again, because something that stands in
/// the index has changed.
pub(crate) fn index_again(tx: &Transaction<'_>, document: DocumentId) -> Result<(), StoreError> {
    match current_version(tx, document)? {
        Some(version) => append(tx, Change::PutVersion { document, version }),
        None => Ok(()),
    }
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

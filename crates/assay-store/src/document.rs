//! Documents: reading them, listing them, deleting them.

use assay_core::{CollectionId, DocumentId, VersionId};
use assay_sqlite::sql::{self, Connection, OptionalExtension, Row, Transaction, params};

use crate::{
    Change, FindingCount, ProblemRecord, StoreError, TenantStore, Told, Version, VersionState,
    access::{ReaderValue, readable},
    collection::require_collection,
    finding,
    outbox::append,
    parsed::read_problems,
    receive::{index_again, tell},
    row::{from_json, from_json_opt, get, get_opt},
    version::{SELECT_VERSION, read_version},
};

/// A document and its newest version that matters: one line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentSummary {
    /// Its id.
    pub id: DocumentId,
    /// When the first version was received, in milliseconds since 1970.
    pub created_ms: i64,
    /// The newest version that is not superseded. Its state is the state of the document.
    pub latest: Version,
    /// The version that searches find, where there is one; older than `latest` while that is in
    /// work or when it failed.
    pub current: Option<VersionId>,
    /// Passages of `latest`.
    pub passages: u32,
    /// Problems of `latest`.
    pub problems: u32,
    /// The document that it came out of.
    pub parent: Option<DocumentId>,
    /// Its tags.
    pub tags: Vec<String>,
    /// Its metadata: what was found in the file, and over it what was told.
    pub metadata: serde_json::Map<String, serde_json::Value>,
    /// What was told alone, which an export has to keep apart.
    pub told: Option<serde_json::Value>,
}

/// A document in full.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// What a list shows of it.
    pub summary: DocumentSummary,
    /// All versions, newest first.
    pub versions: Vec<Version>,
    /// What could not be read of the latest version.
    pub problems: Vec<ProblemRecord>,
    /// What the guard found in the latest version.
    pub findings: Vec<FindingCount>,
}

/// Which documents a list holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DocumentFilter {
    /// Of one collection.
    pub collection: Option<CollectionId>,
    /// Whose latest version is in this state.
    pub state: Option<VersionState>,
    /// That carry this tag.
    pub tag: Option<String>,
    /// That came out of this document.
    pub parent: Option<DocumentId>,
    /// Those that come after this one: the last of the page before.
    pub after: Option<DocumentId>,
}

/// The version whose state is the state of the document. There is one: a version is superseded only
/// by another one that stands.
const LATEST: &str = "v.number = (SELECT max(number) FROM version \
     WHERE document = d.id AND state <> 'superseded')";

impl TenantStore {
    /// A document with its versions and problems.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], for a deleted one too.
    pub fn document(&self, id: DocumentId) -> Result<Document, StoreError> {
        self.read(|db| {
            let summary = summary(db, id, self.reader())?;
            let mut rows = db.prepare_cached(&format!(
                "{SELECT_VERSION} WHERE v.document = ? ORDER BY v.number DESC"
            ))?;
            let versions =
                rows.query_map([id.to_bytes()], read_version)?.collect::<Result<_, _>>()?;
            let problems = read_problems(db, summary.latest.id, self.reader())?;
            let findings = finding::count(db, summary.latest.id, self.reader())?;
            Ok(Document { summary, versions, problems, findings })
        })
    }

    /// The document that a source knows by this key.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn find_document(
        &self,
        collection: CollectionId,
        source_key: &str,
    ) -> Result<Option<DocumentSummary>, StoreError> {
        self.read(|db| {
            let id = known_document(db, collection, source_key, None, self.reader())?;
            id.map(|id| summary(db, id, self.reader())).transpose()
        })
    }

    /// At most `limit` documents, those created last first.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn documents(
        &self,
        filter: DocumentFilter,
        limit: u32,
    ) -> Result<Vec<DocumentSummary>, StoreError> {
        // Ids are UUIDv7: their order is the order of creation.
        let sql = format!(
            "{} WHERE d.deleted_ms IS NULL AND {LATEST} \
             AND (CAST(?1 AS BLOB) IS NULL OR d.collection = ?1) \
             AND (CAST(?2 AS TEXT) IS NULL OR v.state = ?2) \
             AND d.id < ?3 \
             AND (CAST(?5 AS TEXT) IS NULL OR EXISTS (SELECT 1 FROM json_each(d.tags) WHERE value = ?5)) \
             AND (CAST(?6 AS BLOB) IS NULL OR d.parent = ?6) AND {} \
             ORDER BY d.id DESC LIMIT ?4",
            select_summary(),
            readable(7)
        );
        self.read(|db| {
            let mut rows = db.prepare_cached(&sql)?;
            let values = params![
                filter.collection.map(CollectionId::to_bytes),
                filter.state,
                filter.after.map_or([u8::MAX; 16], DocumentId::to_bytes),
                limit,
                filter.tag,
                filter.parent.map(DocumentId::to_bytes),
                self.reader()
            ];
            Ok(rows.query_map(values, read_summary)?.collect::<Result<_, _>>()?)
        })
    }

    /// Says something of a document, or moves it with all that came out of it.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the document or the collection; [`StoreError::Exists`] when
    /// the collection has a document of this source key; [`StoreError::Invalid`] for tags or
    /// metadata that are too long.
    pub fn change_document(
        &self,
        id: DocumentId,
        collection: Option<CollectionId>,
        told: Told,
    ) -> Result<(), StoreError> {
        let reader = self.reader().clone();
        self.write(move |tx| {
            summary(tx, id, &reader)?;
            tell(tx, id, Some(&told))?;
            if let Some(collection) = collection {
                require_collection(tx, collection, &reader)?;
                move_to(tx, id, collection, &reader)?;
            }
            index_again(tx, id)
        })
    }

    /// Deletes a document with all that came out of it. On return no search result of it can be read any more; the index and
    /// the blobs follow. Returns the versions that had not been taken in: what was to be done for them
    /// need not be done.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], for one that is deleted already too.
    pub fn delete_document(&self, id: DocumentId) -> Result<Vec<VersionId>, StoreError> {
        let (reader, now_ms) = (self.reader().clone(), self.clock().now_ms());
        self.write(move |tx| {
            summary(tx, id, &reader)?;
            let mut open = Vec::new();
            delete(tx, id, now_ms, &mut open)?;
            Ok(open)
        })
    }
}

fn delete(
    tx: &Transaction<'_>,
    id: DocumentId,
    now_ms: i64,
    open: &mut Vec<VersionId>,
) -> Result<(), StoreError> {
    let marked = tx
        .prepare_cached("UPDATE document SET deleted_ms = ? WHERE id = ? AND deleted_ms IS NULL")?
        .execute(params![now_ms, id.to_bytes()])?;
    if marked == 0 {
        return Err(StoreError::not_found("document", id));
    }
    let is_indexed = tx
        .prepare_cached("SELECT 1 FROM version WHERE document = ? AND state = 'current'")?
        .exists([id.to_bytes()])?;
    let sql = "SELECT id FROM version WHERE document = ? \
        AND state IN ('received', 'parsed', 'embedded', 'failed')";
    for version in tx.prepare_cached(sql)?.query_map([id.to_bytes()], |row| get(row, 0))? {
        open.push(version?);
    }
    for table in ["passage", "text_part", "problem", "blocks", "sketch", "sketch_band"] {
        tx.prepare_cached(&format!(
            "DELETE FROM {table} \
             WHERE version IN (SELECT number FROM version WHERE document = ?)"
        ))?
        .execute([id.to_bytes()])?;
    }
    tx.prepare_cached(
        "UPDATE version SET state = 'deleted', changed_ms = ?, title = NULL, found = NULL \
         WHERE document = ?",
    )?
    .execute(params![now_ms, id.to_bytes()])?;
    if is_indexed {
        append(tx, Change::RemoveDocument { document: id })?;
    }
    for child in children(tx, id)? {
        delete(tx, child, now_ms, open)?;
    }
    Ok(())
}

pub(crate) fn children(
    tx: &Transaction<'_>,
    id: DocumentId,
) -> Result<Vec<DocumentId>, StoreError> {
    let mut rows =
        tx.prepare_cached("SELECT id FROM document WHERE parent = ? AND deleted_ms IS NULL")?;
    Ok(rows.query_map([id.to_bytes()], |row| get(row, 0))?.collect::<Result<_, _>>()?)
}

fn move_to(
    tx: &Transaction<'_>,
    id: DocumentId,
    collection: CollectionId,
    reader: &ReaderValue,
) -> Result<(), StoreError> {
    let (key, parent): (String, _) = tx
        .prepare_cached("SELECT source_key, parent FROM document WHERE id = ?")?
        .query_row([id.to_bytes()], |row| Ok((row.get(0)?, get_opt(row, 1)?)))?;
    let there = known_document(tx, collection, &key, parent, reader)?;
    if there.is_some_and(|there| there != id) {
        return Err(StoreError::Exists { kind: "document", name: id.to_string() });
    }
    tx.prepare_cached("UPDATE document SET collection = ? WHERE id = ?")?
        .execute(params![collection.to_bytes(), id.to_bytes()])?;
    for child in children(tx, id)? {
        move_to(tx, child, collection, reader)?;
        index_again(tx, child)?;
    }
    Ok(())
}

/// The document that `reader` knows by this key, inside the document `parent` where there is one.
///
/// Of several, which readers of everything may meet, one that was given no list comes first, then
/// the oldest.
pub(crate) fn known_document(
    db: &Connection,
    collection: CollectionId,
    source_key: &str,
    parent: Option<DocumentId>,
    reader: &ReaderValue,
) -> Result<Option<DocumentId>, StoreError> {
    let mut rows = db.prepare_cached(&format!(
        "SELECT d.id FROM document d WHERE d.collection = ?1 AND d.source_key = ?2 \
         AND d.parent IS NOT DISTINCT FROM ?3 AND d.deleted_ms IS NULL AND {} \
         ORDER BY d.own_list IS NOT NULL, d.id LIMIT 1",
        readable(4)
    ))?;
    let parent = parent.map(DocumentId::to_bytes);
    let key = params![collection.to_bytes(), source_key, parent, reader];
    Ok(rows.query_row(key, |row| get(row, 0)).optional()?)
}

/// A document that `reader` may see.
pub(crate) fn summary(
    db: &Connection,
    id: DocumentId,
    reader: &ReaderValue,
) -> Result<DocumentSummary, StoreError> {
    let sql = format!(
        "{} WHERE d.id = ?1 AND d.deleted_ms IS NULL AND {LATEST} AND {}",
        select_summary(),
        readable(2)
    );
    db.prepare_cached(&sql)?
        .query_row(params![id.to_bytes(), reader], read_summary)
        .optional()?
        .ok_or_else(|| StoreError::not_found("document", id))
}

fn select_summary() -> String {
    SELECT_VERSION.replacen(
        "SELECT",
        "SELECT d.created_ms AS created_ms, \
         (SELECT id FROM version WHERE document = d.id AND state = 'current') AS current, \
         (SELECT count(*) FROM passage WHERE version = v.number) AS passages, \
         (SELECT count(*) FROM problem WHERE version = v.number) AS problems, \
         d.parent AS parent, d.tags AS tags, \
         json_patch(coalesce(v.found, '{}'), coalesce(d.told, '{}')) AS metadata, d.told AS told,",
        1,
    )
}

fn read_summary(row: &Row<'_>) -> sql::Result<DocumentSummary> {
    Ok(DocumentSummary {
        id: get(row, "document")?,
        created_ms: row.get("created_ms")?,
        latest: read_version(row)?,
        current: get_opt(row, "current")?,
        passages: row.get("passages")?,
        problems: row.get("problems")?,
        parent: get_opt(row, "parent")?,
        tags: from_json(row, "tags")?,
        metadata: from_json(row, "metadata")?,
        told: from_json_opt(row, "told")?,
    })
}

#[cfg(test)]
mod tests;

//! The catalogue: what searches filter, count and weigh documents by, read in the order of change.

use assay_core::{CollectionId, DocumentId, PassageId};
use assay_sqlite::sql::{self, Row, params};

use crate::{
    StoreError, TenantStore,
    row::{from_json, get, get_opt, id_list},
};

/// A document that searches find, as its records stand now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueDocument {
    /// Its id.
    pub id: DocumentId,
    /// Its collection.
    pub collection: CollectionId,
    /// The number of the access list that it or a document around it was given; none when that of
    /// its collection holds.
    pub list: Option<i64>,
    /// Passages that searches find.
    pub passages: u32,
    /// Bytes of its text.
    pub text_bytes: u32,
    /// What the source calls it.
    pub source_key: String,
    /// The name shown to people.
    pub name: String,
    /// Its title, where it has one.
    pub title: Option<String>,
    /// The media type found.
    pub media_type: Option<String>,
    /// Number of pages, where it has pages.
    pub pages: Option<u32>,
    /// Bytes of the original.
    pub size: u64,
    /// When its bytes were received, in milliseconds since 1970.
    pub received_ms: i64,
    /// Its tags.
    pub tags: Vec<String>,
    /// Its metadata: what was found in the file, and over it what was told.
    pub metadata: serde_json::Map<String, serde_json::Value>,
}

/// A change of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CatalogueChange {
    /// Its place in the order of changes.
    pub seq: u64,
    /// The document that changed; the id of nothing known when it was a collection.
    pub document: DocumentId,
    /// The document as it is now; none when searches do not find it any more.
    pub now: Option<CatalogueDocument>,
}

/// A passage of a current version and the page it starts on, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PassagePage {
    /// The passage.
    pub passage: PassageId,
    /// Its document.
    pub document: DocumentId,
    /// The page, where the document has pages.
    pub page: Option<u32>,
}

impl TenantStore {
    /// The place of the last change of the catalogue: while it stays, so does everything that a
    /// filter looks at, collections and their settings included.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn catalogue_seq(&self) -> Result<u64, StoreError> {
        self.read(|db| {
            let mut rows =
                db.prepare_cached("SELECT coalesce(max(seq), 0) FROM catalogue_change")?;
            Ok(rows.query_row([], |row| row.get(0))?)
        })
    }

    /// At most `limit` changes after `seq`, in order; of several changes of one document the last.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn catalogue_after(
        &self,
        seq: u64,
        limit: u32,
    ) -> Result<Vec<CatalogueChange>, StoreError> {
        self.read(|db| {
            let mut rows = db.prepare_cached(
                "SELECT c.seq, c.subject, d.id, d.collection, d.list, d.source_key, d.name, d.tags, \
                 (SELECT count(*) FROM passage WHERE version = v.number) AS passages, \
                 coalesce(v.text_bytes, 0) AS text_bytes, \
                 coalesce(json_extract(d.told, '$.title'), v.title) AS title, v.media_type, \
                 v.pages, v.size, v.received_ms, \
                 json_patch(coalesce(v.found, '{}'), coalesce(d.told, '{}')) AS metadata \
                 FROM catalogue_change c \
                 LEFT JOIN version v ON v.document = c.subject AND v.state = 'current' \
                 LEFT JOIN document d ON d.id = v.document AND d.deleted_ms IS NULL \
                 WHERE c.seq > ?1 ORDER BY c.seq LIMIT ?2",
            )?;
            Ok(rows.query_map(params![seq, limit], read_change)?.collect::<Result<_, _>>()?)
        })
    }

    /// The pages of all passages of the current versions of these documents.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn passage_pages(&self, documents: &[DocumentId]) -> Result<Vec<PassagePage>, StoreError> {
        self.read(|db| {
            let mut rows = db.prepare_cached(
                "SELECT p.id, p.page, v.document FROM version v \
                 JOIN passage p ON p.version = v.number \
                 WHERE v.state = 'current' \
                 AND v.document IN (SELECT unhex(value) FROM json_each(?))",
            )?;
            let ids = id_list(documents.iter().map(|id| id.as_u128()));
            let pages = rows.query_map([ids], |row| {
                Ok(PassagePage {
                    passage: get(row, "id")?,
                    document: get(row, "document")?,
                    page: row.get("page")?,
                })
            })?;
            Ok(pages.collect::<Result<_, _>>()?)
        })
    }
}

fn read_change(row: &Row<'_>) -> sql::Result<CatalogueChange> {
    let now = match get_opt::<DocumentId, _>(row, "id")? {
        None => None,
        Some(id) => Some(CatalogueDocument {
            id,
            collection: get(row, "collection")?,
            list: row.get("list")?,
            passages: row.get("passages")?,
            text_bytes: row.get("text_bytes")?,
            source_key: row.get("source_key")?,
            name: row.get("name")?,
            title: row.get("title")?,
            media_type: row.get("media_type")?,
            pages: row.get("pages")?,
            size: row.get("size")?,
            received_ms: row.get("received_ms")?,
            tags: from_json(row, "tags")?,
            metadata: from_json(row, "metadata")?,
        }),
    };
    Ok(CatalogueChange { seq: row.get("seq")?, document: get(row, "subject")?, now })
}

#[cfg(test)]
mod tests;

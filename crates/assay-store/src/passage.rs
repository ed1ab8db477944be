//! Reading passages back for search results and citations.

use assay_core::{
    CollectionId, DocumentId, Origin, PageBox, PassageId, Span, TextRange, VersionId,
};
use assay_sqlite::sql::{self, Row, params};

use crate::{
    PassageFinding, StoreError, TenantStore,
    access::readable,
    row::{from_json, from_json_opt, get, get_opt, id_list},
};

/// A passage with what a reader needs to cite it.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredPassage {
    /// Its id.
    pub id: PassageId,
    /// Its document.
    pub document: DocumentId,
    /// The version whose text its ranges count in.
    pub version: VersionId,
    /// Whether searches find that version.
    pub is_current: bool,
    /// The collection of the document.
    pub collection: CollectionId,
    /// The name of the document shown to people.
    pub name: String,
    /// What the source calls the document.
    pub source_key: String,
    /// The title of the version.
    pub title: Option<String>,
    /// Its place among the passages of the version, from 0.
    pub ordinal: u32,
    /// The text.
    pub text: String,
    /// Where the text stands, in bytes of the version's text.
    pub range: TextRange,
    /// Where the text stands, in characters of the version's text: first, and first after.
    pub chars: (u32, u32),
    /// The page it starts on, counted from 1.
    pub page: Option<u32>,
    /// Where on that page it stands.
    pub bbox: Option<PageBox>,
    /// Where it stands in the original, for formats without pages.
    pub origin: Option<Origin>,
    /// The headings it stands under, outermost first.
    pub heading_path: Vec<String>,
    /// What the guard found in it.
    pub findings: Vec<PassageFinding>,
    /// The passage before it in the version.
    pub previous: Option<PassageId>,
    /// The passage after it in the version.
    pub next: Option<PassageId>,
}

impl StoredPassage {
    /// Where it stands, for a citation.
    #[must_use]
    pub fn span(&self) -> Span {
        Span {
            document: self.document,
            version: self.version,
            range: self.range,
            page: self.page,
            r#box: self.bbox,
            origin: self.origin.clone(),
        }
    }
}

const SELECT: &str = "SELECT p.*, v.id AS version_id, v.state = 'current' AS is_current, coalesce(json_extract(d.told, '$.title'), v.title) AS title, \
     d.id AS document, d.collection, d.name, d.source_key, \
     (SELECT id FROM passage WHERE version = p.version AND ordinal = p.ordinal - 1) AS previous, \
     (SELECT id FROM passage WHERE version = p.version AND ordinal = p.ordinal + 1) AS next \
     FROM passage p JOIN version v ON v.number = p.version JOIN document d ON d.id = v.document \
     WHERE p.id IN (SELECT unhex(value) FROM json_each(?1))";

impl TenantStore {
    /// The passages of these ids that searches may show, in the order of the ids. One of a deleted
    /// document or a superseded version is left out: the records decide, not the index.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn get_passages(&self, ids: &[PassageId]) -> Result<Vec<StoredPassage>, StoreError> {
        self.passages(ids, "AND v.state = 'current'")
    }

    /// A passage of any version that is still kept, for a citation made earlier.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn passage(&self, id: PassageId) -> Result<StoredPassage, StoreError> {
        let found = self.passages(&[id], "")?.pop();
        found.ok_or_else(|| StoreError::not_found("passage", id))
    }

    fn passages(
        &self,
        ids: &[PassageId],
        condition: &str,
    ) -> Result<Vec<StoredPassage>, StoreError> {
        let mut passages = self.read(|db| {
            let mut rows =
                db.prepare_cached(&format!("{SELECT} {condition} AND {}", readable(2)))?;
            let values = params![id_list(ids.iter().map(|id| id.as_u128())), self.reader()];
            let found = rows.query_map(values, read)?;
            Ok::<Vec<_>, StoreError>(found.collect::<Result<_, _>>()?)
        })?;
        let order: std::collections::HashMap<_, _> =
            ids.iter().enumerate().map(|(place, id)| (*id, place)).collect();
        passages.sort_by_key(|passage| order.get(&passage.id).copied());
        Ok(passages)
    }
}

fn read(row: &Row<'_>) -> sql::Result<StoredPassage> {
    Ok(StoredPassage {
        id: get(row, "id")?,
        document: get(row, "document")?,
        version: get(row, "version_id")?,
        is_current: row.get("is_current")?,
        collection: get(row, "collection")?,
        name: row.get("name")?,
        source_key: row.get("source_key")?,
        title: row.get("title")?,
        ordinal: row.get("ordinal")?,
        text: row.get("text")?,
        range: TextRange { start: row.get("start")?, end: row.get("end")? },
        chars: (row.get("char_start")?, row.get("char_end")?),
        page: row.get("page")?,
        bbox: from_json_opt(row, "box")?,
        origin: from_json_opt(row, "origin")?,
        heading_path: from_json(row, "heading_path")?,
        findings: from_json_opt(row, "findings")?.unwrap_or_default(),
        previous: get_opt(row, "previous")?,
        next: get_opt(row, "next")?,
    })
}

#[cfg(test)]
mod tests;

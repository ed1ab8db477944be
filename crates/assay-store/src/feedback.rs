//! What people said of results: whether a document was useful for a query.

use assay_core::{CollectionId, DocumentId};
use assay_sqlite::sql::{Row, params};

use crate::{StoreError, TenantStore, access::readable, document::summary, row::get};

/// Judgements kept of one tenant; the oldest make room.
pub const FEEDBACK_MAX: u32 = 10_000;

/// One judgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feedback {
    /// The query, as it was asked.
    pub query: String,
    /// The document that was found.
    pub document: DocumentId,
    /// Whether it was useful.
    pub useful: bool,
    /// When it was said, in milliseconds since 1970.
    pub created_ms: i64,
}

impl TenantStore {
    /// Records a judgement; one of the same query and document is replaced.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is no such document.
    pub fn add_feedback(
        &self,
        query: &str,
        document: DocumentId,
        useful: bool,
    ) -> Result<(), StoreError> {
        let (query, now_ms) = (query.to_owned(), self.clock().now_ms());
        let reader = self.reader().clone();
        self.write(move |tx| {
            summary(tx, document, &reader)?;
            tx.prepare_cached("DELETE FROM feedback WHERE query = ? AND document = ?")?
                .execute(params![query, document.to_bytes()])?;
            tx.prepare_cached(
                "INSERT INTO feedback (query, document, useful, created_ms) \
                 VALUES (?, ?, ?, ?)",
            )?
            .execute(params![query, document.to_bytes(), useful, now_ms])?;
            tx.prepare_cached(
                "DELETE FROM feedback WHERE number <= (SELECT max(number) FROM feedback) - ?",
            )?
            .execute([FEEDBACK_MAX])?;
            Ok(())
        })
    }

    /// The last `limit` judgements of documents in a collection, newest first.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn feedback(
        &self,
        collection: CollectionId,
        limit: u32,
    ) -> Result<Vec<Feedback>, StoreError> {
        self.read(|db| {
            let mut rows = db.prepare_cached(&format!(
                "SELECT f.* FROM feedback f JOIN document d ON d.id = f.document \
                 WHERE d.collection = ?1 AND {} ORDER BY f.number DESC LIMIT ?2",
                readable(3)
            ))?;
            let values = params![collection.to_bytes(), limit, self.reader()];
            let found = rows.query_map(values, |row: &Row<'_>| {
                Ok(Feedback {
                    query: row.get("query")?,
                    document: get(row, "document")?,
                    useful: row.get("useful")?,
                    created_ms: row.get("created_ms")?,
                })
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }
}

#[cfg(test)]
mod tests;

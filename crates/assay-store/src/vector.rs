//! Vectors of passages, kept by content: the same text is embedded once per model.

use std::collections::{HashMap, HashSet};

use assay_core::{PassageId, VersionId};
use assay_sqlite::sql::{
    self, Connection, OptionalExtension, Transaction, params,
    types::{FromSql, FromSqlError, FromSqlResult, ValueRef},
};

use crate::{
    ContentHash, StoreError, TenantStore, VersionState,
    row::{from_json, get, id_list},
    version::VersionKey,
};

/// Vectors that one write removes.
const REMOVED_AT_ONCE: u32 = 10_000;

/// A passage that an embedder has to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassageToEmbed {
    /// Its id.
    pub id: PassageId,
    /// The title of the version.
    pub title: Option<String>,
    /// The headings it stands under, outermost first.
    pub heading_path: Vec<String>,
    /// The text.
    pub text: String,
}

/// A vector as it stands in a column: little-endian 32-bit floats, 1,536 bytes for 384 dimensions.
/// Half precision would save a quarter of the database at the price of ranks that differ from the
/// model's own.
pub(crate) struct Floats(pub(crate) Vec<f32>);

impl FromSql for Floats {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let (floats, rest) = value.as_blob()?.as_chunks::<4>();
        if !rest.is_empty() {
            return Err(FromSqlError::Other("a vector is not a whole number of floats".into()));
        }
        Ok(Self(floats.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()))
    }
}

impl TenantStore {
    /// At most `limit` passages of a version whose content has no vector of this model yet, in
    /// their order; empty when all have. Content that occurs twice is given once.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn passages_without_vector(
        &self,
        version: VersionId,
        fingerprint: &str,
        limit: u32,
    ) -> Result<Vec<PassageToEmbed>, StoreError> {
        self.read(|db| {
            let version = VersionKey::find(db, version, self.reader())?;
            let mut rows = db.prepare_cached(
                "SELECT p.id, p.hash, p.heading_path, p.text, v.title \
                 FROM passage p JOIN version v ON v.number = p.version \
                 WHERE p.version = ?1 AND NOT EXISTS (SELECT 1 FROM vector WHERE hash = p.hash \
                 AND model = (SELECT number FROM model WHERE fingerprint = ?2)) \
                 ORDER BY p.ordinal LIMIT ?3",
            )?;
            let mut rows = rows.query(params![version.number, fingerprint, limit])?;
            let mut seen = HashSet::<ContentHash>::new();
            let mut passages = Vec::new();
            while let Some(row) = rows.next()? {
                if seen.insert(get(&row, "hash")?) {
                    passages.push(PassageToEmbed {
                        id: get(&row, "id")?,
                        title: row.get("title")?,
                        heading_path: from_json(&row, "heading_path")?,
                        text: row.get("text")?,
                    });
                }
            }
            Ok(passages)
        })
    }

    /// The vectors of passages of the model `fingerprint`; passages without one are left out.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn vectors(
        &self,
        passages: &[PassageId],
        fingerprint: &str,
    ) -> Result<HashMap<PassageId, Vec<f32>>, StoreError> {
        self.read(|db| {
            // CROSS JOIN keeps the order: from the passages to their vectors, not through all vectors.
            let mut rows = db.prepare_cached(
                "SELECT p.id, x.body FROM passage p CROSS JOIN vector x WHERE x.hash = p.hash \
                 AND x.model = (SELECT number FROM model WHERE fingerprint = ?2) \
                 AND p.id IN (SELECT unhex(value) FROM json_each(?1))",
            )?;
            let read = |row: &sql::Row<'_>| Ok((get(row, "id")?, row.get::<_, Floats>("body")?.0));
            let rows = rows.query_map(
                params![id_list(passages.iter().map(|id| id.as_u128())), fingerprint],
                read,
            )?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Keeps vectors for the content of passages. Once every passage of a parsed version has one,
    /// the version is [`VersionState::Embedded`]; the state after the call is returned. With no
    /// vectors at all it does only that, which is what a version needs whose content was known.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] for the version or a passage that is not of it;
    /// [`StoreError::State`] unless the version is parsed and neither failed, superseded nor
    /// deleted; [`StoreError::Invalid`] when a vector has another number of dimensions than the
    /// model had before.
    pub fn save_vectors(
        &self,
        version: VersionId,
        fingerprint: &str,
        vectors: Vec<(PassageId, Vec<f32>)>,
    ) -> Result<VersionState, StoreError> {
        let now_ms = self.clock().now_ms();
        let fingerprint = fingerprint.to_owned();
        let reader = self.reader().clone();
        self.write(move |tx| {
            let version = VersionKey::find(tx, version, &reader)?;
            match version.state {
                VersionState::Parsed | VersionState::Embedded | VersionState::Current => {}
                VersionState::Received
                | VersionState::Failed
                | VersionState::Superseded
                | VersionState::Deleted => return Err(version.refuse("keep vectors of")),
            }
            insert(tx, version.number, &fingerprint, &vectors)?;
            if version.state == VersionState::Parsed
                && is_complete(tx, version.number, &fingerprint)?
            {
                version.set_state(tx, VersionState::Embedded, now_ms)?;
                return Ok(VersionState::Embedded);
            }
            Ok(version.state)
        })
    }

    /// At most `limit` passages of a version whose sentences have no vectors of this model yet;
    /// empty when all have. Content that occurs twice is given once.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn passages_without_sentence_vectors(
        &self,
        version: VersionId,
        fingerprint: &str,
        limit: u32,
    ) -> Result<Vec<(PassageId, String)>, StoreError> {
        self.read(|db| {
            let version = VersionKey::find(db, version, self.reader())?;
            let mut rows = db.prepare_cached(
                "SELECT p.id, p.text FROM passage p WHERE p.version = ?1 AND NOT EXISTS \
                 (SELECT 1 FROM sentence_vectors WHERE hash = p.hash AND model = \
                 (SELECT number FROM model WHERE fingerprint = ?2)) \
                 AND NOT EXISTS (SELECT 1 FROM passage q WHERE q.version = p.version \
                 AND q.hash = p.hash AND q.ordinal < p.ordinal) ORDER BY p.ordinal LIMIT ?3",
            )?;
            let read = |row: &sql::Row<'_>| Ok((get(row, "id")?, row.get("text")?));
            let rows = rows.query_map(params![version.number, fingerprint, limit], read)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Keeps the vectors of the sentences of passages, as the caller packed them. Without a vector
    /// of any passage of this model nothing is kept: then it is not the model of the index.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn save_sentence_vectors(
        &self,
        fingerprint: &str,
        packed: Vec<(PassageId, Vec<u8>)>,
    ) -> Result<(), StoreError> {
        let fingerprint = fingerprint.to_owned();
        self.write(move |tx| {
            let mut insert = tx.prepare_cached(
                "INSERT INTO sentence_vectors (model, hash, body) \
                 SELECT m.number, p.hash, ?3 FROM model m, passage p \
                 WHERE m.fingerprint = ?1 AND p.id = ?2 ON CONFLICT DO NOTHING",
            )?;
            for (passage, body) in packed {
                insert.execute(params![fingerprint, passage.to_bytes(), body])?;
            }
            Ok(())
        })
    }

    /// The vectors of the sentences of passages, as they were packed; passages without any are left
    /// out.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn sentence_vectors(
        &self,
        fingerprint: &str,
        passages: &[PassageId],
    ) -> Result<Vec<(PassageId, Vec<u8>)>, StoreError> {
        self.read(|db| {
            let mut rows = db.prepare_cached(
                "SELECT p.id, s.body FROM passage p JOIN sentence_vectors s ON s.hash = p.hash \
                 AND s.model = (SELECT number FROM model WHERE fingerprint = ?1) \
                 WHERE p.id IN (SELECT unhex(value) FROM json_each(?2))",
            )?;
            let read = |row: &sql::Row<'_>| Ok((get(row, "id")?, row.get("body")?));
            let rows = rows.query_map(
                params![fingerprint, id_list(passages.iter().map(|id| id.as_u128()))],
                read,
            )?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Removes vectors whose content stands in no passage any more. Returns how many.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn sweep_vectors(&self) -> Result<u64, StoreError> {
        Ok(self.sweep("vector")? + self.sweep("sentence_vectors")?)
    }

    fn sweep(&self, table: &'static str) -> Result<u64, StoreError> {
        let mut swept = 0;
        loop {
            let removed = self.write(move |tx| {
                let mut delete = tx.prepare_cached(&format!(
                    "DELETE FROM {table} WHERE (model, hash) IN (SELECT model, hash FROM {table} v \
                     WHERE NOT EXISTS (SELECT 1 FROM passage WHERE hash = v.hash) LIMIT ?)"
                ))?;
                Ok(delete.execute([REMOVED_AT_ONCE])?)
            })?;
            swept += removed as u64;
            if removed == 0 {
                return Ok(swept);
            }
        }
    }
}

fn insert(
    tx: &Transaction<'_>,
    version: i64,
    fingerprint: &str,
    vectors: &[(PassageId, Vec<f32>)],
) -> Result<(), StoreError> {
    let Some((_, first)) = vectors.first() else { return Ok(()) };
    let (model, dimensions) = ensure_model(tx, fingerprint, first.len())?;
    let mut hash_of = tx.prepare_cached("SELECT hash FROM passage WHERE id = ? AND version = ?")?;
    let mut insert = tx.prepare_cached(
        "INSERT INTO vector (model, hash, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
    )?;
    for (passage, vector) in vectors {
        if vector.len() != dimensions {
            return Err(StoreError::Invalid {
                what: "vector",
                why: format!("it has {} dimensions, the model {dimensions}", vector.len()),
            });
        }
        let hash: ContentHash = hash_of
            .query_row(params![passage.to_bytes(), version], |row| get(row, 0))
            .optional()?
            .ok_or_else(|| StoreError::not_found("passage", passage))?;
        let body: Vec<u8> = vector.iter().flat_map(|value| value.to_le_bytes()).collect();
        insert.execute(params![model, hash.to_bytes(), body])?;
    }
    Ok(())
}

/// The number and dimensions of a model, recorded with the first of its vectors.
fn ensure_model(
    tx: &Transaction<'_>,
    fingerprint: &str,
    dimensions: usize,
) -> Result<(i64, usize), StoreError> {
    tx.prepare_cached(
        "INSERT INTO model (fingerprint, dimensions) VALUES (?, ?) ON CONFLICT DO NOTHING",
    )?
    .execute(params![fingerprint, dimensions])?;
    let mut rows =
        tx.prepare_cached("SELECT number, dimensions FROM model WHERE fingerprint = ?")?;
    let read = |row: &sql::Row<'_>| Ok((row.get(0)?, row.get(1)?));
    Ok(rows.query_row([fingerprint], read)?)
}

fn is_complete(db: &Connection, version: i64, fingerprint: &str) -> Result<bool, StoreError> {
    let mut missing = db.prepare_cached(
        "SELECT 1 FROM passage p WHERE p.version = ?1 AND NOT EXISTS (SELECT 1 FROM vector \
         WHERE hash = p.hash AND model = (SELECT number FROM model WHERE fingerprint = ?2)) \
         LIMIT 1",
    )?;
    Ok(!missing.exists(params![version, fingerprint])?)
}

#[cfg(test)]
mod tests;

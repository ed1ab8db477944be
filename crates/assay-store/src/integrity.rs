//! Counts, and what to compare with the index and the blobs.

use std::collections::BTreeMap;

use assay_core::PassageId;

use crate::{BlobHash, StoreError, TenantStore, VersionState, outbox::last_position, row::get};

/// How much a tenant has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Documents by the state of their latest version; states without documents are left out.
    pub documents: BTreeMap<VersionState, u64>,
    /// Passages that searches find.
    pub passages: u64,
}

/// How the records stand, to compare with what was derived from them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Integrity {
    /// Documents and passages.
    pub counts: Counts,
    /// Versions of every state and age.
    pub versions: u64,
    /// Passages of every version.
    pub passages: u64,
    /// Vectors of every model.
    pub vectors: u64,
    /// Position of the last outbox entry.
    pub last_position: u64,
}

impl TenantStore {
    /// Documents by state, and passages.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn counts(&self) -> Result<Counts, StoreError> {
        let documents = self.read(|db| {
            let mut rows = db.prepare_cached(
                "SELECT v.state, count(*) FROM document d JOIN version v ON v.number = \
                 (SELECT max(number) FROM version WHERE document = d.id AND state <> 'superseded') \
                 WHERE d.deleted_ms IS NULL GROUP BY v.state",
            )?;
            let counts = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok::<_, StoreError>(counts.collect::<Result<_, _>>()?)
        })?;
        let passages = self.count(
            "SELECT count(*) FROM passage p JOIN version v ON v.number = p.version \
             WHERE v.state = 'current'",
        )?;
        Ok(Counts { documents, passages })
    }

    /// How the records stand.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn integrity(&self) -> Result<Integrity, StoreError> {
        Ok(Integrity {
            counts: self.counts()?,
            versions: self.count("SELECT count(*) FROM version")?,
            passages: self.count("SELECT count(*) FROM passage")?,
            vectors: self.count("SELECT count(*) FROM vector")?,
            last_position: self.read(last_position)?,
        })
    }

    /// The passages that searches find, sorted: what an index at the last position holds, no more
    /// and no less.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn current_passage_ids(&self) -> Result<Vec<PassageId>, StoreError> {
        self.read(|db| {
            let mut rows = db.prepare_cached(
                "SELECT p.id FROM passage p JOIN version v ON v.number = p.version \
                 WHERE v.state = 'current' ORDER BY p.id",
            )?;
            Ok(rows.query_map([], |row| get(row, 0))?.collect::<Result<_, _>>()?)
        })
    }

    /// Blobs that a version names and that are missing or damaged. Reads every blob.
    ///
    /// # Errors
    /// Those of the database and of files that cannot be read at all.
    pub fn damaged_blobs(&self) -> Result<Vec<BlobHash>, StoreError> {
        let hashes = self.read(|db| {
            let mut rows = db.prepare_cached(
                "SELECT DISTINCT blob FROM version WHERE state <> 'deleted' ORDER BY blob",
            )?;
            let hashes = rows.query_map([], |row| get(row, 0))?;
            Ok::<Vec<BlobHash>, StoreError>(hashes.collect::<Result<_, _>>()?)
        })?;
        let mut damaged = Vec::new();
        for hash in hashes {
            match self.blob(hash) {
                Ok(_) => {}
                Err(StoreError::NotFound { .. } | StoreError::DamagedBlob { .. }) => {
                    damaged.push(hash);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(damaged)
    }

    fn count(&self, sql: &str) -> Result<u64, StoreError> {
        self.read(|db| Ok(db.prepare_cached(sql)?.query_row([], |row| row.get(0))?))
    }
}

#[cfg(test)]
mod tests;

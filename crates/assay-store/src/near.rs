//! Near duplicates: versions whose sketches have much in common.

use std::collections::BTreeMap;

use assay_core::DocumentId;
use assay_sqlite::sql::{Transaction, params};

use crate::{StoreError, TenantStore, access::readable, document::summary, row::get};

/// Values of a sketch that make one band: two documents that share 80 % of their words share a
/// band of four values out of 32 bands almost surely, those that share 30 % in one of four cases.
const BAND: usize = 4;
/// Similar documents that are told of one at most.
const NEAR_MAX: usize = 50;

/// Pairs that groups are made of at most.
const PAIRS_MAX: u32 = 100_000;

/// A document that is nearly the same as another.
#[derive(Debug, Clone, PartialEq)]
pub struct NearDocument {
    /// The document.
    pub document: DocumentId,
    /// Its name.
    pub name: String,
    /// Estimated share of common word sequences, 0 to 1.
    pub similarity: f32,
}

impl TenantStore {
    /// Documents whose current text is similar to that of `document` by at least `similarity`,
    /// the most similar first.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn near_documents(
        &self,
        document: DocumentId,
        similarity: f32,
    ) -> Result<Vec<NearDocument>, StoreError> {
        self.read(|db| {
            summary(db, document, self.reader())?;
            let mut rows = db.prepare_cached(&format!(
                "SELECT DISTINCT d.id, d.name, s.body, own.body AS own \
                 FROM version v JOIN sketch own ON own.version = v.number \
                 JOIN sketch_band b ON b.version = v.number \
                 JOIN sketch_band o ON o.hash = b.hash AND o.version <> b.version \
                 JOIN sketch s ON s.version = o.version \
                 JOIN version w ON w.number = o.version AND w.state = 'current' \
                 JOIN document d ON d.id = w.document AND d.id <> v.document \
                 WHERE v.document = ?1 AND v.state = 'current' AND {}",
                readable(2)
            ))?;
            let near = rows.query_map(params![document.to_bytes(), self.reader()], |row| {
                let (own, other): (Vec<u8>, Vec<u8>) = (row.get("own")?, row.get("body")?);
                Ok(NearDocument {
                    document: get(row, "id")?,
                    name: row.get("name")?,
                    similarity: common(&own, &other),
                })
            })?;
            let mut near: Vec<NearDocument> = near.collect::<Result<_, _>>()?;
            near.retain(|other| other.similarity >= similarity);
            near.sort_by(|a, b| b.similarity.total_cmp(&a.similarity));
            near.truncate(NEAR_MAX);
            Ok(near)
        })
    }

    /// Groups of documents whose current texts are similar by at least `similarity`, the largest
    /// group first; each document stands in one group.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn near_groups(&self, similarity: f32) -> Result<Vec<Vec<DocumentId>>, StoreError> {
        let pairs: Vec<(DocumentId, DocumentId)> = self.read(|db| {
            let mut rows = db.prepare_cached(&format!(
                "SELECT DISTINCT v.document AS one, w.document AS other, s.body AS a, t.body AS b \
                 FROM sketch_band x JOIN sketch_band y ON y.hash = x.hash AND y.version > x.version \
                 JOIN version v ON v.number = x.version AND v.state = 'current' \
                 JOIN version w ON w.number = y.version AND w.state = 'current' \
                 JOIN sketch s ON s.version = x.version JOIN sketch t ON t.version = y.version \
                 WHERE EXISTS (SELECT 1 FROM document d WHERE d.id = v.document AND {0}) \
                 AND EXISTS (SELECT 1 FROM document d WHERE d.id = w.document AND {0}) LIMIT ?1",
                readable(2)
            ))?;
            let pairs = rows.query_map(params![PAIRS_MAX, self.reader()], |row| {
                let (a, b): (Vec<u8>, Vec<u8>) = (row.get("a")?, row.get("b")?);
                Ok((get(row, "one")?, get(row, "other")?, common(&a, &b)))
            })?;
            let pairs: Vec<(DocumentId, DocumentId, f32)> = pairs.collect::<Result<_, _>>()?;
            let similar = pairs.into_iter().filter(|(.., common)| *common >= similarity);
            Ok::<_, StoreError>(similar.map(|(one, other, _)| (one, other)).collect())
        })?;
        Ok(groups(&pairs))
    }
}

/// Records the sketch of a version, as parsed before.
pub(crate) fn insert_sketch(
    tx: &Transaction<'_>,
    version: i64,
    sketch: &[u32],
) -> Result<(), StoreError> {
    if sketch.is_empty() {
        return Ok(());
    }
    let body: Vec<u8> = sketch.iter().flat_map(|value| value.to_le_bytes()).collect();
    tx.prepare_cached("INSERT INTO sketch (version, body) VALUES (?, ?)")?
        .execute(params![version, body])?;
    let mut insert = tx.prepare_cached(
        "INSERT INTO sketch_band (hash, version) VALUES (?, ?) ON CONFLICT DO NOTHING",
    )?;
    for (number, band) in sketch.chunks_exact(BAND).enumerate() {
        insert.execute(params![band_hash(number, band), version])?;
    }
    Ok(())
}

/// FNV-1a over the values and the number of the band, so that bands meet only their like.
fn band_hash(number: usize, band: &[u32]) -> i64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64 ^ number as u64;
    for byte in band.iter().flat_map(|value| value.to_le_bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash.cast_signed()
}

/// The share of equal values of two sketches: an estimate of the Jaccard similarity.
fn common(a: &[u8], b: &[u8]) -> f32 {
    let equal = a.chunks_exact(4).zip(b.chunks_exact(4)).filter(|(a, b)| a == b).count();
    equal as f32 / (a.len() / 4).max(1) as f32
}

/// The connected groups of pairs.
fn groups(pairs: &[(DocumentId, DocumentId)]) -> Vec<Vec<DocumentId>> {
    let mut leaders: BTreeMap<DocumentId, DocumentId> = BTreeMap::new();
    for (one, other) in pairs {
        let (one, other) = (leader(&leaders, *one), leader(&leaders, *other));
        leaders.insert(one.max(other), one.min(other));
        leaders.entry(one.min(other)).or_insert_with(|| one.min(other));
    }
    let mut groups: BTreeMap<DocumentId, Vec<DocumentId>> = BTreeMap::new();
    for document in leaders.keys() {
        groups.entry(leader(&leaders, *document)).or_default().push(*document);
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
    groups
}

/// The oldest document of a group; one without entry leads itself.
fn leader(leaders: &BTreeMap<DocumentId, DocumentId>, mut document: DocumentId) -> DocumentId {
    while let Some(above) = leaders.get(&document).filter(|above| **above != document) {
        document = *above;
    }
    document
}

#[cfg(test)]
mod tests;

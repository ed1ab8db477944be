//! The text of a version, kept in parts so that a range is read without the whole.

use assay_core::{TextRange, VersionId};
use assay_sqlite::sql::{Connection, Transaction, params};

use crate::{StoreError, TenantStore, version::VersionKey};

/// Bytes of one part: small enough to read for one sentence, large enough that a book is not
/// thousands of rows.
const PART_BYTES: usize = 64 << 10;

/// Counts characters before byte positions of a text. Built once, then each position costs one part
/// of [`CharCounts::STEP`] bytes.
pub(crate) struct CharCounts<'a> {
    text: &'a str,
    /// Characters before byte `i * STEP`, a character that crosses it counted as before.
    before: Vec<u32>,
}

impl<'a> CharCounts<'a> {
    const STEP: usize = 1024;

    pub(crate) fn of(text: &'a str) -> Self {
        let mut count = 0;
        let mut before = Vec::with_capacity(text.len() / Self::STEP + 1);
        for chunk in text.as_bytes().chunks(Self::STEP) {
            before.push(count);
            count += starts(chunk);
        }
        before.push(count);
        Self { text, before }
    }

    /// Characters before `byte`, which lies on a character boundary; all when it is past the end.
    pub(crate) fn before(&self, byte: u32) -> u32 {
        let byte = (byte as usize).min(self.text.len());
        let step = byte / Self::STEP;
        let rest = self.text.as_bytes().get(step * Self::STEP..byte).unwrap_or_default();
        self.before.get(step).copied().unwrap_or(0) + starts(rest)
    }
}

/// Characters that start in these bytes of UTF-8.
fn starts(bytes: &[u8]) -> u32 {
    // At most 4 GiB of text: the count fits.
    bytes.iter().fold(0, |count, byte| count + u32::from(byte & 0xC0 != 0x80))
}

impl TenantStore {
    /// The whole text of a version; empty before it is parsed and after it is deleted.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn text(&self, version: VersionId) -> Result<String, StoreError> {
        self.text_range(version, TextRange { start: 0, end: u32::MAX })
    }

    /// A range of the text of a version, cut to the text.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Invalid`] when an end lies inside a character.
    pub fn text_range(&self, version: VersionId, range: TextRange) -> Result<String, StoreError> {
        self.read(|db| {
            let version = VersionKey::find(db, version, self.reader())?;
            let (first, text) = parts(db, version.number, range)?;
            let offset = |position: u32| (position.max(first) - first) as usize;
            let end = offset(range.end).min(text.len());
            let slice = text.get(offset(range.start).min(end)..end);
            slice.map(str::to_owned).ok_or_else(|| StoreError::Invalid {
                what: "text range",
                why: format!("{}..{} cuts a character", range.start, range.end),
            })
        })
    }
}

/// The parts that hold the range, joined, and the position of the first.
fn parts(db: &Connection, version: i64, range: TextRange) -> Result<(u32, String), StoreError> {
    let mut rows = db.prepare_cached(
        "SELECT start, body FROM text_part WHERE version = ?1 AND start < ?3 AND start >= \
         coalesce((SELECT max(start) FROM text_part WHERE version = ?1 AND start <= ?2), 0) \
         ORDER BY start",
    )?;
    let mut rows = rows.query(params![version, range.start, range.end])?;
    let mut first = None;
    let mut text = String::new();
    while let Some(row) = rows.next()? {
        first = first.map_or_else(|| row.get("start").map(Some), |first| Ok(Some(first)))?;
        text.push_str(
            row.get_ref("body")?.as_str().map_err(|error| StoreError::DamagedRecord {
                kind: "text",
                why: error.to_string(),
            })?,
        );
    }
    Ok((first.unwrap_or(0), text))
}

pub(crate) fn insert_text(
    tx: &Transaction<'_>,
    version: i64,
    text: &str,
) -> Result<(), StoreError> {
    let mut insert =
        tx.prepare_cached("INSERT INTO text_part (version, start, body) VALUES (?, ?, ?)")?;
    let mut start = 0;
    while start < text.len() {
        let end = text.floor_char_boundary(start + PART_BYTES);
        let part = text.get(start..end).unwrap_or_default();
        insert.execute(params![version, start, part])?;
        start = end;
    }
    Ok(())
}

#[cfg(test)]
mod tests;

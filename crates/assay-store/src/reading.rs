//! Reading a version in its order, a window of passages at a time.

use assay_core::{PassageId, TextRange, VersionId};
use assay_sqlite::sql::{self, Connection, Row, params};

use crate::{
    StoreError, TenantStore,
    row::{from_json, get},
    version::VersionKey,
};

/// Where a window begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadFrom {
    /// With the passage of this place, counted from 0.
    Passage(u32),
    /// So that the passage which holds this character of the text stands in its middle.
    Around(u32),
}

/// A part of the text of a version, with the passages that it was cut into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadingWindow {
    /// The text from the first of the passages up to the one after the last.
    pub text: String,
    /// The first character of `text`, counted in the text of the version.
    pub start: u32,
    /// The place of the first passage, from 0.
    pub first: u32,
    /// The passages, in the order of the text.
    pub passages: Vec<PassagePlace>,
    /// Passages of the version.
    pub total: u32,
}

/// Where a passage stands in the text of its version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassagePlace {
    /// The passage.
    pub id: PassageId,
    /// Where it stands, in bytes.
    pub range: TextRange,
    /// Where it stands, in characters: first, and first after.
    pub chars: (u32, u32),
    /// The page it starts on, counted from 1.
    pub page: Option<u32>,
    /// The headings it stands under, outermost first.
    pub heading_path: Vec<String>,
}

impl TenantStore {
    /// At most `limit` passages of a version and their text.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn reading(
        &self,
        version: VersionId,
        from: ReadFrom,
        limit: u32,
    ) -> Result<ReadingWindow, StoreError> {
        let (total, first, mut passages) = self.read(|db| {
            let version = VersionKey::find(db, version, self.reader())?.number;
            let total = db
                .prepare_cached("SELECT count(*) FROM passage WHERE version = ?")?
                .query_row([version], |row| row.get(0))?;
            let first = match from {
                ReadFrom::Passage(place) => place,
                ReadFrom::Around(char) => holder(db, version, char)?.saturating_sub(limit / 2),
            };
            // One more than wanted: the text reaches up to it.
            let passages = places(db, version, first, limit.saturating_add(1))?;
            Ok::<_, StoreError>((total, first, passages))
        })?;
        let next = (passages.len() > limit as usize).then(|| passages.pop()).flatten();
        let (Some(head), Some(last)) = (passages.first(), passages.last()) else {
            return Ok(ReadingWindow { text: String::new(), start: 0, first, passages, total });
        };
        // What stands before the first passage belongs to the first window.
        let (start, byte) = if first == 0 { (0, 0) } else { (head.chars.0, head.range.start) };
        let end = next.map_or(u32::MAX, |next| next.range.start.max(last.range.end));
        let text = self.text_range(version, TextRange { start: byte, end })?;
        Ok(ReadingWindow { text, start, first, passages, total })
    }
}

/// The place of the passage that holds a character, or of the last one before it.
fn holder(db: &Connection, version: i64, char: u32) -> Result<u32, StoreError> {
    let mut found = db.prepare_cached(
        "SELECT coalesce(max(ordinal), 0) FROM passage WHERE version = ? AND char_start <= ?",
    )?;
    Ok(found.query_row(params![version, char], |row| row.get(0))?)
}

fn places(
    db: &Connection,
    version: i64,
    first: u32,
    limit: u32,
) -> Result<Vec<PassagePlace>, StoreError> {
    let mut rows = db.prepare_cached(
        "SELECT id, start, \"end\", char_start, char_end, page, heading_path FROM passage \
         WHERE version = ?1 AND ordinal >= ?2 ORDER BY ordinal LIMIT ?3",
    )?;
    let found = rows.query_map(params![version, first, limit], place)?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn place(row: &Row<'_>) -> sql::Result<PassagePlace> {
    Ok(PassagePlace {
        id: get(row, "id")?,
        range: TextRange { start: row.get("start")?, end: row.get("end")? },
        chars: (row.get("char_start")?, row.get("char_end")?),
        page: row.get("page")?,
        heading_path: from_json(row, "heading_path")?,
    })
}

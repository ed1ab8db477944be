//! Recording what a parser made of a version.

use assay_core::{Origin, PageBox, PassageId, TextRange, VersionId};
use assay_sqlite::sql::{Connection, OptionalExtension, Transaction, params};

use crate::{
    ContentHash, PassageFinding, StoreError, TenantStore, VersionState,
    access::ReaderValue,
    near::insert_sketch,
    row::to_json,
    text::{CharCounts, insert_text},
    version::VersionKey,
};

/// What a parser made of a version.
#[derive(Debug, Clone, PartialEq)]
pub struct ParsedRecord {
    /// The title, where the document has one.
    pub title: Option<String>,
    /// The media type found.
    pub media_type: String,
    /// The text that all ranges count in.
    pub text: String,
    /// Number of pages, where it has pages.
    pub pages: Option<u32>,
    /// The blocks, in the parser's own writing.
    pub blocks: Vec<u8>,
    /// What could not be read.
    pub problems: Vec<ProblemRecord>,
    /// Metadata found in the file: an object of names and values.
    pub found: Option<serde_json::Value>,
    /// A sketch of the words, by which similar documents are found; empty for none.
    pub sketch: Vec<u32>,
    /// What is indexed and cited.
    pub passages: Vec<PassageRecord>,
}

/// Something of a document that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProblemRecord {
    /// A word of the parser, for programs.
    pub code: String,
    /// For a person.
    pub message: String,
    /// The page, counted from 1, where it is known.
    pub page: Option<u32>,
}

/// A passage as the parser cut it. Its text is its range of the version's text.
#[derive(Debug, Clone, PartialEq)]
pub struct PassageRecord {
    /// Its id, new for this version.
    pub id: PassageId,
    /// Its place among the passages of the version, from 0 without gaps.
    pub ordinal: u32,
    /// Its range of the text.
    pub range: TextRange,
    /// The headings it stands under, outermost first.
    pub heading_path: Vec<String>,
    /// The page it starts on, counted from 1, where the document has pages.
    pub page: Option<u32>,
    /// Where on that page it stands.
    pub bbox: Option<PageBox>,
    /// Where it stands in the original, for formats without pages.
    pub origin: Option<Origin>,
    /// The hash of what an embedder is given for it.
    pub hash: ContentHash,
    /// What the guard found in it.
    pub findings: Vec<PassageFinding>,
}

impl TenantStore {
    /// Records the result of parsing; a result recorded before is replaced, so that a step that
    /// was cut off can be done again.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::State`] unless the version is pending;
    /// [`StoreError::Invalid`] when a passage does not lie on character boundaries of the text.
    pub fn save_parsed(&self, version: VersionId, parsed: ParsedRecord) -> Result<(), StoreError> {
        let now_ms = self.clock().now_ms();
        let reader = self.reader().clone();
        self.write(move |tx| {
            let version = VersionKey::find(tx, version, &reader)?;
            version.require_pending("record the text of")?;
            clear(tx, version.number)?;
            insert(tx, version.number, &parsed)?;
            version.set_state(tx, VersionState::Parsed, now_ms)
        })
    }

    /// The blocks as the parser wrote them; `None` before parsing and after deletion.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn blocks(&self, version: VersionId) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|db| {
            let version = VersionKey::find(db, version, self.reader())?;
            Ok(db
                .prepare_cached("SELECT body FROM blocks WHERE version = ?")?
                .query_row([version.number], |row| row.get(0))
                .optional()?)
        })
    }

    /// Adds something that could not be read of a version, once.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn add_problem(
        &self,
        version: VersionId,
        code: &str,
        message: &str,
    ) -> Result<(), StoreError> {
        let (code, message) = (code.to_owned(), message.to_owned());
        let reader = self.reader().clone();
        self.write(move |tx| {
            let version = VersionKey::find(tx, version, &reader)?;
            tx.prepare_cached(
                "INSERT INTO problem (version, ordinal, code, message) \
                 SELECT ?1, (SELECT coalesce(max(ordinal), -1) + 1 FROM problem \
                 WHERE version = ?1), ?2, ?3 WHERE NOT EXISTS (SELECT 1 FROM problem \
                 WHERE version = ?1 AND code = ?2 AND message = ?3)",
            )?
            .execute(params![version.number, code, message])?;
            Ok(())
        })
    }

    /// What could not be read of a version, in the order of the parser.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn problems(&self, version: VersionId) -> Result<Vec<ProblemRecord>, StoreError> {
        self.read(|db| read_problems(db, version, self.reader()))
    }
}

pub(crate) fn read_problems(
    db: &Connection,
    version: VersionId,
    reader: &ReaderValue,
) -> Result<Vec<ProblemRecord>, StoreError> {
    let version = VersionKey::find(db, version, reader)?;
    let mut rows = db.prepare_cached(
        "SELECT code, message, page FROM problem WHERE version = ? ORDER BY ordinal",
    )?;
    let problems = rows.query_map([version.number], |row| {
        Ok(ProblemRecord {
            code: row.get("code")?,
            message: row.get("message")?,
            page: row.get("page")?,
        })
    })?;
    Ok(problems.collect::<Result<_, _>>()?)
}

fn clear(tx: &Transaction<'_>, version: i64) -> Result<(), StoreError> {
    for table in ["passage", "text_part", "problem", "blocks", "sketch", "sketch_band"] {
        tx.prepare_cached(&format!("DELETE FROM {table} WHERE version = ?"))?.execute([version])?;
    }
    Ok(())
}

fn insert(tx: &Transaction<'_>, version: i64, parsed: &ParsedRecord) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE version SET title = ?, media_type = ?, pages = ?, text_bytes = ?, found = ? \
         WHERE number = ?",
    )?
    .execute(params![
        parsed.title,
        parsed.media_type,
        parsed.pages,
        parsed.text.len(),
        parsed.found.as_ref().map(|found| to_json("metadata", found)).transpose()?,
        version
    ])?;
    insert_sketch(tx, version, &parsed.sketch)?;
    insert_text(tx, version, &parsed.text)?;
    tx.prepare_cached("INSERT INTO blocks (version, body) VALUES (?, ?)")?
        .execute(params![version, parsed.blocks])?;
    let mut insert = tx.prepare_cached(
        "INSERT INTO problem (version, ordinal, code, message, page) VALUES (?, ?, ?, ?, ?)",
    )?;
    for (ordinal, problem) in parsed.problems.iter().enumerate() {
        insert.execute(params![version, ordinal, problem.code, problem.message, problem.page])?;
    }
    insert_passages(tx, version, parsed)
}

fn insert_passages(
    tx: &Transaction<'_>,
    version: i64,
    parsed: &ParsedRecord,
) -> Result<(), StoreError> {
    let chars = CharCounts::of(&parsed.text);
    let mut insert = tx.prepare_cached(
        "INSERT INTO passage (id, version, ordinal, start, \"end\", char_start, char_end, page, \
         box, origin, heading_path, hash, text, findings) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    for passage in &parsed.passages {
        let range = passage.range;
        let text = parsed.text.get(range.start as usize..range.end as usize).ok_or_else(|| {
            StoreError::Invalid {
                what: "passage",
                why: format!("{}..{} is no range of its text", range.start, range.end),
            }
        })?;
        let page_box = passage.bbox.map(|bbox| to_json("passage", &bbox)).transpose()?;
        let origin =
            passage.origin.as_ref().map(|origin| to_json("passage", origin)).transpose()?;
        let findings = (!passage.findings.is_empty())
            .then(|| to_json("passage", &passage.findings))
            .transpose()?;
        insert.execute(params![
            passage.id.to_bytes(),
            version,
            passage.ordinal,
            range.start,
            range.end,
            chars.before(range.start),
            chars.before(range.end),
            passage.page,
            page_box,
            origin,
            to_json("passage", &passage.heading_path)?,
            passage.hash.to_bytes(),
            text,
            findings
        ])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;

//! Texts of public pages that were shown: kept for a while, so that a citation can be opened and
//! its offsets counted, and never searched.

use std::time::Duration;

use assay_core::{DocumentId, VersionId};
use assay_sqlite::sql::{self, OptionalExtension, Row, params};

use crate::{StoreError, TenantStore, row::get};

/// Texts that a tenant keeps at most; those shown longest ago go first.
const TEXTS_MAX: u32 = 5_000;

/// The text of a public page as it was shown, with what its licence asks to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebText {
    /// Stands for this text of this page; the same text of the same page has the same.
    pub version: VersionId,
    /// Stands for the page.
    pub document: DocumentId,
    /// Who gave it, such as `wikipedia`.
    pub provider: String,
    /// Its address.
    pub url: String,
    /// Its title.
    pub title: String,
    /// Who wrote it.
    pub author: Option<String>,
    /// Under which licence.
    pub licence: Option<String>,
    /// When it was last changed there, in milliseconds since 1970.
    pub changed_ms: Option<i64>,
    /// When it was fetched, in milliseconds since 1970.
    pub fetched_ms: i64,
    /// The text that offsets count in.
    pub text: String,
}

impl TenantStore {
    /// Keeps texts; one that is kept already counts as shown now.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn keep_web_texts(&self, texts: Vec<WebText>) -> Result<(), StoreError> {
        let now_ms = self.clock().now_ms();
        self.write(move |tx| {
            let mut show =
                tx.prepare_cached("UPDATE web_text SET shown_ms = ? WHERE version = ?")?;
            let mut insert = tx.prepare_cached(
                "INSERT INTO web_text (version, document, provider, url, title, author, licence, \
                 changed_ms, fetched_ms, shown_ms, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )?;
            for text in &texts {
                if show.execute(params![now_ms, text.version.to_bytes()])? > 0 {
                    continue;
                }
                insert.execute(params![
                    text.version.to_bytes(),
                    text.document.to_bytes(),
                    text.provider,
                    text.url,
                    text.title,
                    text.author,
                    text.licence,
                    text.changed_ms,
                    text.fetched_ms,
                    now_ms,
                    text.text,
                ])?;
            }
            Ok(())
        })
    }

    /// A text that is still kept.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn web_text(&self, version: VersionId) -> Result<WebText, StoreError> {
        self.read(|db| {
            db.prepare_cached("SELECT * FROM web_text WHERE version = ?")?
                .query_row([version.to_bytes()], read)
                .optional()?
                .ok_or_else(|| StoreError::not_found("web text", version))
        })
    }

    /// Forgets the texts that were last shown longer ago than `keep`, and those shown longest ago
    /// beyond what a tenant keeps. Gives their number.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn forget_web_texts(&self, keep: Duration) -> Result<u64, StoreError> {
        let keep_ms = i64::try_from(keep.as_millis()).unwrap_or(i64::MAX);
        let before = self.clock().now_ms().saturating_sub(keep_ms);
        self.write(move |tx| {
            let forgotten = tx
                .prepare_cached(
                    "DELETE FROM web_text WHERE shown_ms < ?1 OR version IN (SELECT version FROM \
                     web_text ORDER BY shown_ms DESC, version LIMIT 9223372036854775807 OFFSET ?2)",
                )?
                .execute(params![before, TEXTS_MAX])?;
            Ok(forgotten as u64)
        })
    }
}

fn read(row: &Row<'_>) -> sql::Result<WebText> {
    Ok(WebText {
        version: get(row, "version")?,
        document: get(row, "document")?,
        provider: row.get("provider")?,
        url: row.get("url")?,
        title: row.get("title")?,
        author: row.get("author")?,
        licence: row.get("licence")?,
        changed_ms: row.get("changed_ms")?,
        fetched_ms: row.get("fetched_ms")?,
        text: row.get("body")?,
    })
}

#[cfg(test)]
mod tests;

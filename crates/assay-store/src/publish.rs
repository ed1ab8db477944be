//! Making a version the one that searches find, and letting go of those it replaced.

use std::time::Duration;

use assay_core::{DocumentId, VersionId};
use assay_sqlite::sql::{OptionalExtension, Transaction, params};

use crate::{
    Change, StoreError, TenantStore, VersionState, outbox::append, row::get, version::VersionKey,
};

/// Versions that one write removes; a version may hold many passages, and other writers wait.
const FORGOTTEN_AT_ONCE: u32 = 16;

/// What publishing came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publication {
    /// The version is now the one that searches find.
    Published,
    /// It was so before.
    AlreadyCurrent,
    /// A newer version is published, or the document is deleted: nothing changed.
    Outdated,
}

impl TenantStore {
    /// Makes a version the current one and tells the index, in one transaction. All versions
    /// received before it are superseded; one received later is never replaced.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::State`] when the version is not parsed or failed.
    pub fn publish(&self, version: VersionId) -> Result<Publication, StoreError> {
        let now_ms = self.clock().now_ms();
        let reader = self.reader().clone();
        self.write(move |tx| {
            let version = VersionKey::find(tx, version, &reader)?;
            match version.state {
                VersionState::Current => Ok(Publication::AlreadyCurrent),
                VersionState::Superseded | VersionState::Deleted => Ok(Publication::Outdated),
                VersionState::Received | VersionState::Failed => Err(version.refuse("publish")),
                VersionState::Parsed | VersionState::Embedded => {
                    replace_current(tx, &version, now_ms)?;
                    Ok(Publication::Published)
                }
            }
        })
    }

    /// Removes the versions that were superseded more than `age` ago, with their text. Returns how
    /// many. Citations of them cannot be opened afterwards.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn forget_superseded(&self, age: Duration) -> Result<u64, StoreError> {
        let age_ms = i64::try_from(age.as_millis()).unwrap_or(i64::MAX);
        let cutoff_ms = self.clock().now_ms().saturating_sub(age_ms);
        let mut forgotten = 0;
        loop {
            let removed = self.write(move |tx| {
                let mut delete = tx.prepare_cached(
                    "DELETE FROM version WHERE number IN (SELECT number FROM version \
                     WHERE state = 'superseded' AND changed_ms <= ? LIMIT ?)",
                )?;
                Ok(delete.execute(params![cutoff_ms, FORGOTTEN_AT_ONCE])?)
            })?;
            forgotten += removed as u64;
            if removed == 0 {
                return Ok(forgotten);
            }
        }
    }
}

fn replace_current(
    tx: &Transaction<'_>,
    version: &VersionKey,
    now_ms: i64,
) -> Result<(), StoreError> {
    let document = version.document;
    let previous = current_version(tx, document)?;
    tx.prepare_cached(
        "UPDATE version SET state = 'superseded', changed_ms = ? \
         WHERE document = ? AND number < ? AND state <> 'superseded'",
    )?
    .execute(params![now_ms, document.to_bytes(), version.number])?;
    version.set_state(tx, VersionState::Current, now_ms)?;
    if let Some(previous) = previous {
        append(tx, Change::RemoveVersion { document, version: previous })?;
    }
    append(tx, Change::PutVersion { document, version: version.id })
}

pub(crate) fn current_version(
    tx: &Transaction<'_>,
    document: DocumentId,
) -> Result<Option<VersionId>, StoreError> {
    Ok(tx
        .prepare_cached("SELECT id FROM version WHERE document = ? AND state = 'current'")?
        .query_row([document.to_bytes()], |row| get(row, 0))
        .optional()?)
}

#[cfg(test)]
mod tests;

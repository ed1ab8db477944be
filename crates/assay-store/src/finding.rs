//! What a guard found in a passage: kinds and places, never the text.

use assay_core::VersionId;
use assay_sqlite::sql::Connection;
use serde::{Deserialize, Serialize};

use crate::{StoreError, access::ReaderValue, version::VersionKey};

/// Something that was found in a passage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassageFinding {
    /// What it is, such as `injection.override`.
    pub kind: String,
    /// `low`, `medium`, `high` or `critical`.
    pub severity: String,
    /// The rule that found it.
    pub rule: String,
    /// First byte in the text of the passage.
    pub start: u32,
    /// First byte behind it.
    pub end: u32,
}

/// How often something was found in a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingCount {
    /// What it is.
    pub kind: String,
    /// How bad it is.
    pub severity: String,
    /// How often.
    pub count: u64,
}

/// What was found in the passages of a version, by kind.
pub(crate) fn count(
    db: &Connection,
    version: VersionId,
    reader: &ReaderValue,
) -> Result<Vec<FindingCount>, StoreError> {
    let version = VersionKey::find(db, version, reader)?;
    let mut rows = db.prepare_cached(
        "SELECT json_extract(found.value, '$.kind') AS kind, \
         json_extract(found.value, '$.severity') AS severity, \
         count(*) AS count FROM passage p, json_each(p.findings) found \
         WHERE p.version = ? AND p.findings IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2",
    )?;
    let counts = rows.query_map([version.number], |row| {
        Ok(FindingCount {
            kind: row.get("kind")?,
            severity: row.get("severity")?,
            count: row.get("count")?,
        })
    })?;
    Ok(counts.collect::<Result<_, _>>()?)
}

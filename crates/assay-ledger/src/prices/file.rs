//! The file that holds a price table: the one built in, and the one that an update writes.

use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::PriceRow;
use crate::LedgerError;

/// The table of this version of the program.
const SNAPSHOT: &str = include_str!("snapshot.json");
/// A larger file is no price table.
const BYTES_MAX: u64 = 32 << 20;

/// Where rows come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceSource {
    /// The package.
    pub package: String,
    /// Its version.
    pub version: String,
    /// The file in it.
    pub file: String,
    /// The SHA-256 of that file, in hexadecimal.
    pub sha256: String,
    /// Its licence, with the notice that goes with it.
    pub licence: String,
}

/// A price table on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct PriceFile {
    /// Where the rows come from.
    pub sources: Vec<PriceSource>,
    /// The rows, each provider and model once.
    pub rows: Vec<PriceRow>,
}

impl PriceFile {
    /// The table that the program was built with.
    ///
    /// # Errors
    /// Never in a released program: a test reads it.
    pub fn built_in() -> Result<Self, LedgerError> {
        Self::parse(SNAPSHOT)
            .map_err(|reason| LedgerError::PriceFile { path: "built in".to_owned(), reason })
    }

    /// The table at `path`.
    ///
    /// # Errors
    /// [`LedgerError::PriceFile`] when it cannot be read or was changed since it was written:
    /// prices of one's own belong into the configuration.
    pub fn load(path: &Path) -> Result<Self, LedgerError> {
        let failed = |reason| LedgerError::PriceFile { path: path.display().to_string(), reason };
        let length = std::fs::metadata(path).map_err(|error| failed(error.to_string()))?.len();
        if length > BYTES_MAX {
            return Err(failed(format!("it has more than {BYTES_MAX} bytes")));
        }
        let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
        Self::parse(&text).map_err(failed)
    }

    /// Writes the table, whole or not at all.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), LedgerError> {
        let failed = |reason| LedgerError::PriceFile { path: path.display().to_string(), reason };
        let text = self.render().map_err(failed)?;
        let part = path.with_extension("part");
        let written = std::fs::write(&part, text).and_then(|()| std::fs::rename(&part, path));
        written.map_err(|error| failed(error.to_string()))
    }

    /// One row a line, so that two versions can be compared, below the hash of all that follows.
    fn render(&self) -> Result<String, String> {
        let told = |error: serde_json::Error| error.to_string();
        let rows = self.rows.iter().map(serde_json::to_string).collect::<Result<Vec<_>, _>>();
        let sources = serde_json::to_string(&self.sources).map_err(told)?;
        let rows = rows.map_err(told)?.join(",\n");
        let body = format!("\"sources\":{sources},\n\"rows\":[\n{rows}\n]}}\n");
        Ok(format!("{{\"sha256\":\"{}\",\n{body}", hex(&Sha256::digest(&body))))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let body = text.strip_prefix("{\"sha256\":\"").and_then(|text| text.split_once("\",\n"));
        let (hash, body) = body.ok_or("it does not begin with its hash")?;
        if hash != hex(&Sha256::digest(body)) {
            return Err("it was changed since it was written".to_owned());
        }
        serde_json::from_str(&format!("{{{body}")).map_err(|error| error.to_string())
    }

    /// Joins two tables: a row of `self` stands before one of `other` with the same name, and takes
    /// from that what it does not know of the model's limits.
    #[must_use]
    pub fn over(mut self, other: Self) -> Self {
        self.sources.extend(other.sources);
        self.rows.extend(other.rows);
        self.rows.sort_by(|a, b| (&a.provider, &a.model).cmp(&(&b.provider, &b.model)));
        self.rows.dedup_by(|later, first| {
            let is_same = (&later.provider, &later.model) == (&first.provider, &first.model);
            if is_same {
                first.context = first.context.or(later.context);
                first.max_output = first.max_output.or(later.max_output);
            }
            is_same
        });
        self
    }
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

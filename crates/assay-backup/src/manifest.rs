//! What a backup says of itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Version of the format of manifests and objects.
pub(crate) const FORMAT: u32 = 1;

/// A full copy (number 0) or a step after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of the format.
    pub(crate) format: u32,
    /// Version of the program that wrote it.
    pub(crate) program: String,
    /// The moment that it leads to, in milliseconds since 1970.
    pub(crate) at_ms: i64,
    /// 0 for the full copy, then rising by one.
    pub(crate) number: u64,
    /// SHA-256 of the file of the manifest before, in hexadecimal.
    pub(crate) before: Option<String>,
    /// The versions of the schemas of the program that wrote it, by database.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) schemas: BTreeMap<String, u32>,
    /// Files that are new or have changed; a database that stands here begins its logs anew.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) files: Vec<Entry>,
    /// What was written to the logs of databases.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) logs: Vec<Segment>,
    /// Files that are gone; one that ends with `/` is a folder.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) gone: Vec<String>,
}

/// A file of the data folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    /// Below the data folder, with `/`.
    pub(crate) path: String,
    pub(crate) bytes: u64,
    /// In hexadecimal.
    pub(crate) sha256: String,
    /// The objects that it is made of.
    pub(crate) pieces: Vec<String>,
}

/// A part of the log of a database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Segment {
    /// The database, below the data folder.
    pub(crate) path: String,
    /// Which log: it begins again after it was folded whole.
    pub(crate) round: u64,
    /// Where in the log the part begins, in bytes.
    pub(crate) from: u64,
    pub(crate) bytes: u64,
    pub(crate) pieces: Vec<String>,
}

impl Manifest {
    /// What a list says of the point that this full copy begins.
    pub(crate) fn summary(&self, name: String, until_ms: i64, steps: u64) -> Summary {
        Summary {
            name,
            from_ms: self.at_ms,
            until_ms,
            steps,
            files: self.files.len() as u64,
            bytes: self.files.iter().map(|file| file.bytes).sum(),
            program: self.program.clone(),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.files.is_empty() && self.logs.is_empty() && self.gone.is_empty()
    }
}

/// A point of a place, as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Its name.
    pub name: String,
    /// When the full copy was taken, in milliseconds since 1970.
    pub from_ms: i64,
    /// The last moment that it leads to.
    pub until_ms: i64,
    /// Steps after the full copy.
    pub steps: u64,
    /// Files of the full copy.
    pub files: u64,
    /// Bytes of the full copy, as they lie in the data folder.
    pub bytes: u64,
    /// Version of the program that wrote it.
    pub program: String,
}

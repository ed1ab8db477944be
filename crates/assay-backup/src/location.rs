//! Where a place of backups is: a folder, or a part of a bucket.

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

use serde::Deserialize;

/// What the address of a bucket begins with.
const SCHEME: &str = "s3://";

/// Where a place of backups is. Written as a path, or as `s3://BUCKET/PREFIX`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Location {
    /// A folder of this machine.
    Folder(PathBuf),
    /// A bucket of the service that the settings name.
    Bucket {
        /// Its name.
        name: String,
        /// What the keys begin with: empty, or with `/` at its end.
        prefix: String,
    },
}

/// An address of a bucket that names none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no place: write a path, or s3://BUCKET/PREFIX")]
pub struct InvalidLocation(pub String);

impl Location {
    /// The folder with its whole path; a bucket stays as it is.
    ///
    /// # Errors
    /// When the current folder is not known.
    pub fn absolute(self) -> std::io::Result<Self> {
        match self {
            Self::Folder(path) => std::path::absolute(path).map(Self::Folder),
            Self::Bucket { .. } => Ok(self),
        }
    }

    /// For messages: a path, or what looks like one.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        match self {
            Self::Folder(path) => path.clone(),
            Self::Bucket { .. } => PathBuf::from(self.to_string()),
        }
    }
}

impl From<&Path> for Location {
    fn from(path: &Path) -> Self {
        Self::Folder(path.to_owned())
    }
}

impl From<&PathBuf> for Location {
    fn from(path: &PathBuf) -> Self {
        Self::Folder(path.clone())
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
            Self::Bucket { name, prefix } => {
                write!(f, "{SCHEME}{name}/{}", prefix.trim_end_matches('/'))
            }
        }
    }
}

impl FromStr for Location {
    type Err = InvalidLocation;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some(rest) = text.strip_prefix(SCHEME) else {
            let is_path = !text.is_empty() && !text.contains("://");
            let path = is_path.then(|| Self::Folder(PathBuf::from(text)));
            return path.ok_or_else(|| InvalidLocation(text.to_owned()));
        };
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.trim_matches('/');
        // A key with such a part has no address of its own.
        let is_odd =
            !prefix.is_empty() && prefix.split('/').any(|part| matches!(part, "" | "." | ".."));
        if name.is_empty() || is_odd {
            return Err(InvalidLocation(text.to_owned()));
        }
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        Ok(Self::Bucket { name: name.to_owned(), prefix })
    }
}

impl TryFrom<String> for Location {
    type Error = InvalidLocation;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

//! What a place of backups lies on.

mod bucket;
mod folder;

use std::{fmt, path::PathBuf};

use crate::{BackupError, BackupSettings, Location};

pub(crate) use folder::{Folder, flush_files, list, make_folder};

/// A file of a place, as a list has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    /// Below the folder that was listed.
    pub(crate) name: String,
    /// When it was written, in milliseconds since 1970.
    pub(crate) modified_ms: i64,
}

/// Files by name, with `/` between folders. A file is there whole or not at all.
pub(crate) trait Medium: fmt::Debug + Send + Sync {
    /// Where a file lies, for messages.
    fn path(&self, name: &str) -> PathBuf;

    /// The bytes of a file; `None` where there is none. More than `bytes_max` are damage.
    fn read(&self, name: &str, bytes_max: u64) -> Result<Option<Vec<u8>>, BackupError>;

    /// Writes a file; it is safe when this returns.
    fn write(&self, name: &str, bytes: Vec<u8>) -> Result<(), BackupError>;

    /// Writes a file that need not be safe before the next [`Self::flush`].
    fn owe(&self, name: &str, bytes: Vec<u8>) -> Result<(), BackupError>;

    /// Makes safe what is owed.
    fn flush(&self) -> Result<(), BackupError>;

    /// Makes the folder `below` and the place itself safe.
    fn anchor(&self, below: &str) -> Result<(), BackupError>;

    /// Bytes of a file below `objects/`; `None` where there is none.
    fn length(&self, name: &str) -> Result<Option<u64>, BackupError>;

    /// The names of what lies directly in a folder, in no order; `below` is empty or ends with `/`.
    fn names(&self, below: &str) -> Result<Vec<String>, BackupError>;

    /// The files below `objects/`, each in a folder of its own kind, one after the other.
    fn each_object(
        &self,
        take: &mut dyn FnMut(Listed) -> Result<(), BackupError>,
    ) -> Result<(), BackupError>;

    /// Removes files; one that is not there is no error.
    fn remove(&self, names: &[String]) -> Result<(), BackupError>;

    /// Removes everything in a folder.
    fn remove_folder(&self, below: &str) -> Result<(), BackupError>;

    /// Takes the place for whoever writes to it; `holder` names the data folder.
    fn hold(&self, holder: &str) -> Result<Box<dyn Hold>, BackupError>;
}

/// A place that is held. It is free again when this is dropped.
pub(crate) trait Hold: fmt::Debug + Send {
    /// Goes on holding it.
    ///
    /// # Errors
    /// [`BackupError::InUse`] when somebody else has it now.
    fn renew(&mut self) -> Result<(), BackupError>;
}

/// The medium that a location names.
pub(crate) fn medium(
    at: &Location,
    settings: &BackupSettings,
) -> Result<Box<dyn Medium>, BackupError> {
    Ok(match at {
        Location::Folder(path) => Box::new(Folder::new(path)),
        Location::Bucket { name, prefix } => {
            Box::new(bucket::BucketMedium::new(name, prefix, &settings.s3)?)
        }
    })
}

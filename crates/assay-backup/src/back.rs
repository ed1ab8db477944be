//! The way back of a whole folder: its databases as the version of the program before this one made
//! them.

use std::path::Path;

use assay_sqlite::{WayBack, schema_version, step_back};
use assay_vault::{EncryptionSettings, Vault, VaultError};

use crate::{
    BackupError,
    ahead::{WRITERS, side_by_side},
    files::{databases, key_of},
};

/// Databases of one kind that go back, or went back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Returned {
    /// Their name, without folder and ending.
    pub name: String,
    /// How it is done.
    pub way: WayBack,
    /// How many they are: of `records` each tenant has one.
    pub databases: u64,
}

/// Takes the databases of a folder that nobody has open one version back, by the ways of their names.
///
/// With `is_preview` it only counts them. What is at an older version already stays as it is, so that
/// a call that was cut off is made again. Tenants whose key was destroyed are left out.
///
/// # Errors
/// When a database does not open, is newer than this program, or cannot go back: that one is as it
/// was.
pub fn go_back(
    data: &Path,
    encryption: &EncryptionSettings,
    ways: &[(&str, WayBack)],
    is_preview: bool,
) -> Result<Vec<Returned>, BackupError> {
    let vault = Vault::open(data, encryption)?;
    let paths = databases(data)?;
    let back = |path: &String, way: &WayBack| {
        let key = match key_of(&vault, path) {
            Err(VaultError::Destroyed { .. }) => return Ok(false),
            key => key?,
        };
        let full = data.join(path);
        if is_preview {
            return Ok(schema_version(&full, key.as_ref())? == way.from);
        }
        Ok(step_back(&full, key.as_ref(), way)?)
    };
    let mut returned = Vec::new();
    for (name, way) in ways {
        let is_named = |path: &&String| Path::new(path).file_stem().is_some_and(|it| it == *name);
        let own: Vec<&String> = paths.iter().filter(is_named).collect();
        let gone = side_by_side(WRITERS, &own, |path| back(path, way))?;
        let databases = gone.into_iter().filter(|is_gone| *is_gone).count() as u64;
        returned.push(Returned { name: (*name).to_owned(), way: *way, databases });
    }
    Ok(returned)
}

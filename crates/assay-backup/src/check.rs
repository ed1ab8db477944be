//! Whether what is there is what was written: the hashes of a place, and SQLite's own check.

use std::{collections::HashSet, path::Path};

use assay_vault::{EncryptionSettings, Vault};

use crate::{
    BackupError, Place, Plan,
    ahead::{WRITERS, each_piece, manifests, side_by_side},
    files::{self, key_of},
};

/// What was read and compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Checked {
    /// Manifests of the place.
    pub manifests: u64,
    /// Objects that they name.
    pub objects: u64,
    /// Bytes of these.
    pub bytes: u64,
}

impl Place {
    /// Reads every manifest and every object that one names, and compares all hashes.
    ///
    /// # Errors
    /// [`BackupError::Damaged`] with the first file that is not what it was.
    pub fn check(&self) -> Result<Checked, BackupError> {
        let mut checked = Checked::default();
        let mut seen = HashSet::new();
        for point in self.names()? {
            let numbers = self.numbers(&point)?;
            if numbers.first() != Some(&0) {
                continue;
            }
            // This follows the chain.
            Plan::of(self, point.clone(), &numbers, None)?;
            for found in manifests(self, point, &numbers) {
                let manifest = found?.0;
                checked.manifests += 1;
                let of_files = manifest.files.into_iter().flat_map(|file| file.pieces);
                let of_logs = manifest.logs.into_iter().flat_map(|part| part.pieces);
                let pieces: Vec<String> =
                    of_files.chain(of_logs).filter(|piece| seen.insert(piece.clone())).collect();
                each_piece(self, &pieces.iter().collect::<Vec<_>>(), &mut |piece| {
                    checked.bytes += piece.len() as u64;
                    checked.objects += 1;
                    Ok(())
                })?;
            }
        }
        if checked.manifests == 0 {
            return Err(BackupError::Nothing { path: self.root() });
        }
        Ok(checked)
    }
}

/// What SQLite's own check finds in the databases of a folder that nobody has open; each line begins
/// with the database. The second is how many were looked at.
///
/// # Errors
/// When a database does not open at all.
pub fn faults(
    data: &Path,
    encryption: &EncryptionSettings,
) -> Result<(Vec<String>, u64), BackupError> {
    let vault = Vault::open(data, encryption)?;
    let databases = files::databases(data)?;
    let found = side_by_side(WRITERS, &databases, |path| {
        let key = key_of(&vault, path)?;
        let faults = assay_sqlite::faults(&data.join(path), key.as_ref())?;
        Ok(faults.into_iter().map(|fault| format!("{path}: {fault}")).collect::<Vec<_>>())
    })?;
    Ok((found.into_iter().flatten().collect(), databases.len() as u64))
}

/// How many databases a data folder has.
///
/// # Errors
/// When it cannot be read.
pub fn databases(data: &Path) -> Result<u64, BackupError> {
    Ok(files::databases(data)?.len() as u64)
}

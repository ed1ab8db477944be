//! The record of what a model folder held when it was fetched, for models outside the catalogue.

use std::{collections::BTreeMap, fs, fs::File, io, path::Path};

use crate::{
    ModelError,
    pull::{at, copy_hashed},
};

/// The file with the SHA-256 of every other file of the folder, by path.
const FILE: &str = "hashes.json";

/// Records the hashes of the given files of a folder, so that [`verify`](crate::verify) notices
/// when one of them changes.
///
/// # Errors
/// When a file cannot be read or the record not be written.
pub fn seal(folder: &Path, files: &[&str]) -> Result<(), ModelError> {
    let hashes: Result<BTreeMap<&str, String>, ModelError> =
        files.iter().map(|file| Ok((*file, hash_of(&folder.join(file))?))).collect();
    let path = folder.join(FILE);
    let text = serde_json::to_string_pretty(&hashes?).map_err(|error| at(&path)(error.into()))?;
    fs::write(&path, text).map_err(at(&path))
}

/// Compares the files with their record; `None` when there is no record.
pub(crate) fn verify_sealed(folder: &Path) -> Option<Result<(), ModelError>> {
    let path = folder.join(FILE);
    let text = fs::read(&path).ok()?;
    let compare = || {
        let hashes: BTreeMap<String, String> = serde_json::from_slice(&text).map_err(|error| {
            ModelError::Malformed { path: path.clone(), reason: error.to_string() }
        })?;
        hashes.iter().try_for_each(|(file, expected)| check_file(&folder.join(file), expected))
    };
    Some(compare())
}

/// Compares a file with its SHA-256 in hexadecimal.
///
/// # Errors
/// [`ModelError::WrongHash`], or when the file cannot be read.
pub fn check_file(path: &Path, sha256: &str) -> Result<(), ModelError> {
    let found = hash_of(path)?;
    if found == sha256 {
        return Ok(());
    }
    Err(ModelError::WrongHash { path: path.to_owned(), expected: sha256.to_owned(), found })
}

fn hash_of(path: &Path) -> Result<String, ModelError> {
    let mut file = File::open(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => ModelError::Missing { path: path.to_owned() },
        _ => ModelError::File { path: path.to_owned(), source },
    })?;
    copy_hashed(&mut file, &mut io::sink()).map_err(at(path))
}

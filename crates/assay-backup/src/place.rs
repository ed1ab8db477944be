//! A place of backups: objects and manifests, sealed where there is a key.

use std::{
    io,
    path::{Path, PathBuf},
};

use assay_vault::{DataKey, Sealer};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    BackupError, BackupSettings, Location, Manifest, Summary,
    error::failed,
    manifest::FORMAT,
    medium::{Hold, Medium, medium},
};

/// Bytes of an object at most, before it is sealed.
pub(crate) const PIECE: usize = 1 << 20;
/// Bytes of an object that are read: sealing adds a few.
const OBJECT_BYTES_MAX: u64 = 2 << 20;
/// Bytes of a manifest that are read: some millions of files.
const MANIFEST_BYTES_MAX: u64 = 4 << 30;
/// Bytes of the head of a place that are read.
const HEAD_BYTES_MAX: u64 = 1 << 20;
const HEAD: &str = "backup.json";

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    format: u32,
    /// The id of the key; none where backups are in clear.
    key: Option<String>,
}

/// A folder or a part of a bucket, with backups.
#[derive(Debug)]
pub struct Place {
    medium: Box<dyn Medium>,
    seal: Option<Sealer>,
}

impl Place {
    /// Opens the place; an empty or missing one is made, sealed with the first key of the settings or
    /// in clear where there is none.
    ///
    /// # Errors
    /// [`BackupError::NotAPlace`], and as for [`Self::open`].
    pub fn open_or_make(at: &Location, settings: &BackupSettings) -> Result<Self, BackupError> {
        let keys = settings.keys()?;
        let medium = medium(at, settings)?;
        if medium.read(HEAD, HEAD_BYTES_MAX)?.is_none() {
            if !medium.names("")?.is_empty() {
                return Err(BackupError::NotAPlace { path: medium.path("") });
            }
            let key = keys.first().map(|(id, _)| id.clone());
            let text = serde_json::to_vec(&Head { format: FORMAT, key });
            medium.write(HEAD, text.map_err(|error| unwritten(&*medium, HEAD, error))?)?;
        }
        Self::open_on(medium, &keys)
    }

    /// Opens a place that is there, with a key of the settings where it is sealed.
    ///
    /// # Errors
    /// [`BackupError::Nothing`], [`BackupError::OtherKey`], [`BackupError::InClear`],
    /// [`BackupError::Newer`], [`BackupError::Damaged`]; [`BackupError::Service`] for a bucket.
    pub fn open(at: &Location, settings: &BackupSettings) -> Result<Self, BackupError> {
        Self::open_on(medium(at, settings)?, &settings.keys()?)
    }

    pub(crate) fn open_on(
        medium: Box<dyn Medium>,
        keys: &[(String, DataKey)],
    ) -> Result<Self, BackupError> {
        let path = medium.path("");
        let Some(text) = medium.read(HEAD, HEAD_BYTES_MAX)? else {
            return Err(BackupError::Nothing { path });
        };
        let head: Head = serde_json::from_slice(&text)
            .map_err(|error| damaged(&medium.path(HEAD), format!("cannot be read: {error}")))?;
        if head.format > FORMAT {
            let what = "the format".to_owned();
            return Err(BackupError::Newer { what, found: head.format, known: FORMAT });
        }
        let seal = match (head.key, keys) {
            (None, []) => None,
            (None, _) => return Err(BackupError::InClear { path }),
            (Some(id), keys) => match keys.iter().find(|(given, _)| *given == id) {
                Some((_, key)) => Some(key.sealer("backup")),
                None => {
                    let given: Vec<_> = keys.iter().map(|(id, _)| id.as_str()).collect();
                    let given = if given.is_empty() { "none".to_owned() } else { given.join(", ") };
                    return Err(BackupError::OtherKey { path, id, given });
                }
            },
        };
        Ok(Self { medium, seal })
    }

    /// Takes the place for whoever writes to it, as long as what is returned is held: two data folders
    /// that take turns in one place would be one mix.
    ///
    /// # Errors
    /// [`BackupError::InUse`].
    pub(crate) fn hold(&self, holder: &str) -> Result<Box<dyn Hold>, BackupError> {
        self.medium.hold(holder)
    }

    /// Where it is: a folder, or `s3://BUCKET/PREFIX`.
    #[must_use]
    pub fn root(&self) -> PathBuf {
        self.medium.path("")
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
        let points = self.names()?.into_iter().map(|name| self.point(&name));
        points.filter_map(Result::transpose).collect()
    }

    /// A point; `None` for what is left of one that was being removed.
    pub(crate) fn point(&self, name: &str) -> Result<Option<Summary>, BackupError> {
        let numbers = self.numbers(name)?;
        let (Some(0), Some(last)) = (numbers.first(), numbers.last().copied()) else {
            return Ok(None);
        };
        let full = self.manifest(name, 0)?.0;
        let until_ms = if last == 0 { full.at_ms } else { self.manifest(name, last)?.0.at_ms };
        Ok(Some(full.summary(name.to_owned(), until_ms, last)))
    }

    /// The names of the points, oldest first; also of one without a manifest yet.
    pub(crate) fn names(&self) -> Result<Vec<String>, BackupError> {
        let mut names = self.medium.names("points/")?;
        names.sort_unstable();
        Ok(names)
    }

    /// The numbers of the manifests of a point, rising.
    pub(crate) fn numbers(&self, point: &str) -> Result<Vec<u64>, BackupError> {
        let names = self.medium.names(&format!("points/{point}/"))?;
        let mut numbers: Vec<u64> =
            names.iter().filter_map(|name| name.strip_suffix(".json")?.parse().ok()).collect();
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// Where a manifest lies, for messages.
    pub(crate) fn manifest_path(&self, point: &str, number: u64) -> PathBuf {
        self.medium.path(&manifest_name(point, number))
    }

    /// A manifest and the SHA-256 of its file.
    pub(crate) fn manifest(
        &self,
        point: &str,
        number: u64,
    ) -> Result<(Manifest, String), BackupError> {
        let path = self.manifest_path(point, number);
        let bytes = self.medium.read(&manifest_name(point, number), MANIFEST_BYTES_MAX)?;
        let bytes = bytes.ok_or_else(|| damaged(&path, "is missing".to_owned()))?;
        let hash = hex(&Sha256::digest(&bytes));
        let changed = || damaged(&path, "was changed".to_owned());
        let body = self.opened(&manifest_place(point, number), &bytes).ok_or_else(changed)?;
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
        let name = manifest_name(point, manifest.number);
        let body =
            serde_json::to_vec(manifest).map_err(|error| unwritten(&*self.medium, &name, error))?;
        let bytes = self.closed(&manifest_place(point, manifest.number), &name, &body)?;
        self.medium.flush()?;
        let hash = hex(&Sha256::digest(&bytes));
        self.medium.write(&name, bytes)?;
        Ok(hash)
    }

    /// The names of the objects that a point needs, as it was noted when the point had ended: reading
    /// all its manifests takes long. `None` where it was not noted, or cannot be read.
    pub(crate) fn noted(&self, point: &str) -> Result<Option<Vec<String>>, BackupError> {
        let bytes = self.medium.read(&note_name(point), MANIFEST_BYTES_MAX)?;
        let body = bytes.and_then(|bytes| self.opened(&note_place(point), &bytes));
        Ok(body.and_then(|body| serde_json::from_slice(&body).ok()))
    }

    /// Notes the names of the objects that a point needs, which gets no more steps.
    pub(crate) fn note(&self, point: &str, objects: &[String]) -> Result<(), BackupError> {
        let name = note_name(point);
        let body =
            serde_json::to_vec(objects).map_err(|error| unwritten(&*self.medium, &name, error))?;
        let bytes = self.closed(&note_place(point), &name, &body)?;
        self.medium.write(&name, bytes)
    }

    /// Seals a body, or puts its hash before it.
    fn closed(&self, place: &[u8], name: &str, body: &[u8]) -> Result<Vec<u8>, BackupError> {
        match &self.seal {
            Some(seal) => seal
                .seal(place, body)
                .map_err(|error| unwritten(&*self.medium, name, io::Error::other(error))),
            None => {
                let mut bytes = hex(&Sha256::digest(body)).into_bytes();
                bytes.push(b'\n');
                bytes.extend(body);
                Ok(bytes)
            }
        }
    }

    /// The body of what [`Self::closed`] gave; `None` where it is not that.
    fn opened(&self, place: &[u8], bytes: &[u8]) -> Option<Vec<u8>> {
        let Some(seal) = &self.seal else {
            let (told, body) = bytes.split_at_checked(65)?;
            let found = hex(&Sha256::digest(body));
            return (told.strip_suffix(b"\n") == Some(found.as_bytes())).then(|| body.to_vec());
        };
        seal.open(place, bytes).ok()
    }

    /// Makes the points themselves safe, after one was added.
    pub(crate) fn anchor(&self) -> Result<(), BackupError> {
        self.medium.anchor("points")
    }

    /// Removes a point. Its objects stay until nothing names them.
    pub(crate) fn remove_point(&self, point: &str) -> Result<(), BackupError> {
        // Without the full copy the rest is nothing: a crash leaves no half of a point.
        self.medium.remove(&[manifest_name(point, 0)])?;
        self.medium.remove_folder(&format!("points/{point}"))
    }

    /// Keeps up to [`PIECE`] bytes; returns the name of the object. It is safe after the next
    /// manifest.
    pub(crate) fn put(&self, bytes: &[u8]) -> Result<String, BackupError> {
        let hash: [u8; 32] = Sha256::digest(bytes).into();
        let name = hex(&self.seal.as_ref().map_or(hash, |seal| seal.name_of(&hash)));
        if self.holds(&name, bytes.len())? {
            return Ok(name);
        }
        let file = object_name(&name);
        let bytes = match &self.seal {
            Some(seal) => seal
                .seal(&object_place(&name), bytes)
                .map_err(|error| unwritten(&*self.medium, &file, io::Error::other(error)))?,
            None => bytes.to_vec(),
        };
        self.medium.owe(&file, bytes)?;
        Ok(name)
    }

    /// Whether an object of this name and of so many bytes is there.
    pub(crate) fn holds(&self, name: &str, bytes: usize) -> Result<bool, BackupError> {
        let overhead = if self.seal.is_some() { assay_vault::OVERHEAD } else { 0 };
        let found = self.medium.length(&object_name(name))?;
        Ok(found == Some((bytes + overhead) as u64))
    }

    /// Calls `take` with the name of each object and when it was written, in milliseconds since 1970.
    pub(crate) fn each_object(
        &self,
        take: &mut dyn FnMut(String, i64) -> Result<(), BackupError>,
    ) -> Result<(), BackupError> {
        self.medium
            .each_object(&mut |listed| take(listed.name.replace('/', ""), listed.modified_ms))
    }

    /// Removes objects that nothing names.
    pub(crate) fn remove_objects(&self, names: &[String]) -> Result<(), BackupError> {
        let names: Vec<String> = names.iter().map(|name| object_name(name)).collect();
        self.medium.remove(&names)
    }

    /// The bytes of an object, which are those that were put.
    pub(crate) fn get(&self, name: &str) -> Result<Vec<u8>, BackupError> {
        let file = object_name(name);
        let path = self.medium.path(&file);
        let changed = || damaged(&path, "was changed".to_owned());
        let bytes = self.medium.read(&file, OBJECT_BYTES_MAX)?;
        let bytes = bytes.ok_or_else(|| damaged(&path, "is missing".to_owned()))?;
        let bytes = match &self.seal {
            Some(seal) => seal.open(&object_place(name), &bytes).map_err(|_| changed())?,
            None => bytes,
        };
        let hash: [u8; 32] = Sha256::digest(&bytes).into();
        let found = hex(&self.seal.as_ref().map_or(hash, |seal| seal.name_of(&hash)));
        if found == name { Ok(bytes) } else { Err(changed()) }
    }
}

#[derive(Deserialize)]
struct Format {
    format: u32,
}

pub(crate) fn damaged(path: &Path, what: String) -> BackupError {
    BackupError::Damaged { path: path.to_owned(), what }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unwritten(medium: &dyn Medium, name: &str, error: impl Into<io::Error>) -> BackupError {
    failed("write", &medium.path(name))(error.into())
}

fn manifest_name(point: &str, number: u64) -> String {
    format!("points/{point}/{number:08}.json")
}

fn note_name(point: &str) -> String {
    format!("points/{point}/objects")
}

fn note_place(point: &str) -> Vec<u8> {
    format!("objects of {point}").into_bytes()
}

fn object_name(name: &str) -> String {
    let (shard, rest) = name.split_at_checked(2).unwrap_or(("", name));
    format!("objects/{shard}/{rest}")
}

fn manifest_place(point: &str, number: u64) -> Vec<u8> {
    format!("manifest {point} {number}").into_bytes()
}

fn object_place(name: &str) -> Vec<u8> {
    format!("object {name}").into_bytes()
}

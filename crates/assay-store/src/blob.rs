//! Blobs: bytes in files that are named by their hash.

use std::{
    fs::{self, File, FileTimes, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use assay_core::DocumentId;
use assay_sqlite::Logs;
use assay_vault::DataKey;

use self::sealed::BlobSeal;
use crate::{BlobHash, StoreError, TenantStore};

mod sealed;

/// What a sweep removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SweptBlobs {
    /// Blobs that no version names.
    pub blobs: u64,
    /// Files of writes that never ended.
    pub temporary: u64,
    /// Bytes of both.
    pub bytes: u64,
}

/// The blob folder of a tenant: `ab/cdef…` for finished blobs, `tmp/` for those being written. Where
/// the tenant has a key, blobs are encrypted and their names are hashes with it.
#[derive(Debug)]
pub(crate) struct Blobs {
    root: PathBuf,
    seal: Option<BlobSeal>,
    /// Locked together with others by a put and alone by each removal, so that a blob is not removed
    /// between the moment a put finds it and the moment the put marks it as fresh. A file, because
    /// workers are processes of their own.
    gate: PathBuf,
}

impl Blobs {
    pub(crate) fn open(root: &Path, key: Option<&DataKey>) -> Result<Self, StoreError> {
        let temporary = root.join("tmp");
        fs::create_dir_all(&temporary).map_err(failed("create", &temporary))?;
        let seal = key.map(BlobSeal::new);
        Ok(Self { root: root.to_owned(), seal, gate: root.with_extension("lock") })
    }

    /// Takes the gate until the file is dropped.
    fn enter(&self, lock: impl FnOnce(&File) -> io::Result<()>) -> Result<File, StoreError> {
        let open = || {
            let file = File::options().create(true).append(true).open(&self.gate)?;
            lock(&file)?;
            Ok(file)
        };
        open().map_err(failed("lock", &self.gate))
    }

    fn path(&self, hash: BlobHash) -> PathBuf {
        let name = self.seal.as_ref().map_or(hash, |seal| seal.name(hash)).to_string();
        let (shard, rest) = name.split_at(2);
        self.root.join(shard).join(rest)
    }

    /// Writes the bytes so that after a crash the blob is there whole or not at all.
    fn put(&self, bytes: &[u8], now: SystemTime) -> Result<BlobHash, StoreError> {
        let hash = BlobHash::of(bytes);
        self.put_as(hash, bytes, now).map(|()| hash)
    }

    fn put_as(&self, hash: BlobHash, bytes: &[u8], now: SystemTime) -> Result<(), StoreError> {
        let path = self.path(hash);
        let _gate = self.enter(File::lock_shared)?;
        let length = match self.seal {
            Some(_) => BlobSeal::sealed_len(bytes.len()),
            None => bytes.len(),
        };
        if refresh(&path, length, now).map_err(failed("open", &path))? {
            return Ok(());
        }
        let temporary = self.root.join("tmp").join(DocumentId::new().to_string());
        let write = |file: &mut File| match &self.seal {
            Some(seal) => seal.write(hash, bytes, file),
            None => file.write_all(bytes),
        };
        let written = write_synced(&temporary, write, now)
            .map_err(failed("write", &temporary))
            .and_then(|()| self.adopt(&temporary, &path));
        if written.is_err() {
            // The error says more than a second failure would; a sweep removes what is left.
            let _left_for_sweep = fs::remove_file(&temporary);
        }
        written
    }

    fn adopt(&self, temporary: &Path, path: &Path) -> Result<(), StoreError> {
        let shard = path.parent().unwrap_or(&self.root);
        match fs::create_dir(shard) {
            Ok(()) => sync_folder(&self.root)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed("create", shard)(error)),
        }
        fs::rename(temporary, path).map_err(failed("write", path))?;
        sync_folder(shard)
    }

    fn get(&self, hash: BlobHash) -> Result<Vec<u8>, StoreError> {
        let path = self.path(hash);
        let read = match &self.seal {
            Some(seal) => File::open(&path).and_then(|file| seal.read(hash, file)),
            None => fs::read(&path).map(Some),
        };
        let bytes = read.map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => StoreError::not_found("blob", hash),
            _ => failed("read", &path)(error),
        })?;
        let whole = bytes.filter(|bytes| BlobHash::of(bytes) == hash);
        whole.ok_or(StoreError::DamagedBlob { hash, path })
    }

    /// The hash of the blob in a file; `None` when the file is none, or tells nothing because it is
    /// damaged.
    fn hash_of(&self, path: &Path) -> Result<Option<BlobHash>, StoreError> {
        let Some(name) = named(path) else { return Ok(None) };
        let Some(seal) = &self.seal else { return Ok(Some(name)) };
        let read = File::open(path).and_then(|file| seal.read_head(name, file));
        Ok(read.map_err(failed("read", path))?.map(|(hash, _)| hash))
    }

    /// Encrypts the blobs from before there was a key. One that is damaged is encrypted with its
    /// damage, which a read notices as before. What a crash cuts off is done by the next call.
    pub(crate) fn seal_plain(&self) -> Result<u64, StoreError> {
        let mut count = 0;
        for shard in entries(&self.root)? {
            for path in entries(&shard)? {
                let Some(hash) = named(&path) else {
                    // A write that never ended.
                    fs::remove_file(&path).map_err(failed("remove", &path))?;
                    continue;
                };
                let bytes = fs::read(&path).map_err(failed("read", &path))?;
                if sealed::is_sealed(&bytes) && BlobHash::of(&bytes) != hash {
                    continue;
                }
                let modified = path.metadata().and_then(|data| data.modified());
                self.put_as(hash, &bytes, modified.map_err(failed("read", &path))?)?;
                fs::remove_file(&path).map_err(failed("remove", &path))?;
                count += 1;
            }
        }
        Ok(count)
    }

    /// Removes the file if it was not put after `cutoff` and nothing names it. Returns its size.
    fn remove_orphan(
        &self,
        path: &Path,
        cutoff: SystemTime,
        is_referenced: impl FnOnce() -> Result<bool, StoreError>,
    ) -> Result<Option<u64>, StoreError> {
        let _gate = self.enter(File::lock)?;
        // A backup under way copies what the records of its moment name.
        let logs = Logs::of(&self.root);
        let _still = logs.as_ref().map(Logs::hold_still);
        let metadata = path.metadata().map_err(failed("read", path))?;
        let modified = metadata.modified().map_err(failed("read", path))?;
        if modified > cutoff || is_referenced()? {
            return Ok(None);
        }
        fs::remove_file(path).map_err(failed("remove", path))?;
        Ok(Some(metadata.len()))
    }
}

impl TenantStore {
    /// Keeps bytes, durably on return. Bytes that are there already are not written again.
    ///
    /// # Errors
    /// [`StoreError::File`].
    pub fn put_blob(&self, bytes: &[u8]) -> Result<BlobHash, StoreError> {
        self.blobs().put(bytes, self.clock().now().into())
    }

    /// The bytes of a blob, checked against its hash.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::DamagedBlob`].
    pub fn blob(&self, hash: BlobHash) -> Result<Vec<u8>, StoreError> {
        self.blobs().get(hash)
    }

    /// Whether a blob is there; its bytes are not checked.
    ///
    /// # Errors
    /// [`StoreError::File`].
    pub fn contains_blob(&self, hash: BlobHash) -> Result<bool, StoreError> {
        let path = self.blobs().path(hash);
        path.try_exists().map_err(failed("read", &path))
    }

    /// Removes blobs that no version names, and files of writes that never ended. Whatever was put
    /// less than `grace` ago stays: its receipt may be on the way.
    ///
    /// # Errors
    /// [`StoreError::File`], and those of the database.
    pub fn sweep_blobs(&self, grace: Duration) -> Result<SweptBlobs, StoreError> {
        let cutoff = SystemTime::from(self.clock().now()) - grace;
        let mut swept = SweptBlobs::default();
        for shard in entries(&self.blobs().root)? {
            let prefix = file_name(&shard);
            for path in entries(&shard)? {
                if prefix == "tmp" {
                    let bytes = self.blobs().remove_orphan(&path, cutoff, || Ok(false))?;
                    swept.temporary += u64::from(bytes.is_some());
                    swept.bytes += bytes.unwrap_or(0);
                } else if let Some(hash) = self.blobs().hash_of(&path)? {
                    let is_referenced = || self.is_referenced(hash);
                    let bytes = self.blobs().remove_orphan(&path, cutoff, is_referenced)?;
                    swept.blobs += u64::from(bytes.is_some());
                    swept.bytes += bytes.unwrap_or(0);
                }
            }
        }
        Ok(swept)
    }

    fn is_referenced(&self, hash: BlobHash) -> Result<bool, StoreError> {
        self.read(|db| {
            let mut rows = db.prepare_cached(
                "SELECT 1 FROM version WHERE blob = ? AND state <> 'deleted' LIMIT 1",
            )?;
            Ok(rows.exists([hash.to_bytes()])?)
        })
    }
}

/// Marks a blob that is there as put now. `false` when it is missing or was cut short, so that
/// putting it again repairs it.
fn refresh(path: &Path, len: usize, now: SystemTime) -> io::Result<bool> {
    let file = match OpenOptions::new().write(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        file => file?,
    };
    if usize::try_from(file.metadata()?.len()) != Ok(len) {
        return Ok(false);
    }
    file.set_modified(now)?;
    Ok(true)
}

fn write_synced(
    path: &Path,
    write: impl FnOnce(&mut File) -> io::Result<()>,
    now: SystemTime,
) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    write(&mut file)?;
    file.set_times(FileTimes::new().set_modified(now))?;
    file.sync_all()
}

/// The hash that the place of a file spells: `ab/cdef…`.
fn named(path: &Path) -> Option<BlobHash> {
    let shard = path.parent().map(file_name)?;
    format!("{shard}{}", file_name(path)).parse().ok()
}

/// Makes the names in a folder durable; a new or renamed file is not without it.
pub(crate) fn sync_folder(path: &Path) -> Result<(), StoreError> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(failed("sync", path))
}

pub(crate) fn entries(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let entries = fs::read_dir(folder).map_err(failed("read", folder))?;
    entries.map(|entry| Ok(entry.map_err(failed("read", folder))?.path())).collect()
}

pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

pub(crate) fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StoreError {
    move |source| StoreError::File { action, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests;

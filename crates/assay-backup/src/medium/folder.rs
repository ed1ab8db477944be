//! A folder of this machine.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    thread,
    time::UNIX_EPOCH,
};

use super::{Hold, Listed, Medium};
use crate::{BackupError, error::failed, place::damaged};

/// Files that are flushed at a time.
const FLUSHERS: usize = 8;

/// A folder that backups lie in.
#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
    /// Files that were written and are not flushed yet.
    unflushed: Mutex<Vec<PathBuf>>,
}

impl Folder {
    pub(crate) fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), unflushed: Mutex::default() }
    }

    fn make_parent(&self, path: &Path) -> Result<(), BackupError> {
        make_folder(path.parent().unwrap_or(&self.root))
    }
}

impl Medium for Folder {
    fn path(&self, name: &str) -> PathBuf {
        // A path that ends with `/` is shown with it.
        if name.is_empty() { self.root.clone() } else { self.root.join(name) }
    }

    fn read(&self, name: &str, bytes_max: u64) -> Result<Option<Vec<u8>>, BackupError> {
        let path = self.path(name);
        let length = match fs::metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            found => found.map_err(failed("read", &path))?.len(),
        };
        if length > bytes_max {
            return Err(damaged(&path, "is too long".to_owned()));
        }
        fs::read(&path).map(Some).map_err(failed("read", &path))
    }

    fn write(&self, name: &str, bytes: Vec<u8>) -> Result<(), BackupError> {
        let path = self.path(name);
        self.make_parent(&path)?;
        assay_vault::replace(&path, &bytes).map_err(failed("write", &path))
    }

    fn owe(&self, name: &str, bytes: Vec<u8>) -> Result<(), BackupError> {
        let path = self.path(name);
        self.make_parent(&path)?;
        let part = path.with_extension("part");
        let written = File::create(&part).and_then(|mut file| {
            file.write_all(&bytes)?;
            fs::rename(&part, &path)
        });
        written.map_err(failed("write", &path))?;
        self.unflushed.lock().unwrap_or_else(PoisonError::into_inner).push(path);
        Ok(())
    }

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

    fn anchor(&self, below: &str) -> Result<(), BackupError> {
        flush_files(&[self.path(below), self.root.clone()])
    }

    fn length(&self, name: &str) -> Result<Option<u64>, BackupError> {
        let path = self.path(name);
        match fs::metadata(&path) {
            Ok(found) => Ok(Some(found.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed("read", &path)(error)),
        }
    }

    fn names(&self, below: &str) -> Result<Vec<String>, BackupError> {
        list(&self.path(below))
    }

    fn each_object(
        &self,
        take: &mut dyn FnMut(Listed) -> Result<(), BackupError>,
    ) -> Result<(), BackupError> {
        let objects = self.root.join("objects");
        for shard in list(&objects)? {
            for rest in list(&objects.join(&shard))? {
                let path = objects.join(&shard).join(&rest);
                let modified = fs::metadata(&path).and_then(|data| data.modified());
                let age = modified.map_err(failed("read", &path))?.duration_since(UNIX_EPOCH);
                let modified_ms = age.map_or(0, |age| age.as_millis());
                let modified_ms = i64::try_from(modified_ms).unwrap_or(i64::MAX);
                take(Listed { name: format!("{shard}/{rest}"), modified_ms })?;
            }
        }
        Ok(())
    }

    fn remove(&self, names: &[String]) -> Result<(), BackupError> {
        names.iter().try_for_each(|name| remove(&self.path(name)))
    }

    fn remove_folder(&self, below: &str) -> Result<(), BackupError> {
        let folder = self.path(below);
        fs::remove_dir_all(&folder).map_err(failed("remove", &folder))
    }

    fn hold(&self, _: &str) -> Result<Box<dyn Hold>, BackupError> {
        let path = self.root.join("lock");
        let options = File::options().create(true).write(true).truncate(false).to_owned();
        let file = options.open(&path).map_err(failed("open", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(Box::new(Locked { _file: file })),
            Err(fs::TryLockError::WouldBlock) => {
                Err(BackupError::InUse { path: self.root.clone() })
            }
            Err(fs::TryLockError::Error(source)) => Err(failed("lock", &path)(source)),
        }
    }
}

/// The system takes the lock away with the process.
#[derive(Debug)]
struct Locked {
    _file: File,
}

impl Hold for Locked {
    fn renew(&mut self) -> Result<(), BackupError> {
        Ok(())
    }
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

fn remove(path: &Path) -> Result<(), BackupError> {
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

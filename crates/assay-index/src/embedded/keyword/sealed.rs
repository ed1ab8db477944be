//! The folder of an encrypted keyword index.
//!
//! Every file is sealed whole and bound to its name. A file that is opened is opened into memory: an
//! encrypted index is not read through the page cache of the system, which would hold its words, but
//! takes as much memory as it has bytes for as long as its tenant is open.

use std::{
    fmt, io,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

use assay_vault::Sealer;
use tantivy::directory::{
    AntiCallToken, Directory, DirectoryLock, FileHandle, Lock, MmapDirectory, OwnedBytes,
    TerminatingWrite, WatchCallback, WatchHandle, WritePtr,
    error::{DeleteError, LockError, OpenReadError, OpenWriteError},
};

/// The folder.
#[derive(Clone)]
pub(super) struct SealedFolder {
    inner: MmapDirectory,
    seal: Arc<Sealer>,
}

impl fmt::Debug for SealedFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedFolder({:?})", self.inner)
    }
}

impl SealedFolder {
    pub(super) fn new(inner: MmapDirectory, seal: Arc<Sealer>) -> Self {
        Self { inner, seal }
    }

    fn open(&self, path: &Path, sealed: &[u8]) -> Result<Vec<u8>, OpenReadError> {
        self.seal.open(&place(path), sealed).map_err(|error| OpenReadError::IoError {
            io_error: Arc::new(io::Error::new(io::ErrorKind::InvalidData, error)),
            filepath: path.to_owned(),
        })
    }
}

fn place(path: &Path) -> Vec<u8> {
    path.as_os_str().as_encoded_bytes().to_vec()
}

impl Directory for SealedFolder {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        let handle = self.inner.get_file_handle(path)?;
        let sealed = handle
            .read_bytes(0..handle.len())
            .map_err(|error| OpenReadError::wrap_io_error(error, path.to_owned()))?;
        Ok(Arc::new(OwnedBytes::new(self.open(path, &sealed)?)))
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        self.inner.delete(path)
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        self.inner.exists(path)
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        let writer = SealedWriter {
            to: self.inner.open_write(path)?,
            seal: Arc::clone(&self.seal),
            path: path.to_owned(),
            bytes: Vec::new(),
        };
        Ok(io::BufWriter::new(Box::new(writer)))
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        self.open(path, &self.inner.atomic_read(path)?)
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        let sealed = self.seal.seal(&place(path), data).map_err(io::Error::other)?;
        self.inner.atomic_write(path, &sealed)
    }

    fn sync_directory(&self) -> io::Result<()> {
        self.inner.sync_directory()
    }

    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        self.inner.acquire_lock(lock)
    }

    fn watch(&self, callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        self.inner.watch(callback)
    }
}

/// Keeps a file in memory until it is whole: nothing of it is on disk before it is sealed.
struct SealedWriter {
    to: WritePtr,
    seal: Arc<Sealer>,
    path: PathBuf,
    bytes: Vec<u8>,
}

impl Write for SealedWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl TerminatingWrite for SealedWriter {
    fn terminate_ref(&mut self, token: AntiCallToken) -> io::Result<()> {
        let bytes = std::mem::take(&mut self.bytes);
        let sealed = self.seal.seal(&place(&self.path), &bytes).map_err(io::Error::other)?;
        self.to.write_all(&sealed)?;
        self.to.terminate_ref(token)
    }
}

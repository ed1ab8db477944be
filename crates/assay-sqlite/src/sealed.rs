//! Encrypted databases: a layer below SQLite that seals each page on its way to the disk.
//!
//! SQLite reaches its files through a table of functions (a VFS). The one of [`vfs`] stands over
//! that of the system and seals what passes, as [`layout`] says. A database is opened with it by a
//! URI that names the seal; keys themselves never stand in a URI.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    ffi::c_int,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use assay_vault::{DataKey, OVERHEAD, Sealer};
use rusqlite::{Connection, OpenFlags};

mod convert;
mod layout;
#[cfg(test)]
mod tests;
mod vfs;

pub(crate) use convert::seal_plain;

/// Bytes of a page, of every database that is sealed.
const PAGE: usize = 4096;
/// Bytes at the end of each page that SQLite leaves free, for salt, nonce and tag.
const RESERVED: u8 = OVERHEAD as u8;
/// What a database that is not sealed begins with.
const PLAIN: &[u8; 16] = b"SQLite format 3\0";

/// The seals of the open databases, by the number in their URIs.
static SEALS: Mutex<BTreeMap<i64, Arc<Seal>>> = Mutex::new(BTreeMap::new());
static NEXT: AtomicI64 = AtomicI64::new(1);

thread_local! {
    /// What the last read of this thread could not open.
    static FOUND: RefCell<Option<Place>> = const { RefCell::new(None) };
}

/// Where something did not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) path: PathBuf,
    /// `page 7`, or `frame 3 of the log`.
    pub(crate) what: String,
}

/// What seals the files of one database.
#[derive(Debug)]
struct Seal {
    path: PathBuf,
    pages: Sealer,
    frames: Sealer,
}

impl Seal {
    /// Notes what did not open, for the error that SQLite's number becomes; returns that number.
    fn damaged(&self, what: String) -> c_int {
        tracing::error!(path = %self.path.display(), what, "sealed data does not open");
        FOUND.with_borrow_mut(|found| *found = Some(Place { path: self.path.clone(), what }));
        rusqlite::ffi::SQLITE_IOERR_DATA
    }
}

/// What did not open last on this thread.
pub(crate) fn last_damage() -> Option<Place> {
    FOUND.with_borrow(Clone::clone)
}

/// The way to open a sealed database; its files open as long as this is held. A file that is open
/// holds what it needs by itself.
#[derive(Debug)]
pub(crate) struct Sealed {
    number: i64,
    path: PathBuf,
}

impl Sealed {
    /// Makes the way to the database at `path`. What seals it is bound to the file's name, not to its
    /// folder, so that a restored copy opens wherever it lies.
    pub(crate) fn new(path: &Path, key: &DataKey) -> rusqlite::Result<Self> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Self::named(path, &name, key)
    }

    /// The same for a file that will have another name once it is finished.
    fn named(path: &Path, name: &str, key: &DataKey) -> rusqlite::Result<Self> {
        vfs::register()?;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let seal = Seal {
            path: path.to_owned(),
            pages: key.sealer(&format!("{name} page")),
            frames: key.sealer(&format!("{name} log frame")),
        };
        let mut seals = SEALS.lock().unwrap_or_else(PoisonError::into_inner);
        seals.insert(number, Arc::new(seal));
        Ok(Self { number, path: path.to_owned() })
    }

    pub(crate) fn connect(&self, flags: OpenFlags) -> rusqlite::Result<Connection> {
        let connection =
            Connection::open_with_flags(self.uri(), flags | OpenFlags::SQLITE_OPEN_URI)?;
        // Both hold for a new file; one that has pages keeps what it has.
        connection.pragma_update(None, "page_size", PAGE)?;
        vfs::reserve(&connection, RESERVED)?;
        Ok(connection)
    }

    fn uri(&self) -> String {
        let mut uri = "file:".to_owned();
        for byte in self.path.as_os_str().as_encoded_bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => {
                    uri.push(char::from(*byte));
                }
                other => uri.push_str(&format!("%{other:02x}")),
            }
        }
        let number = self.number;
        uri.push_str(&format!("?vfs={}&seal={number}&reserve={RESERVED}", vfs::NAME_TEXT));
        uri
    }
}

impl Drop for Sealed {
    fn drop(&mut self) {
        SEALS.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.number);
    }
}

fn seal_of(number: i64) -> Option<Arc<Seal>> {
    SEALS.lock().unwrap_or_else(PoisonError::into_inner).get(&number).cloned()
}

/// Whether there is a database at `path` that is not encrypted.
///
/// # Errors
/// When the file is there and cannot be read.
pub fn is_plain(path: &Path) -> io::Result<bool> {
    let mut start = [0; PLAIN.len()];
    match File::open(path).and_then(|mut file| file.read_exact(&mut start)) {
        Ok(()) => Ok(&start == PLAIN),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

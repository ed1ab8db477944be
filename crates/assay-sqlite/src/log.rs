//! The logs of the databases below one folder, for whoever ships them to a backup.
//!
//! SQLite writes commits to a log beside each file and folds it into the file now and then. Below a
//! folder that is followed, the writer threads say after each commit how far their log reaches, and
//! fold only while nobody holds the folder still, after the [`Keeper`] has kept what is folded. So,
//! while a [`Still`] is held, no database file changes; and what a file holds at any later moment is
//! what it held then and the logs that were kept since, in order.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, TryLockError, Weak,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
};

use assay_vault::DataKey;
use rusqlite::{Connection, config::DbConfig};

use crate::{SqliteError, sealed::Sealed};

#[cfg(test)]
mod tests;

/// Frames from which on a log is folded; SQLite's own number.
const FOLD_FRAMES: u32 = 1_000;
/// A log that the keeper cannot keep is folded all the same when it is this long, before it fills
/// the disk.
const LOG_BYTES_MAX: u64 = 512 << 20;
/// Bytes of the header of a log, and of that of a frame.
const LOG_HEADER: u64 = 32;
const FRAME_HEADER: u64 = 24;
/// Where the salts stand in the header of a log.
const SALTS: std::ops::Range<usize> = 16..24;

/// The folders that are followed.
static FOLLOWED: Mutex<Vec<(PathBuf, Weak<Shared>)>> = Mutex::new(Vec::new());

/// Keeps what the log of a database holds before it is folded.
pub trait Keeper: Send + Sync {
    /// Keeps the first `end` bytes of the log of the database at `path`, or what of them is not kept
    /// yet. Called on the thread of its writer.
    ///
    /// # Errors
    /// When they cannot be kept: the log is not folded then, unless it is very long.
    fn keep(&self, path: &Path, end: u64) -> io::Result<()>;

    /// Says that the log of `path` was folded without having been kept: it is not whole any more.
    fn lost(&self, path: &Path);
}

/// How far the log of a database reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reach {
    /// Bytes of whole commits.
    pub end: u64,
    /// The salts of its header: they are new when a log that was folded whole begins again, which may
    /// be at any moment after this.
    pub salts: [u8; 8],
    /// Tells a file from one of the same name that was removed before it was made; 0 for one that was
    /// there when the folder began to be followed.
    pub file: u64,
}

/// The logs below one folder. Clones share them.
#[derive(Clone)]
pub struct Logs(Arc<Shared>);

struct Shared {
    /// Held for reading while a commit is made.
    commits: RwLock<()>,
    /// How far each log reaches, in bytes of whole commits; of files that were closed too.
    ends: Mutex<BTreeMap<PathBuf, Reach>>,
    /// The number of the next file that is made.
    files: AtomicU64,
    /// Held while nothing may be folded, or while one log is.
    still: Mutex<()>,
    keeper: RwLock<Option<Arc<dyn Keeper>>>,
}

/// While it is held no database file below the folder changes, though their logs do.
pub struct Still<'a> {
    logs: &'a Shared,
    _held: MutexGuard<'a, ()>,
}

impl Logs {
    /// Follows the databases below `folder` that are opened from now on, as long as this is held.
    #[must_use]
    pub fn follow(folder: &Path) -> Self {
        let shared = Arc::new(Shared {
            commits: RwLock::default(),
            ends: Mutex::default(),
            files: AtomicU64::new(1),
            still: Mutex::default(),
            keeper: RwLock::default(),
        });
        let mut followed = lock(&FOLLOWED);
        followed.retain(|(_, shared)| shared.strong_count() > 0);
        followed.push((folder.to_owned(), Arc::downgrade(&shared)));
        Self(shared)
    }

    /// The logs of the folder that `path` lies below, when one is followed.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        let followed = lock(&FOLLOWED);
        let mut found = followed.iter().filter(|(folder, _)| path.starts_with(folder));
        found.find_map(|(_, shared)| shared.upgrade()).map(Self)
    }

    /// Has what is folded kept from now on; `None` ends it.
    pub fn keep_with(&self, keeper: Option<Arc<dyn Keeper>>) {
        *self.0.keeper.write().unwrap_or_else(PoisonError::into_inner) = keeper;
    }

    /// Waits until no log is being folded, and keeps it so.
    #[must_use]
    pub fn hold_still(&self) -> Still<'_> {
        Still { logs: &self.0, _held: lock(&self.0.still) }
    }
}

impl std::fmt::Debug for Logs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Logs").field(&lock(&self.0.ends)).finish()
    }
}

impl Still<'_> {
    /// How far the log of each database reaches at one moment: what a commit saw of another database
    /// is in it wherever the commit is. Waits for commits under way and holds new ones up meanwhile.
    #[must_use]
    pub fn cut(&self) -> BTreeMap<PathBuf, Reach> {
        let _none = self.logs.commits.write().unwrap_or_else(PoisonError::into_inner);
        lock(&self.logs.ends).clone()
    }
}

/// The log of one open database, as its writer sees it.
pub(crate) struct Log {
    logs: Logs,
    path: PathBuf,
    /// Frames after the last commit; the hook of SQLite writes it.
    frames: Arc<AtomicU32>,
    frame_bytes: u64,
    /// Whether this opening made the file.
    is_new: bool,
}

impl Log {
    /// Attaches to the connection of a writer before it writes anything. Folding is the writer's from
    /// here on.
    pub(crate) fn attach(
        logs: Logs,
        path: &Path,
        connection: &mut Connection,
        is_new: bool,
    ) -> rusqlite::Result<Self> {
        let frames = Arc::new(AtomicU32::new(0));
        let seen = Arc::clone(&frames);
        // The hook takes the place of SQLite's own folding.
        connection.wal_hook(Some(
            move |_: &mut rusqlite::hooks::Wal, pages: std::ffi::c_int| {
                seen.store(u32::try_from(pages).unwrap_or(0), Ordering::Relaxed);
                Ok(())
            },
        ))?;
        let page: u64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
        Ok(Self { logs, path: path.to_owned(), frames, frame_bytes: FRAME_HEADER + page, is_new })
    }

    /// Makes the log known, when the schema is as it should be. `had_log`: an earlier process or an
    /// earlier opening left commits in it.
    pub(crate) fn begin(&self, connection: &Connection, had_log: bool) -> rusqlite::Result<()> {
        if had_log && self.frames.load(Ordering::Relaxed) == 0 {
            // Only a commit tells how far the log reaches.
            let version: u32 =
                connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
            connection.pragma_update(None, "user_version", version)?;
        }
        let shared = &self.logs.0;
        let file = if self.is_new { shared.files.fetch_add(1, Ordering::Relaxed) } else { 0 };
        let mut ends = lock(&shared.ends);
        let known = ends.entry(self.path.clone()).or_default();
        let file = if self.is_new { file } else { known.file };
        *known = Reach { end: self.end(), salts: salts(&self.path), file };
        Ok(())
    }

    /// To be held while a commit is made and noted.
    pub(crate) fn committing(&self) -> RwLockReadGuard<'_, ()> {
        self.logs.0.commits.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says how far the log reaches now.
    pub(crate) fn note(&self) {
        if let Some(known) = lock(&self.logs.0.ends).get_mut(&self.path) {
            known.end = self.end();
            known.salts = salts(&self.path);
        }
    }

    fn end(&self) -> u64 {
        match self.frames.load(Ordering::Relaxed) {
            0 => 0,
            frames => LOG_HEADER + u64::from(frames) * self.frame_bytes,
        }
    }

    /// Folds a log that has grown long enough, unless somebody holds the folder still.
    pub(crate) fn fold_if_long(&self, connection: &Connection) -> rusqlite::Result<()> {
        if self.frames.load(Ordering::Relaxed) < FOLD_FRAMES {
            return Ok(());
        }
        let Some(_still) = self.try_still() else { return Ok(()) };
        if !self.keep() {
            return Ok(());
        }
        checkpoint(connection, "PASSIVE").map(|_| ())
    }

    /// Folds the log and leaves it empty, unless somebody holds the folder still or reads from it.
    pub(crate) fn empty(&self, connection: &Connection) -> rusqlite::Result<()> {
        self.fold_whole(connection).map(|_| ())
    }

    /// Folds the log at the end; where that may not be, leaves it for the next opening.
    pub(crate) fn close(&self, connection: &Connection) -> rusqlite::Result<()> {
        if !self.fold_whole(connection)? {
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        }
        Ok(())
    }

    /// Folds the log whole, where that may be; whether it might.
    fn fold_whole(&self, connection: &Connection) -> rusqlite::Result<bool> {
        let Some(_still) = self.try_still().filter(|_| self.keep()) else { return Ok(false) };
        let is_folded = checkpoint(connection, "TRUNCATE")?.0 == 0;
        if is_folded {
            self.frames.store(0, Ordering::Relaxed);
            self.note();
        }
        Ok(true)
    }

    fn try_still(&self) -> Option<MutexGuard<'_, ()>> {
        match self.logs.0.still.try_lock() {
            Ok(held) => Some(held),
            Err(TryLockError::Poisoned(held)) => Some(held.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Has the log kept; whether it may be folded.
    fn keep(&self) -> bool {
        let keeper = self.logs.0.keeper.read().unwrap_or_else(PoisonError::into_inner).clone();
        let (Some(keeper), end) = (keeper, self.end()) else { return true };
        if end == 0 {
            return true;
        }
        let Err(error) = keeper.keep(&self.path, end) else { return true };
        let is_long = end > LOG_BYTES_MAX;
        tracing::warn!(path = %self.path.display(), %error, is_long, "a log was not kept");
        if is_long {
            keeper.lost(&self.path);
        }
        is_long
    }
}

/// Whether a log with commits may lie beside the database at `path`.
pub(crate) fn is_there(path: &Path) -> bool {
    std::fs::metadata(beside(path)).is_ok_and(|log| log.len() > 0)
}

/// The salts in the header of the log of a database; zeros where there is none.
fn salts(path: &Path) -> [u8; 8] {
    let mut header = [0; LOG_HEADER as usize];
    // A log has no locks on it that closing this file would take away.
    let read = File::open(beside(path)).and_then(|mut log| log.read_exact(&mut header));
    match (read, header.get(SALTS).map(TryInto::try_into)) {
        (Ok(()), Some(Ok(salts))) => salts,
        _ => [0; 8],
    }
}

/// Whether there is a database at `path`.
pub(crate) fn is_file(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|file| file.len() > 0)
}

/// The log of the database at `path`.
#[must_use]
pub fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

/// Folds what is in the log; whether something was in the way, frames of the log, frames folded.
fn checkpoint(connection: &Connection, mode: &str) -> rusqlite::Result<(i64, i64, i64)> {
    let sql = format!("PRAGMA wal_checkpoint({mode})");
    connection.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
}

/// Folds the log that lies beside the database at `path` into it, and returns the bytes of the log
/// that were taken for whole commits.
///
/// Nobody else may have the database open. What was folded is on disk after the next flush of the
/// file, which is the caller's.
///
/// # Errors
/// [`SqliteError::Open`], also for a sealed file that does not open with `key`.
pub fn fold(path: &Path, key: Option<&DataKey>) -> Result<u64, SqliteError> {
    offline(path, key, |connection| {
        connection.pragma_update(None, "synchronous", "OFF")?;
        let page: u64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let _: i64 =
            connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
        let (_, frames, _) = checkpoint(connection, "PASSIVE")?;
        let (busy, ..) = checkpoint(connection, "TRUNCATE")?;
        if busy != 0 {
            return Err(rusqlite::Error::ToSqlConversionFailure("it is in use".into()));
        }
        let frames = u64::try_from(frames).unwrap_or(0);
        Ok(if frames == 0 { 0 } else { LOG_HEADER + frames * (FRAME_HEADER + page) })
    })
}

/// What is wrong in the database at `path`, by SQLite's own check of every page; empty when it is
/// sound. Nobody else may have it open.
///
/// # Errors
/// As for [`fold`].
pub fn faults(path: &Path, key: Option<&DataKey>) -> Result<Vec<String>, SqliteError> {
    offline(path, key, |connection| {
        let mut statement = connection.prepare("PRAGMA integrity_check(20)")?;
        let found = statement.query_map([], |row| row.get(0))?;
        let found: Vec<String> = found.collect::<rusqlite::Result<_>>()?;
        Ok(found.into_iter().filter(|line| line != "ok").collect())
    })
}

/// The version of the schema of the database at `path`.
///
/// # Errors
/// As for [`fold`].
pub fn schema_version(path: &Path, key: Option<&DataKey>) -> Result<u32, SqliteError> {
    offline(path, key, |connection| {
        connection.pragma_query_value(None, "user_version", |row| row.get(0))
    })
}

pub(crate) fn offline<T>(
    path: &Path,
    key: Option<&DataKey>,
    work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> Result<T, SqliteError> {
    let failed = |source: rusqlite::Error| SqliteError::opening(path, source.into());
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE;
    let sealed = key.map(|key| Sealed::new(path, key)).transpose().map_err(failed)?;
    let connection = match &sealed {
        Some(sealed) => sealed.connect(flags),
        None => Connection::open_with_flags(path, flags),
    };
    let connection = connection.map_err(failed)?;
    let work = || {
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.pragma_update(None, "trusted_schema", false)?;
        work(&connection)
    };
    work().map_err(failed)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

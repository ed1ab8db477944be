//! Sealing of a database from before there was a key.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use assay_vault::DataKey;
use rusqlite::{Connection, OpenFlags};

use super::{PAGE, Sealed, is_plain};
use crate::SqliteError;

/// Ending of the sealed copy until it takes the place of the plain file.
const PART: &str = "sealing";
/// Files of SQLite beside a database.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Puts a sealed database in the place of a plain one at `path`, if there is one. A crash leaves the
/// plain file or the sealed one, each whole.
///
/// # Errors
/// [`SqliteError::Open`]; the plain file stands then.
pub(crate) fn seal_plain(path: &Path, key: &DataKey) -> Result<(), SqliteError> {
    let failed = |source: rusqlite::Error| SqliteError::opening(path, source.into());
    let by_system =
        |error: io::Error| failed(rusqlite::Error::ToSqlConversionFailure(error.into()));
    if !is_plain(path).map_err(by_system)? {
        return Ok(());
    }
    let part = with_ending(path, &format!(".{PART}"));
    remove(&part).map_err(by_system)?;
    // The copy has the name that its seal is bound to before it has its place.
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let sealed = Sealed::named(&part, &name, key).map_err(failed)?;
    copy(path, &sealed).map_err(failed)?;
    File::open(&part).and_then(|file| file.sync_all()).map_err(by_system)?;
    for companion in COMPANIONS {
        // Closing the last connection folded the log into the file and removed it.
        let left = with_ending(path, companion);
        if companion == "-wal" && left.try_exists().map_err(by_system)? {
            return Err(failed(rusqlite::Error::ToSqlConversionFailure(
                "its log could not be folded into it".into(),
            )));
        }
        remove_one(&left).map_err(by_system)?;
    }
    fs::rename(&part, path).map_err(by_system)?;
    let folder = path.parent().unwrap_or_else(|| Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(by_system)?;
    tracing::info!(path = %path.display(), "a database of before is encrypted now");
    Ok(())
}

fn copy(path: &Path, sealed: &Sealed) -> rusqlite::Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_URI;
    let plain = Connection::open_with_flags(path, flags)?;
    plain.busy_timeout(Duration::from_secs(5))?;
    plain.pragma_update(None, "temp_store", "MEMORY")?;
    plain.pragma_update(None, "page_size", PAGE)?;
    plain.execute("VACUUM INTO ?", [sealed.uri()])?;
    plain.close().map_err(|(_, error)| error)?;
    let copy = sealed.connect(OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // The mode is a byte of the first page, which a journal on disk would hold in clear.
    copy.pragma_update(None, "journal_mode", "MEMORY")?;
    copy.pragma_update(None, "journal_mode", "WAL")?;
    let found: String = copy.pragma_query_value(None, "integrity_check", |row| row.get(0))?;
    if found != "ok" {
        return Err(rusqlite::Error::ToSqlConversionFailure(found.into()));
    }
    copy.close().map_err(|(_, error)| error)
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Removes a database with the files beside it.
fn remove(path: &Path) -> io::Result<()> {
    remove_one(path)?;
    COMPANIONS.iter().try_for_each(|companion| remove_one(&with_ending(path, companion)))
}

fn remove_one(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

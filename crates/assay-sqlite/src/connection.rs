//! Opening connections with the pragmas that the invariants rest on.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags};

use crate::{DatabaseSettings, sealed::Sealed};

/// Compiled statements that a connection keeps; more than any one component has.
const STATEMENTS_CACHED: usize = 128;

/// The connection of the writer; creates the file.
pub(crate) fn open_writer(
    path: &Path,
    settings: &DatabaseSettings,
    sealed: Option<&Sealed>,
) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let connection = open(path, settings, sealed, flags)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // NORMAL would lose the last commits at a power cut: it syncs at checkpoints only.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Otherwise what was deleted stays readable in the file until something else takes its place.
    connection.pragma_update(None, "secure_delete", true)?;
    // After a burst the log would keep its largest size for ever.
    connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
    Ok(connection)
}

/// A connection that cannot write.
pub(crate) fn open_reader(
    path: &Path,
    settings: &DatabaseSettings,
    sealed: Option<&Sealed>,
) -> rusqlite::Result<Connection> {
    open(path, settings, sealed, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

fn open(
    path: &Path,
    settings: &DatabaseSettings,
    sealed: Option<&Sealed>,
    flags: OpenFlags,
) -> rusqlite::Result<Connection> {
    // Each connection is used by one thread at a time, so SQLite need not lock it.
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = match sealed {
        Some(sealed) => sealed.connect(flags)?,
        None => Connection::open_with_flags(path, flags)?,
    };
    connection.busy_timeout(Duration::from_millis(settings.busy_timeout_ms.into()))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    // A negative size counts KiB, a positive one pages.
    connection.pragma_update(None, "cache_size", -i64::from(settings.cache_kib))?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(connection)
}

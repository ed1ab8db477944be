//! Read-only connections, reused between calls.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use crate::{
    DatabaseSettings, SqliteError,
    connection::open_reader,
    sealed::Sealed,
    sql::{Connection, Engine},
    times::{Times, store_of},
};

/// The pool. A call takes a connection out, so that readers never wait for each other; one that
/// a panic lost is replaced by the next call.
pub(crate) struct Readers {
    path: PathBuf,
    settings: DatabaseSettings,
    sealed: Option<Sealed>,
    times: &'static Times,
    idle: Mutex<Vec<Connection>>,
}

impl Readers {
    pub(crate) fn new(path: &Path, settings: &DatabaseSettings, sealed: Option<Sealed>) -> Self {
        let (path, settings) = (path.to_owned(), settings.clone());
        let times = Times::reading(store_of(&path));
        Self { path, settings, sealed, times, idle: Mutex::default() }
    }

    /// Runs `job` on a connection, inside a transaction so that all its queries see one state.
    pub(crate) fn read<T, E: From<SqliteError>>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        let connection = self.take()?;
        let outcome = {
            let Engine::Sqlite(sqlite) = &connection.engine else {
                return Err(SqliteError::WriterGone.into());
            };
            let _one_state = sqlite.unchecked_transaction().map_err(SqliteError::from)?;
            job(&connection)
        };
        self.put_back(connection);
        outcome
    }

    fn take(&self) -> Result<Connection, SqliteError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(
            || {
                let opened = open_reader(&self.path, &self.settings, self.sealed.as_ref())?;
                Ok(Connection::of_file(opened, self.times))
            },
            Ok,
        )
    }

    fn put_back(&self, connection: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < self.settings.readers_idle_max {
            idle.push(connection);
        }
    }

    /// Closes the idle connections, so that the writer's closing can fold the log into the file.
    pub(crate) fn close(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

//! The handle of a database: opening, writing, reading, closing.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
};

use assay_core::TenantId;

use crate::{
    DatabaseSettings, Migration, Schema, Server, SqliteError,
    connection::open_writer,
    log::{self, Log, Logs},
    migration::migrate,
    postgres::{Failure, Place},
    readers::Readers,
    sealed::{Sealed, seal_plain},
    sql::{Connection, Transaction},
    times::{Times, store_of},
    writer::{self, Job, Pending, Target},
};

#[cfg(test)]
mod tests;

/// An open database. Clones share it; the last one to be dropped finishes the waiting writes,
/// ends the writer thread and folds the log into the file.
#[derive(Clone)]
pub struct Database(Arc<Open>);

struct Open {
    stored: Stored,
    /// `None` only while closing.
    jobs: Option<SyncSender<Box<dyn Job>>>,
    writer: Option<JoinHandle<()>>,
    /// Whether the log is to be emptied behind the next group.
    empty_log: Arc<AtomicBool>,
}

/// Where the rows are.
enum Stored {
    File { path: PathBuf, readers: Readers },
    Server(Place),
}

impl fmt::Debug for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, .. } => path.fmt(f),
            Self::Server(place) => place.fmt(f),
        }
    }
}

impl Database {
    /// Opens or creates the file at `path` and applies the missing `migrations`. With a key in the
    /// settings the file is encrypted, also one that was not before.
    ///
    /// # Errors
    /// [`SqliteError::Open`], [`SqliteError::Sealed`], [`SqliteError::Migration`] or [`SqliteError::NewerSchema`]; the file is
    /// then as the last complete migration left it.
    pub fn open(
        path: &Path,
        settings: &DatabaseSettings,
        migrations: &[Migration],
    ) -> Result<Self, SqliteError> {
        let failed = |source: rusqlite::Error| SqliteError::opening(path, source.into());
        let sealed = match &settings.key {
            Some(key) => {
                seal_plain(path, key)?;
                Some(Sealed::new(path, key).map_err(failed)?)
            }
            None => None,
        };
        let (is_new, had_log) = (!log::is_file(path), log::is_there(path));
        let mut connection = open_writer(path, settings, sealed.as_ref()).map_err(failed)?;
        let log = Logs::of(path).map(|logs| Log::attach(logs, path, &mut connection, is_new));
        let log = log.transpose().map_err(failed)?;
        migrate(&mut connection, migrations)?;
        if let Some(log) = &log {
            log.begin(&connection, had_log).map_err(failed)?;
        }
        let connection = Connection::of_file(connection, Times::writing(store_of(path)));
        let target = Target::File(connection, log.map(Box::new));
        let readers = Readers::new(path, settings, sealed);
        Self::start(Stored::File { path: path.to_owned(), readers }, target, settings)
            .map_err(|error| failed(rusqlite::Error::ToSqlConversionFailure(Box::new(error))))
    }

    /// The rows of `schema` on a server that `tenant` may see; without a tenant, those that its guard
    /// lets a component see. The tables are there already: [`Server::migrate`] makes them.
    ///
    /// # Errors
    /// [`SqliteError::Unreachable`], [`SqliteError::OlderSchema`], [`SqliteError::NewerSchema`];
    /// [`SqliteError::Role`] for a role that could see the rows of every tenant.
    pub fn on(
        server: &Server,
        schema: &Schema,
        tenant: Option<TenantId>,
        settings: &DatabaseSettings,
    ) -> Result<Self, SqliteError> {
        server.check(schema)?;
        let place = server.place(schema, tenant);
        Ok(Self::start(Stored::Server(place.clone()), Target::Server(place), settings)
            .map_err(|error| Failure::new(error.to_string()))?)
    }

    fn start(stored: Stored, target: Target, settings: &DatabaseSettings) -> io::Result<Self> {
        let (jobs, queue) = sync_channel(settings.queue_jobs_max);
        let group_jobs_max = settings.group_jobs_max;
        let empty_log = Arc::new(AtomicBool::new(false));
        let is_to_empty = Arc::clone(&empty_log);
        let writer = thread::Builder::new()
            .name("database-writer".to_owned())
            .spawn(move || writer::serve(&target, &queue, group_jobs_max, &is_to_empty))?;
        Ok(Self(Arc::new(Open { stored, jobs: Some(jobs), writer: Some(writer), empty_log })))
    }

    /// Takes out of the log of the file what was deleted: pages of before stay in it until it is
    /// folded and written over, though the file itself keeps nothing that was deleted. Where a backup
    /// or a reader holds the log, it is folded later. On a server there is nothing to do.
    ///
    /// # Errors
    /// A closed database.
    pub fn empty_log(&self) -> Result<(), SqliteError> {
        self.0.empty_log.store(true, Ordering::Release);
        // The group of this job is the next one, or a later one than the next.
        self.write(|_| Ok(()))
    }

    /// Runs `job` on the writer thread and returns once its changes are on disk.
    ///
    /// The job runs inside a transaction that it shares with other jobs, in a savepoint of its
    /// own: when it returns an error or panics, its changes are taken back. It must not begin or
    /// end a transaction, nor call this function.
    ///
    /// # Errors
    /// What the job returns; or, as `E::from`, a failed commit, a panic of the job
    /// ([`SqliteError::Panicked`]), a closed database.
    pub fn write<T, E>(
        &self,
        job: impl FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<SqliteError> + Send + 'static,
    {
        if self.0.is_writer_thread() {
            return Err(SqliteError::NestedWrite.into());
        }
        let jobs = self.0.jobs.as_ref().ok_or(SqliteError::WriterGone)?;
        let (reply, answer) = sync_channel(1);
        jobs.send(Box::new(Pending::new(job, reply))).map_err(|_| SqliteError::WriterGone)?;
        answer.recv().map_err(|_| SqliteError::WriterGone)?
    }

    /// Runs `job` on a read-only connection. All its queries see the state of the file at its first
    /// query; writes that returned before are in it.
    ///
    /// # Errors
    /// What the job returns, or a connection that could not be opened.
    pub fn read<T, E: From<SqliteError>>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T, E>,
    ) -> Result<T, E> {
        match &self.0.stored {
            Stored::File { readers, .. } => readers.read(job),
            Stored::Server(place) => place.read(job),
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Database").field(&self.0.stored).finish()
    }
}

impl Open {
    fn is_writer_thread(&self) -> bool {
        self.writer.as_ref().is_some_and(|writer| writer.thread().id() == thread::current().id())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if let Stored::File { readers, .. } = &self.stored {
            readers.close();
        }
        self.jobs = None;
        // A job may own the last handle: the writer then ends by itself after this job.
        if self.is_writer_thread() {
            return;
        }
        if let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!(database = ?self.stored, "the database writer panicked");
        }
    }
}

//! The writer thread: takes waiting jobs, runs them in one transaction, answers after the commit.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, SyncSender},
    },
};

use rusqlite::{TransactionBehavior, ffi};

use crate::{
    SqliteError,
    log::Log,
    postgres::Place,
    sql::{self, Connection, Engine, Transaction},
};

#[cfg(test)]
mod tests;

/// A write that waits, with its types hidden from the queue.
pub(crate) trait Job: Send {
    /// Runs it; whether its changes are to be kept.
    fn run(&mut self, transaction: &Transaction<'_>) -> bool;

    /// Answers the caller, once it is known how the transaction ended.
    fn finish(self: Box<Self>, commit: Result<(), SqliteError>);
}

/// A job with the channel to its caller.
pub(crate) struct Pending<T, E, F> {
    job: Option<F>,
    outcome: Option<Result<T, E>>,
    reply: SyncSender<Result<T, E>>,
}

impl<T, E, F> Pending<T, E, F> {
    pub(crate) fn new(job: F, reply: SyncSender<Result<T, E>>) -> Self {
        Self { job: Some(job), outcome: None, reply }
    }
}

impl<T, E, F> Job for Pending<T, E, F>
where
    T: Send,
    E: From<SqliteError> + Send,
    F: FnOnce(&Transaction<'_>) -> Result<T, E> + Send,
{
    fn run(&mut self, transaction: &Transaction<'_>) -> bool {
        let Some(job) = self.job.take() else { return false };
        // The job's captures are gone after a panic and its changes are rolled back, so nothing
        // half done can be seen.
        let outcome = catch_unwind(AssertUnwindSafe(|| job(transaction))).unwrap_or_else(|panic| {
            Err(SqliteError::Panicked { message: panic_message(panic.as_ref()) }.into())
        });
        self.outcome.insert(outcome).is_ok()
    }

    fn finish(self: Box<Self>, commit: Result<(), SqliteError>) {
        let answer = match (self.outcome, commit) {
            (Some(Err(error)), _) => Err(error),
            (_, Err(error)) => Err(error.into()),
            (Some(outcome), Ok(())) => outcome,
            (None, Ok(())) => Err(SqliteError::WriterGone.into()),
        };
        // A caller that has stopped waiting does not need the answer.
        let _unheard = self.reply.send(answer);
    }
}

/// Where the writer writes.
pub(crate) enum Target {
    /// With the log, where somebody may ship it.
    File(Connection, Option<Box<Log>>),
    Server(Place),
}

impl Target {
    /// Runs `work` in a transaction, which is kept when it succeeds.
    fn transact(&self, work: impl FnOnce(&Transaction<'_>) -> sql::Result<()>) -> sql::Result<()> {
        let (connection, log) = match self {
            Self::File(connection, log) => (connection, log),
            Self::Server(place) => return place.write(work),
        };
        let Engine::Sqlite(sqlite) = &connection.engine else {
            return Err(rusqlite::Error::InvalidQuery.into());
        };
        let immediate = TransactionBehavior::Immediate;
        // Rolled back when it is dropped.
        let transaction = rusqlite::Transaction::new_unchecked(sqlite, immediate)?;
        work(&Transaction(connection))?;
        let _timer = connection.times.begin("COMMIT");
        let Some(log) = log else { return Ok(transaction.commit()?) };
        let committing = log.committing();
        let committed = transaction.commit();
        log.note();
        drop(committing);
        Ok(committed?)
    }

    /// Folds the log when it is time.
    fn tend(&self) {
        let Self::File(connection, Some(log)) = self else { return };
        let Engine::Sqlite(sqlite) = &connection.engine else { return };
        if let Err(error) = log.fold_if_long(sqlite) {
            tracing::warn!(%error, "the database log was not folded into its file");
        }
    }

    /// Folds the log whole and leaves it empty, where nobody is in the way.
    fn empty_log(&self) {
        self.fold_whole(Log::empty);
    }

    fn close(&self) {
        self.fold_whole(Log::close);
    }

    fn fold_whole(&self, fold: impl FnOnce(&Log, &rusqlite::Connection) -> rusqlite::Result<()>) {
        let Self::File(connection, log) = self else { return };
        let folded = match (log, &connection.engine) {
            (Some(log), Engine::Sqlite(sqlite)) => fold(log, sqlite).map_err(sql::Error::from),
            _ => connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)"),
        };
        if let Err(error) = folded {
            tracing::warn!(%error, "the database log was not folded into its file");
        }
    }
}

/// Serves jobs until every sender is gone, then folds the log into the file. Behind a group it empties
/// the log when `empty_log` says so.
pub(crate) fn serve(
    target: &Target,
    queue: &Receiver<Box<dyn Job>>,
    group_jobs_max: usize,
    empty_log: &AtomicBool,
) {
    while let Ok(first) = queue.recv() {
        let mut group = vec![first];
        let commit = run_group(target, &mut group, queue, group_jobs_max);
        if let Err(error) = &commit {
            tracing::warn!(jobs = group.len(), %error, "a group of database writes failed");
        }
        // Whoever asked for it waits for it.
        if empty_log.swap(false, Ordering::AcqRel) {
            target.empty_log();
        }
        finish_group(group, &commit);
        target.tend();
    }
    target.close();
}

/// Runs the jobs in `group`, and those that arrive meanwhile, in one transaction.
fn run_group(
    target: &Target,
    group: &mut Vec<Box<dyn Job>>,
    queue: &Receiver<Box<dyn Job>>,
    group_jobs_max: usize,
) -> sql::Result<()> {
    target.transact(|transaction| {
        let mut done = 0;
        while let Some(job) = group.get_mut(done) {
            run_in_savepoint(transaction, job.as_mut())?;
            done += 1;
            if done < group_jobs_max
                && let Ok(next) = queue.try_recv()
            {
                group.push(next);
            }
        }
        Ok(())
    })
}

fn finish_group(group: Vec<Box<dyn Job>>, commit: &sql::Result<()>) {
    for job in group {
        job.finish(commit.as_ref().copied().map_err(|error| error.copy().into()));
    }
}

fn run_in_savepoint(transaction: &Transaction<'_>, job: &mut dyn Job) -> sql::Result<()> {
    transaction.command("SAVEPOINT job")?;
    let keep = job.run(transaction);
    // A full disk, among others, makes SQLite roll back the whole transaction by itself, and a lost
    // connection makes Postgres do so: the jobs before this one are then lost, and must not be
    // answered as done.
    if transaction.has_lost_transaction() {
        let failure = ffi::Error::new(ffi::SQLITE_ABORT_ROLLBACK);
        let message = "a job of the group ended the transaction".to_owned();
        return Err(rusqlite::Error::SqliteFailure(failure, Some(message)).into());
    }
    if !keep {
        transaction.command("ROLLBACK TO job")?;
    }
    transaction.command("RELEASE job")
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no message").to_owned()
}

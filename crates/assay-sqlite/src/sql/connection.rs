//! A connection of either engine, lent to one job at a time.

use std::ops::Deref;

use super::{Params, Result, Row, Statement, statement::Compiled};
use crate::{postgres::Session, times::Times};

/// An open connection. A job sees it inside a transaction that it neither begins nor ends.
#[derive(Debug)]
pub struct Connection {
    pub(crate) engine: Engine,
    /// What its statements took.
    pub(crate) times: &'static Times,
}

#[derive(Debug)]
pub(crate) enum Engine {
    Sqlite(rusqlite::Connection),
    Postgres(Session),
}

impl Connection {
    /// The statement, compiled once and kept by the connection.
    ///
    /// # Errors
    /// A mistake in the SQL, or a connection that is lost.
    pub fn prepare_cached(&self, sql: &str) -> Result<Statement<'_>> {
        let compiled = match &self.engine {
            Engine::Sqlite(connection) => Compiled::Sqlite(connection.prepare_cached(sql)?),
            Engine::Postgres(session) => Compiled::Postgres(session, session.prepare(sql)?),
        };
        Ok(Statement { compiled, sql: sql.into(), times: self.times })
    }

    /// Runs a statement; returns the number of rows it changed.
    ///
    /// # Errors
    /// Those of the statement.
    pub fn execute(&self, sql: &str, params: impl Params) -> Result<usize> {
        self.prepare_cached(sql)?.execute(params)
    }

    /// Reads the first row of a query.
    ///
    /// # Errors
    /// Those of the statement and of `read`; no row.
    pub fn query_row<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> Result<T>,
    ) -> Result<T> {
        self.prepare_cached(sql)?.query_row(params, read)
    }

    /// Runs statements without parameters.
    pub(crate) fn execute_batch(&self, sql: &str) -> Result<()> {
        match &self.engine {
            Engine::Sqlite(connection) => Ok(connection.execute_batch(sql)?),
            Engine::Postgres(session) => Ok(session.batch(sql)?),
        }
    }

    /// Runs a statement that steers the transaction.
    pub(crate) fn command(&self, sql: &str) -> Result<()> {
        match &self.engine {
            Engine::Sqlite(connection) => {
                connection.prepare_cached(sql)?.execute([])?;
                Ok(())
            }
            Engine::Postgres(session) => Ok(session.batch(sql)?),
        }
    }

    /// Whether the engine has ended the transaction by itself, as SQLite does when the disk is full.
    pub(crate) fn has_lost_transaction(&self) -> bool {
        match &self.engine {
            Engine::Sqlite(connection) => connection.is_autocommit(),
            Engine::Postgres(session) => session.is_closed(),
        }
    }

    pub(crate) const fn of_file(file: rusqlite::Connection, times: &'static Times) -> Self {
        Self { engine: Engine::Sqlite(file), times }
    }

    pub(crate) const fn of(session: Session, times: &'static Times) -> Self {
        Self { engine: Engine::Postgres(session), times }
    }

    /// The connection to Postgres, if it is one.
    pub(crate) fn into_session(self) -> Option<Session> {
        match self.engine {
            Engine::Postgres(session) => Some(session),
            Engine::Sqlite(_) => None,
        }
    }
}

/// A connection inside a transaction that may write.
#[derive(Debug)]
pub struct Transaction<'c>(pub(crate) &'c Connection);

impl Deref for Transaction<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.0
    }
}

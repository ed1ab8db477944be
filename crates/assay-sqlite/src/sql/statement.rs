//! Compiled statements and the rows they return.

use std::{sync::Arc, vec};

use rusqlite::CachedStatement;

use super::{Error, Params, Result, Row, row::Kind};
use crate::{
    postgres::{Prepared, Session},
    times::{Timer, Times},
};

/// A compiled statement.
pub struct Statement<'c> {
    pub(super) compiled: Compiled<'c>,
    /// Its text, to name it should it be slow.
    pub(super) sql: Box<str>,
    pub(super) times: &'static Times,
}

pub(super) enum Compiled<'c> {
    Sqlite(CachedStatement<'c>),
    Postgres(&'c Session, Arc<Prepared>),
}

impl Statement<'_> {
    /// Runs it; returns the number of rows it changed.
    ///
    /// # Errors
    /// A constraint, a value of another type, a lost connection.
    pub fn execute(&mut self, params: impl Params) -> Result<usize> {
        let _timer = self.times.begin(&self.sql);
        params.with(|values| match &mut self.compiled {
            Compiled::Sqlite(statement) => Ok(statement.execute(values)?),
            Compiled::Postgres(session, prepared) => session.execute(prepared, values),
        })
    }

    /// The rows of a query.
    ///
    /// # Errors
    /// As [`Self::execute`].
    pub fn query(&mut self, params: impl Params) -> Result<Rows<'_>> {
        let timer = self.times.begin(&self.sql);
        let found = params.with(|values| match &mut self.compiled {
            Compiled::Sqlite(statement) => Ok::<_, Error>(Found::Sqlite(statement.query(values)?)),
            Compiled::Postgres(session, prepared) => {
                Ok(Found::Postgres(session.query(prepared, values)?.into_iter()))
            }
        })?;
        // Rows of a file are looked for as they are read: the time ends with them.
        let is_found = matches!(found, Found::Postgres(_));
        Ok(Rows { found, _timer: Some(timer).filter(|_| !is_found) })
    }

    /// The first row of a query.
    ///
    /// # Errors
    /// As [`Self::execute`]; those of `read`; no row.
    pub fn query_row<T>(
        &mut self,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> Result<T>,
    ) -> Result<T> {
        let mut rows = self.query(params)?;
        let row = rows.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
        read(&row)
    }

    /// The rows of a query, each as `read` makes it.
    ///
    /// # Errors
    /// As [`Self::execute`]; those of `read` come with their row.
    pub fn query_map<T, F: FnMut(&Row<'_>) -> Result<T>>(
        &mut self,
        params: impl Params,
        read: F,
    ) -> Result<MappedRows<'_, F>> {
        Ok(MappedRows { rows: self.query(params)?, read })
    }

    /// Whether the query has a row.
    ///
    /// # Errors
    /// As [`Self::execute`].
    pub fn exists(&mut self, params: impl Params) -> Result<bool> {
        Ok(self.query(params)?.next()?.is_some())
    }
}

/// Rows of a query, one after the other.
pub struct Rows<'s> {
    found: Found<'s>,
    _timer: Option<Timer<'s>>,
}

enum Found<'s> {
    /// Read as they are asked for.
    Sqlite(rusqlite::Rows<'s>),
    /// All of them are here already.
    Postgres(vec::IntoIter<tokio_postgres::Row>),
}

impl Rows<'_> {
    /// The next row.
    ///
    /// # Errors
    /// Those of the statement.
    #[expect(clippy::should_implement_trait, reason = "a row borrows from this: no iterator can")]
    pub fn next(&mut self) -> Result<Option<Row<'_>>> {
        Ok(match &mut self.found {
            Found::Sqlite(rows) => rows.next()?.map(|row| Row(Kind::Sqlite(row))),
            Found::Postgres(rows) => rows.next().map(|row| Row(Kind::Postgres(row))),
        })
    }
}

/// Rows of a query, each as a function makes it.
pub struct MappedRows<'s, F> {
    rows: Rows<'s>,
    read: F,
}

impl<T, F: FnMut(&Row<'_>) -> Result<T>> Iterator for MappedRows<'_, F> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.rows.next().transpose()?;
        Some(row.and_then(|row| (self.read)(&row)))
    }
}

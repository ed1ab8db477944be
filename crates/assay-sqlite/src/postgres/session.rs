//! One connection to Postgres, with the statements it has compiled.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    sync::Arc,
};

use futures_util::TryStreamExt;
use rusqlite::ToSql;
use tokio_postgres::{Client, Row, Statement};

use super::{Failure, rewrite::numbered, value::parameter, wait::wait};
use crate::sql::Result;

/// Compiled statements that a connection keeps. The statements of the product are fewer; reports have
/// some that are put together.
const STATEMENTS_MAX: usize = 512;

/// A connection.
pub(crate) struct Session {
    client: Client,
    /// The schema that names are looked up in; a statement is compiled for one.
    schema: Cell<&'static str>,
    statements: RefCell<HashMap<&'static str, HashMap<String, Arc<Prepared>>>>,
}

/// A statement as the server compiled it.
#[derive(Debug)]
pub(crate) struct Prepared(Statement);

impl Session {
    pub(super) fn new(client: Client) -> Self {
        Self { client, schema: Cell::new(""), statements: RefCell::default() }
    }

    /// Says in which schema the statements from here on are.
    pub(super) fn enter(&self, schema: &'static str) {
        self.schema.set(schema);
    }

    /// Runs statements without parameters.
    pub(crate) fn batch(&self, sql: &str) -> Result<(), Failure> {
        Ok(wait(self.client.batch_execute(sql))?)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    pub(crate) fn prepare(&self, sql: &str) -> Result<Arc<Prepared>> {
        let schema = self.schema.get();
        if let Some(known) = self.statements.borrow().get(schema).and_then(|all| all.get(sql)) {
            return Ok(Arc::clone(known));
        }
        let statement = wait(self.client.prepare(&numbered(sql))).map_err(Failure::from)?;
        let prepared = Arc::new(Prepared(statement));
        let mut statements = self.statements.borrow_mut();
        let known = statements.entry(schema).or_default();
        if known.len() >= STATEMENTS_MAX {
            known.clear();
        }
        known.insert(sql.to_owned(), Arc::clone(&prepared));
        Ok(prepared)
    }

    pub(crate) fn execute(&self, statement: &Prepared, values: &[&dyn ToSql]) -> Result<usize> {
        let values = values.iter().map(|value| parameter(*value)).collect::<Result<Vec<_>>>()?;
        check_count(statement, values.len())?;
        let changed = wait(self.client.execute_raw(&statement.0, values)).map_err(Failure::from)?;
        Ok(usize::try_from(changed).unwrap_or(usize::MAX))
    }

    pub(crate) fn query(&self, statement: &Prepared, values: &[&dyn ToSql]) -> Result<Vec<Row>> {
        let values = values.iter().map(|value| parameter(*value)).collect::<Result<Vec<_>>>()?;
        check_count(statement, values.len())?;
        let rows = async {
            self.client.query_raw(&statement.0, values).await?.try_collect::<Vec<_>>().await
        };
        Ok(wait(rows).map_err(Failure::from)?)
    }
}

/// The client panics at a wrong number of values.
fn check_count(statement: &Prepared, given: usize) -> Result<()> {
    let wanted = statement.0.params().len();
    if given == wanted {
        return Ok(());
    }
    Err(rusqlite::Error::InvalidParameterCount(given, wanted).into())
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("schema", &self.schema.get()).finish_non_exhaustive()
    }
}

//! The SQL interface of both engines: statements, rows and values as `rusqlite` has them, so that the
//! modules with SQL in them are one code, whichever engine runs it.

mod connection;
mod error;
mod params;
mod row;
mod statement;

pub(crate) use connection::Engine;
pub use connection::{Connection, Transaction};
pub use error::{Error, OptionalExtension, Result};
pub use params::Params;
pub use row::{Row, RowIndex};
/// Values on their way in and out; `rusqlite`'s own for both engines.
pub use rusqlite::{ToSql, params, types};
pub use statement::{MappedRows, Rows, Statement};

/// What [`ToSql::to_sql`] returns.
pub type Bound<'a> = rusqlite::Result<types::ToSqlOutput<'a>>;

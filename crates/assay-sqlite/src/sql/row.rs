//! One row of a result, and the values in its columns.

use rusqlite::{
    Error as ValueError,
    types::{FromSql, FromSqlError, ValueRef},
};

use super::Result;
use crate::postgres::value_at;

/// A row.
#[derive(Debug)]
pub struct Row<'r>(pub(super) Kind<'r>);

#[derive(Debug)]
pub(super) enum Kind<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(tokio_postgres::Row),
}

/// A column: its place from 0, or its name.
pub trait RowIndex: rusqlite::RowIndex + Copy {
    /// Its place among these columns.
    #[doc(hidden)]
    fn place(self, columns: &[tokio_postgres::Column]) -> Option<usize>;
}

impl RowIndex for usize {
    fn place(self, columns: &[tokio_postgres::Column]) -> Option<usize> {
        (self < columns.len()).then_some(self)
    }
}

impl RowIndex for &str {
    fn place(self, columns: &[tokio_postgres::Column]) -> Option<usize> {
        columns.iter().position(|column| column.name().eq_ignore_ascii_case(self))
    }
}

impl Row<'_> {
    /// The value of a column.
    ///
    /// # Errors
    /// No such column, or a value of another type.
    pub fn get<I: RowIndex, T: FromSql>(&self, column: I) -> Result<T> {
        match &self.0 {
            Kind::Sqlite(row) => Ok(row.get(column)?),
            Kind::Postgres(row) => {
                let place = place(row, column)?;
                let value = value_at(row, place)?;
                T::column_result(value).map_err(|error| wrong(row, place, value, error).into())
            }
        }
    }

    /// The value of a column as it is.
    ///
    /// # Errors
    /// No such column.
    pub fn get_ref<I: RowIndex>(&self, column: I) -> Result<ValueRef<'_>> {
        match &self.0 {
            Kind::Sqlite(row) => Ok(row.get_ref(column)?),
            Kind::Postgres(row) => value_at(row, place(row, column)?),
        }
    }
}

fn place<I: RowIndex>(row: &tokio_postgres::Row, column: I) -> Result<usize> {
    let place = column.place(row.columns());
    Ok(place.ok_or_else(|| ValueError::InvalidColumnName("not in the result".to_owned()))?)
}

fn wrong(
    row: &tokio_postgres::Row,
    place: usize,
    value: ValueRef<'_>,
    error: FromSqlError,
) -> ValueError {
    let name = || row.columns().get(place).map_or_else(String::new, |it| it.name().to_owned());
    match error {
        FromSqlError::InvalidType => {
            ValueError::InvalidColumnType(place, name(), value.data_type())
        }
        FromSqlError::OutOfRange(number) => ValueError::IntegralValueOutOfRange(place, number),
        other => ValueError::FromSqlConversionFailure(place, value.data_type(), Box::new(other)),
    }
}

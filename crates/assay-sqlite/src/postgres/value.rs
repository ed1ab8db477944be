//! Values between the types of both engines: SQLite's five are what the code knows.

use bytes::{BufMut, BytesMut};
use rusqlite::types::{Null, ToSqlOutput, Value, ValueRef};
use tokio_postgres::types::{FromSql, IsNull, Kind, ToSql, Type, to_sql_checked};

use super::Failure;
use crate::sql::Result;

/// U+001A, SUBSTITUTE.
const SUBSTITUTE: u8 = 0x1A;

type Problem = Box<dyn std::error::Error + Send + Sync>;

/// A value for a parameter, written in the type that Postgres found the parameter to have.
#[derive(Debug)]
pub(crate) struct Parameter<'a>(pub(crate) ToSqlOutput<'a>);

impl Parameter<'_> {
    fn value(&self) -> Option<ValueRef<'_>> {
        match &self.0 {
            ToSqlOutput::Borrowed(value) => Some(*value),
            ToSqlOutput::Owned(value) => Some(value.into()),
            _ => None,
        }
    }
}

impl ToSql for Parameter<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Problem> {
        match self.value().ok_or("a kind of value that Postgres does not take")? {
            ValueRef::Null => return Ok(IsNull::Yes),
            ValueRef::Integer(number) => put_integer(number, base(ty), out)?,
            ValueRef::Real(number) if *base(ty) == Type::FLOAT8 => out.put_f64(number),
            ValueRef::Text(text) if is_text(base(ty)) => {
                // Postgres keeps no character 0: its substitute leaves all offsets as they are.
                out.extend(text.iter().map(|byte| if *byte == 0 { SUBSTITUTE } else { *byte }));
            }
            ValueRef::Blob(bytes) if matches!(*base(ty), Type::BYTEA | Type::UUID) => {
                out.put_slice(bytes);
            }
            other => return Err(format!("{} given for {ty}", other.data_type()).into()),
        }
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn put_integer(number: i64, ty: &Type, out: &mut BytesMut) -> Result<(), Problem> {
    match *ty {
        Type::INT8 => out.put_i64(number),
        Type::INT4 => out.put_i32(number.try_into()?),
        Type::BOOL => out.put_u8((number != 0).into()),
        _ => return Err(format!("a whole number given for {ty}").into()),
    }
    Ok(())
}

fn is_text(ty: &Type) -> bool {
    matches!(*ty, Type::TEXT | Type::VARCHAR | Type::NAME | Type::UNKNOWN)
}

/// The type below a domain.
fn base(ty: &Type) -> &Type {
    match ty.kind() {
        Kind::Domain(below) => base(below),
        _ => ty,
    }
}

/// The value of a column.
pub(crate) fn value_at(row: &tokio_postgres::Row, place: usize) -> Result<ValueRef<'_>> {
    Ok(row.try_get::<_, Column<'_>>(place).map_err(Failure::from)?.0)
}

struct Column<'a>(ValueRef<'a>);

impl<'a> FromSql<'a> for Column<'a> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Problem> {
        let ty = base(ty);
        Ok(Self(match *ty {
            Type::INT8 => ValueRef::Integer(i64::from_be_bytes(raw.try_into()?)),
            Type::INT4 => ValueRef::Integer(i32::from_be_bytes(raw.try_into()?).into()),
            Type::BOOL => ValueRef::Integer(raw.iter().any(|byte| *byte != 0).into()),
            Type::FLOAT8 => ValueRef::Real(f64::from_be_bytes(raw.try_into()?)),
            Type::BYTEA | Type::UUID => ValueRef::Blob(raw),
            _ if is_text(ty) => ValueRef::Text(raw),
            _ => return Err(format!("a column of the type {ty} is not read").into()),
        }))
    }

    fn from_sql_null(_: &Type) -> Result<Self, Problem> {
        Ok(Self(ValueRef::Null))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

/// The value as Postgres gets it.
pub(crate) fn parameter(value: &dyn rusqlite::ToSql) -> Result<Parameter<'_>> {
    Ok(Parameter(match value.to_sql()? {
        // A number beyond 63 bits has no place in either engine.
        ToSqlOutput::Owned(Value::Null) => ToSqlOutput::from(Null),
        other => other,
    }))
}

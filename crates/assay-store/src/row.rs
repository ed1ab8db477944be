//! How values of this crate stand in columns, and the checks of texts that callers choose.

use assay_core::{
    CollectionId, DocumentId, PassageId, PrincipalId, SessionId, SourceId, TenantId, VersionId,
};
use assay_sqlite::sql::{
    self, Row, RowIndex,
    types::{FromSql, FromSqlError, FromSqlResult, ValueRef},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{BlobHash, ContentHash, StoreError};

/// A value of another crate, or of this one, read from a column.
pub(crate) struct Column<T>(pub(crate) T);

macro_rules! from_bytes {
    ($($name:ident)*) => {$(
        impl FromSql for Column<$name> {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                FromSql::column_result(value).map(|bytes| Self($name::from_bytes(bytes)))
            }
        }
    )*};
}

from_bytes! {
    TenantId PrincipalId CollectionId DocumentId VersionId PassageId SourceId SessionId BlobHash
    ContentHash
}

/// Reads a column as `T`.
pub(crate) fn get<T, I: RowIndex>(row: &Row<'_>, index: I) -> sql::Result<T>
where
    Column<T>: FromSql,
{
    row.get::<_, Column<T>>(index).map(|column| column.0)
}

/// Reads a nullable column as `T`.
pub(crate) fn get_opt<T, I: RowIndex>(row: &Row<'_>, index: I) -> sql::Result<Option<T>>
where
    Column<T>: FromSql,
{
    Ok(row.get::<_, Option<Column<T>>>(index)?.map(|column| column.0))
}

/// Reads a column that [`to_json`] wrote.
pub(crate) fn from_json<T: DeserializeOwned>(row: &Row<'_>, index: &str) -> sql::Result<T> {
    let text: &str = row.get_ref(index)?.as_str()?;
    serde_json::from_str(text).map_err(sql::Error::unreadable)
}

/// Reads a nullable column that [`to_json`] wrote.
pub(crate) fn from_json_opt<T: DeserializeOwned>(
    row: &Row<'_>,
    index: &str,
) -> sql::Result<Option<T>> {
    match row.get_ref(index)? {
        ValueRef::Null => Ok(None),
        _ => from_json(row, index).map(Some),
    }
}

/// Writes a value as JSON, for columns that nothing selects by.
pub(crate) fn to_json<T: Serialize>(kind: &'static str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|error| StoreError::Invalid { what: kind, why: error.to_string() })
}

/// An error for a column whose text is none of those that are written.
pub(crate) fn unknown_word(word: &str) -> FromSqlError {
    FromSqlError::Other(format!("`{word}` is not a word of this column").into())
}

/// A list of ids as a JSON array of hexadecimal texts, for `unhex(value) FROM json_each(?)`: one
/// statement for lists of every length.
pub(crate) fn id_list(ids: impl Iterator<Item = u128>) -> String {
    let ids: Vec<String> = ids.map(|id| format!("\"{id:032x}\"")).collect();
    format!("[{}]", ids.join(","))
}

/// Refuses a text that is empty, too long or not printable.
pub(crate) fn check_text(
    what: &'static str,
    text: &str,
    bytes_max: usize,
) -> Result<(), StoreError> {
    let why = if text.trim().is_empty() {
        "it is empty".to_owned()
    } else if text.len() > bytes_max {
        format!("it has {} bytes, at most {bytes_max} are kept", text.len())
    } else if text.chars().any(char::is_control) {
        "it holds a control character".to_owned()
    } else {
        return Ok(());
    };
    Err(StoreError::Invalid { what, why })
}

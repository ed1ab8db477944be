//! Rows from one database to another, whichever engines they are on, and the proof that they arrived.

use rusqlite::types::Value;
use sha2::{Digest, Sha256};

use crate::{
    Database, SqliteError,
    sql::{Connection, ToSql, params},
};

/// The condition of a table whose rows are all of one tenant.
pub const EVERY_ROW: &str = "length(CAST(?1 AS BLOB)) = 16";

/// A table whose rows are copied.
#[derive(Debug, Clone, Copy)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// The columns that are copied.
    pub columns: &'static [&'static str],
    /// Which of them tell rows apart, in the order in which rows are read.
    pub order: &'static str,
    /// Which rows: a condition on `?1`, the tenant as it is given to [`copy`].
    pub rows: &'static str,
    /// Rows read at once.
    pub page: u32,
    /// Whether the target makes rows by itself that those copied take the place of.
    pub replaces: bool,
}

/// What a table holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSum {
    /// Its name.
    pub table: &'static str,
    /// Rows of the tenant.
    pub rows: u64,
    /// SHA-256 over their values in order, in hexadecimal.
    pub sha256: String,
}

/// Copies the rows of a tenant and compares count and hash of every table on both sides. What is not
/// complete has to be taken back by the caller: the target is written page by page.
///
/// # Errors
/// [`SqliteError::Differs`] when a table is not the same afterwards; those of both databases.
pub fn copy(
    source: &Database,
    target: &Database,
    tables: &'static [Table],
    tenant: &dyn ToSql,
) -> Result<Vec<TableSum>, SqliteError> {
    source.read(|from| {
        for table in tables {
            if table.replaces {
                let sql = format!("DELETE FROM {}", table.name);
                target.write(move |tx| Ok::<_, SqliteError>(tx.execute(&sql, [])?))?;
            }
            pages(from, table, tenant, |rows| target.write(move |tx| insert(tx, table, &rows)))?;
        }
        Ok::<_, SqliteError>(())
    })?;
    let (sent, arrived) = (sums(source, tables, tenant)?, sums(target, tables, tenant)?);
    match sent.iter().zip(&arrived).find(|(sent, arrived)| sent != arrived) {
        Some((TableSum { table, rows: sent, .. }, TableSum { rows: arrived, .. })) => {
            Err(SqliteError::Differs { table, sent: *sent, arrived: *arrived })
        }
        None => Ok(sent),
    }
}

/// Counts and hashes of the rows of a tenant.
///
/// # Errors
/// Those of the database.
pub fn sums(
    database: &Database,
    tables: &[Table],
    tenant: &dyn ToSql,
) -> Result<Vec<TableSum>, SqliteError> {
    database.read(|from| tables.iter().map(|table| sum(from, table, tenant)).collect())
}

fn sum(from: &Connection, table: &Table, tenant: &dyn ToSql) -> Result<TableSum, SqliteError> {
    let (mut hash, mut count) = (Sha256::new(), 0);
    pages(from, table, tenant, |rows| {
        count += rows.len() as u64;
        rows.iter().flatten().for_each(|value| add(&mut hash, value));
        Ok(())
    })?;
    let sha256 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(TableSum { table: table.name, rows: count, sha256 })
}

/// A value by its type, its length and its bytes.
fn add(hash: &mut Sha256, value: &Value) {
    let (kind, bytes) = match value {
        Value::Null => (0, Vec::new()),
        Value::Integer(number) => (1, number.to_be_bytes().to_vec()),
        Value::Real(number) => (2, number.to_be_bytes().to_vec()),
        // As Postgres keeps it.
        Value::Text(text) => (3, text.replace('\0', "\u{1a}").into_bytes()),
        Value::Blob(bytes) => (4, bytes.clone()),
    };
    hash.update([kind]);
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}

fn pages(
    from: &Connection,
    table: &Table,
    tenant: &dyn ToSql,
    mut take: impl FnMut(Vec<Vec<Value>>) -> Result<(), SqliteError>,
) -> Result<(), SqliteError> {
    let sql = format!(
        "SELECT {} FROM {} WHERE {} ORDER BY {} LIMIT ?2 OFFSET ?3",
        table.columns.join(", "),
        table.name,
        table.rows,
        table.order
    );
    let mut offset = 0_u64;
    loop {
        let mut rows = from.prepare_cached(&sql)?;
        let rows: Vec<Vec<Value>> = rows
            .query_map(params![tenant, table.page, offset], |row| {
                (0..table.columns.len()).map(|place| row.get(place)).collect()
            })?
            .collect::<Result<_, _>>()?;
        if rows.is_empty() {
            return Ok(());
        }
        offset += rows.len() as u64;
        take(rows)?;
    }
}

fn insert(to: &Connection, table: &Table, rows: &[Vec<Value>]) -> Result<(), SqliteError> {
    let places = vec!["?"; table.columns.len()].join(", ");
    // A user of two tenants, and lines of a log that cannot be deleted, are there already.
    let mut insert = to.prepare_cached(&format!(
        "INSERT INTO {} ({}) VALUES ({places}) ON CONFLICT DO NOTHING",
        table.name,
        table.columns.join(", ")
    ))?;
    for row in rows {
        let values: Vec<&dyn ToSql> = row.iter().map(|value| value as &dyn ToSql).collect();
        insert.execute(values.as_slice())?;
    }
    Ok(())
}

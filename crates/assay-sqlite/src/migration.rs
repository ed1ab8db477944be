//! Steps that lead a file to the schema of this program.

use std::path::Path;

use assay_vault::DataKey;
use rusqlite::{Connection, TransactionBehavior};

use crate::{
    SqliteError,
    log::{fold, offline, schema_version},
};

/// One step of the schema. A released step is never changed; a correction is a further step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migration {
    /// Version of the schema after the step; from 1, each larger than the one before. Kept in the
    /// pragma `user_version`.
    pub version: u32,
    /// A short name for error messages.
    pub name: &'static str,
    /// The statements, run in one transaction.
    pub sql: &'static str,
}

/// The way from the newest step of a schema back to the one before it.
///
/// All that that one can hold is kept. It takes back what the step made and nothing else, and needs no
/// row of a tenant: on a server it runs with the role that owns the tables, which sees none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WayBack {
    /// The version that it leads away from.
    pub from: u32,
    /// The version that it leads to.
    pub to: u32,
    /// What that version cannot hold, for whoever decides.
    pub loses: &'static str,
    /// The statements, run in one transaction.
    pub sql: &'static str,
    /// The statements on a server, where they are others.
    pub sql_on_server: Option<&'static str>,
}

/// Takes the database at `path` one version back; `false` where it is not at the version that the way
/// leads away from. Nobody else may have it open.
///
/// # Errors
/// [`SqliteError::Open`], also for a sealed file that does not open with `key`;
/// [`SqliteError::NewerSchema`]; [`SqliteError::Migration`], and the file is as it was.
pub fn step_back(path: &Path, key: Option<&DataKey>, way: &WayBack) -> Result<bool, SqliteError> {
    let found = schema_version(path, key)?;
    if found > way.from {
        return Err(SqliteError::NewerSchema { found, known: way.from });
    }
    if found < way.from {
        return Ok(false);
    }
    let WayBack { to, sql, .. } = way;
    let stepped = offline(path, key, |connection| {
        let all = format!("BEGIN IMMEDIATE; {sql}; PRAGMA user_version = {to}; COMMIT");
        Ok(connection.execute_batch(&all))
    })?;
    stepped.map_err(|source| SqliteError::Migration {
        version: way.to,
        name: "the way back",
        source: source.into(),
    })?;
    fold(path, key)?;
    Ok(true)
}

/// Applies the steps that the file does not have yet.
pub(crate) fn migrate(
    connection: &mut Connection,
    migrations: &[Migration],
) -> Result<(), SqliteError> {
    debug_assert!(
        migrations.is_sorted_by(|a, b| a.version < b.version),
        "migrations have rising versions"
    );
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = migrations.last().map_or(0, |last| last.version);
    if found > known {
        return Err(SqliteError::NewerSchema { found, known });
    }
    for migration in migrations.iter().filter(|step| step.version > found) {
        apply(connection, migration).map_err(|source| SqliteError::Migration {
            version: migration.version,
            name: migration.name,
            source: source.into(),
        })?;
    }
    Ok(())
}

fn apply(connection: &mut Connection, migration: &Migration) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(migration.sql)?;
    transaction.pragma_update(None, "user_version", migration.version)?;
    transaction.commit()
}

//! Steps that lead a file to the schema of this program.

use rusqlite::{Connection, TransactionBehavior};

use crate::SqliteError;

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

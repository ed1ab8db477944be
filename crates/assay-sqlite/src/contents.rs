//! What a database holds, so that two versions of its schema can be held against each other.

use std::{collections::BTreeMap, path::Path};

use assay_vault::DataKey;
use rusqlite::types::ValueRef;
use sha2::{Digest, Sha256};

use crate::{SqliteError, log::offline};

/// What the tables of a database hold, with sums that do not depend on the order of rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contents(BTreeMap<String, Rows>);

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Rows {
    count: u64,
    /// The sum of each column; a row counts as a whole in `whole`.
    columns: BTreeMap<String, u128>,
    whole: u128,
}

impl Contents {
    /// Reads every table of the database at `path`. Nobody else may have it open.
    ///
    /// # Errors
    /// [`SqliteError::Open`], also for a sealed file that does not open with `key`.
    pub fn of(path: &Path, key: Option<&DataKey>) -> Result<Self, SqliteError> {
        offline(path, key, |connection| {
            let names = "SELECT name FROM sqlite_master WHERE type = 'table' \
                         AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
            let mut statement = connection.prepare(names)?;
            let names = statement.query_map([], |row| row.get(0))?;
            let names: Vec<String> = names.collect::<rusqlite::Result<_>>()?;
            let each = names.into_iter().map(|name| {
                let rows = rows(connection, &name)?;
                Ok((name, rows))
            });
            Ok(Self(each.collect::<rusqlite::Result<_>>()?))
        })
    }

    /// Rows of all tables.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.0.values().map(|rows| rows.count).sum()
    }

    /// Tables and columns alone.
    #[must_use]
    pub fn has_tables_of(&self, other: &Self) -> bool {
        let shape = |contents: &Self| -> Vec<(String, Vec<String>)> {
            let tables = contents.0.iter();
            tables
                .map(|(name, rows)| (name.clone(), rows.columns.keys().cloned().collect()))
                .collect()
        };
        shape(self) == shape(other)
    }

    /// The tables that both have and that do not hold the same rows: of columns that one alone has,
    /// nothing is compared.
    #[must_use]
    pub fn differing(&self, other: &Self) -> Vec<String> {
        let both = self.0.iter().filter_map(|(name, own)| Some((name, own, other.0.get(name)?)));
        let differ = both.filter(|(_, own, other)| {
            let is_same_shape = own.columns.keys().eq(other.columns.keys());
            let mut common = own
                .columns
                .iter()
                .filter_map(|(name, sum)| other.columns.get(name).map(|other| sum == other));
            own.count != other.count
                || !common.all(|is_same| is_same)
                || (is_same_shape && own.whole != other.whole)
        });
        differ.map(|(name, ..)| name.clone()).collect()
    }
}

fn rows(connection: &rusqlite::Connection, table: &str) -> rusqlite::Result<Rows> {
    let mut statement = connection.prepare(&format!("SELECT * FROM \"{table}\""))?;
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut sums = vec![0_u128; names.len()];
    let (mut count, mut whole) = (0, 0_u128);
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        count += 1;
        let mut line = Sha256::new();
        for (at, sum) in sums.iter_mut().enumerate() {
            let hash = hashed(row.get_ref(at)?);
            *sum = sum.wrapping_add(number(&hash));
            line.update(hash);
        }
        whole = whole.wrapping_add(number(&line.finalize()));
    }
    Ok(Rows { count, columns: names.into_iter().zip(sums).collect(), whole })
}

/// The hash of a value, with its type.
fn hashed(value: ValueRef<'_>) -> [u8; 32] {
    let (kind, bytes): (u8, Vec<u8>) = match value {
        ValueRef::Null => (0, Vec::new()),
        ValueRef::Integer(value) => (1, value.to_le_bytes().to_vec()),
        ValueRef::Real(value) => (2, value.to_bits().to_le_bytes().to_vec()),
        ValueRef::Text(value) => (3, value.to_vec()),
        ValueRef::Blob(value) => (4, value.to_vec()),
    };
    Sha256::new().chain_update([kind]).chain_update(bytes).finalize().into()
}

/// The first half of a hash, as a number that can be added up.
fn number(hash: &[u8]) -> u128 {
    hash.iter().take(16).fold(0, |number, byte| (number << 8) | u128::from(*byte))
}

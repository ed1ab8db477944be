//! How much a tenant has, and how much it may have.

use assay_sqlite::sql::{Connection, Transaction};

use crate::{StoreError, TenantStore};

/// How much a tenant has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Documents, whoever may see them.
    pub documents: u64,
    /// Bytes of the originals of all versions that are kept.
    pub bytes: u64,
}

impl TenantStore {
    /// How much the tenant has.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn usage(&self) -> Result<Usage, StoreError> {
        self.read(used)
    }
}

fn used(db: &Connection) -> Result<Usage, StoreError> {
    let mut rows = db.prepare_cached("SELECT documents, bytes FROM usage")?;
    Ok(rows.query_row([], |row| Ok(Usage { documents: row.get(0)?, bytes: row.get(1)? }))?)
}

/// Refuses what would pass a limit, 0 for none: asked in the transaction that has just added it.
pub(crate) fn is_within(tx: &Transaction<'_>, limits: Usage) -> Result<(), StoreError> {
    let used = used(tx)?;
    let check = |what, used, limit| match limit {
        0 => Ok(()),
        limit if used <= limit => Ok(()),
        limit => Err(StoreError::Limit { what, limit }),
    };
    check("documents", used.documents, limits.documents)?;
    check("bytes", used.bytes, limits.bytes)
}

//! What can be set on the store.

use assay_sqlite::DatabaseSettings;
use serde::{Deserialize, Serialize};

/// Limits of the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoreSettings {
    /// Tenants whose files are kept open. One that is in use is never closed, so that more can be
    /// open while more are at work.
    pub open_tenants_max: usize,
    /// Limits of each tenant's database, and of the control database.
    pub database: DatabaseSettings,
}

impl Default for StoreSettings {
    fn default() -> Self {
        Self { open_tenants_max: 64, database: DatabaseSettings::default() }
    }
}

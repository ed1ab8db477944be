//! What can be set on a database.

use assay_vault::DataKey;
use serde::{Deserialize, Serialize};

/// Limits of one database. The defaults suit a server with a local disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseSettings {
    /// Write jobs that share one transaction at most.
    pub group_jobs_max: usize,
    /// Write jobs that wait at most; further callers are held until there is room.
    pub queue_jobs_max: usize,
    /// Read connections kept open between calls; a busier moment opens more and closes them again.
    pub readers_idle_max: usize,
    /// How long a statement waits for a lock of another process, in milliseconds.
    pub busy_timeout_ms: u32,
    /// Page cache of each connection, in KiB.
    pub cache_kib: u32,
    /// What the file is encrypted with; `None` leaves it as it is. A plain file of before is encrypted
    /// when it is opened with a key.
    #[serde(skip)]
    pub key: Option<DataKey>,
}

impl Default for DatabaseSettings {
    fn default() -> Self {
        Self {
            group_jobs_max: 256,
            queue_jobs_max: 1024,
            readers_idle_max: 8,
            busy_timeout_ms: 5_000,
            cache_kib: 4 << 10,
            key: None,
        }
    }
}

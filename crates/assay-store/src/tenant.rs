//! The handle to the data of one tenant: its records and its blobs.

use std::{fs, path::Path, sync::Arc};

use assay_core::{Clock, Reader, TenantId};
use assay_sqlite::{
    Database, DatabaseSettings, Guard, Migration, Schema, WayBack, is_plain,
    sql::{Connection, Transaction},
};

use crate::{
    StoreError, Usage,
    access::ReaderValue,
    blob::{Blobs, failed},
};

/// The file of the records in the folder of a tenant.
pub(crate) const RECORDS_FILE: &str = "records.db";

/// The steps to the newest version of the records of a tenant.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        version: 1,
        name: "records",
        sql: include_str!("migrations/records/0001_records.sql"),
    },
    Migration {
        version: 2,
        name: "origin",
        sql: include_str!("migrations/records/0002_origin.sql"),
    },
    Migration {
        version: 3,
        name: "library",
        sql: include_str!("migrations/records/0003_library.sql"),
    },
    Migration {
        version: 4,
        name: "search",
        sql: include_str!("migrations/records/0004_search.sql"),
    },
    Migration {
        version: 5,
        name: "sessions",
        sql: include_str!("migrations/records/0005_sessions.sql"),
    },
    Migration {
        version: 6,
        name: "web_text",
        sql: include_str!("migrations/records/0006_web_text.sql"),
    },
    Migration {
        version: 7,
        name: "session_owner",
        sql: include_str!("migrations/records/0007_session_owner.sql"),
    },
    Migration {
        version: 8,
        name: "findings",
        sql: include_str!("migrations/records/0008_findings.sql"),
    },
    Migration {
        version: 9,
        name: "access",
        sql: include_str!("migrations/records/0009_access.sql"),
    },
    Migration {
        version: 10,
        name: "usage",
        sql: include_str!("migrations/records/0010_usage.sql"),
    },
    Migration {
        version: 11,
        name: "opinions",
        sql: include_str!("migrations/records/0011_opinions.sql"),
    },
    Migration {
        version: 12,
        name: "session_words",
        sql: include_str!("migrations/records/0012_session_words.sql"),
    },
];

/// The way back from the newest version of the records.
pub const RECORDS_BACK: WayBack = WayBack {
    from: 12,
    to: 11,
    loses: "the words by which conversations are found, which are gathered again",
    sql: include_str!("migrations/records/0012_back.sql"),
    sql_on_server: None,
};

/// The same tables for all tenants, on a server.
pub(crate) const RECORDS: Schema = Schema {
    name: "assay_records",
    guard: Guard::Tenant,
    migrations: &[
        Migration {
            version: 10,
            name: "records",
            sql: include_str!("migrations/postgres/records.sql"),
        },
        Migration {
            version: 11,
            name: "opinions",
            sql: include_str!("migrations/postgres/opinions.sql"),
        },
        Migration {
            version: 12,
            name: "session_words",
            sql: include_str!("migrations/postgres/session_words.sql"),
        },
    ],
};

/// The tables of a server, each after those that refer to it; to the last two the triggers of the
/// others write.
const TABLES: [&str; 26] = [
    "opinion",
    "session_word",
    "turn",
    "session",
    "web_text",
    "feedback",
    "source",
    "sentence_vectors",
    "vector",
    "model",
    "sketch_band",
    "sketch",
    "passage",
    "problem",
    "text_part",
    "blocks",
    "version",
    "document",
    "collection",
    "access_entry",
    "access_list",
    "outbox",
    "outbox_pruned",
    "usage",
    "catalogue_change",
    "counter",
];

/// The data of one tenant, for one reader.
///
/// What the reader may not see is not there: no function that shows documents finds it. Clones
/// share the open files. Every call waits for the disk: call from a thread that may block.
#[derive(Debug, Clone)]
pub struct TenantStore {
    open: Arc<Open>,
    reader: ReaderValue,
    /// How much the tenant may have; 0 for any number.
    limits: Usage,
}

#[derive(Debug)]
struct Open {
    tenant: TenantId,
    records: Database,
    blobs: Blobs,
    clock: Arc<dyn Clock>,
}

/// The records in the folder of a tenant.
pub(crate) fn open_records(
    folder: &Path,
    settings: &DatabaseSettings,
) -> Result<Database, StoreError> {
    fs::create_dir_all(folder).map_err(failed("create", folder))?;
    Ok(Database::open(&folder.join(RECORDS_FILE), settings, MIGRATIONS)?)
}

/// Removes every row of a tenant from a server.
pub(crate) fn erase(records: &Database) -> Result<(), StoreError> {
    records.write(|tx| {
        for table in TABLES {
            tx.execute(&format!("DELETE FROM {table}"), [])?;
        }
        Ok(())
    })
}

impl TenantStore {
    pub(crate) fn open(
        tenant: TenantId,
        folder: &Path,
        clock: Arc<dyn Clock>,
        settings: &DatabaseSettings,
    ) -> Result<Self, StoreError> {
        let key = settings.key.as_ref();
        let blobs = Blobs::open(&folder.join("blobs"), key)?;
        let path = folder.join(RECORDS_FILE);
        // The records come last: once they are encrypted, everything of the tenant is.
        if key.is_some() && is_plain(&path).map_err(failed("read", &path))? {
            let count = blobs.seal_plain()?;
            tracing::info!(%tenant, blobs = count, "originals of before are encrypted now");
        }
        let records = open_records(folder, settings)?;
        Self::over(tenant, records, blobs, clock)
    }

    /// As [`Self::open`], with the records on a server and the blobs in the folder.
    pub(crate) fn open_on(
        tenant: TenantId,
        folder: &Path,
        records: Database,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StoreError> {
        Self::over(tenant, records, Blobs::open(&folder.join("blobs"), None)?, clock)
    }

    fn over(
        tenant: TenantId,
        records: Database,
        blobs: Blobs,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, StoreError> {
        let open = Arc::new(Open { tenant, records, blobs, clock });
        let store = Self { open, reader: ReaderValue::WHOLE, limits: Usage::default() };
        store.ensure_default()?;
        Ok(store)
    }

    /// The same files, for this reader and within these limits.
    pub(crate) fn read_by(self, reader: &Reader, limits: Usage) -> Self {
        Self { reader: ReaderValue::of(reader), limits, ..self }
    }

    pub(crate) const fn limits(&self) -> Usage {
        self.limits
    }

    /// Who reads.
    pub(crate) const fn reader(&self) -> &ReaderValue {
        &self.reader
    }

    /// The tenant.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        self.open.tenant
    }

    pub(crate) fn blobs(&self) -> &Blobs {
        &self.open.blobs
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.open.clock.as_ref()
    }

    /// Whether somebody besides the map of open tenants holds this handle.
    pub(crate) fn is_in_use(&self) -> bool {
        Arc::strong_count(&self.open) > 1
    }

    /// Runs a job that is durable on return.
    pub(crate) fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.open.records.write(job)
    }

    /// Runs a job that sees one state of the records.
    pub(crate) fn read<T>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.open.records.read(job)
    }
}

#[cfg(test)]
mod tests;

//! Sources: where documents come from, when they are looked at, and how far that came.

use assay_core::{CollectionId, SourceId};
use assay_sqlite::sql::{self, OptionalExtension, Row, params};

use crate::{
    StoreError, TenantStore,
    access::readable_collection,
    collection::require_collection,
    row::{check_text, from_json, from_json_opt, get, to_json},
};

const NAME_BYTES_MAX: usize = 128;

/// A source as it was set up.
#[derive(Debug, Clone, PartialEq)]
pub struct SourceRecord {
    /// Its id.
    pub id: SourceId,
    /// Its name, unique inside the tenant.
    pub name: String,
    /// Where its documents go.
    pub collection: CollectionId,
    /// Its settings, in its own writing.
    pub settings: serde_json::Value,
    /// Seconds between two runs; `None` for runs on demand alone.
    pub every_s: Option<u64>,
    /// When it runs next, in milliseconds since 1970.
    pub next_ms: Option<i64>,
    /// What came of the last run, in the writing of the caller.
    pub last_run: Option<serde_json::Value>,
    /// When it was set up, in milliseconds since 1970.
    pub created_ms: i64,
}

const SELECT: &str = "SELECT id, name, collection, settings, every_s, next_ms, last_run, created_ms \
     FROM source";

/// Holds for the sources that feed a collection which the reader in parameter `number` may see.
fn feeds_readable(number: u8) -> String {
    let seen = readable_collection(number);
    format!("EXISTS (SELECT 1 FROM collection WHERE id = source.collection AND {seen})")
}

impl TenantStore {
    /// Sets a source up; its first run is due at once.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when the name is taken, [`StoreError::NotFound`] for the collection,
    /// [`StoreError::Invalid`] for a name that cannot be one.
    pub fn create_source(
        &self,
        name: &str,
        collection: CollectionId,
        settings: serde_json::Value,
        every_s: Option<u64>,
    ) -> Result<SourceRecord, StoreError> {
        check_text("source name", name, NAME_BYTES_MAX)?;
        let now_ms = self.clock().now_ms();
        let source = SourceRecord {
            id: SourceId::new(),
            name: name.to_owned(),
            collection,
            settings,
            every_s,
            next_ms: Some(now_ms),
            last_run: None,
            created_ms: now_ms,
        };
        let reader = self.reader().clone();
        self.write(move |tx| {
            require_collection(tx, collection, &reader)?;
            if tx.prepare_cached("SELECT 1 FROM source WHERE name = ?")?.exists([&source.name])? {
                return Err(StoreError::Exists { kind: "source", name: source.name });
            }
            tx.prepare_cached(
                "INSERT INTO source (id, name, collection, settings, every_s, next_ms, created_ms) \
                 VALUES (?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![
                source.id.to_bytes(),
                source.name,
                source.collection.to_bytes(),
                to_json("settings", &source.settings)?,
                source.every_s,
                source.next_ms,
                source.created_ms
            ])?;
            Ok(source)
        })
    }

    /// When the next source is due, whoever may see it, in milliseconds since 1970.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn next_source_ms(&self) -> Result<Option<i64>, StoreError> {
        self.read(|db| {
            let mut rows = db.prepare_cached("SELECT min(next_ms) FROM source")?;
            Ok(rows.query_row([], |row| row.get(0))?)
        })
    }

    /// All sources, by name, that feed a collection which the reader may see.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn sources(&self) -> Result<Vec<SourceRecord>, StoreError> {
        self.read(|db| {
            let sql = format!("{SELECT} WHERE {} ORDER BY name", feeds_readable(1));
            let mut rows = db.prepare_cached(&sql)?;
            Ok(rows.query_map([self.reader()], read)?.collect::<Result<_, _>>()?)
        })
    }

    /// A source.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn source(&self, id: SourceId) -> Result<SourceRecord, StoreError> {
        self.read(|db| {
            db.prepare_cached(&format!("{SELECT} WHERE id = ?1 AND {}", feeds_readable(2)))?
                .query_row(params![id.to_bytes(), self.reader()], read)
                .optional()?
                .ok_or_else(|| StoreError::not_found("source", id))
        })
    }

    /// What the source remembers of its runs; empty before the first.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn source_state(&self, id: SourceId) -> Result<String, StoreError> {
        self.read(|db| {
            db.prepare_cached("SELECT state FROM source WHERE id = ?")?
                .query_row([id.to_bytes()], |row| row.get(0))
                .optional()?
                .ok_or_else(|| StoreError::not_found("source", id))
        })
    }

    /// Keeps what the source remembers.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it was removed meanwhile.
    pub fn save_source_state(&self, id: SourceId, state: &str) -> Result<(), StoreError> {
        let state = state.to_owned();
        self.write(move |tx| {
            let changed = tx
                .prepare_cached("UPDATE source SET state = ? WHERE id = ?")?
                .execute(params![state, id.to_bytes()])?;
            if changed == 1 { Ok(()) } else { Err(StoreError::not_found("source", id)) }
        })
    }

    /// Records the end of a run and when the next one is due.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when it was removed meanwhile.
    pub fn end_source_run(
        &self,
        id: SourceId,
        last_run: serde_json::Value,
    ) -> Result<(), StoreError> {
        let now_ms = self.clock().now_ms();
        self.write(move |tx| {
            let changed = tx
                .prepare_cached(
                    "UPDATE source SET last_run = ?, next_ms = ? + every_s * 1000 WHERE id = ?",
                )?
                .execute(params![to_json("run", &last_run)?, now_ms, id.to_bytes()])?;
            if changed == 1 { Ok(()) } else { Err(StoreError::not_found("source", id)) }
        })
    }

    /// Removes a source. Its documents stay.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn delete_source(&self, id: SourceId) -> Result<(), StoreError> {
        let reader = self.reader().clone();
        self.write(move |tx| {
            let sql = format!("DELETE FROM source WHERE id = ?1 AND {}", feeds_readable(2));
            let removed = tx.prepare_cached(&sql)?.execute(params![id.to_bytes(), reader])?;
            if removed == 1 { Ok(()) } else { Err(StoreError::not_found("source", id)) }
        })
    }
}

fn read(row: &Row<'_>) -> sql::Result<SourceRecord> {
    Ok(SourceRecord {
        id: get(row, "id")?,
        name: row.get("name")?,
        collection: get(row, "collection")?,
        settings: from_json(row, "settings")?,
        every_s: row.get("every_s")?,
        next_ms: row.get("next_ms")?,
        last_run: from_json_opt(row, "last_run")?,
        created_ms: row.get("created_ms")?,
    })
}

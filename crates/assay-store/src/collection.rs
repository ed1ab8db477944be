//! Collections: named sets of documents.

use assay_core::CollectionId;
use assay_sqlite::rusqlite::{Connection, OptionalExtension, Row, params};

use crate::{
    StoreError, TenantStore,
    row::{check_text, from_json, get, to_json},
};

const NAME_BYTES_MAX: usize = 128;

/// A named set of documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    /// Its id.
    pub id: CollectionId,
    /// Its name, unique inside the tenant.
    pub name: String,
    /// When it was created, in milliseconds since 1970.
    pub created_ms: i64,
    /// Settings that differ from the defaults: an object, in the writing of the caller.
    pub settings: serde_json::Value,
}

impl Collection {
    /// Name of the collection that every tenant has.
    pub const DEFAULT_NAME: &'static str = "default";
}

impl TenantStore {
    /// Creates a collection.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when the name is taken, [`StoreError::Invalid`] when it is empty,
    /// longer than 128 bytes or not printable.
    pub fn create_collection(&self, name: &str) -> Result<Collection, StoreError> {
        check_text("collection name", name, NAME_BYTES_MAX)?;
        let collection = Collection {
            id: CollectionId::new(),
            name: name.to_owned(),
            created_ms: self.clock().now_ms(),
            settings: serde_json::json!({}),
        };
        self.write(move |tx| {
            if by_name(tx, &collection.name)?.is_some() {
                return Err(StoreError::Exists { kind: "collection", name: collection.name });
            }
            tx.prepare_cached("INSERT INTO collection (id, name, created_ms) VALUES (?, ?, ?)")?
                .execute(params![
                    collection.id.to_bytes(),
                    collection.name,
                    collection.created_ms
                ])?;
            Ok(collection)
        })
    }

    /// The built-in collection `default`, created when it is missing.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn ensure_default(&self) -> Result<Collection, StoreError> {
        let name = Collection::DEFAULT_NAME;
        if let Some(collection) = self.read(|db| by_name(db, name))? {
            return Ok(collection);
        }
        match self.create_collection(name) {
            Err(StoreError::Exists { .. }) => self.collection_named(name),
            outcome => outcome,
        }
    }

    /// The collection of this id.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn collection(&self, id: CollectionId) -> Result<Collection, StoreError> {
        self.read(|db| require_collection(db, id))
    }

    /// The collection of this name.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn collection_named(&self, name: &str) -> Result<Collection, StoreError> {
        self.read(|db| by_name(db, name)?.ok_or_else(|| StoreError::not_found("collection", name)))
    }

    /// Gives a collection another name or other settings; `None` leaves what is.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Exists`] when the name is taken;
    /// [`StoreError::Invalid`] as for [`Self::create_collection`], and when the collection that every
    /// tenant has would be renamed.
    pub fn change_collection(
        &self,
        id: CollectionId,
        name: Option<String>,
        settings: Option<serde_json::Value>,
    ) -> Result<Collection, StoreError> {
        if let Some(name) = &name {
            check_text("collection name", name, NAME_BYTES_MAX)?;
        }
        self.write(move |tx| {
            let mut collection = require_collection(tx, id)?;
            if let Some(name) = name {
                if collection.name == Collection::DEFAULT_NAME && name != collection.name {
                    return Err(of_every_tenant("collection to be renamed"));
                }
                if by_name(tx, &name)?.is_some_and(|other| other.id != id) {
                    return Err(StoreError::Exists { kind: "collection", name });
                }
                collection.name = name;
            }
            collection.settings = settings.unwrap_or(collection.settings);
            tx.prepare_cached("UPDATE collection SET name = ?, settings = ? WHERE id = ?")?
                .execute(params![
                    collection.name,
                    to_json("settings", &collection.settings)?,
                    id.to_bytes()
                ])?;
            Ok(collection)
        })
    }

    /// Documents in a collection.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn count_documents(&self, id: CollectionId) -> Result<u64, StoreError> {
        self.read(|db| count_documents(db, id))
    }

    /// Whether a collection may be removed once it holds no document.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Invalid`] when a source feeds it, or every tenant has
    /// it.
    pub fn check_collection_removal(&self, id: CollectionId) -> Result<(), StoreError> {
        self.read(|db| check_removal(db, id))
    }

    /// Removes a collection that holds no document.
    ///
    /// # Errors
    /// As [`Self::check_collection_removal`]; [`StoreError::Invalid`] when it holds documents.
    pub fn delete_collection(&self, id: CollectionId) -> Result<(), StoreError> {
        self.write(move |tx| {
            check_removal(tx, id)?;
            let documents = count_documents(tx, id)?;
            if documents > 0 {
                let why = format!("it holds {documents} documents");
                return Err(StoreError::Invalid { what: "collection to be removed", why });
            }
            // Tombstones of deleted documents refer to it: they go to the collection that every
            // tenant has.
            tx.prepare_cached(
                "UPDATE document SET collection = (SELECT id FROM collection WHERE name = \
                 'default') WHERE collection = ?",
            )?
            .execute([id.to_bytes()])?;
            tx.prepare_cached("DELETE FROM collection WHERE id = ?")?.execute([id.to_bytes()])?;
            Ok(())
        })
    }

    /// All collections, by name.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn collections(&self) -> Result<Vec<Collection>, StoreError> {
        self.read(|db| {
            let mut rows = db.prepare_cached(
                "SELECT id, name, created_ms, settings FROM collection ORDER BY name",
            )?;
            Ok(rows.query_map([], read)?.collect::<Result<_, _>>()?)
        })
    }
}

pub(crate) fn require_collection(
    db: &Connection,
    id: CollectionId,
) -> Result<Collection, StoreError> {
    db.prepare_cached("SELECT id, name, created_ms, settings FROM collection WHERE id = ?")?
        .query_row([id.to_bytes()], read)
        .optional()?
        .ok_or_else(|| StoreError::not_found("collection", id))
}

fn check_removal(db: &Connection, id: CollectionId) -> Result<(), StoreError> {
    if require_collection(db, id)?.name == Collection::DEFAULT_NAME {
        return Err(of_every_tenant("collection to be removed"));
    }
    let sql = "SELECT 1 FROM source WHERE collection = ?";
    if db.prepare_cached(sql)?.exists([id.to_bytes()])? {
        let why = "a source feeds it: remove the source first".to_owned();
        return Err(StoreError::Invalid { what: "collection to be removed", why });
    }
    Ok(())
}

fn of_every_tenant(what: &'static str) -> StoreError {
    let why = format!("every tenant has the collection `{}`", Collection::DEFAULT_NAME);
    StoreError::Invalid { what, why }
}

fn count_documents(db: &Connection, id: CollectionId) -> Result<u64, StoreError> {
    Ok(db
        .prepare_cached(
            "SELECT count(*) FROM document WHERE collection = ? AND deleted_ms IS NULL",
        )?
        .query_row([id.to_bytes()], |row| row.get(0))?)
}

fn by_name(db: &Connection, name: &str) -> Result<Option<Collection>, StoreError> {
    Ok(db
        .prepare_cached("SELECT id, name, created_ms, settings FROM collection WHERE name = ?")?
        .query_row([name], read)
        .optional()?)
}

fn read(row: &Row<'_>) -> Result<Collection, assay_sqlite::rusqlite::Error> {
    Ok(Collection {
        id: get(row, "id")?,
        name: row.get("name")?,
        created_ms: row.get("created_ms")?,
        settings: from_json(row, "settings")?,
    })
}

#[cfg(test)]
mod tests;

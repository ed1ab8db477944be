//! Collections: named sets of documents.

use assay_core::CollectionId;
use assay_sqlite::sql::{Connection, OptionalExtension, Row, params};

use crate::{
    StoreError, TenantStore,
    access::{AccessList, ReaderValue, collection_list, readable, readable_collection},
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
    /// The number of its access list; none when everybody of the tenant may read it.
    pub list: Option<i64>,
}

impl Collection {
    /// Name of the collection that every tenant has.
    pub const DEFAULT_NAME: &'static str = "default";
}

const SELECT: &str = "SELECT id, name, created_ms, settings, list FROM collection";

impl TenantStore {
    /// Creates a collection that everybody may read.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when the name is taken, [`StoreError::Invalid`] when it is empty,
    /// longer than 128 bytes or not printable.
    pub fn create_collection(&self, name: &str) -> Result<Collection, StoreError> {
        self.create_collection_for(name, None)
    }

    /// Creates a collection for those on a list; none for everybody.
    ///
    /// # Errors
    /// As [`Self::create_collection`], and [`StoreError::Invalid`] for a list that is too long.
    pub fn create_collection_for(
        &self,
        name: &str,
        list: Option<AccessList>,
    ) -> Result<Collection, StoreError> {
        check_text("collection name", name, NAME_BYTES_MAX)?;
        let mut collection = Collection {
            id: CollectionId::new(),
            name: name.to_owned(),
            created_ms: self.clock().now_ms(),
            settings: serde_json::json!({}),
            list: None,
        };
        self.write(move |tx| {
            if by_name(tx, &collection.name, &ReaderValue::WHOLE)?.is_some() {
                return Err(StoreError::Exists { kind: "collection", name: collection.name });
            }
            collection.list = collection_list(tx, list)?;
            tx.prepare_cached(
                "INSERT INTO collection (id, name, created_ms, list) VALUES (?, ?, ?, ?)",
            )?
            .execute(params![
                collection.id.to_bytes(),
                collection.name,
                collection.created_ms,
                collection.list
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
        if let Some(collection) = self.read(|db| by_name(db, name, &ReaderValue::WHOLE))? {
            return Ok(collection);
        }
        match self.create_collection(name) {
            Err(StoreError::Exists { .. }) => self.ensure_default(),
            outcome => outcome,
        }
    }

    /// The collection of this id.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn collection(&self, id: CollectionId) -> Result<Collection, StoreError> {
        self.read(|db| require_collection(db, id, self.reader()))
    }

    /// The collection of this name.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn collection_named(&self, name: &str) -> Result<Collection, StoreError> {
        let found = self.read(|db| by_name(db, name, self.reader()))?;
        found.ok_or_else(|| StoreError::not_found("collection", name))
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
        let reader = self.reader().clone();
        self.write(move |tx| {
            let mut collection = require_collection(tx, id, &reader)?;
            if let Some(name) = name {
                if collection.name == Collection::DEFAULT_NAME && name != collection.name {
                    return Err(of_every_tenant("collection to be renamed"));
                }
                if by_name(tx, &name, &ReaderValue::WHOLE)?.is_some_and(|other| other.id != id) {
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

    /// Documents in a collection that the reader may see.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn count_documents(&self, id: CollectionId) -> Result<u64, StoreError> {
        self.read(|db| count_documents(db, id, self.reader()))
    }

    /// Whether a collection may be removed once it holds no document.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Invalid`] when a source feeds it, every tenant has it, or
    /// it holds documents that the reader may not see.
    pub fn check_collection_removal(&self, id: CollectionId) -> Result<(), StoreError> {
        self.read(|db| check_removal(db, id, self.reader()))
    }

    /// Removes a collection that holds no document.
    ///
    /// # Errors
    /// As [`Self::check_collection_removal`]; [`StoreError::Invalid`] when it holds documents.
    pub fn delete_collection(&self, id: CollectionId) -> Result<(), StoreError> {
        let reader = self.reader().clone();
        self.write(move |tx| {
            check_removal(tx, id, &reader)?;
            let documents = count_documents(tx, id, &ReaderValue::WHOLE)?;
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
            let sql = format!("{SELECT} WHERE {} ORDER BY name", readable_collection(1));
            let mut rows = db.prepare_cached(&sql)?;
            Ok(rows.query_map([self.reader()], read)?.collect::<Result<_, _>>()?)
        })
    }
}

pub(crate) fn require_collection(
    db: &Connection,
    id: CollectionId,
    reader: &ReaderValue,
) -> Result<Collection, StoreError> {
    db.prepare_cached(&format!("{SELECT} WHERE id = ?1 AND {}", readable_collection(2)))?
        .query_row(params![id.to_bytes(), reader], read)
        .optional()?
        .ok_or_else(|| StoreError::not_found("collection", id))
}

fn check_removal(
    db: &Connection,
    id: CollectionId,
    reader: &ReaderValue,
) -> Result<(), StoreError> {
    let refused = |why: String| Err(StoreError::Invalid { what: "collection to be removed", why });
    if require_collection(db, id, reader)?.name == Collection::DEFAULT_NAME {
        return Err(of_every_tenant("collection to be removed"));
    }
    let sql = "SELECT 1 FROM source WHERE collection = ?";
    if db.prepare_cached(sql)?.exists([id.to_bytes()])? {
        return refused("a source feeds it: remove the source first".to_owned());
    }
    let seen = count_documents(db, id, reader)?;
    if count_documents(db, id, &ReaderValue::WHOLE)? > seen {
        return refused("it holds documents of others".to_owned());
    }
    Ok(())
}

fn of_every_tenant(what: &'static str) -> StoreError {
    let why = format!("every tenant has the collection `{}`", Collection::DEFAULT_NAME);
    StoreError::Invalid { what, why }
}

fn count_documents(
    db: &Connection,
    id: CollectionId,
    reader: &ReaderValue,
) -> Result<u64, StoreError> {
    let sql = format!(
        "SELECT count(*) FROM document d WHERE d.collection = ?1 AND d.deleted_ms IS NULL AND {}",
        readable(2)
    );
    let counted = params![id.to_bytes(), reader];
    Ok(db.prepare_cached(&sql)?.query_row(counted, |row| row.get(0))?)
}

fn by_name(
    db: &Connection,
    name: &str,
    reader: &ReaderValue,
) -> Result<Option<Collection>, StoreError> {
    let sql = format!("{SELECT} WHERE name = ?1 AND {}", readable_collection(2));
    Ok(db.prepare_cached(&sql)?.query_row(params![name, reader], read).optional()?)
}

fn read(row: &Row<'_>) -> Result<Collection, assay_sqlite::sql::Error> {
    Ok(Collection {
        id: get(row, "id")?,
        name: row.get("name")?,
        created_ms: row.get("created_ms")?,
        settings: from_json(row, "settings")?,
        list: row.get("list")?,
    })
}

#[cfg(test)]
mod tests;

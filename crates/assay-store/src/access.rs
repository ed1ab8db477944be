//! Who may read what: access lists, and the one condition by which statements leave out what a
//! reader may not see.
//!
//! The rule: the list in force for a document is the one it was given; without one, the list of the
//! nearest document around it (the archive, the mail) that was given one; without one, the list of
//! its collection; without one, everybody of the tenant. A reader sees a document when the list in
//! force names the reader, a group of the reader, or everybody.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use assay_core::{CollectionId, DocumentId, Holder, Reader};
use assay_sqlite::sql::{
    self, Connection, OptionalExtension, Transaction, params,
    types::{Null, ToSql, ToSqlOutput},
};

use crate::{
    StoreError, TenantStore,
    collection::require_collection,
    document::{children, summary},
    row::{get, id_list},
};

/// Names on one list at most.
const HOLDERS_MAX: usize = 1_000;

/// A list as it was given, sorted.
pub type AccessList = Vec<Holder>;

/// How a document is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentAccess {
    /// The list that it was given itself; none when it was given none.
    pub own: Option<AccessList>,
    /// The list in force; none when everybody of the tenant may read it.
    pub in_force: Option<AccessList>,
}

/// A reader as statements take it: a list of holders, or NULL for one who sees everything.
#[derive(Debug, Clone)]
pub(crate) struct ReaderValue(Option<Arc<str>>);

impl ReaderValue {
    pub(crate) fn of(reader: &Reader) -> Self {
        Self(reader.holders().map(|holders| {
            let holders: Vec<String> =
                holders.iter().map(|it| format!("\"{}\"", hex(*it))).collect();
            format!("[{}]", holders.join(",")).into()
        }))
    }

    /// For steps inside a write that was let through by a check before.
    pub(crate) const WHOLE: Self = Self(None);
}

impl ToSql for ReaderValue {
    fn to_sql(&self) -> sql::Bound<'_> {
        Ok(match &self.0 {
            Some(holders) => ToSqlOutput::from(&**holders),
            None => ToSqlOutput::from(Null),
        })
    }
}

fn hex(holder: Holder) -> String {
    holder.to_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Holds for the documents `d` that the reader in parameter `number` may see.
pub(crate) fn readable(number: u8) -> String {
    leaves("coalesce(d.list, (SELECT k.list FROM collection k WHERE k.id = d.collection))", number)
}

/// Holds for the rows of `collection` that the reader in parameter `number` may see.
pub(crate) fn readable_collection(number: u8) -> String {
    leaves("collection.list", number)
}

fn leaves(list: &str, reader: u8) -> String {
    format!(
        "(CAST(?{reader} AS TEXT) IS NULL OR {list} IS NULL OR EXISTS (SELECT 1 FROM access_entry e \
         WHERE e.list = {list} AND e.holder IN (SELECT unhex(value) FROM json_each(?{reader}))))"
    )
}

impl TenantStore {
    /// Who may read the documents of a collection that were given no list; none for everybody.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn collection_access(&self, id: CollectionId) -> Result<Option<AccessList>, StoreError> {
        self.read(|db| {
            require_collection(db, id, self.reader())?;
            let sql = "SELECT list FROM collection WHERE id = ?";
            let list = db.prepare_cached(sql)?.query_row([id.to_bytes()], |row| row.get(0))?;
            holders_of(db, list)
        })
    }

    /// Closes a collection to all but those on a list, or opens it to everybody; on return it holds
    /// for every read.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Invalid`] for a list that is too long.
    pub fn set_collection_access(
        &self,
        id: CollectionId,
        list: Option<AccessList>,
    ) -> Result<(), StoreError> {
        let reader = self.reader().clone();
        self.write(move |tx| {
            require_collection(tx, id, &reader)?;
            let number = collection_list(tx, list)?;
            tx.prepare_cached("UPDATE collection SET list = ? WHERE id = ?")?
                .execute(params![number, id.to_bytes()])?;
            Ok(())
        })
    }

    /// Who may read a document.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn document_access(&self, id: DocumentId) -> Result<DocumentAccess, StoreError> {
        self.read(|db| {
            summary(db, id, self.reader())?;
            let sql = "SELECT d.own_list, coalesce(d.list, c.list) \
                       FROM document d JOIN collection c ON c.id = d.collection WHERE d.id = ?";
            let (own, in_force) = db
                .prepare_cached(sql)?
                .query_row([id.to_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let open = |list: &AccessList| list.contains(&Holder::Everybody);
            Ok(DocumentAccess {
                own: holders_of(db, own)?,
                in_force: holders_of(db, in_force)?.filter(|list| !open(list)),
            })
        })
    }

    /// Gives a document, and all that came out of it, a list of its own, or takes it back; on return
    /// it holds for every read.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Invalid`] for a list that is too long.
    pub fn set_document_access(
        &self,
        id: DocumentId,
        list: Option<AccessList>,
    ) -> Result<(), StoreError> {
        let reader = self.reader().clone();
        self.write(move |tx| {
            summary(tx, id, &reader)?;
            give(tx, id, list.as_ref())
        })
    }

    /// Of these documents, deleted ones included, those that the reader may not see.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn closed_documents(
        &self,
        documents: &[DocumentId],
    ) -> Result<HashSet<DocumentId>, StoreError> {
        self.read(|db| {
            let mut rows = db.prepare_cached(&format!(
                "SELECT d.id FROM document d \
                 WHERE d.id IN (SELECT unhex(value) FROM json_each(?1)) AND NOT {}",
                readable(2)
            ))?;
            let ids = id_list(documents.iter().map(|id| id.as_u128()));
            let closed = rows.query_map(params![ids, self.reader()], |row| get(row, 0))?;
            Ok(closed.collect::<Result<_, _>>()?)
        })
    }

    /// The lists made after the one of this number: they never change.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn access_lists_after(&self, number: i64) -> Result<Vec<(i64, AccessList)>, StoreError> {
        self.read(|db| {
            let sql = "SELECT number, body FROM access_list WHERE number > ? ORDER BY number";
            let mut rows = db.prepare_cached(sql)?;
            let lists = rows.query_map([number], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let lists: Vec<(i64, Vec<u8>)> = lists.collect::<Result<_, _>>()?;
            Ok(lists.into_iter().map(|(number, body)| (number, parse(&body))).collect())
        })
    }
}

/// The number of the list of a collection: none where it is open to everybody.
pub(crate) fn collection_list(
    tx: &Transaction<'_>,
    list: Option<AccessList>,
) -> Result<Option<i64>, StoreError> {
    let list = list.filter(|list| !list.contains(&Holder::Everybody));
    list.map(|list| list_number(tx, &list)).transpose()
}

/// Gives a document a list of its own, or none.
pub(crate) fn give(
    tx: &Transaction<'_>,
    id: DocumentId,
    list: Option<&AccessList>,
) -> Result<(), StoreError> {
    let own = list.map(|list| list_number(tx, list)).transpose()?;
    tx.prepare_cached("UPDATE document SET own_list = ? WHERE id = ?")?
        .execute(params![own, id.to_bytes()])?;
    settle(tx, id)
}

/// Puts the list in force into a document and all that came out of it.
fn settle(tx: &Transaction<'_>, id: DocumentId) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE document SET list = now.list FROM (SELECT coalesce(it.own_list, \
         (SELECT around.list FROM document around WHERE around.id = it.parent)) AS list \
         FROM document it WHERE it.id = ?1) AS now \
         WHERE document.id = ?1 AND document.list IS DISTINCT FROM now.list",
    )?
    .execute([id.to_bytes()])?;
    for child in children(tx, id)? {
        settle(tx, child)?;
    }
    Ok(())
}

/// The number of the list with these holders, which is made when there is none.
pub(crate) fn list_number(tx: &Transaction<'_>, list: &[Holder]) -> Result<i64, StoreError> {
    let mut holders: BTreeSet<Holder> = list.iter().copied().collect();
    if holders.len() > HOLDERS_MAX {
        let why =
            format!("it names {}, at most {HOLDERS_MAX} are kept: make a group", holders.len());
        return Err(StoreError::Invalid { what: "access list", why });
    }
    if holders.contains(&Holder::Everybody) {
        holders = BTreeSet::from([Holder::Everybody]);
    }
    let body: Vec<u8> = holders.iter().flat_map(|holder| holder.to_bytes()).collect();
    let known = tx
        .prepare_cached("SELECT number FROM access_list WHERE body = ?")?
        .query_row([&body], |row| row.get(0))
        .optional()?;
    if let Some(number) = known {
        return Ok(number);
    }
    let number: i64 = tx
        .prepare_cached("INSERT INTO access_list (body) VALUES (?) RETURNING number")?
        .query_row([&body], |row| row.get(0))?;
    let mut insert = tx.prepare_cached("INSERT INTO access_entry (list, holder) VALUES (?, ?)")?;
    for holder in holders {
        insert.execute(params![number, holder.to_bytes()])?;
    }
    Ok(number)
}

fn holders_of(db: &Connection, list: Option<i64>) -> Result<Option<AccessList>, StoreError> {
    let Some(list) = list else { return Ok(None) };
    let body: Vec<u8> = db
        .prepare_cached("SELECT body FROM access_list WHERE number = ?")?
        .query_row([list], |row| row.get(0))?;
    Ok(Some(parse(&body)))
}

/// The holders of a body; bytes that name none are left out, so that a damaged list closes more and
/// never less.
fn parse(body: &[u8]) -> AccessList {
    let (holders, _) = body.as_chunks::<{ Holder::BYTES }>();
    holders.iter().filter_map(|bytes| Holder::from_bytes(*bytes)).collect()
}

#[cfg(test)]
mod tests;

//! Moving the records of a tenant from the files of its folder to a server, or back.

use std::{fs, io, sync::PoisonError};

use assay_core::{TenantId, TenantScope};
use assay_sqlite::{
    Database,
    copy::{EVERY_ROW, Table, TableSum, copy, sums},
    sql::params,
};

use crate::{Store, StoreError, blob::failed, tenant::erase};

/// Every table of the records, each after those that it refers to; the last ones hold what triggers of
/// the others have written by then.
const TABLES: &[Table] = &[
    table("access_list", &["number", "body"], "number"),
    table("access_entry", &["list", "holder"], "list, holder"),
    table("collection", &["id", "name", "created_ms", "settings", "list"], "id"),
    table(
        "document",
        &[
            "id",
            "collection",
            "source_key",
            "name",
            "created_ms",
            "deleted_ms",
            "parent",
            "tags",
            "told",
            "own_list",
            "list",
        ],
        // Of a container and what is in it the container was first.
        "id",
    ),
    table(
        "version",
        &[
            "number",
            "id",
            "document",
            "state",
            "blob",
            "size",
            "media_type",
            "title",
            "pages",
            "text_bytes",
            "failure_code",
            "failure_reason",
            "received_ms",
            "changed_ms",
            "found",
        ],
        "number",
    ),
    Table { page: 8, ..table("blocks", &["version", "body"], "version") },
    table("text_part", &["version", "start", "body"], "version, start"),
    table("problem", &["version", "ordinal", "code", "message", "page"], "version, ordinal"),
    table(
        "passage",
        &[
            "id",
            "version",
            "ordinal",
            "start",
            "\"end\"",
            "char_start",
            "char_end",
            "page",
            "box",
            "heading_path",
            "hash",
            "text",
            "origin",
            "findings",
        ],
        "version, ordinal",
    ),
    table("model", &["number", "fingerprint", "dimensions"], "number"),
    table("vector", &["model", "hash", "body"], "model, hash"),
    table("sentence_vectors", &["model", "hash", "body"], "model, hash"),
    table("outbox", &["position", "change", "document", "version"], "position"),
    table("sketch", &["version", "body"], "version"),
    table("sketch_band", &["hash", "version"], "hash, version"),
    table(
        "source",
        &[
            "id",
            "name",
            "collection",
            "settings",
            "every_s",
            "state",
            "next_ms",
            "last_run",
            "created_ms",
        ],
        "id",
    ),
    table("feedback", &["number", "query", "document", "useful", "created_ms"], "number"),
    table(
        "session",
        &[
            "id",
            "title",
            "ttl_minutes",
            "is_active",
            "created_ms",
            "used_ms",
            "owner",
            "shared_ms",
            "has_words",
        ],
        "id",
    ),
    table("turn", &["session", "number", "body", "created_ms"], "session, number"),
    table("session_word", &["session", "word", "turn"], "session, word"),
    table(
        "opinion",
        &[
            "number",
            "session",
            "turn",
            "owner",
            "question",
            "state",
            "useful",
            "comment",
            "created_ms",
        ],
        "number",
    ),
    table(
        "web_text",
        &[
            "version",
            "document",
            "provider",
            "url",
            "title",
            "author",
            "licence",
            "changed_ms",
            "fetched_ms",
            "shown_ms",
            "body",
        ],
        "version",
    ),
    Table { replaces: true, ..table("catalogue_change", &["seq", "subject"], "seq") },
    Table { replaces: true, ..table("outbox_pruned", &["one", "position"], "one") },
    Table { replaces: true, ..table("usage", &["\"only\"", "documents", "bytes"], "\"only\"") },
];

const fn table(name: &'static str, columns: &'static [&'static str], order: &'static str) -> Table {
    Table { name, columns, order, rows: EVERY_ROW, page: 200, replaces: false }
}

impl Store {
    /// Copies the records of the tenant of `scope`, whom nobody may be using, to another store on the
    /// same data folder: one on the files, the other on a server. The target does not know the tenant
    /// before [`Self::take_over`]. What an attempt that was cut off has left is removed first.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; [`StoreError::Exists`] when the target has other records of the
    /// tenant, or another tenant of this name; [`StoreError::TenantInUse`]; those of both databases,
    /// and of a copy that differs.
    pub fn copy_tenant(
        &self,
        scope: &TenantScope,
        target: &Self,
    ) -> Result<Vec<TableSum>, StoreError> {
        let id = scope.tenant();
        let tenant = self.find(id)?.ok_or_else(|| StoreError::not_found("tenant", id))?;
        self.close_idle(id)?;
        target.close_idle(id)?;
        let (from, to) = (self.records_of(id)?, target.records_of(id)?);
        let others = target.tenants()?;
        if others.iter().any(|it| it.name == tenant.name && it.id != id) {
            return Err(StoreError::Exists { kind: "tenant", name: tenant.name });
        }
        if others.iter().any(|it| it.id == id) && has_documents(&to)? {
            // An attempt that was cut off before the source was ended, or work of the target's own.
            let sent = sums(&from, TABLES, &id.to_bytes())?;
            if sums(&to, TABLES, &id.to_bytes())? == sent {
                return Ok(sent);
            }
            return Err(StoreError::Exists { kind: "tenant", name: tenant.name });
        }
        drop(to);
        target.forget_records(id)?;
        let to = target.records_of(id)?;
        let sums = copy(&from, &to, TABLES, &id.to_bytes())?;
        keep_position(&to)?;
        Ok(sums)
    }

    /// Makes a tenant known that [`Self::copy_tenant`] brought here from `source`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`]; those of the database.
    pub fn take_over(&self, scope: &TenantScope, source: &Self) -> Result<(), StoreError> {
        let id = scope.tenant();
        let tenant = source.find(id)?.ok_or_else(|| StoreError::not_found("tenant", id))?;
        self.control.write(move |tx| {
            let sql = "INSERT INTO tenant (id, name, created_ms) VALUES (?, ?, ?) \
                ON CONFLICT DO NOTHING";
            tx.execute(sql, params![id.to_bytes(), tenant.name, tenant.created_ms])?;
            Ok(())
        })
    }

    /// Forgets a tenant that was taken over elsewhere; its blobs stay, for they are shared.
    ///
    /// # Errors
    /// [`StoreError::TenantInUse`]; those of the database and of the files.
    pub fn release(&self, scope: &TenantScope) -> Result<(), StoreError> {
        let id = scope.tenant();
        self.close_idle(id)?;
        if *scope != TenantScope::built_in() {
            self.control.write(move |tx| {
                Ok::<_, StoreError>(tx.execute("DELETE FROM tenant WHERE id = ?", [id.to_bytes()])?)
            })?;
        }
        self.forget_records(id)
    }

    fn records_of(&self, tenant: TenantId) -> Result<Database, StoreError> {
        self.records(tenant, &self.folder(tenant))
    }

    fn close_idle(&self, tenant: TenantId) -> Result<(), StoreError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.stores.get(&tenant).is_some_and(|(store, _)| store.is_in_use()) {
            return Err(StoreError::TenantInUse { tenant });
        }
        open.stores.remove(&tenant);
        Ok(())
    }

    /// Removes the records of a tenant from the engine of this store.
    fn forget_records(&self, tenant: TenantId) -> Result<(), StoreError> {
        if self.server.is_some() {
            return erase(&self.records_of(tenant)?);
        }
        let folder = self.folder(tenant);
        for name in ["records.db", "records.db-wal", "records.db-shm"] {
            let file = folder.join(name);
            match fs::remove_file(&file) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                removed => removed.map_err(failed("remove", &file))?,
            }
        }
        Ok(())
    }
}

/// Whether a tenant holds anything: the built-in one is always there.
fn has_documents(records: &Database) -> Result<bool, StoreError> {
    records.read(|db| Ok(db.prepare_cached("SELECT 1 FROM document LIMIT 1")?.exists([])?))
}

/// A position of the outbox is never used twice, also when every entry before was pruned.
fn keep_position(records: &Database) -> Result<(), StoreError> {
    records.write(|tx| {
        let sql = "INSERT INTO outbox (position, change, document) SELECT position, \
            'remove_document', CAST('' AS BLOB) FROM outbox_pruned WHERE position > 0 \
            ON CONFLICT DO NOTHING";
        tx.execute(sql, [])?;
        let sql = "DELETE FROM outbox WHERE position <= (SELECT position FROM outbox_pruned)";
        tx.execute(sql, [])?;
        Ok(())
    })
}

#[cfg(test)]
mod tests;

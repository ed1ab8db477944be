//! Sessions: conversations that are kept, turn by turn.

use assay_core::{PrincipalId, SessionId};
use assay_sqlite::sql::{self, Connection, OptionalExtension, Row, params};

use crate::{
    StoreError, TenantStore,
    row::{check_text, from_json, get, to_json},
};

/// Bytes of a title at most.
const TITLE_BYTES_MAX: usize = 256;
/// Sessions of a tenant at most.
const SESSIONS_MAX: u32 = 10_000;

/// A session without its turns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// Its id.
    pub id: SessionId,
    /// What it is called.
    pub title: Option<String>,
    /// Minutes after its last use at which it expires.
    pub ttl_minutes: u32,
    /// Whether it may be used; it was not set aside.
    pub is_active: bool,
    /// When it was made, in milliseconds since 1970.
    pub created_ms: i64,
    /// When it was used last, in milliseconds since 1970.
    pub used_ms: i64,
    /// Since when the members of the tenant may read it, in milliseconds since 1970; nothing: its
    /// owner alone.
    pub shared_ms: Option<i64>,
    /// Turns that are kept.
    pub turns: u32,
}

/// A question of a session and its answer.
#[derive(Debug, Clone, PartialEq)]
pub struct TurnRecord {
    /// Its place in the session, from 1.
    pub number: u64,
    /// What was said, in the writing of the caller.
    pub body: serde_json::Value,
    /// When it was kept, in milliseconds since 1970.
    pub created_ms: i64,
}

const SELECT: &str = "SELECT s.*, (SELECT count(*) FROM turn WHERE session = s.id) AS turns \
     FROM session s";

impl TenantStore {
    /// Makes a session of this principal.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for a title that cannot be one, or when there are 10,000 sessions.
    pub fn create_session(
        &self,
        owner: PrincipalId,
        title: Option<String>,
        ttl_minutes: u32,
    ) -> Result<SessionRecord, StoreError> {
        if let Some(title) = &title {
            check_text("title", title, TITLE_BYTES_MAX)?;
        }
        let now_ms = self.clock().now_ms();
        let session = SessionRecord {
            id: SessionId::new(),
            title,
            ttl_minutes,
            is_active: true,
            created_ms: now_ms,
            used_ms: now_ms,
            shared_ms: None,
            turns: 0,
        };
        self.write(move |tx| {
            let count: u32 = tx
                .prepare_cached("SELECT count(*) FROM session")?
                .query_row([], |row| row.get(0))?;
            if count >= SESSIONS_MAX {
                let why = format!("there are {count} already, which is the limit; delete some");
                return Err(StoreError::Invalid { what: "session", why });
            }
            tx.prepare_cached(
                "INSERT INTO session (id, title, ttl_minutes, is_active, created_ms, used_ms, owner) \
                 VALUES (?, ?, ?, 1, ?, ?, ?)",
            )?
            .execute(params![
                session.id.to_bytes(),
                session.title,
                session.ttl_minutes,
                session.created_ms,
                session.used_ms,
                owner.to_bytes()
            ])?;
            Ok(session)
        })
    }

    /// Refuses a session that is not this principal's, as one that there is not.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn check_session_owner(&self, owner: PrincipalId, id: SessionId) -> Result<(), StoreError> {
        let is_own = self.read(|db| {
            let mut rows = db.prepare_cached("SELECT 1 FROM session WHERE id = ? AND owner = ?")?;
            Ok::<_, StoreError>(rows.exists(params![id.to_bytes(), owner.to_bytes()])?)
        })?;
        if is_own { Ok(()) } else { Err(StoreError::not_found("session", id)) }
    }

    /// Sessions of a principal, those made last first, after the one that the page before ended with.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn sessions(
        &self,
        owner: PrincipalId,
        after: Option<SessionId>,
        limit: u32,
    ) -> Result<Vec<SessionRecord>, StoreError> {
        self.read(|db| {
            let mut rows = db.prepare_cached(&format!(
                "{SELECT} WHERE s.owner = ?3 AND (CAST(?1 AS BLOB) IS NULL OR s.id < ?1) \
                 ORDER BY s.id DESC LIMIT ?2"
            ))?;
            let after = after.map(SessionId::to_bytes);
            let owned = params![after, limit, owner.to_bytes()];
            Ok(rows.query_map(owned, read)?.collect::<Result<_, _>>()?)
        })
    }

    /// Sessions of all principals with their owners, those made first first, after the one that the
    /// page before ended with: for taking a tenant out.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn all_sessions(
        &self,
        after: Option<SessionId>,
        limit: u32,
    ) -> Result<Vec<(PrincipalId, SessionRecord)>, StoreError> {
        self.read(|db| {
            let mut rows = db.prepare_cached(&format!(
                "{SELECT} WHERE ?1 IS NULL OR s.id > ?1 ORDER BY s.id LIMIT ?2"
            ))?;
            let page = params![after.map(SessionId::to_bytes), limit];
            let found = rows.query_map(page, |row| Ok((get(row, "owner")?, read(row)?)))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// A session.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn session(&self, id: SessionId) -> Result<SessionRecord, StoreError> {
        self.read(|db| find(db, id))
    }

    /// The last `limit` turns of a session, oldest first.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn turns(&self, id: SessionId, limit: u32) -> Result<Vec<TurnRecord>, StoreError> {
        self.read(|db| {
            find(db, id)?;
            let mut rows = db.prepare_cached(
                "SELECT * FROM (SELECT * FROM turn WHERE session = ? ORDER BY number DESC LIMIT ?) AS last \
                 ORDER BY number",
            )?;
            let turns = rows.query_map(params![id.to_bytes(), limit], |row| {
                Ok(TurnRecord {
                    number: row.get("number")?,
                    body: from_json(row, "body")?,
                    created_ms: row.get("created_ms")?,
                })
            })?;
            Ok(turns.collect::<Result<_, _>>()?)
        })
    }

    /// Adds a turn, which counts as a use, and forgets those before the last `keep`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the session was deleted meanwhile.
    pub fn append_turn(
        &self,
        id: SessionId,
        body: serde_json::Value,
        keep: u32,
    ) -> Result<(), StoreError> {
        let now_ms = self.clock().now_ms();
        self.write(move |tx| {
            find(tx, id)?;
            let bytes = id.to_bytes();
            tx.prepare_cached(
                "INSERT INTO turn (session, number, body, created_ms) VALUES (?1, \
                 (SELECT coalesce(max(number), 0) + 1 FROM turn WHERE session = ?1), ?2, ?3)",
            )?
            .execute(params![bytes, to_json("turn", &body)?, now_ms])?;
            tx.prepare_cached(
                "DELETE FROM turn WHERE session = ?1 AND number <= \
                 (SELECT max(number) FROM turn WHERE session = ?1) - ?2",
            )?
            .execute(params![bytes, keep])?;
            tx.prepare_cached("UPDATE session SET used_ms = ? WHERE id = ?")?
                .execute(params![now_ms, bytes])?;
            Ok(())
        })
    }

    /// Takes a session up again or sets it aside; both count as a use.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn set_session_active(
        &self,
        id: SessionId,
        is_active: bool,
    ) -> Result<SessionRecord, StoreError> {
        let now_ms = self.clock().now_ms();
        self.write(move |tx| {
            tx.prepare_cached("UPDATE session SET is_active = ?, used_ms = ? WHERE id = ?")?
                .execute(params![is_active, now_ms, id.to_bytes()])?;
            find(tx, id)
        })
    }

    /// Opens a session to the members of the tenant, or to its owner alone again; which is no use.
    /// One that is open stays so since when it was.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn share_session(
        &self,
        id: SessionId,
        is_shared: bool,
    ) -> Result<SessionRecord, StoreError> {
        let shared_ms = is_shared.then(|| self.clock().now_ms());
        self.write(move |tx| {
            let sql = "UPDATE session SET shared_ms = ?1 WHERE id = ?2 AND \
                       (shared_ms IS NULL) <> (CAST(?1 AS BIGINT) IS NULL)";
            tx.prepare_cached(sql)?.execute(params![shared_ms, id.to_bytes()])?;
            find(tx, id)
        })
    }

    /// A session that is open to the members of the tenant, and its owner.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], also for one that is not open.
    pub fn shared_session(
        &self,
        id: SessionId,
    ) -> Result<(PrincipalId, SessionRecord), StoreError> {
        self.read(|db| {
            let sql = format!("{SELECT} WHERE s.id = ? AND s.shared_ms IS NOT NULL");
            db.prepare_cached(&sql)?
                .query_row([id.to_bytes()], |row| Ok((get(row, "owner")?, read(row)?)))
                .optional()?
                .ok_or_else(|| StoreError::not_found("session", id))
        })
    }

    /// Deletes a session with its turns and what was said of its answers.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub fn delete_session(&self, id: SessionId) -> Result<(), StoreError> {
        self.write(move |tx| {
            tx.prepare_cached("DELETE FROM opinion WHERE session = ?")?.execute([id.to_bytes()])?;
            let removed =
                tx.prepare_cached("DELETE FROM session WHERE id = ?")?.execute([id.to_bytes()])?;
            if removed == 1 { Ok(()) } else { Err(StoreError::not_found("session", id)) }
        })
    }

    /// Deletes sessions that expired `grace_ms` ago or earlier. Returns how many.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn sweep_sessions(&self, grace_ms: i64) -> Result<u64, StoreError> {
        let before_ms = self.clock().now_ms() - grace_ms;
        self.write(move |tx| {
            let removed = tx
                .prepare_cached("DELETE FROM session WHERE used_ms + ttl_minutes * 60000 < ?")?
                .execute([before_ms])?;
            Ok(removed as u64)
        })
    }
}

fn find(db: &Connection, id: SessionId) -> Result<SessionRecord, StoreError> {
    db.prepare_cached(&format!("{SELECT} WHERE s.id = ?"))?
        .query_row([id.to_bytes()], read)
        .optional()?
        .ok_or_else(|| StoreError::not_found("session", id))
}

fn read(row: &Row<'_>) -> sql::Result<SessionRecord> {
    Ok(SessionRecord {
        id: get(row, "id")?,
        title: row.get("title")?,
        ttl_minutes: row.get("ttl_minutes")?,
        is_active: row.get("is_active")?,
        created_ms: row.get("created_ms")?,
        used_ms: row.get("used_ms")?,
        shared_ms: row.get("shared_ms")?,
        turns: row.get("turns")?,
    })
}

#[cfg(test)]
mod tests;

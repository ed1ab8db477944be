//! Sessions: conversations that are kept, turn by turn.

mod words;

use assay_core::{PrincipalId, SessionId};
use assay_sqlite::sql::{self, Connection, OptionalExtension, Row, ToSql, Transaction, params};

use crate::{
    StoreError, TenantStore,
    row::{check_text, from_json, get, to_json},
};
pub use words::WantedWords;

/// Bytes of a title at most.
const TITLE_BYTES_MAX: usize = 256;
/// Sessions of a tenant at most.
const SESSIONS_MAX: u32 = 10_000;
/// Words of a turn, or of a title, by which a session is found.
const TURN_WORDS_MAX: usize = 500;

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
                "INSERT INTO session \
                 (id, title, ttl_minutes, is_active, created_ms, used_ms, owner, has_words) \
                 VALUES (?, ?, ?, 1, ?, ?, ?, 1)",
            )?
            .execute(params![
                session.id.to_bytes(),
                session.title,
                session.ttl_minutes,
                session.created_ms,
                session.used_ms,
                owner.to_bytes()
            ])?;
            keep_words(tx, session.id, 0, session.title.as_deref().unwrap_or_default())?;
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

    /// Sessions of a principal that have every one of these words, or a word that begins so, in their
    /// title or a turn; those made last first, after the one that the page before ended with. What a
    /// reader may see of the turns is for the caller to look at.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn find_sessions(
        &self,
        owner: PrincipalId,
        wanted: &WantedWords,
        after: Option<SessionId>,
        limit: u32,
    ) -> Result<Vec<SessionRecord>, StoreError> {
        // Each is looked up in the words of one session after the other, the newest first.
        let ranges = wanted.ranges();
        let has: String = (0..ranges.len())
            .map(|at| {
                format!(
                    " AND EXISTS (SELECT 1 FROM session_word w WHERE w.session = s.id \
                     AND w.word >= ?{} AND w.word < ?{})",
                    4 + 2 * at,
                    5 + 2 * at
                )
            })
            .collect();
        let (after, owner) = (after.map(SessionId::to_bytes), owner.to_bytes());
        let mut values: Vec<&dyn ToSql> = vec![&after, &limit, &owner];
        for (start, end) in &ranges {
            values.extend([start as &dyn ToSql, end]);
        }
        self.read(|db| {
            let mut rows = db.prepare_cached(&format!(
                "{SELECT} WHERE s.owner = ?3 AND (CAST(?1 AS BLOB) IS NULL OR s.id < ?1){has} \
                 ORDER BY s.id DESC LIMIT ?2"
            ))?;
            Ok(rows.query_map(values.as_slice(), read)?.collect::<Result<_, _>>()?)
        })
    }

    /// Adds the words of up to `limit` sessions of a principal from before words were kept; `text` is
    /// what a turn says. Returns how many there were.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn add_session_words(
        &self,
        owner: PrincipalId,
        limit: u32,
        text: fn(&serde_json::Value) -> String,
    ) -> Result<u32, StoreError> {
        let missing = "SELECT id, title FROM session WHERE owner = ? AND has_words = 0 LIMIT ?";
        let owner = owner.to_bytes();
        let waiting = self.read(|db| {
            let mut rows = db.prepare_cached(missing)?;
            Ok::<_, StoreError>(rows.exists(params![owner, limit])?)
        })?;
        if !waiting {
            return Ok(0);
        }
        self.write(move |tx| {
            let mut rows = tx.prepare_cached(missing)?;
            let sessions = rows.query_map(params![owner, limit], |row| {
                Ok((get(row, "id")?, row.get::<_, Option<String>>("title")?))
            })?;
            let sessions: Vec<(SessionId, Option<String>)> = sessions.collect::<Result<_, _>>()?;
            for (id, title) in &sessions {
                let sql = "SELECT number, body FROM turn WHERE session = ? ORDER BY number";
                let mut rows = tx.prepare_cached(sql)?;
                let turns = rows.query_map([id.to_bytes()], |row| {
                    Ok((row.get::<_, i64>("number")?, from_json(row, "body")?))
                })?;
                let turns: Vec<(i64, serde_json::Value)> = turns.collect::<Result<_, _>>()?;
                keep_words(tx, *id, 0, title.as_deref().unwrap_or_default())?;
                for (number, body) in &turns {
                    keep_words(tx, *id, *number, &text(body))?;
                }
                tx.prepare_cached("UPDATE session SET has_words = 1 WHERE id = ?")?
                    .execute([id.to_bytes()])?;
            }
            Ok(u32::try_from(sessions.len()).unwrap_or(u32::MAX))
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

    /// Adds a turn, which counts as a use and is found by the words of `text`, and forgets those
    /// before the last `keep`.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when the session was deleted meanwhile.
    pub fn append_turn(
        &self,
        id: SessionId,
        body: serde_json::Value,
        text: &str,
        keep: u32,
    ) -> Result<(), StoreError> {
        let now_ms = self.clock().now_ms();
        let text = text.to_owned();
        self.write(move |tx| {
            find(tx, id)?;
            let bytes = id.to_bytes();
            let number: i64 = tx
                .prepare_cached("SELECT coalesce(max(number), 0) + 1 FROM turn WHERE session = ?")?
                .query_row([bytes], |row| row.get(0))?;
            tx.prepare_cached(
                "INSERT INTO turn (session, number, body, created_ms) VALUES (?, ?, ?, ?)",
            )?
            .execute(params![bytes, number, to_json("turn", &body)?, now_ms])?;
            keep_words(tx, id, number, &text)?;
            let last_gone = number - i64::from(keep);
            if last_gone > 0 {
                tx.prepare_cached("DELETE FROM turn WHERE session = ? AND number <= ?")?
                    .execute(params![bytes, last_gone])?;
                let sql = "DELETE FROM session_word WHERE session = ? AND turn BETWEEN 1 AND ?";
                tx.prepare_cached(sql)?.execute(params![bytes, last_gone])?;
            }
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

/// Keeps the words of a turn, or with 0 of the title: each for the last turn that has it.
fn keep_words(
    tx: &Transaction<'_>,
    session: SessionId,
    turn: i64,
    text: &str,
) -> Result<(), StoreError> {
    let words = words::distinct(text, TURN_WORDS_MAX);
    if words.is_empty() {
        return Ok(());
    }
    let hex = |word: &String| word.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
    let words = to_json("words", &words.iter().map(hex).collect::<Vec<_>>())?;
    let session = session.to_bytes();
    // A word of the title stays one of the title, which no turn takes along when it goes.
    tx.prepare_cached(
        "UPDATE session_word SET turn = ?2 WHERE session = ?1 AND turn > 0 \
         AND word IN (SELECT unhex(value) FROM json_each(?3))",
    )?
    .execute(params![session, turn, words])?;
    tx.prepare_cached(
        "INSERT INTO session_word (session, word, turn) \
         SELECT ?1, unhex(value), ?2 FROM json_each(?3) WHERE TRUE ON CONFLICT DO NOTHING",
    )?
    .execute(params![session, turn, words])?;
    Ok(())
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

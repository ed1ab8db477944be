//! What people said of answers: whether one helped, and in their words why.

use assay_core::{PrincipalId, SessionId};
use assay_sqlite::sql::{Row, params};

use crate::{
    StoreError, TenantStore,
    row::{check_text, get},
};

/// Opinions kept of one tenant; the oldest make room.
const OPINIONS_MAX: u32 = 10_000;
/// Bytes of a comment at most.
const COMMENT_BYTES_MAX: usize = 4_000;

/// What somebody said of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opinion {
    /// The conversation.
    pub session: SessionId,
    /// The answer's place in it, from 1.
    pub turn: u64,
    /// Who said it.
    pub owner: PrincipalId,
    /// The question that was answered.
    pub question: String,
    /// The state of the answer, such as `supported`.
    pub state: String,
    /// Whether it helped.
    pub useful: bool,
    /// Why.
    pub comment: Option<String>,
    /// When it was said, in milliseconds since 1970.
    pub created_ms: i64,
}

impl TenantStore {
    /// Keeps an opinion, now; one of the same answer is replaced.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] for a comment that is empty or over 4,000 bytes.
    pub fn set_opinion(&self, mut opinion: Opinion) -> Result<Opinion, StoreError> {
        if let Some(comment) = &opinion.comment {
            check_text("comment", comment, COMMENT_BYTES_MAX)?;
        }
        opinion.created_ms = self.clock().now_ms();
        self.write(move |tx| {
            let (session, owner) = (opinion.session.to_bytes(), opinion.owner.to_bytes());
            tx.prepare_cached("DELETE FROM opinion WHERE session = ? AND turn = ?")?
                .execute(params![session, opinion.turn])?;
            tx.prepare_cached(
                "INSERT INTO opinion \
                 (session, turn, owner, question, state, useful, comment, created_ms) \
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![
                session,
                opinion.turn,
                owner,
                opinion.question,
                opinion.state,
                opinion.useful,
                opinion.comment,
                opinion.created_ms
            ])?;
            tx.prepare_cached(
                "DELETE FROM opinion WHERE number <= (SELECT max(number) FROM opinion) - ?",
            )?
            .execute([OPINIONS_MAX])?;
            Ok(opinion)
        })
    }

    /// Opinions with their numbers, those said last first, before the one of this number.
    ///
    /// # Errors
    /// Only those of the database.
    pub fn opinions(
        &self,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<(u64, Opinion)>, StoreError> {
        self.read(|db| {
            let mut rows = db.prepare_cached(
                "SELECT * FROM opinion WHERE number < ? ORDER BY number DESC LIMIT ?",
            )?;
            let before = before.and_then(|it| i64::try_from(it).ok()).unwrap_or(i64::MAX);
            let found = rows.query_map(params![before, limit], |row: &Row<'_>| {
                let opinion = Opinion {
                    session: get(row, "session")?,
                    turn: row.get("turn")?,
                    owner: get(row, "owner")?,
                    question: row.get("question")?,
                    state: row.get("state")?,
                    useful: row.get("useful")?,
                    comment: row.get("comment")?,
                    created_ms: row.get("created_ms")?,
                };
                Ok((row.get("number")?, opinion))
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }
}

#[cfg(test)]
mod tests;

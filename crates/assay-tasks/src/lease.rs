//! Leases: who may work on a task, until when, and how that right is lost.

use std::collections::BTreeMap;

use assay_core::{TaskId, TenantId, TenantScope};
use assay_sqlite::sql::{self, OptionalExtension, Row, Transaction, params};
use serde_json::Value;

use crate::{
    TaskError, query,
    turn::{Turns, next_ready},
};

/// Which tasks a worker takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseRequest {
    /// From these queues.
    pub queues: Vec<String>,
    /// Tasks of a queue that may run at the same time; a queue that is not named has no limit.
    pub limits: BTreeMap<String, usize>,
    /// Of these kinds; tasks of other kinds wait for a program that knows them.
    pub kinds: Vec<String>,
    /// At most so many.
    pub max: usize,
}

/// Names one lease of one task: a stale one opens nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaseToken {
    pub(crate) seq: i64,
    pub(crate) id: TaskId,
    pub(crate) fence: i64,
}

impl LeaseToken {
    /// The task.
    #[must_use]
    pub const fn task(&self) -> TaskId {
        self.id
    }

    /// The number of this lease among the leases of the task, from 1, always rising.
    #[must_use]
    pub const fn fence(&self) -> i64 {
        self.fence
    }
}

/// The right to run a task for a while, and what is needed to do so.
#[derive(Debug, Clone, PartialEq)]
pub struct Lease {
    /// Proof of the lease.
    pub token: LeaseToken,
    /// The tenant that enqueued the task.
    pub scope: TenantScope,
    /// The queue.
    pub queue: String,
    /// The kind.
    pub kind: String,
    /// Input of the handler.
    pub payload: Value,
    /// The number of this run among those that count, from 1: one more than the failures so far.
    pub attempt: u32,
    /// Whether the run may take only so long.
    pub(crate) is_timed: bool,
    /// Results of finished steps by name, as JSON.
    pub(crate) journal: BTreeMap<String, String>,
}

/// Whether a lease still stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Hold {
    /// It stands.
    Held,
    /// It stands, and somebody asked to cancel the task.
    CancelAsked,
    /// It is lost: the task belongs to another worker or ended; nothing was written.
    Lost,
}

impl Hold {
    fn of(cancel_asked: Option<bool>) -> Self {
        match cancel_asked {
            Some(false) => Self::Held,
            Some(true) => Self::CancelAsked,
            None => Self::Lost,
        }
    }
}

/// Leases the first ready tasks of a request.
pub(crate) fn lease_ready(
    transaction: &Transaction<'_>,
    request: &LeaseRequest,
    turns: &mut Turns,
    owner: i64,
    now_ms: i64,
    until_ms: i64,
) -> Result<Vec<Lease>, TaskError> {
    let sql = "UPDATE task SET state = 'running', fence = fence + 1, owner = ?2, \
        lease_until_ms = ?3, updated_ms = ?4, progress_done = NULL, progress_total = NULL, \
        progress_message = NULL, run_until_ms = ?4 + timeout_ms WHERE seq = ?1 RETURNING seq, id, fence, tenant, queue, kind, payload, attempts, \
        run_until_ms";
    let mut statement = transaction.prepare_cached(sql)?;
    let mut leases = Vec::new();
    while leases.len() < request.max {
        let Some(seq) = next_ready(transaction, request, turns)? else { break };
        let mut lease = statement.query_row(params![seq, owner, until_ms, now_ms], lease)?;
        // A first lease has no journal yet: most tasks are spared the query.
        if lease.token.fence > 1 {
            lease.journal = journal(transaction, seq)?;
        }
        leases.push(lease);
    }
    Ok(leases)
}

fn lease(row: &Row<'_>) -> sql::Result<Lease> {
    let id = TaskId::from_bytes(row.get("id")?);
    let tenant = TenantId::from_bytes(row.get("tenant")?);
    Ok(Lease {
        token: LeaseToken { seq: row.get("seq")?, id, fence: row.get("fence")? },
        scope: TenantScope::of_recorded_task(tenant),
        queue: row.get("queue")?,
        kind: row.get("kind")?,
        payload: query::json(&row.get::<_, String>("payload")?)?,
        attempt: row.get::<_, u32>("attempts")?.saturating_add(1),
        is_timed: row.get::<_, Option<i64>>("run_until_ms")?.is_some(),
        journal: BTreeMap::new(),
    })
}

fn journal(transaction: &Transaction<'_>, seq: i64) -> Result<BTreeMap<String, String>, TaskError> {
    let mut statement =
        transaction.prepare_cached("SELECT name, result FROM step WHERE task = ?")?;
    let rows = statement.query_map([seq], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Extends a lease.
pub(crate) fn renew(
    transaction: &Transaction<'_>,
    token: LeaseToken,
    until_ms: i64,
) -> Result<Hold, TaskError> {
    let sql = "UPDATE task SET lease_until_ms = ?4 \
        WHERE seq = ?1 AND id = ?2 AND fence = ?3 AND state = 'running' RETURNING cancel_asked";
    let keys = params![token.seq, token.id.to_bytes(), token.fence, until_ms];
    let asked = transaction.prepare_cached(sql)?.query_row(keys, |row| row.get(0)).optional()?;
    Ok(Hold::of(asked))
}

/// Writes the result of a step. A finished step shows that the task is no poison, so its lost
/// workers are forgotten.
pub(crate) fn record_step(
    transaction: &Transaction<'_>,
    token: LeaseToken,
    name: &str,
    result: &str,
    now_ms: i64,
) -> Result<Hold, TaskError> {
    let sql = "UPDATE task SET crashes = 0, updated_ms = ?4 \
        WHERE seq = ?1 AND id = ?2 AND fence = ?3 AND state = 'running' RETURNING cancel_asked";
    let keys = params![token.seq, token.id.to_bytes(), token.fence, now_ms];
    let asked = transaction.prepare_cached(sql)?.query_row(keys, |row| row.get(0)).optional()?;
    if asked.is_some() {
        let sql = "INSERT INTO step (task, name, result, at_ms) VALUES (?, ?, ?, ?)";
        transaction.prepare_cached(sql)?.execute(params![token.seq, name, result, now_ms])?;
    }
    Ok(Hold::of(asked))
}

/// Writes how far a run has come.
pub(crate) fn record_progress(
    transaction: &Transaction<'_>,
    token: LeaseToken,
    progress: &crate::Progress,
    now_ms: i64,
) -> Result<Hold, TaskError> {
    let sql = "UPDATE task SET progress_done = ?4, progress_total = ?5, progress_message = ?6, \
        updated_ms = ?7 WHERE seq = ?1 AND id = ?2 AND fence = ?3 AND state = 'running' \
        RETURNING cancel_asked";
    let count = |units: u64| i64::try_from(units).unwrap_or(i64::MAX);
    let values = params![
        token.seq,
        token.id.to_bytes(),
        token.fence,
        count(progress.done),
        progress.total.map(count),
        progress.message,
        now_ms,
    ];
    let asked = transaction.prepare_cached(sql)?.query_row(values, |row| row.get(0)).optional()?;
    Ok(Hold::of(asked))
}

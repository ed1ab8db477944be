//! Leases: who may work on a task, until when, and how that right is lost.

use std::collections::BTreeMap;

use assay_core::{TaskId, TenantId, TenantScope};
use assay_sqlite::sql::{self, OptionalExtension, Row, Transaction, params};
use serde_json::Value;

use crate::{TaskError, query};

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

macro_rules! free_leases {
    ($condition:literal) => {
        concat!(
            "UPDATE task SET crashes = crashes + 1, owner = NULL, lease_until_ms = NULL, ",
            "error = 'the worker was lost', updated_ms = ?1, ",
            // After the second crash in a row it waits, 1 s and then 8 times longer each time, so
            // that a task that takes its process down leaves the others time to work.
            "run_at_ms = CASE WHEN crashes = 0 THEN run_at_ms ",
            "ELSE CAST(?1 AS BIGINT) + (1000 << CAST(CASE WHEN crashes > 4 THEN 12 ",
            "ELSE 3 * (crashes - 1) END AS INTEGER)) END, ",
            "state = CASE WHEN cancel_asked <> 0 THEN 'cancelled' ",
            "WHEN crashes + 1 >= ?2 THEN 'parked' ",
            "WHEN crashes = 0 THEN 'ready' ELSE 'delayed' END, ",
            "finished_ms = CASE WHEN cancel_asked <> 0 OR crashes + 1 >= ?2 THEN ?1 END ",
            "WHERE state = 'running' AND ",
            $condition
        )
    };
}

/// Frees the leases of earlier processes: one process owns the file, so they are all gone.
pub(crate) fn free_other_owners(
    transaction: &Transaction<'_>,
    owner: i64,
    now_ms: i64,
    crashes_max: u32,
) -> Result<usize, TaskError> {
    let sql = free_leases!("owner <> ?3");
    Ok(transaction.execute(sql, params![now_ms, crashes_max, owner])?)
}

/// Frees leases that ran out and readies tasks whose time has come; how many there were.
pub(crate) fn advance(
    transaction: &Transaction<'_>,
    now_ms: i64,
    crashes_max: u32,
) -> Result<usize, TaskError> {
    let freed = transaction
        .prepare_cached(free_leases!("lease_until_ms <= ?1"))?
        .execute(params![now_ms, crashes_max])?;
    let sql = "UPDATE task SET state = 'ready' WHERE state = 'delayed' AND run_at_ms <= ?1";
    Ok(freed + transaction.prepare_cached(sql)?.execute([now_ms])?)
}

/// Leases the first ready tasks of a request.
pub(crate) fn lease_ready(
    transaction: &Transaction<'_>,
    request: &LeaseRequest,
    owner: i64,
    now_ms: i64,
    until_ms: i64,
) -> Result<Vec<Lease>, TaskError> {
    let sql = "UPDATE task SET state = 'running', fence = fence + 1, owner = ?2, \
        lease_until_ms = ?3, updated_ms = ?4, progress_done = NULL, progress_total = NULL, \
        progress_message = NULL WHERE seq = ?1 RETURNING seq, id, fence, tenant, queue, kind, payload, attempts";
    let mut statement = transaction.prepare_cached(sql)?;
    let mut leases = Vec::new();
    for seq in first_ready(transaction, request)? {
        let mut lease = statement.query_row(params![seq, owner, until_ms, now_ms], lease)?;
        // A first lease has no journal yet: most tasks are spared the query.
        if lease.token.fence > 1 {
            lease.journal = journal(transaction, seq)?;
        }
        leases.push(lease);
    }
    Ok(leases)
}

/// The rows to lease: each queue is read in its own index order, then the fronts are merged.
fn first_ready(
    transaction: &Transaction<'_>,
    request: &LeaseRequest,
) -> Result<Vec<i64>, TaskError> {
    let sql = "SELECT -priority, seq FROM task WHERE state = 'ready' AND queue = ?1 \
        AND kind IN (SELECT value FROM json_each(?2)) ORDER BY priority DESC, seq LIMIT ?3";
    let mut statement = transaction.prepare_cached(sql)?;
    let kinds = Value::from(request.kinds.as_slice()).to_string();
    let mut front: Vec<(i64, i64)> = Vec::new();
    for queue in &request.queues {
        let room = match request.limits.get(queue) {
            Some(limit) => limit.saturating_sub(running(transaction, queue)?),
            None => usize::MAX,
        };
        let max = request.max.min(room);
        let rows = statement
            .query_map(params![queue, kinds, max], |row| Ok((row.get(0)?, row.get(1)?)))?;
        front.extend(rows.collect::<Result<Vec<_>, _>>()?);
    }
    front.sort_unstable();
    front.dedup();
    Ok(front.into_iter().map(|(_, seq)| seq).take(request.max).collect())
}

/// How many tasks of a queue are leased.
fn running(transaction: &Transaction<'_>, queue: &str) -> Result<usize, TaskError> {
    let sql = "SELECT count(*) FROM task WHERE state = 'running' AND queue = ?";
    Ok(transaction.prepare_cached(sql)?.query_row([queue], |row| row.get(0))?)
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
        let sql = "INSERT INTO step (task, name, result) VALUES (?, ?, ?)";
        transaction.prepare_cached(sql)?.execute(params![token.seq, name, result])?;
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

//! What happened to a task so far: its finished steps and its runs that ended badly.

use assay_core::{TaskId, TenantScope};
use assay_sqlite::sql::{Connection, OptionalExtension, Row, Transaction, params};
use serde::Serialize;

use crate::TaskError;

/// Failures kept for a task; the oldest go first.
const FAILURES_KEPT: i64 = 50;
/// Steps told of a task.
const STEPS_MAX: u32 = 1_000;

/// A finished step of a task; its result stays in the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepRecord {
    /// Its name within the task.
    pub name: String,
    /// When it was recorded, in milliseconds since 1970; none for steps of older versions.
    pub at_ms: Option<i64>,
}

/// A run of a task that failed, took too long, or whose worker was lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailureRecord {
    /// The number of the run among all runs of the task, from 1.
    pub run: i64,
    /// When it ended, in milliseconds since 1970.
    pub at_ms: i64,
    /// Why, for a person.
    pub reason: String,
}

/// What happened to a task so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct History {
    /// Finished steps, oldest first, the first thousand.
    pub steps: Vec<StepRecord>,
    /// Failed runs, oldest first, the last fifty.
    pub failures: Vec<FailureRecord>,
}

pub(crate) fn record_failure(
    transaction: &Transaction<'_>,
    seq: i64,
    fence: i64,
    reason: &str,
    now_ms: i64,
) -> Result<(), TaskError> {
    let sql = "INSERT INTO failure (task, fence, at_ms, reason) VALUES (?, ?, ?, ?)";
    transaction.prepare_cached(sql)?.execute(params![seq, fence, now_ms, reason])?;
    if fence > FAILURES_KEPT {
        let sql = "DELETE FROM failure WHERE task = ?1 AND fence <= ?2";
        transaction.prepare_cached(sql)?.execute([seq, fence - FAILURES_KEPT])?;
    }
    Ok(())
}

pub(crate) fn find(
    connection: &Connection,
    scope: &TenantScope,
    id: TaskId,
) -> Result<Option<History>, TaskError> {
    let sql = "SELECT seq FROM task WHERE tenant = ?1 AND id = ?2";
    let keys = params![scope.tenant().to_bytes(), id.to_bytes()];
    let seq = connection.prepare_cached(sql)?.query_row(keys, |row| row.get(0)).optional()?;
    let Some(seq) = seq else { return Ok(None) };
    let step = |row: &Row<'_>| Ok(StepRecord { name: row.get(0)?, at_ms: row.get(1)? });
    let sql = "SELECT name, at_ms FROM step WHERE task = ?1 ORDER BY at_ms, name LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let steps = statement.query_map([seq, i64::from(STEPS_MAX)], step)?;
    let steps = steps.collect::<Result<_, _>>()?;
    let failure = |row: &Row<'_>| {
        Ok(FailureRecord { run: row.get(0)?, at_ms: row.get(1)?, reason: row.get(2)? })
    };
    let sql = "SELECT fence, at_ms, reason FROM failure WHERE task = ?1 ORDER BY fence";
    let mut statement = connection.prepare_cached(sql)?;
    let failures = statement.query_map([seq], failure)?.collect::<Result<_, _>>()?;
    Ok(Some(History { steps, failures }))
}

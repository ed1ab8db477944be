//! What happens because time passes: leases and runs end, delayed tasks become ready, tasks that
//! nobody can run are parked.

use std::collections::BTreeSet;

use assay_core::TaskId;
use assay_sqlite::sql::{Connection, Params, Transaction, params};

use crate::{
    LeaseToken, TaskError, TaskFailure, TaskSettings, TaskState, history, settle,
    settle::Settlement, webhook::tell,
};

/// What a look at the clock changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Advanced {
    /// Tasks that became ready, deliveries among them.
    pub(crate) ready: usize,
    /// Runs that took too long and lost their lease.
    pub(crate) timed_out: usize,
}

macro_rules! free_leases {
    ($condition:literal) => {
        concat!(
            "UPDATE task SET crashes = crashes + 1, owner = NULL, lease_until_ms = NULL, ",
            "run_until_ms = NULL, error = 'the worker was lost', updated_ms = ?1, ",
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
            $condition,
            " RETURNING seq, fence, CASE WHEN finished_ms IS NULL THEN 0 ELSE 1 END"
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
    free(transaction, sql, params![now_ms, crashes_max, owner], now_ms).map(|(freed, _)| freed)
}

/// Frees the leases of processes that do not show any more that they live.
pub(crate) fn free_lost_owners(
    transaction: &Transaction<'_>,
    owner: i64,
    now_ms: i64,
    crashes_max: u32,
) -> Result<usize, TaskError> {
    let sql = free_leases!(
        "owner IN (SELECT number FROM (SELECT DISTINCT owner AS number FROM task \
         WHERE state = 'running' AND owner <> ?3 LIMIT 1000) AS others \
         WHERE pg_try_advisory_xact_lock(7236289, CAST(number AS INTEGER)))"
    );
    free(transaction, sql, params![now_ms, crashes_max, owner], now_ms).map(|(freed, _)| freed)
}

/// Runs a statement that frees leases; how many it freed, and how many deliveries tell of an end.
fn free(
    transaction: &Transaction<'_>,
    sql: &str,
    values: impl Params,
    now_ms: i64,
) -> Result<(usize, usize), TaskError> {
    let mut statement = transaction.prepare_cached(sql)?;
    let rows = statement.query_map(values, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let freed: Vec<(i64, i64, bool)> = rows.collect::<Result<_, _>>()?;
    let mut told = 0;
    for (seq, fence, is_finished) in &freed {
        history::record_failure(transaction, *seq, *fence, "the worker was lost", now_ms)?;
        if *is_finished {
            told += tell(transaction, *seq, now_ms)?;
        }
    }
    Ok((freed.len(), told))
}

/// Frees leases that ran out, ends runs that took too long, and readies tasks whose time has come.
pub(crate) fn advance(
    transaction: &Transaction<'_>,
    now_ms: i64,
    settings: &TaskSettings,
) -> Result<Advanced, TaskError> {
    let (timed_out, told) = end_long_runs(transaction, now_ms, settings)?;
    let values = params![now_ms, settings.crashes_max];
    let (freed, told_of_crashes) =
        free(transaction, free_leases!("lease_until_ms <= ?1"), values, now_ms)?;
    let sql = "UPDATE task SET state = 'ready' WHERE state = 'delayed' AND run_at_ms <= ?1";
    let due = transaction.prepare_cached(sql)?.execute([now_ms])?;
    Ok(Advanced { ready: freed + due + told + told_of_crashes, timed_out })
}

/// Moves the ends of the leases and runs of a process with its clock, which jumped: also of those that it
/// has taken and not begun, or ended and not settled.
pub(crate) fn shift(
    transaction: &Transaction<'_>,
    owner: i64,
    jumped_ms: i64,
    until_ms: i64,
) -> Result<(), TaskError> {
    let sql = "UPDATE task SET lease_until_ms = ?2, run_until_ms = run_until_ms + ?3 \
        WHERE owner = ?1 AND state = 'running'";
    transaction.prepare_cached(sql)?.execute(params![owner, until_ms, jumped_ms])?;
    Ok(())
}

/// Fences off the runs that took longer than their task allows; each counts as a failure.
fn end_long_runs(
    transaction: &Transaction<'_>,
    now_ms: i64,
    settings: &TaskSettings,
) -> Result<(usize, usize), TaskError> {
    let sql = "SELECT seq, id, fence, timeout_ms FROM task WHERE run_until_ms <= ?1";
    let mut statement = transaction.prepare_cached(sql)?;
    let rows = statement.query_map([now_ms], |row| {
        let id = TaskId::from_bytes(row.get(1)?);
        Ok((LeaseToken { seq: row.get(0)?, id, fence: row.get(2)? }, row.get::<_, i64>(3)?))
    })?;
    let late: Vec<_> = rows.collect::<Result<_, _>>()?;
    let mut told = 0;
    for (token, timeout_ms) in &late {
        let reason = format!("the run took longer than its {timeout_ms} ms");
        let settlement = Settlement { token: *token, outcome: Err(TaskFailure::retry(reason)) };
        let settled = settle::settle(transaction, &settlement, settings, now_ms)?;
        told += settled.map_or(0, |settled| settled.told);
    }
    Ok((late.len(), told))
}

/// The next time at which something is due.
pub(crate) fn next(connection: &Connection) -> Result<Option<i64>, TaskError> {
    let sql = "SELECT min(due) FROM (\
        SELECT min(run_at_ms) AS due FROM task WHERE state = 'delayed' UNION ALL \
        SELECT min(lease_until_ms) FROM task WHERE state = 'running' UNION ALL \
        SELECT min(run_until_ms) FROM task WHERE run_until_ms IS NOT NULL UNION ALL \
        SELECT min(next_ms) FROM schedule WHERE paused = 0) AS dues";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// Tasks that have waited since `before_ms` or longer and whose kind is none of `known`.
pub(crate) fn unknown(
    connection: &Connection,
    known: &BTreeSet<&'static str>,
    before_ms: i64,
) -> Result<Vec<(i64, String)>, TaskError> {
    let known: Vec<&str> = known.iter().copied().collect();
    let sql = "SELECT seq, kind FROM task WHERE state = 'ready' AND updated_ms <= ?2 \
        AND kind NOT IN (SELECT value FROM json_each(?1)) LIMIT 500";
    let mut statement = connection.prepare_cached(sql)?;
    let values = params![serde_json::Value::from(known).to_string(), before_ms];
    let rows = statement.query_map(values, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Parks a task of a kind that nobody knows, unless it moved meanwhile.
pub(crate) fn park_unknown(
    transaction: &Transaction<'_>,
    seq: i64,
    kind: &str,
    now_ms: i64,
) -> Result<usize, TaskError> {
    let sql = "UPDATE task SET state = ?2, error = ?3, updated_ms = ?4, finished_ms = ?4 \
        WHERE seq = ?1 AND state = 'ready'";
    let error = format!("this program has no handler for tasks of kind `{kind}`");
    let values = params![seq, TaskState::Parked.as_str(), error, now_ms];
    let parked = transaction.prepare_cached(sql)?.execute(values)?;
    Ok(if parked == 0 { 0 } else { tell(transaction, seq, now_ms)? })
}

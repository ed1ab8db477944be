//! How a run ends: the state that follows from its outcome.

use assay_core::TaskId;
use assay_sqlite::sql::{OptionalExtension, Transaction, params};

use crate::{
    LeaseToken, TaskError, TaskFailure, TaskSettings, TaskState, backoff::backoff_ms, history,
    webhook::tell,
};

/// The outcome of a run, with its result as JSON.
pub(crate) struct Settlement {
    pub(crate) token: LeaseToken,
    pub(crate) outcome: Result<String, TaskFailure>,
}

/// What became of a task whose run ended.
pub(crate) struct Settled {
    pub(crate) state: TaskState,
    /// Deliveries that were enqueued to tell of its end.
    pub(crate) told: usize,
}

/// What the row says about the task whose run ended.
struct Current {
    id: TaskId,
    attempts: u32,
    attempts_max: u32,
    is_cancel_asked: bool,
}

/// What the row is to say.
struct Ending {
    state: TaskState,
    attempts: u32,
    /// Only for [`TaskState::Delayed`].
    run_at_ms: Option<i64>,
    error: Option<String>,
}

/// Ends a lease with the outcome of its run; the new state, or `None` when the lease was lost.
pub(crate) fn settle(
    transaction: &Transaction<'_>,
    settlement: &Settlement,
    settings: &TaskSettings,
    now_ms: i64,
) -> Result<Option<Settled>, TaskError> {
    let Settlement { token, outcome } = settlement;
    let sql = "SELECT attempts, attempts_max, cancel_asked FROM task \
        WHERE seq = ?1 AND id = ?2 AND fence = ?3 AND state = 'running'";
    let keys = params![token.seq, token.id.to_bytes(), token.fence];
    let current = transaction.prepare_cached(sql)?.query_row(keys, |row| {
        Ok(Current {
            id: token.id,
            attempts: row.get(0)?,
            attempts_max: row.get(1)?,
            is_cancel_asked: row.get(2)?,
        })
    });
    let Some(current) = current.optional()? else { return Ok(None) };
    let ending = ending(outcome.as_ref().err(), &current, settings, now_ms);
    let queue = match outcome {
        Err(TaskFailure::Moved { queue }) => Some(queue),
        _ => None,
    };
    let sql = "UPDATE task SET state = ?2, attempts = ?3, run_at_ms = coalesce(?4, run_at_ms), \
        error = ?5, result = ?6, updated_ms = ?7, finished_ms = ?8, queue = coalesce(?9, queue), \
        owner = NULL, lease_until_ms = NULL, run_until_ms = NULL WHERE seq = ?1";
    transaction.prepare_cached(sql)?.execute(params![
        token.seq,
        ending.state.as_str(),
        ending.attempts,
        ending.run_at_ms,
        ending.error,
        outcome.as_ref().ok(),
        now_ms,
        ending.state.is_finished().then_some(now_ms),
        queue,
    ])?;
    if let Err(TaskFailure::Retry { reason, .. } | TaskFailure::Fatal { reason }) = outcome {
        history::record_failure(transaction, token.seq, token.fence, reason, now_ms)?;
    }
    let told = if ending.state.is_finished() { tell(transaction, token.seq, now_ms)? } else { 0 };
    Ok(Some(Settled { state: ending.state, told }))
}

fn ending(
    failure: Option<&TaskFailure>,
    current: &Current,
    settings: &TaskSettings,
    now_ms: i64,
) -> Ending {
    let Current { id, attempts, attempts_max, is_cancel_asked } = *current;
    let failures = attempts.saturating_add(1);
    let (state, attempts, after_ms, error) = match failure {
        // It got done before the wish to cancel reached it: what happened, happened.
        None => (TaskState::Done, attempts, None, None),
        Some(TaskFailure::Interrupted | TaskFailure::Moved { .. }) if is_cancel_asked => {
            (TaskState::Cancelled, attempts, None, None)
        }
        Some(TaskFailure::Interrupted | TaskFailure::Moved { .. }) => {
            (TaskState::Ready, attempts, None, None)
        }
        Some(TaskFailure::Fatal { reason }) => (TaskState::Dead, failures, None, Some(reason)),
        Some(TaskFailure::Retry { reason, .. }) if is_cancel_asked => {
            (TaskState::Cancelled, failures, None, Some(reason))
        }
        Some(TaskFailure::Retry { reason, .. }) if failures >= attempts_max => {
            (TaskState::Dead, failures, None, Some(reason))
        }
        Some(TaskFailure::Retry { reason, after }) => {
            let wished = after.map(|after| i64::try_from(after.as_millis()).unwrap_or(i64::MAX));
            let after_ms = wished.unwrap_or_else(|| backoff_ms(settings, id, failures));
            (TaskState::Delayed, failures, Some(after_ms), Some(reason))
        }
    };
    let run_at_ms = after_ms.map(|after_ms| now_ms.saturating_add(after_ms));
    Ending { state, attempts, run_at_ms, error: error.cloned() }
}

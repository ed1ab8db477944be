//! Which task is next: the highest priority; within it the tenants take turns; of a tenant the
//! oldest task. One tenant with ten thousand tasks holds up another's one by a single task.

use std::collections::BTreeMap;

use assay_sqlite::sql::{OptionalExtension, Row, Transaction, params};
use serde_json::Value;

use crate::{LeaseRequest, TaskError};

/// The tenant that had the last turn in each queue. Kept in memory: after a start the turns begin
/// anew, which costs nobody more than one turn.
pub(crate) type Turns = BTreeMap<String, [u8; 16]>;

/// A ready task.
struct Candidate {
    queue: String,
    priority: i64,
    tenant: [u8; 16],
    seq: i64,
}

/// The row of the task that has the next turn, of those that a request asks for, and its queue is
/// noted to have had it.
pub(crate) fn next_ready(
    transaction: &Transaction<'_>,
    request: &LeaseRequest,
    turns: &mut Turns,
) -> Result<Option<i64>, TaskError> {
    let kinds = Value::from(request.kinds.as_slice()).to_string();
    let mut best: Option<Candidate> = None;
    for queue in &request.queues {
        if room(transaction, request, queue)? == 0 {
            continue;
        }
        let found = front(transaction, queue, &kinds, turns.get(queue))?;
        let is_better = |found: &Candidate| {
            best.as_ref()
                .is_none_or(|best| (-found.priority, found.seq) < (-best.priority, best.seq))
        };
        if let Some(found) = found.filter(is_better) {
            best = Some(found);
        }
    }
    Ok(best.map(|best| {
        turns.insert(best.queue, best.tenant);
        best.seq
    }))
}

/// The task of a queue that has the next turn. Each look is one step down the index.
fn front(
    transaction: &Transaction<'_>,
    queue: &str,
    kinds: &str,
    last: Option<&[u8; 16]>,
) -> Result<Option<Candidate>, TaskError> {
    let sql = "SELECT priority, tenant, seq FROM task WHERE state = 'ready' AND queue = ?1 \
        AND kind IN (SELECT value FROM json_each(?2)) ORDER BY priority DESC, tenant, seq LIMIT 1";
    let candidate = |row: &Row<'_>| {
        Ok(Candidate {
            queue: queue.to_owned(),
            priority: row.get(0)?,
            tenant: row.get(1)?,
            seq: row.get(2)?,
        })
    };
    let mut statement = transaction.prepare_cached(sql)?;
    let first = statement.query_row(params![queue, kinds], candidate).optional()?;
    let Some((first, last)) = first.as_ref().zip(last) else { return Ok(first) };
    let sql = "SELECT priority, tenant, seq FROM task WHERE state = 'ready' AND queue = ?1 \
        AND kind IN (SELECT value FROM json_each(?2)) AND priority = ?3 AND tenant > ?4 \
        ORDER BY tenant, seq LIMIT 1";
    let mut statement = transaction.prepare_cached(sql)?;
    let after = params![queue, kinds, first.priority, last];
    let next = statement.query_row(after, candidate).optional()?;
    Ok(Some(match next {
        Some(next) => next,
        None => Candidate { queue: queue.to_owned(), ..*first },
    }))
}

/// How many tasks of a queue may be leased besides those that are.
fn room(
    transaction: &Transaction<'_>,
    request: &LeaseRequest,
    queue: &str,
) -> Result<usize, TaskError> {
    let Some(limit) = request.limits.get(queue) else { return Ok(usize::MAX) };
    let sql = "SELECT count(*) FROM task WHERE state = 'running' AND queue = ?";
    let running: usize = transaction.prepare_cached(sql)?.query_row([queue], |row| row.get(0))?;
    Ok(limit.saturating_sub(running))
}

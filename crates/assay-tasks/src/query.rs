//! Rows to records, and the questions of callers.

use assay_core::{TaskId, TenantScope};
use assay_sqlite::sql::{self, Connection, OptionalExtension, Row, params};
use serde_json::Value;

use crate::{Progress, TaskError, TaskFilter, TaskRecord, TaskState};

const RECORD: &str = "SELECT id, queue, kind, key, payload, priority, state, run_at_ms, attempts, \
    attempts_max, timeout_ms, crashes, cancel_asked, progress_done, progress_total, progress_message, result, \
    error, created_ms, updated_ms, finished_ms FROM task";

pub(crate) fn find(
    connection: &Connection,
    scope: &TenantScope,
    id: TaskId,
) -> Result<Option<TaskRecord>, TaskError> {
    let sql = format!("{RECORD} WHERE tenant = ?1 AND id = ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    let keys = params![scope.tenant().to_bytes(), id.to_bytes()];
    Ok(statement.query_row(keys, record).optional()?)
}

pub(crate) fn list(
    connection: &Connection,
    scope: &TenantScope,
    filter: &TaskFilter,
) -> Result<Vec<TaskRecord>, TaskError> {
    let sql = format!(
        "{RECORD} WHERE tenant = ?1 AND (CAST(?2 AS TEXT) IS NULL OR queue = ?2) \
         AND (CAST(?3 AS TEXT) IS NULL OR kind = ?3) \
         AND (CAST(?4 AS TEXT) = '[]' OR state IN (SELECT value FROM json_each(?4))) AND id < ?5 ORDER BY id DESC LIMIT ?6"
    );
    let states: Vec<&str> = filter.states.iter().map(|state| state.as_str()).collect();
    let before = filter.before.map_or([u8::MAX; 16], TaskId::to_bytes);
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(
        params![
            scope.tenant().to_bytes(),
            filter.queue,
            filter.kind,
            Value::from(states).to_string(),
            before,
            filter.limit,
        ],
        record,
    )?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn record(row: &Row<'_>) -> sql::Result<TaskRecord> {
    Ok(TaskRecord {
        id: TaskId::from_bytes(row.get("id")?),
        queue: row.get("queue")?,
        kind: row.get("kind")?,
        key: row.get("key")?,
        payload: json(&row.get::<_, String>("payload")?)?,
        priority: row.get("priority")?,
        state: state(row, "state")?,
        run_at_ms: row.get("run_at_ms")?,
        attempts: row.get("attempts")?,
        attempts_max: row.get("attempts_max")?,
        timeout_ms: row.get("timeout_ms")?,
        crashes: row.get("crashes")?,
        is_cancel_asked: row.get("cancel_asked")?,
        progress: progress(row)?,
        result: row.get::<_, Option<String>>("result")?.as_deref().map(json).transpose()?,
        error: row.get("error")?,
        created_ms: row.get("created_ms")?,
        updated_ms: row.get("updated_ms")?,
        finished_ms: row.get("finished_ms")?,
    })
}

fn progress(row: &Row<'_>) -> sql::Result<Option<Progress>> {
    let Some(done) = row.get::<_, Option<i64>>("progress_done")? else { return Ok(None) };
    let total: Option<i64> = row.get("progress_total")?;
    Ok(Some(Progress {
        done: done.unsigned_abs(),
        total: total.map(i64::unsigned_abs),
        message: row.get("progress_message")?,
    }))
}

/// JSON that this engine wrote.
pub(crate) fn json(text: &str) -> sql::Result<Value> {
    serde_json::from_str(text).map_err(sql::Error::unreadable)
}

/// The state in a column.
pub(crate) fn state(row: &Row<'_>, column: &str) -> sql::Result<TaskState> {
    let text: String = row.get(column)?;
    text.parse().map_err(|message: String| sql::Error::unreadable(message))
}

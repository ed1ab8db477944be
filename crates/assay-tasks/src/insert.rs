//! Writing a new task.

use assay_core::{TaskId, TenantId};
use assay_sqlite::sql::{Connection, OptionalExtension, Transaction, params};

use crate::{NewTask, TaskError, TaskSettings, TaskState};

/// A task with its payload as JSON.
pub(crate) struct Draft {
    pub(crate) tenant: TenantId,
    pub(crate) task: NewTask,
    pub(crate) payload: String,
}

/// Writes a task and gives its id; where the tenant has one of this kind and key, that one's, and
/// nothing is written.
pub(crate) fn insert(
    transaction: &Transaction<'_>,
    draft: &Draft,
    settings: &TaskSettings,
    now_ms: i64,
) -> Result<TaskId, TaskError> {
    let Draft { tenant, task, payload } = draft;
    if let Some(key) = &task.key
        && let Some(id) = find_by_key(transaction, *tenant, &task.kind, key)?
    {
        return Ok(id);
    }
    let id = TaskId::new();
    let state = if task.is_delayed(now_ms) { TaskState::Delayed } else { TaskState::Ready };
    let sql = "INSERT INTO task (id, tenant, queue, kind, key, payload, priority, state, \
        run_at_ms, attempts_max, timeout_ms, created_ms, updated_ms) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12)";
    transaction.prepare_cached(sql)?.execute(params![
        id.to_bytes(),
        tenant.to_bytes(),
        task.queue,
        task.kind,
        task.key,
        payload,
        task.priority,
        state.as_str(),
        task.run_at_ms.unwrap_or(now_ms),
        task.attempts_max.unwrap_or(settings.attempts_max),
        task.timeout_ms,
        now_ms,
    ])?;
    Ok(id)
}

fn find_by_key(
    connection: &Connection,
    tenant: TenantId,
    kind: &str,
    key: &str,
) -> Result<Option<TaskId>, TaskError> {
    let sql = "SELECT id FROM task WHERE tenant = ?1 AND kind = ?2 AND key = ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let id = statement.query_row(params![tenant.to_bytes(), kind, key], |row| row.get(0));
    Ok(id.optional()?.map(TaskId::from_bytes))
}

//! Forgetting tasks that ended long ago.

use assay_core::TenantScope;
use assay_sqlite::sql::params;

use crate::{TaskError, Tasks};

/// Rows that one job deletes, so that other writers do not wait long for it.
const ROWS: usize = 500;
const HOUR_MS: i64 = 3_600_000;

impl Tasks {
    /// Deletes ended tasks whose time to be kept is over, with their journals; how many.
    ///
    /// # Errors
    /// [`TaskError::Store`].
    pub fn purge(&self) -> Result<usize, TaskError> {
        let now_ms = self.now_ms();
        let before = |hours: u32| now_ms.saturating_sub(i64::from(hours) * HOUR_MS);
        let settings = self.settings();
        let (done, dead) = (before(settings.keep_done_hours), before(settings.keep_dead_hours));
        let mut purged = 0;
        loop {
            let rows = self.0.database.write(move |transaction| {
                let sql = "DELETE FROM task WHERE seq IN (SELECT seq FROM task \
                    WHERE finished_ms < CASE WHEN state IN ('done', 'cancelled') \
                    THEN CAST(?1 AS BIGINT) ELSE CAST(?2 AS BIGINT) END \
                    AND (finished_ms < ?1 OR finished_ms < ?2) LIMIT ?3)";
                Ok::<_, TaskError>(transaction.execute(sql, params![done, dead, ROWS])?)
            })?;
            purged += rows;
            if rows < ROWS {
                return Ok(purged);
            }
        }
    }
}

impl Tasks {
    /// Deletes the schedules, the webhooks and every task of a tenant that is being erased, with its
    /// journal; how many tasks. One that is running loses its lease. Nothing of it stays in the file or
    /// its log.
    ///
    /// # Errors
    /// [`TaskError::Store`].
    pub fn forget_tenant(&self, scope: &TenantScope) -> Result<usize, TaskError> {
        let tenant = scope.tenant().to_bytes();
        let forgotten = self.0.database.write(move |transaction| {
            transaction.execute("DELETE FROM schedule WHERE tenant = ?", [tenant])?;
            transaction.execute("DELETE FROM webhook WHERE tenant = ?", [tenant])?;
            Ok::<_, TaskError>(transaction.execute("DELETE FROM task WHERE tenant = ?", [tenant])?)
        })?;
        self.0.database.empty_log()?;
        Ok(forgotten)
    }
}

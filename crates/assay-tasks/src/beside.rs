//! More processes on the same tasks, on a server: what each sees of the others.
//!
//! One process is the first, the server of an installation; others join it to work. Each that joined
//! shows by a lock of its own that it lives, so that the first frees its leases as soon as it is gone.
//! All look for work at short intervals, since a bell rings in one process alone.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use assay_core::{TenantId, TenantScope};
use assay_sqlite::{
    Presence, Server,
    sql::{Connection, params},
};
use serde_json::Value;

use crate::{LeaseRequest, TaskError, Tasks, due};

/// Between two looks for work of other processes.
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Between two looks whether a process is gone, and whether a run was cancelled by another one.
pub(crate) const TEND_EVERY: Duration = Duration::from_secs(1);

/// What this process is to the others.
#[derive(Debug)]
pub(crate) enum Role {
    /// There are none: the tasks are in a file.
    Alone,
    /// The first; when it last looked for those that are gone.
    First(Mutex<Option<Instant>>),
    /// One that joined, and what shows that it lives.
    Joined(Server, Box<Mutex<Presence>>),
}

impl Role {
    pub(crate) fn is_shared(&self) -> bool {
        !matches!(self, Self::Alone)
    }

    /// Whether this process decides what is done with tasks that it does not know.
    pub(crate) fn is_joined(&self) -> bool {
        matches!(self, Self::Joined(..))
    }
}

impl Tasks {
    /// The tenants whose tasks of a kind other processes run, or ended at `since_ms` or later.
    ///
    /// # Errors
    /// [`TaskError::Store`].
    pub fn worked_beside(&self, kind: &str, since_ms: i64) -> Result<Vec<TenantScope>, TaskError> {
        let own = self.owner();
        let sql = "SELECT tenant FROM task WHERE state = 'running' AND kind = ?1 AND owner <> ?2 \
            UNION SELECT tenant FROM task WHERE finished_ms >= ?3 AND kind = ?1";
        self.read(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let tenants = statement
                .query_map(params![kind, own, since_ms], |row| row.get::<_, [u8; 16]>(0))?
                .collect::<Result<Vec<_>, _>>()?;
            let scope = |tenant| TenantScope::of_recorded_task(TenantId::from_bytes(tenant));
            Ok(tenants.into_iter().map(scope).collect())
        })
    }

    /// Tasks that a pool could take now, at most `max`.
    pub(crate) fn count_ready(
        &self,
        request: &LeaseRequest,
        max: usize,
    ) -> Result<usize, TaskError> {
        let queues = Value::from(request.queues.as_slice()).to_string();
        let kinds = Value::from(request.kinds.as_slice()).to_string();
        let sql = "SELECT count(*) FROM (SELECT 1 AS one FROM task WHERE state = 'ready' \
            AND queue IN (SELECT value FROM json_each(?1)) \
            AND kind IN (SELECT value FROM json_each(?2)) LIMIT ?3) AS ready";
        self.read(|connection: &Connection| {
            let values = params![queues, kinds, i64::try_from(max).unwrap_or(i64::MAX)];
            Ok(connection.prepare_cached(sql)?.query_row(values, |row| row.get(0))?)
        })
    }

    /// What a process among others does from time to time: the first frees what those that are gone
    /// had leased; one that joined shows again that it lives, when its connection ended.
    pub(crate) fn tend(&self) -> Result<(), TaskError> {
        match self.role() {
            Role::Alone => Ok(()),
            Role::First(looked) => {
                let mut looked = looked.lock().unwrap_or_else(PoisonError::into_inner);
                if looked.is_some_and(|at| at.elapsed() < TEND_EVERY) {
                    return Ok(());
                }
                *looked = Some(Instant::now());
                drop(looked);
                // Whoever watches a task that another process runs has to look again.
                if self.count_of_others()? > 0 {
                    self.tell_watcher();
                    self.free_lost()?;
                }
                Ok(())
            }
            Role::Joined(server, presence) => {
                let mut presence = presence.lock().unwrap_or_else(PoisonError::into_inner);
                if presence.is_lost() {
                    *presence = shown(server, self.owner())?;
                }
                Ok(())
            }
        }
    }

    fn count_of_others(&self) -> Result<usize, TaskError> {
        let own = self.owner();
        let sql = "SELECT count(*) FROM task WHERE state = 'running' AND owner <> ?";
        self.read(|connection| {
            Ok(connection.prepare_cached(sql)?.query_row([own], |row| row.get(0))?)
        })
    }

    /// Frees the leases of processes that are gone.
    fn free_lost(&self) -> Result<(), TaskError> {
        let (own, now_ms, crashes_max) = (self.owner(), self.now_ms(), self.settings().crashes_max);
        let freed = self.write(move |transaction| {
            due::free_lost_owners(transaction, own, now_ms, crashes_max)
        })?;
        if freed > 0 {
            tracing::warn!(tasks = freed, "tasks of a worker that is gone were taken up again");
            self.ring_ready(freed);
            self.ring_timers();
        }
        Ok(())
    }
}

/// Shows that the process with this number lives.
pub(crate) fn shown(server: &Server, owner: i64) -> Result<Presence, TaskError> {
    let number = i32::try_from(owner).unwrap_or(i32::MAX);
    Ok(server.presence(number)?)
}

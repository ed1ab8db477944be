//! The calls that workers make.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, Weak, atomic::Ordering},
};

use assay_sqlite::sql::Connection;
use serde::Serialize;
use serde_json::Value;

use super::{Bells, Tasks};
use crate::{
    Hold, Lease, LeaseRequest, LeaseToken, Progress, TaskError, TaskFailure, TaskState, lease,
    settle::{Settlement, settle},
};

impl Tasks {
    /// Leases the tasks that are due: of the highest priority, then the oldest. Leases that ran
    /// out are freed first.
    ///
    /// # Errors
    /// [`TaskError::Store`].
    pub fn lease_due(&self, request: &LeaseRequest) -> Result<Vec<Lease>, TaskError> {
        Ok(self.settle_and_lease(None, request)?.1)
    }

    /// Ends a run; the state that follows, or `None` when the lease was lost and nothing changed.
    ///
    /// # Errors
    /// [`TaskError::Store`].
    pub fn settle(
        &self,
        token: LeaseToken,
        outcome: Result<Value, TaskFailure>,
    ) -> Result<Option<TaskState>, TaskError> {
        let settlement = Arc::new(self.settlement(token, outcome));
        let nothing =
            LeaseRequest { queues: Vec::new(), limits: BTreeMap::new(), kinds: Vec::new(), max: 0 };
        Ok(self.settle_and_lease(Some(settlement), &nothing)?.0)
    }

    /// Extends leases from now on by the time in the settings, all in one write; how each stands,
    /// in the order given.
    ///
    /// # Errors
    /// [`TaskError::Store`].
    pub fn heartbeat(&self, tokens: Vec<LeaseToken>) -> Result<Vec<Hold>, TaskError> {
        let until_ms = self.lease_until_ms();
        self.0.database.write(move |transaction| {
            tokens.into_iter().map(|token| lease::renew(transaction, token, until_ms)).collect()
        })
    }

    pub(crate) fn settlement(
        &self,
        token: LeaseToken,
        outcome: Result<Value, TaskFailure>,
    ) -> Settlement {
        let outcome = outcome.and_then(|result| Ok(self.to_json("result", &result)?));
        Settlement { token, outcome }
    }

    /// Ends a run and leases the next tasks in one transaction: a worker under load waits for the
    /// disk once per task.
    pub(crate) fn settle_and_lease(
        &self,
        settlement: Option<Arc<Settlement>>,
        request: &LeaseRequest,
    ) -> Result<(Option<TaskState>, Vec<Lease>), TaskError> {
        let (now_ms, until_ms) = (self.now_ms(), self.lease_until_ms());
        let (store, request) = (Arc::clone(&self.0), request.clone());
        let (state, ready, leases) = self.0.database.write(move |transaction| {
            let state = match &settlement {
                Some(settlement) => settle(transaction, settlement, &store.settings, now_ms)?,
                None => None,
            };
            let ready = lease::advance(transaction, now_ms, store.settings.crashes_max)?;
            let leases = lease::lease_ready(transaction, &request, store.owner, now_ms, until_ms)?;
            Ok::<_, TaskError>((state, ready, leases))
        })?;
        let ready = ready + usize::from(state == Some(TaskState::Ready));
        self.ring_ready(ready.saturating_sub(leases.len()));
        if state == Some(TaskState::Delayed) {
            self.ring_timers();
        }
        if state.is_some() || ready > 0 || !leases.is_empty() {
            self.tell_watcher();
        }
        Ok((state, leases))
    }

    /// Frees leases that ran out and readies delayed tasks; the next time at which that is due.
    pub(crate) fn advance(&self) -> Result<Option<i64>, TaskError> {
        let now_ms = self.now_ms();
        let next = |connection: &Connection| -> Result<Option<i64>, TaskError> {
            let sql = "SELECT min(due) FROM (\
                SELECT min(run_at_ms) AS due FROM task WHERE state = 'delayed' UNION ALL \
                SELECT min(lease_until_ms) FROM task WHERE state = 'running')";
            Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
        };
        let due = self.0.database.read(next)?;
        if due.is_none_or(|due| due > now_ms) {
            return Ok(due);
        }
        let crashes_max = self.settings().crashes_max;
        let ready = self
            .0
            .database
            .write(move |transaction| lease::advance(transaction, now_ms, crashes_max))?;
        self.ring_ready(ready);
        self.tell_watcher();
        self.0.database.read(next)
    }

    pub(crate) fn record_step(
        &self,
        token: LeaseToken,
        name: &str,
        result: &impl Serialize,
    ) -> Result<(Hold, String), TaskError> {
        let json = self.to_json("result of a step", result)?;
        let (name, now_ms) = (name.to_owned(), self.now_ms());
        self.0.database.write(move |transaction| {
            let hold = lease::record_step(transaction, token, &name, &json, now_ms)?;
            Ok((hold, json))
        })
    }

    pub(crate) fn record_progress(
        &self,
        token: LeaseToken,
        progress: Progress,
    ) -> Result<Hold, TaskError> {
        let now_ms = self.now_ms();
        let hold = self.0.database.write(move |transaction| {
            lease::record_progress(transaction, token, &progress, now_ms)
        })?;
        self.tell_watcher();
        Ok(hold)
    }

    fn lease_until_ms(&self) -> i64 {
        self.now_ms().saturating_add(self.settings().lease_ms.into())
    }

    /// Bells that ring for this store as long as somebody holds them.
    pub(crate) fn bells(&self) -> Arc<Bells> {
        let bells = Arc::new(Bells::default());
        let mut pools = self.0.pools.lock().unwrap_or_else(PoisonError::into_inner);
        pools.retain(|pool| pool.strong_count() > 0);
        pools.push(Arc::downgrade(&bells));
        bells
    }

    pub(super) fn ring_ready(&self, tasks: usize) {
        if tasks > 0 {
            self.each_pool(|bells| bells.ready.ring(tasks));
        }
    }

    pub(super) fn ring_timers(&self) {
        self.each_pool(|bells| bells.timer.ring_all());
    }

    /// Makes the pools look at once whether one of their runs was cancelled.
    pub(super) fn ring_cancel(&self) {
        self.each_pool(|bells| {
            bells.is_cancel_asked.store(true, Ordering::Release);
            bells.timer.ring_all();
        });
    }

    fn each_pool(&self, ring: impl Fn(&Bells)) {
        let pools = self.0.pools.lock().unwrap_or_else(PoisonError::into_inner);
        pools.iter().filter_map(Weak::upgrade).for_each(|bells| ring(&bells));
    }
}

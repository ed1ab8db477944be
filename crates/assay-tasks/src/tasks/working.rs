//! The calls that workers make.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, Weak, atomic::Ordering},
};

use serde::Serialize;
use serde_json::Value;

use super::{Bells, Tasks};
use crate::{
    Hold, Lease, LeaseRequest, LeaseToken, Progress, TaskError, TaskFailure, TaskState,
    due::{self, Advanced},
    lease, schedule,
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
        let store = Arc::clone(&self.0);
        self.0.database.write(move |transaction| {
            let until_ms = store.lease_until_ms(store.clock.now_ms());
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
        let (store, mut request) = (Arc::clone(&self.0), request.clone());
        if self.is_draining() {
            request.max = 0;
        }
        let (settled, advanced, leases) = self.0.database.write(move |transaction| {
            let look = store.look();
            let now_ms = look.now_ms;
            let settled = match &settlement {
                Some(settlement) => settle(transaction, settlement, &store.settings, now_ms)?,
                None => None,
            };
            let advanced = store.advance(transaction, look)?;
            let mut turns = store.turns.lock().unwrap_or_else(PoisonError::into_inner);
            let (owner, until_ms) = (store.owner, store.lease_until_ms(now_ms));
            let leases =
                lease::lease_ready(transaction, &request, &mut turns, owner, now_ms, until_ms)?;
            Ok::<_, TaskError>((settled, advanced, leases))
        })?;
        let state = settled.as_ref().map(|settled| settled.state);
        let told = settled.map_or(0, |settled| settled.told);
        let ready = advanced.ready + told + usize::from(state == Some(TaskState::Ready));
        self.stop_late_runs(advanced);
        self.ring_ready(ready.saturating_sub(leases.len()));
        let has_timed = leases.iter().any(|lease| lease.is_timed);
        if state == Some(TaskState::Delayed) || has_timed {
            self.ring_timers();
        }
        if state.is_some() || ready > 0 || !leases.is_empty() {
            self.tell_watcher();
        }
        Ok((state, leases))
    }

    /// Does what is due: frees leases that ran out, ends runs that took too long, readies delayed
    /// tasks, makes the tasks of schedules. Pools call it by themselves. Gives the next time, in
    /// milliseconds since 1970, at which something is due.
    ///
    /// # Errors
    /// [`TaskError::Store`].
    pub fn advance(&self) -> Result<Option<i64>, TaskError> {
        let due = self.0.database.read(due::next)?;
        if due.is_none_or(|due| due > self.now_ms()) {
            return Ok(due);
        }
        let store = Arc::clone(&self.0);
        let (advanced, fired) = self.0.database.write(move |transaction| {
            let look = store.look();
            let advanced = store.advance(transaction, look)?;
            let fired = schedule::fire(transaction, look.now_ms, &store.settings)?;
            Ok::<_, TaskError>((advanced, fired))
        })?;
        self.stop_late_runs(advanced);
        self.ring_ready(advanced.ready + fired);
        self.tell_watcher();
        self.0.database.read(due::next)
    }

    /// Parks ready tasks whose kind no pool of this process knows, when they have waited long
    /// enough for a program that does; how many.
    ///
    /// # Errors
    /// [`TaskError::Store`].
    pub fn park_unknown(&self) -> Result<usize, TaskError> {
        // One that joined knows fewer kinds than the first.
        if self.role().is_joined() {
            return Ok(0);
        }
        let known = self.0.kinds.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let now_ms = self.now_ms();
        let before_ms = now_ms.saturating_sub(self.settings().unknown_kind_ms.into());
        let unknown =
            self.0.database.read(|connection| due::unknown(connection, &known, before_ms))?;
        if unknown.is_empty() {
            return Ok(0);
        }
        let count = unknown.len();
        let told = self.0.database.write(move |transaction| {
            unknown.iter().try_fold(0, |told, (seq, kind)| {
                Ok::<_, TaskError>(told + due::park_unknown(transaction, *seq, kind, now_ms)?)
            })
        })?;
        tracing::warn!(
            tasks = count,
            "tasks of a kind that this program does not know were parked"
        );
        self.ring_ready(told);
        self.tell_watcher();
        Ok(count)
    }

    /// Tells the pools that runs of theirs took too long.
    fn stop_late_runs(&self, advanced: Advanced) {
        if advanced.timed_out > 0 {
            self.ring_cancel();
            self.tell_watcher();
        }
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

    /// Bells that ring for this store as long as somebody holds them.
    pub(crate) fn bells(&self) -> Arc<Bells> {
        let bells = Arc::new(Bells::default());
        let mut pools = self.0.pools.lock().unwrap_or_else(PoisonError::into_inner);
        pools.retain(|pool| pool.strong_count() > 0);
        pools.push(Arc::downgrade(&bells));
        bells
    }

    pub(crate) fn ring_ready(&self, tasks: usize) {
        if tasks > 0 {
            self.each_pool(|bells| bells.ready.ring(tasks));
        }
    }

    pub(crate) fn ring_timers(&self) {
        self.each_pool(|bells| bells.timer.ring_all());
    }

    /// Makes the pools look at once whether one of their runs was cancelled.
    pub(super) fn ring_cancel(&self) {
        self.each_pool(|bells| {
            bells.is_cancel_asked.store(true, Ordering::Release);
            bells.timer.ring_all();
        });
    }

    pub(super) fn each_pool(&self, ring: impl Fn(&Bells)) {
        let pools = self.0.pools.lock().unwrap_or_else(PoisonError::into_inner);
        pools.iter().filter_map(Weak::upgrade).for_each(|bells| ring(&bells));
    }
}

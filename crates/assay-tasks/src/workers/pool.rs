//! What the threads of a pool share: the runs under way and whether to stop.

use std::{
    collections::BTreeMap,
    ops::Deref,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use assay_core::TaskId;

use crate::{LeaseRequest, LeaseToken, StopFlag, Tasks, tasks::Bells};

#[derive(Debug)]
pub(super) struct Pool {
    pub(super) tasks: Tasks,
    pub(super) bells: Arc<Bells>,
    request: LeaseRequest,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Worker threads alive.
    threads: usize,
    running: BTreeMap<TaskId, (LeaseToken, StopFlag)>,
    is_stopping: bool,
    is_closed: bool,
}

impl Pool {
    pub(super) fn new(tasks: Tasks, request: LeaseRequest) -> Self {
        let bells = tasks.bells();
        Self { tasks, bells, request, state: Mutex::default(), changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a worker thread in; it is counted out when the guard is dropped.
    pub(super) fn enter(self: &Arc<Self>) -> Entered {
        self.lock().threads += 1;
        Entered(Arc::clone(self))
    }

    /// What to lease next: nothing while stopping.
    pub(super) fn request(&self) -> LeaseRequest {
        let max = if self.lock().is_stopping { 0 } else { self.request.max };
        LeaseRequest { max, ..self.request.clone() }
    }

    /// Waits for `time` or the stop of the pool, whatever rings meanwhile.
    pub(super) fn pause(&self, time: Duration) {
        let until = Instant::now() + time;
        loop {
            let seen = self.bells.ready.rings();
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || self.lock().is_stopping {
                return;
            }
            self.bells.ready.wait(seen, left);
        }
    }

    pub(super) fn begin(&self, token: LeaseToken) -> StopFlag {
        let stop = StopFlag::default();
        let mut state = self.lock();
        if state.is_stopping {
            stop.raise();
        }
        state.running.insert(token.task(), (token, stop.clone()));
        stop
    }

    pub(super) fn end(&self, token: LeaseToken) {
        let mut state = self.lock();
        // After a lost lease another thread may be running the task.
        if state.running.get(&token.task()).is_some_and(|(current, _)| *current == token) {
            state.running.remove(&token.task());
        }
    }

    pub(super) fn running(&self) -> Vec<(LeaseToken, StopFlag)> {
        self.lock().running.values().cloned().collect()
    }

    /// Threads that run nothing.
    pub(super) fn idle(&self) -> usize {
        let state = self.lock();
        state.threads.saturating_sub(state.running.len())
    }

    pub(super) fn ask_to_stop(&self) {
        let mut state = self.lock();
        state.is_stopping = true;
        state.running.values().for_each(|(_, stop)| stop.raise());
        drop(state);
        self.bells.ready.ring_all();
    }

    /// Waits until all worker threads ended; after `until`, the leases of those that run on.
    pub(super) fn wait_until_idle(&self, until: Instant) -> Vec<LeaseToken> {
        let mut state = self.lock();
        while state.threads > 0 {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.running.values().map(|(token, _)| *token).collect()
    }

    /// Ends the keeper too.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        self.bells.timer.ring_all();
    }

    pub(super) fn is_closed(&self) -> bool {
        self.lock().is_closed
    }
}

/// A worker thread that is counted in.
pub(super) struct Entered(Arc<Pool>);

impl Deref for Entered {
    type Target = Pool;

    fn deref(&self) -> &Pool {
        &self.0
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.0.lock().threads -= 1;
        self.0.changed.notify_all();
    }
}

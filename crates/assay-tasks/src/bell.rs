//! Waking threads that wait for work, without a wake-up that gets lost.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Counts rings. A thread notes the count, looks for work, and waits for the count to move on: a
/// ring between the look and the wait is not lost.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    rings: Mutex<u64>,
    rung: Condvar,
}

impl Bell {
    fn lock(&self) -> MutexGuard<'_, u64> {
        self.rings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn rings(&self) -> u64 {
        *self.lock()
    }

    /// Wakes up to `threads` waiting threads.
    pub(crate) fn ring(&self, threads: usize) {
        *self.lock() += 1;
        for _ in 0..threads {
            self.rung.notify_one();
        }
    }

    pub(crate) fn ring_all(&self) {
        *self.lock() += 1;
        self.rung.notify_all();
    }

    /// Waits for a ring after the first `seen`, at most for `timeout`.
    pub(crate) fn wait(&self, seen: u64, timeout: Duration) {
        let waiting = self.rung.wait_timeout_while(self.lock(), timeout, |rings| *rings == seen);
        drop(waiting);
    }
}

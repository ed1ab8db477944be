//! The thread that watches the clock for a pool: heartbeats, due times, purging.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use super::pool::Pool;
use crate::{
    Hold, TaskError,
    beside::{LOOK_EVERY, TEND_EVERY},
};

/// Ended tasks are looked through this often.
const PURGE_EVERY: Duration = Duration::from_secs(3600);
/// Tasks of kinds that nobody knows are looked for this often.
const PARK_EVERY: Duration = Duration::from_secs(60);

pub(super) fn keep(pool: &Pool) {
    let is_shared = pool.tasks.role().is_shared();
    let third = Duration::from_millis(u64::from(pool.tasks.settings().lease_ms) / 3);
    // Another process can only write that a run was cancelled.
    let beat_every = if is_shared { third.min(TEND_EVERY) } else { third };
    let mut beaten_at = Instant::now();
    let mut parked_at = Instant::now();
    let mut purged_at: Option<Instant> = None;
    while !pool.is_closed() {
        let seen = pool.bells.timer.rings();
        let is_cancel_asked = pool.bells.is_cancel_asked.swap(false, Ordering::AcqRel);
        if is_cancel_asked || beaten_at.elapsed() >= beat_every {
            beaten_at = Instant::now();
            if let Err(error) = beat(pool) {
                tracing::error!(%error, "leases were not extended");
            }
        }
        let due = pool.tasks.advance().unwrap_or_else(|error| {
            tracing::error!(%error, "due tasks were not looked up");
            None
        });
        if purged_at.is_none_or(|purged_at| purged_at.elapsed() > PURGE_EVERY) {
            purged_at = Some(Instant::now());
            if let Err(error) = pool.tasks.purge() {
                tracing::error!(%error, "old tasks were not purged");
            }
        }
        if parked_at.elapsed() > PARK_EVERY {
            parked_at = Instant::now();
            if let Err(error) = pool.tasks.park_unknown() {
                tracing::error!(%error, "tasks of unknown kinds were not looked for");
            }
        }
        let mut look_every = if is_shared { LOOK_EVERY } else { Duration::MAX };
        if is_shared && let Err(error) = look_beside(pool) {
            tracing::error!(%error, "what other processes did was not seen");
            look_every = TEND_EVERY;
        }
        let until_beat = beat_every.saturating_sub(beaten_at.elapsed());
        let pause = until(pool, due).min(until_beat);
        pool.bells.timer.wait(seen, pause.min(look_every));
    }
}

/// Wakes the threads for tasks that other processes made ready.
fn look_beside(pool: &Pool) -> Result<(), TaskError> {
    pool.tasks.tend()?;
    let request = pool.request();
    let idle = pool.idle();
    if request.max > 0 && idle > 0 {
        let ready = pool.tasks.count_ready(&request, idle)?;
        if ready > 0 {
            pool.bells.ready.ring(ready);
        }
    }
    Ok(())
}

/// Extends the leases of all runs, and stops those that lost theirs or were cancelled.
fn beat(pool: &Pool) -> Result<(), TaskError> {
    let running = pool.running();
    if running.is_empty() {
        return Ok(());
    }
    let holds = pool.tasks.heartbeat(running.iter().map(|(token, _)| *token).collect())?;
    for ((_, stop), hold) in running.iter().zip(holds) {
        if hold != Hold::Held {
            stop.raise();
        }
    }
    Ok(())
}

fn until(pool: &Pool, due_ms: Option<i64>) -> Duration {
    let left_ms = due_ms.map(|due_ms| due_ms.saturating_sub(pool.tasks.now_ms()));
    left_ms.map_or(Duration::MAX, |left_ms| Duration::from_millis(left_ms.max(0).unsigned_abs()))
}

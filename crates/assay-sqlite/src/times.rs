//! How long statements take, by store, and which take too long.
//!
//! Counted for the whole process: databases of tenants are opened and closed, what they took stays.

use std::{
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

/// Upper bounds of the buckets in seconds; one more has what took longer.
const BOUNDS: [f64; 12] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0];
/// From here on a statement is slow.
const SLOW: Duration = Duration::from_secs(1);
/// Characters of a slow statement that are logged.
const SHOWN: usize = 500;
/// The stores, by the names of their files and schemas; the last is any other.
const STORES: [&str; 6] = ["control", "identity", "ledger", "records", "tasks", "other"];

/// What statements of one kind took on one store.
#[derive(Debug)]
pub(crate) struct Times {
    store: &'static str,
    kind: &'static str,
    counts: [AtomicU64; BOUNDS.len() + 1],
    nanos: AtomicU64,
    slow: AtomicU64,
}

static READS: [Times; STORES.len()] = of_kind("read");
static WRITES: [Times; STORES.len()] = of_kind("write");

const fn of_kind(kind: &'static str) -> [Times; STORES.len()] {
    let [control, identity, ledger, records, tasks, other] = STORES;
    [
        Times::new(control, kind),
        Times::new(identity, kind),
        Times::new(ledger, kind),
        Times::new(records, kind),
        Times::new(tasks, kind),
        Times::new(other, kind),
    ]
}

/// What statements took since the process began.
#[derive(Debug, Clone, PartialEq)]
pub struct StatementTimes {
    /// The store: `control`, `identity`, `ledger`, `records`, `tasks` or `other`.
    pub store: &'static str,
    /// `read`, or `write` for whatever runs in a transaction that may write, its commit too.
    pub kind: &'static str,
    /// Upper bound in seconds and how many took at most so long and longer than the bound before; the
    /// last bound is infinite.
    pub buckets: Vec<(f64, u64)>,
    /// Seconds together.
    pub seconds: f64,
    /// How many took more than a second; the log has their statements.
    pub slow: u64,
}

/// What statements of all stores took, from the begin of a statement until its last row was read;
/// stores that were not asked are left out.
#[must_use]
pub fn statement_times() -> Vec<StatementTimes> {
    let all = READS.iter().chain(&WRITES).map(|times| {
        let counts = times.counts.iter().map(|count| count.load(Ordering::Relaxed));
        StatementTimes {
            store: times.store,
            kind: times.kind,
            buckets: BOUNDS.into_iter().chain([f64::INFINITY]).zip(counts).collect(),
            seconds: times.nanos.load(Ordering::Relaxed) as f64 / 1e9,
            slow: times.slow.load(Ordering::Relaxed),
        }
    });
    all.filter(|it| it.buckets.iter().any(|(_, count)| *count > 0)).collect()
}

impl Times {
    const fn new(store: &'static str, kind: &'static str) -> Self {
        let counts = [const { AtomicU64::new(0) }; BOUNDS.len() + 1];
        Self { store, kind, counts, nanos: AtomicU64::new(0), slow: AtomicU64::new(0) }
    }

    /// Of what reads a store.
    pub(crate) fn reading(store: &str) -> &'static Self {
        of(&READS, store)
    }

    /// Of what may write to a store.
    pub(crate) fn writing(store: &str) -> &'static Self {
        of(&WRITES, store)
    }

    /// Measures until the answer is dropped.
    pub(crate) fn begin<'s>(&'static self, statement: &'s str) -> Timer<'s> {
        Timer { times: self, statement, start: Instant::now() }
    }

    fn note(&self, took: Duration, statement: &str) {
        let seconds = took.as_secs_f64();
        let place = BOUNDS.iter().position(|bound| seconds <= *bound).unwrap_or(BOUNDS.len());
        if let Some(count) = self.counts.get(place) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        let nanos = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        self.nanos.fetch_add(nanos, Ordering::Relaxed);
        if took > SLOW {
            self.slow.fetch_add(1, Ordering::Relaxed);
            let (store, kind) = (self.store, self.kind);
            tracing::warn!(store, kind, seconds, statement = shown(statement), "a slow statement");
        }
    }
}

/// The store in the file at `path`.
pub(crate) fn store_of(path: &Path) -> &str {
    path.file_stem().and_then(|name| name.to_str()).unwrap_or_default()
}

fn of(all: &'static [Times; STORES.len()], store: &str) -> &'static Times {
    let [named @ .., other] = all;
    named.iter().find(|times| times.store == store).unwrap_or(other)
}

/// The text of a statement on one line. Values are not in it: they come as parameters.
fn shown(statement: &str) -> String {
    let words: Vec<&str> = statement.split_whitespace().collect();
    words.join(" ").chars().take(SHOWN).collect()
}

/// Measures a statement until it is dropped.
pub(crate) struct Timer<'s> {
    times: &'static Times,
    statement: &'s str,
    start: Instant,
}

impl Drop for Timer<'_> {
    fn drop(&mut self) {
        self.times.note(self.start.elapsed(), self.statement);
    }
}

#[cfg(test)]
mod tests;

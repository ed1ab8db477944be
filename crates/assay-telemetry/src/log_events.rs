//! How many events the log had, by level: three numbers of the process, whatever the log shows of them.

use std::sync::{
    OnceLock,
    atomic::{AtomicU64, Ordering},
};

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::{Layer, layer::Context};

/// Levels that are counted.
const LEVELS: [(Level, &str); 3] =
    [(Level::ERROR, "error"), (Level::WARN, "warn"), (Level::INFO, "info")];

/// The log is one of the process, and so are its numbers.
static COUNTS: OnceLock<[AtomicU64; 3]> = OnceLock::new();

/// Counts events. Give it a filter of `info`, so that what is below stays cheap.
#[derive(Debug)]
pub struct LogCounter(&'static [AtomicU64; 3]);

impl LogCounter {
    /// A layer that counts from now on.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "making one begins the count of the process")]
    pub fn new() -> Self {
        Self(COUNTS.get_or_init(Default::default))
    }
}

impl<S: Subscriber> Layer<S> for LogCounter {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let counts = LEVELS.iter().zip(self.0);
        for ((level, _), count) in counts {
            if event.metadata().level() == level {
                count.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

/// Events since the start by `error`, `warn` and `info`; nothing where nobody counts.
pub fn log_events() -> impl Iterator<Item = (&'static str, u64)> {
    let counts = COUNTS.get().into_iter().flatten();
    LEVELS.iter().zip(counts).map(|((_, name), count)| (*name, count.load(Ordering::Relaxed)))
}

#[cfg(test)]
mod tests {
    //! Every event of a level is counted once.

    use tracing_subscriber::{filter::LevelFilter, layer::SubscriberExt as _};

    use super::*;

    #[test]
    fn events_are_counted_by_level() {
        let counter = LogCounter::new().with_filter(LevelFilter::INFO);
        let log = tracing_subscriber::registry().with(counter);
        tracing::subscriber::with_default(log, || {
            tracing::error!("one");
            tracing::warn!("two");
            tracing::warn!("three");
            tracing::debug!("four");
        });
        let counts: Vec<(&str, u64)> = log_events().collect();
        assert_eq!(counts, [("error", 1), ("warn", 2), ("info", 0)]);
    }
}

//! How long things take, told to whoever counts it.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

/// What took time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Measured {
    /// A lane that was started, by its name.
    Lane(&'static str),
    /// A search among the vectors.
    VectorSearch,
    /// The vector of a question that was not known.
    QueryVector,
}

type Listener = Box<dyn Fn(Measured, Duration) + Send + Sync>;

/// Hears how long things take, once somebody listens.
#[derive(Clone, Default)]
pub(crate) struct Stopwatch(Arc<OnceLock<Listener>>);

impl Stopwatch {
    /// The first caller alone is told.
    pub(crate) fn listen(&self, listener: impl Fn(Measured, Duration) + Send + Sync + 'static) {
        let _ = self.0.set(Box::new(listener));
    }

    pub(crate) fn tell(&self, what: Measured, took: Duration) {
        if let Some(listener) = self.0.get() {
            listener(what, took);
        }
    }
}

impl fmt::Debug for Stopwatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Stopwatch").field(&self.0.get().is_some()).finish()
    }
}

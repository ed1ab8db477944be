//! What a parser says of itself while it works, and the wish that it stop.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

/// Pages, slides, sheets, chapters, or files of an archive that were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PagesRead {
    /// How many were read.
    pub done: u32,
    /// How many there are to read.
    pub total: u32,
}

/// Shared between the thread of a parser and the one that waits for it.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    done: AtomicU32,
    /// 0 where the format has no pages.
    total: AtomicU32,
    stopped: AtomicBool,
}

impl Meter {
    /// Says how many pages were read.
    pub(crate) fn set_pages(&self, done: u32, total: u32) {
        self.done.store(done, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
    }

    pub(crate) fn pages(&self) -> Option<PagesRead> {
        let total = self.total.load(Ordering::Relaxed);
        let done = self.done.load(Ordering::Relaxed).min(total);
        (total > 0).then_some(PagesRead { done, total })
    }

    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}

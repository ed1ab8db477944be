//! Waiting until something changes in folders.

use std::{
    path::PathBuf,
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    time::{Duration, Instant},
};

/// A change counts as over when nothing happened for this long.
const QUIET: Duration = Duration::from_millis(300);
/// Changes that do not end are told after this long.
const BURST_MAX: Duration = Duration::from_secs(5);
/// How often to look without being told of changes.
const POLL: Duration = Duration::from_secs(10);
/// How often to look although changes are told: the system drops them when there are too many.
const POLL_WATCHED: Duration = Duration::from_secs(600);

/// Why a wait ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// Something changed.
    Changed,
    /// Nothing is known to have changed, but it is time to look.
    Poll,
    /// The time was up.
    Timeout,
}

/// Tells when to look at folders again: at once when the system reports changes, else every 10 s.
#[derive(Debug)]
pub struct FolderWatch {
    changes: Receiver<()>,
    /// Why the system does not report changes, when it does not.
    fallback: Option<String>,
    poll_at: Instant,
    /// Held so that it goes on reporting.
    #[cfg(feature = "watch")]
    _watcher: Option<notify::RecommendedWatcher>,
    /// Held where nothing reports, so that the channel stays open.
    _open: SyncSender<()>,
}

impl FolderWatch {
    /// Starts watching the folders and all below them.
    ///
    /// It always works: where the system cannot report changes (network file systems, too many
    /// folders, a build without the feature `watch`), waits end when it is time to look.
    #[must_use]
    pub fn new(folders: &[PathBuf]) -> Self {
        let (sender, changes) = sync_channel(1);
        let started = start(folders, &sender);
        let poll = if started.is_ok() { POLL_WATCHED } else { POLL };
        #[cfg(feature = "watch")]
        let (watcher, fallback) = match started {
            Ok(watcher) => (Some(watcher), None),
            Err(reason) => (None, Some(reason)),
        };
        #[cfg(not(feature = "watch"))]
        let fallback = started.err();
        Self {
            changes,
            fallback,
            poll_at: Instant::now() + poll,
            #[cfg(feature = "watch")]
            _watcher: watcher,
            _open: sender,
        }
    }

    /// Why changes are not reported but looked for every 10 s; `None` when they are.
    #[must_use]
    pub fn fallback(&self) -> Option<&str> {
        self.fallback.as_deref()
    }

    /// Waits up to `timeout` for a change. Changes in quick succession are one; what happened
    /// between two calls counts for the second.
    pub fn wait(&mut self, timeout: Duration) -> Wake {
        let now = Instant::now();
        let end = (now + timeout).min(self.poll_at);
        match self.changes.recv_timeout(end.saturating_duration_since(now)) {
            Ok(()) => {
                self.let_pass();
                Wake::Changed
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                let now = Instant::now();
                if now < self.poll_at {
                    return Wake::Timeout;
                }
                self.poll_at = now + if self.fallback.is_some() { POLL } else { POLL_WATCHED };
                Wake::Poll
            }
        }
    }

    /// Waits until changes have stopped for a moment.
    fn let_pass(&self) {
        let end = Instant::now() + BURST_MAX;
        while self.changes.recv_timeout(QUIET).is_ok() && Instant::now() < end {}
    }
}

#[cfg(feature = "watch")]
fn start(
    folders: &[PathBuf],
    sender: &SyncSender<()>,
) -> Result<notify::RecommendedWatcher, String> {
    use notify::{EventKind, RecursiveMode, Watcher};
    let sender = sender.clone();
    let tell = move |event: notify::Result<notify::Event>| {
        // Our own reading is an event too.
        if !event.is_ok_and(|event| matches!(event.kind, EventKind::Access(_))) {
            // Full says that a change waits to be seen already.
            let _ = sender.try_send(());
        }
    };
    let mut watcher = notify::recommended_watcher(tell).map_err(|error| error.to_string())?;
    for folder in folders {
        watcher.watch(folder, RecursiveMode::Recursive).map_err(|error| error.to_string())?;
    }
    Ok(watcher)
}

#[cfg(not(feature = "watch"))]
fn start(_: &[PathBuf], _: &SyncSender<()>) -> Result<(), String> {
    Err("built without the feature `watch`".to_owned())
}

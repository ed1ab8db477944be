//! The trait of all sources, and what they tell the caller.

use jiff::Timestamp;

use crate::{SourceError, SourceState};

/// A place where documents come from.
pub trait Source: Send + Sync {
    /// Looks at the source, tells `sink` what changed since `state`, and returns the state for the
    /// next run. An empty state takes everything.
    ///
    /// It blocks until all is told, the sink says [`Reply::Stop`], or a limit is reached. In each
    /// case the returned state holds exactly what the sink has taken: what it has not, failed items
    /// included, is offered again. A run that is lost before its state was kept is repeated in
    /// full, so a sink must bear the same change twice; one that wants to keep the state of a long
    /// run now and then says `Stop` and calls again.
    ///
    /// # Errors
    /// The source as a whole cannot be looked at. Nothing is reported as removed then.
    fn sync(&self, state: &SourceState, sink: &mut dyn Sink) -> Result<SourceState, SourceError>;
}

/// Takes what a source tells.
pub trait Sink {
    /// One change. Only one file is in memory at a time.
    fn change(&mut self, change: Change) -> Reply;

    /// An item, or a part of the source, that could not be read; it is tried again in the next run.
    fn problem(&mut self, problem: Problem);

    /// How far the run is; called after each item.
    fn progress(&mut self, _progress: Progress) {}

    /// Whether the run has to end; asked between items and while waiting.
    fn should_stop(&self) -> bool {
        false
    }
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A file is new, or its content is another.
    Put(SourceFile),
    /// A file that was put before is gone.
    Remove {
        /// Its [`SourceFile::key`].
        key: String,
    },
}

/// A file as it lies in the source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceFile {
    /// Its identity in this source: a relative path, a URL, a message number. At most 2,048 bytes.
    pub key: String,
    /// Its name for people and for the detection of its format.
    pub name: String,
    /// The media type that the source claims.
    pub media_type: Option<String>,
    /// When it was last modified, by the clock of the source.
    pub modified: Option<Timestamp>,
    /// Where a person can open it.
    pub url: Option<String>,
    /// The content.
    pub bytes: Vec<u8>,
}

/// What becomes of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// It is taken in, or refused for good: it is not offered again until it changes.
    Taken,
    /// It could not be taken in now: the next run offers it again.
    Again,
    /// Like `Again`, and the run ends here.
    Stop,
}

/// What could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The item, or the part of the source.
    pub key: String,
    /// Why, for a person.
    pub reason: String,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Items looked at.
    pub seen: u64,
    /// Changes that were taken, removals included.
    pub changed: u64,
    /// Problems told.
    pub problems: u64,
}

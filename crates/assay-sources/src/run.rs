//! The bookkeeping that all sources share: what was there, what is there, when to end.

use std::collections::BTreeMap;

use assay_core::Deadline;

use crate::{Change, Limits, Problem, Progress, Reply, Sink, SourceFile};

/// A longer key is a problem: it would make the state grow without bound.
pub(crate) const KEY_BYTES_MAX: usize = 2_048;

/// One run. `M` is what the source remembers of a file to see whether it changed.
pub(crate) struct Run<'a, M> {
    sink: &'a mut dyn Sink,
    limits: Limits,
    deadline: Deadline,
    /// Marks of the last run that were not looked at yet.
    old: BTreeMap<String, M>,
    /// Marks for the next run.
    new: BTreeMap<String, M>,
    progress: Progress,
    stopped: bool,
    told_full: bool,
    /// Something is left for the next run.
    left: bool,
}

impl<'a, M> Run<'a, M> {
    pub(crate) fn new(old: BTreeMap<String, M>, limits: &Limits, sink: &'a mut dyn Sink) -> Self {
        Self {
            sink,
            limits: limits.clone(),
            deadline: Deadline::after(limits.run_time()),
            old,
            new: BTreeMap::new(),
            progress: Progress::default(),
            stopped: false,
            told_full: false,
            left: false,
        }
    }

    /// Whether there is leave and time for another item.
    pub(crate) fn goes_on(&mut self) -> bool {
        if !self.stopped && self.sink.should_stop() {
            self.stopped = true;
        }
        if !self.stopped && self.deadline.has_passed() {
            let reason = format!("the run took longer than {} s", self.limits.run_seconds);
            self.problem("", format!("{reason}: the rest is left for the next run"));
            self.stopped = true;
        }
        !self.stopped
    }

    /// When the run has to end.
    pub(crate) const fn deadline(&self) -> Deadline {
        self.deadline
    }

    /// What is remembered of a file that was not looked at yet.
    pub(crate) fn mark(&self, key: &str) -> Option<&M> {
        self.old.get(key)
    }

    /// The file is there and unchanged.
    pub(crate) fn keep(&mut self, key: &str) {
        if let Some((key, mark)) = self.old.remove_entry(key) {
            self.new.insert(key, mark);
        }
        self.step();
    }

    /// The file is there and unchanged, but there is something better to remember of it.
    pub(crate) fn keep_as(&mut self, key: &str, mark: M) {
        self.old.remove(key);
        self.new.insert(key.to_owned(), mark);
        self.step();
    }

    /// The files with this prefix cannot be looked at now.
    pub(crate) fn keep_below(&mut self, prefix: &str) {
        let below = |key: &String, _: &mut M| key.starts_with(prefix);
        self.new.extend(self.old.extract_if(.., below));
    }

    /// Whether this item may be read: the state has room for it and its key is short enough.
    pub(crate) fn has_room_for(&mut self, key: &str) -> bool {
        if key.len() > KEY_BYTES_MAX {
            let shown: String = key.chars().take(80).collect();
            self.failed(&shown, format!("its path is longer than {KEY_BYTES_MAX} bytes"));
            return false;
        }
        // Files of the last run keep their place, so that a full source does not flutter.
        if self.old.contains_key(key) || self.new.len() + self.old.len() < self.limits.files {
            return true;
        }
        if !self.told_full {
            self.told_full = true;
            let reason =
                format!("more than `limits.files` = {} files: not taken", self.limits.files);
            self.problem(key, reason);
        }
        false
    }

    /// Hands a new or changed file to the sink; false when the sink has not taken it.
    pub(crate) fn put(&mut self, file: SourceFile, mark: M) -> bool {
        let key = file.key.clone();
        let reply = self.sink.change(Change::Put(file));
        if reply == Reply::Taken {
            self.progress.changed += 1;
            self.keep_as(&key, mark);
        } else {
            // What was known of it stays, so it is still another one in the next run.
            self.left = true;
            self.keep(&key);
            self.stopped |= reply == Reply::Stop;
        }
        reply == Reply::Taken
    }

    /// The file could not be read. What was known of it stays, so the next run tries again.
    pub(crate) fn failed(&mut self, key: &str, reason: impl Into<String>) {
        self.problem(key, reason);
        self.keep(key);
    }

    /// Tells a problem that is not about one file.
    pub(crate) fn problem(&mut self, key: &str, reason: impl Into<String>) {
        self.progress.problems += 1;
        self.left = true;
        self.sink.problem(Problem { key: key.to_owned(), reason: reason.into() });
    }

    /// The file is known to be gone.
    pub(crate) fn gone(&mut self, key: &str) {
        let Some((key, mark)) = self.old.remove_entry(key) else { return };
        let reply = self.sink.change(Change::Remove { key: key.clone() });
        if reply == Reply::Taken {
            self.progress.changed += 1;
        } else {
            self.left = true;
            self.new.insert(key, mark);
            self.stopped |= reply == Reply::Stop;
        }
        self.step();
    }

    /// Reports what was not looked at as gone, when the source was listed to its end; tells whether
    /// the sink has now taken all there is.
    pub(crate) fn sweep(&mut self, listed: bool) -> bool {
        while listed && self.goes_on() {
            let Some(key) = self.old.keys().next().cloned() else { break };
            self.gone(&key);
        }
        listed && !self.left && !self.stopped
    }

    /// Ends the run and gives the marks to remember. When the source was `listed` to its end and
    /// nothing stopped the run, files that were not looked at are gone; else they stay.
    pub(crate) fn finish(mut self, listed: bool) -> BTreeMap<String, M> {
        self.sweep(listed);
        self.new.append(&mut self.old);
        self.new
    }

    fn step(&mut self) {
        self.progress.seen += 1;
        self.sink.progress(self.progress);
    }
}

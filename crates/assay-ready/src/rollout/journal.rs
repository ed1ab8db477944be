//! What a rollout has done, so that one that was killed goes on, or goes back.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::Write as _,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{
    machine::{Order, State},
    plan::Plan,
    reading::{Reading, Window},
};
use crate::ReadyError;

/// A line of the journal: it is on disk before the proxy is told.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Entry {
    /// When, in seconds of Unix time.
    #[serde(rename = "time")]
    pub at: f64,
    /// The state that was entered.
    #[serde(flatten)]
    pub state: State,
    /// Steps that were held to their end.
    #[serde(default)]
    pub held: usize,
    /// What was compared when it was entered.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub says: String,
    /// What had been counted when the step began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Start>,
    /// The window of the baseline that the last step is compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<Window>,
}

/// Readings of one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Start {
    pub(super) canary: Reading,
    pub(super) stable: Reading,
    pub(super) third: Option<Reading>,
}

impl Start {
    /// Readings that are all there; `third` is absent where there is no third deployment.
    pub(super) fn of(
        canary: Option<Reading>,
        stable: Option<Reading>,
        third: Option<Option<Reading>>,
    ) -> Option<Self> {
        let third = match third {
            Some(read) => Some(read?),
            None => None,
        };
        Some(Self { canary: canary?, stable: stable?, third })
    }

    /// Whether what the canary is compared with still runs.
    pub(super) fn continues(&self, earlier: &Self) -> bool {
        let third = match (&self.third, &earlier.third) {
            (Some(now), Some(then)) => now.continues(then),
            (now, then) => now.is_some() == then.is_some(),
        };
        third && self.stable.continues(&earlier.stable)
    }

    /// The window of the canary, that of the baseline, and the requests of all together.
    pub(super) fn since(&self, start: &Self) -> Option<(Window, Window, u64)> {
        let own = self.canary.counts.since(&start.canary.counts)?;
        let stable = self.stable.counts.since(&start.stable.counts)?;
        let third = match (&self.third, &start.third) {
            (Some(now), Some(then)) => Some(now.counts.since(&then.counts)?),
            _ => None,
        };
        let all = own.requests + stable.requests + third.as_ref().map_or(0, |it| it.requests);
        Some((own, third.unwrap_or(stable), all))
    }

    /// This start, moved on by what was counted between two moments: a window that begins here holds
    /// nothing of it. Nothing, when a deployment is another process since.
    pub(super) fn without(&self, from: &Self, to: &Self) -> Option<Self> {
        let moved = |start: &Reading, from: &Reading, to: &Reading| {
            let counts = start.counts.and(&to.counts.since(&from.counts)?);
            to.continues(from).then(|| Reading { counts, ..start.clone() })
        };
        let third = match (&self.third, &from.third, &to.third) {
            (Some(start), Some(from), Some(to)) => Some(moved(start, from, to)?),
            _ => None,
        };
        Some(Self {
            canary: moved(&self.canary, &from.canary, &to.canary)?,
            stable: moved(&self.stable, &from.stable, &to.stable)?,
            third,
        })
    }

    /// What a request cost the canary and the baseline since the look before, when both had some.
    pub(super) fn costs(&self, last: &Self) -> Option<(f64, f64)> {
        let (own, other, _) = self.since(last)?;
        let each = |window: &Window| {
            window.cost_usd.filter(|_| window.requests > 0).map(|it| it / window.requests as f64)
        };
        each(&own).zip(each(&other)).filter(|(own, other)| *own > 0.0 || *other > 0.0)
    }
}

impl Entry {
    /// An entry with nothing but its state.
    #[must_use]
    pub const fn new(at: f64, state: State) -> Self {
        Self { at, state, held: 0, says: String::new(), start: None, kept: None }
    }
}

/// The folder of rollouts: `plan.toml`, `journal.jsonl`, `order`, `lock`.
pub struct Journal {
    folder: PathBuf,
    file: File,
    // Held for as long as the rollout is carried out.
    _lock: File,
}

impl Journal {
    /// Takes the folder for a new rollout of a plan, or for the one that is there with `None`.
    ///
    /// # Errors
    /// When another process carries one out, when one is unfinished, or when there is none to take up.
    pub fn open(
        folder: &Path,
        begin: Option<&Plan>,
    ) -> Result<(Self, Plan, Option<Entry>), ReadyError> {
        let io = |error| ReadyError::io(folder, error);
        fs::create_dir_all(folder).map_err(io)?;
        let lock = File::create(folder.join("lock")).map_err(io)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(ReadyError::bad(
                    folder.display().to_string(),
                    "a rollout is carried out here by another process: give it orders with `assay rollout \
                     pause`, `go` or `back`",
                ));
            }
            Err(TryLockError::Error(error)) => return Err(io(error)),
        }
        let (path, plan_path) = (folder.join("journal.jsonl"), folder.join("plan.json"));
        let last = Self::last(folder)?;
        let plan = match (begin, &last) {
            (Some(plan), Some(entry)) if !entry.state.is_over() => {
                return Err(ReadyError::bad(
                    folder.display().to_string(),
                    format!(
                        "a rollout was left here ({}): `assay rollout resume`, or `assay rollout back`",
                        entry.state.shown(plan)
                    ),
                ));
            }
            (Some(plan), _) => {
                let text = serde_json::to_string(plan).unwrap_or_default();
                fs::write(&plan_path, text).map_err(io)?;
                File::create(&path).and_then(|file| file.sync_all()).map_err(io)?;
                plan.clone()
            }
            (None, _) => Self::plan(folder)?,
        };
        let _ = fs::remove_file(folder.join("order"));
        let file = OpenOptions::new().create(true).append(true).open(&path).map_err(io)?;
        let last = last.filter(|_| begin.is_none());
        Ok((Self { folder: folder.to_owned(), file, _lock: lock }, plan, last))
    }

    /// The plan of the rollout that was begun last.
    ///
    /// # Errors
    /// When there is none.
    pub fn plan(folder: &Path) -> Result<Plan, ReadyError> {
        let text = fs::read_to_string(folder.join("plan.json")).map_err(|_| {
            ReadyError::bad(folder.display().to_string(), "no rollout was begun here")
        })?;
        serde_json::from_str(&text)
            .map_err(|error| ReadyError::bad(folder.display().to_string(), error.to_string()))
    }

    /// The last whole line; one that was cut by a kill was noted for what was not done.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn last(folder: &Path) -> Result<Option<Entry>, ReadyError> {
        let path = folder.join("journal.jsonl");
        match fs::read_to_string(&path) {
            Ok(text) => Ok(text.lines().rev().find_map(|line| serde_json::from_str(line).ok())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ReadyError::io(&path, error)),
        }
    }

    /// Whether a process carries a rollout out.
    #[must_use]
    pub fn is_carried_out(folder: &Path) -> bool {
        let lock = File::open(folder.join("lock"));
        lock.is_ok_and(|lock| matches!(lock.try_lock(), Err(TryLockError::WouldBlock)))
    }

    /// Notes a state; it is on disk when this returns.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn note(&mut self, entry: &Entry) -> Result<(), ReadyError> {
        // The first line feed ends a line that a kill has cut.
        let line = serde_json::to_string(entry).unwrap_or_default();
        writeln!(self.file, "\n{line}")
            .and_then(|()| self.file.sync_all())
            .map_err(|error| ReadyError::io(&self.folder.join("journal.jsonl"), error))
    }

    /// Leaves an order for the process that carries the rollout out.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn give(folder: &Path, order: Order) -> Result<(), ReadyError> {
        let (path, beside) = (folder.join("order"), folder.join("order.new"));
        let text = serde_json::to_string(&order).unwrap_or_default();
        fs::write(&beside, text)
            .and_then(|()| fs::rename(&beside, &path))
            .map_err(|error| ReadyError::io(&path, error))
    }

    /// Takes the order that was left.
    pub fn take(&self) -> Option<Order> {
        let path = self.folder.join("order");
        let order = serde_json::from_str(&fs::read_to_string(&path).ok()?).ok();
        let _ = fs::remove_file(&path);
        order
    }
}

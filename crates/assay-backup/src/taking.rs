//! Taking backups of a folder that is in use: full copies, the steps after them, and when.

use std::{
    collections::{BTreeMap, HashMap},
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use assay_core::{Clock, ErrorChain, RequestId};
use assay_sqlite::{Keeper, Logs, Still};

use crate::{
    BackupError, BackupSettings, Location, Place, Plan, Summary,
    error::failed,
    files::{self, HOLDER},
    generation::Generation,
    manifest::Entry,
    medium::Hold,
    prune,
};

/// Time between two attempts where a full copy or a step failed.
const AGAIN: Duration = Duration::from_secs(10);

/// The folder that backups are taken of.
#[derive(Debug, Clone)]
pub struct Source {
    /// The data folder.
    pub data: PathBuf,
    /// Its logs, followed since before the first database was opened.
    pub logs: Logs,
    /// The time of manifests.
    pub clock: Arc<dyn Clock>,
    /// Version of the program.
    pub program: String,
    /// Versions of the schemas of the program, by the names of databases.
    pub schemas: BTreeMap<String, u32>,
}

/// How the continuous backup stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shipping {
    /// Where it goes; none where it is not set up.
    pub to: Option<Location>,
    /// Whether what lies there is sealed.
    pub is_sealed: bool,
    /// The moment up to which everything is kept, in milliseconds since 1970.
    pub until_ms: Option<i64>,
    /// Why the last attempt failed, if it did.
    pub error: Option<String>,
    /// Days for which every moment can be restored.
    pub keep_days: u32,
    /// Whether steps follow full copies.
    pub is_continuous: bool,
    /// When backups of this process began, in milliseconds since 1970.
    pub began_ms: i64,
    /// When the last full copy to there began, as far as this process knows.
    pub full_ms: Option<i64>,
    /// Seconds after which the next one is due.
    pub full_every_seconds: u64,
    /// Attempts that failed since the process began.
    pub failures: u64,
}

impl Shipping {
    /// Milliseconds of changes that would be lost at `now_ms`; `None` without steps.
    #[must_use]
    pub fn lag_ms(&self, now_ms: i64) -> Option<i64> {
        let is_on = self.to.is_some() && self.is_continuous;
        is_on.then(|| now_ms.saturating_sub(self.until_ms.unwrap_or(self.began_ms)).max(0))
    }

    /// Milliseconds since the last full copy, or since backups began where there is none yet; `None`
    /// where none are set up.
    #[must_use]
    pub fn full_age_ms(&self, now_ms: i64) -> Option<i64> {
        let since_ms = self.full_ms.unwrap_or(self.began_ms);
        self.to.as_ref().map(|_| now_ms.saturating_sub(since_ms).max(0))
    }
}

/// What takes backups of one folder. Clones share it; [`Self::stop`] ends its thread.
#[derive(Clone)]
pub struct Backups(Arc<Inner>);

struct Inner {
    source: Source,
    settings: BackupSettings,
    /// The point that steps are added to.
    live: Mutex<Option<Generation>>,
    /// One full copy at a time. Holds the place that backups go to from the first one on.
    taking: Mutex<Option<Box<dyn Hold>>>,
    state: Mutex<State>,
    began_ms: i64,
    wake: Condvar,
    thread: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct State {
    is_stopping: bool,
    is_sealed: bool,
    until_ms: Option<i64>,
    full_ms: Option<i64>,
    failures: u64,
    error: Option<String>,
}

impl Keeper for Inner {
    fn keep(&self, path: &Path, end: u64) -> io::Result<()> {
        let mut live = lock(&self.live);
        let Some(live) = live.as_mut() else { return Ok(()) };
        // The thread of backups tries again and says so: a writer does not wait for a place that is
        // known to be away.
        if lock(&self.state).error.is_some() {
            return Err(io::Error::other("the place of backups cannot be written to"));
        }
        live.keep(&self.source, path, end).map_err(|error| {
            lock(&self.state).error = Some(ErrorChain(&error).to_string());
            io::Error::other(error)
        })
    }

    fn lost(&self, path: &Path) {
        tracing::error!(path = %path.display(), "the backup has a gap: a new full copy is taken");
        if let Some(live) = lock(&self.live).as_mut() {
            live.is_broken = true;
        }
    }
}

impl fmt::Debug for Backups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Backups").field(&self.0.source.data).finish()
    }
}

impl Backups {
    /// Begins to take backups as the settings say; with no `to` only those that are asked for.
    ///
    /// # Errors
    /// [`BackupError::Key`]; [`BackupError::Refused`] where backups would go into the data folder; or
    /// the thread cannot be started.
    pub fn start(source: Source, settings: BackupSettings) -> Result<Self, BackupError> {
        // A key that cannot be read is told at the start, not by a backup that is missing.
        settings.keys()?;
        if let Some(to) = &settings.to {
            refuse_inside(&source.data, to)?;
        }
        let is_on = settings.to.is_some();
        let inner = Arc::new(Inner {
            began_ms: source.clock.now_ms(),
            source,
            settings,
            live: Mutex::default(),
            taking: Mutex::default(),
            state: Mutex::default(),
            wake: Condvar::new(),
            thread: Mutex::default(),
        });
        if is_on {
            inner.source.logs.keep_with(Some(Arc::clone(&inner) as Arc<dyn Keeper>));
            let of = Arc::downgrade(&inner);
            let thread = thread::Builder::new().name("backup".to_owned());
            let thread =
                thread.spawn(move || run(&of)).map_err(failed("start", Path::new("backup")))?;
            *lock(&inner.thread) = Some(thread);
        }
        Ok(Self(inner))
    }

    /// Takes a full copy now, to `to` or where backups go. Steps of the continuous backup go on
    /// meanwhile, and after it where it is the same place.
    ///
    /// # Errors
    /// [`BackupError::Refused`] for a folder that no setting names; those of the place and of files.
    pub fn take(&self, to: Option<&Location>) -> Result<Summary, BackupError> {
        let settings = &self.0.settings;
        let named = to.or(settings.to.as_ref());
        let Some(to) = named else {
            let (path, what) = (PathBuf::new(), "is no place: name one, or set backup.to");
            return Err(BackupError::Refused { path, what });
        };
        let is_known = settings.to.iter().chain(&settings.folders).any(|known| known == to);
        if !is_known {
            let (path, what) = (to.path(), "is named by neither backup.to nor backup.folders");
            return Err(BackupError::Refused { path, what });
        }
        self.0.full(to)
    }

    /// The points of the place that backups go to, oldest first; none without a place.
    ///
    /// # Errors
    /// Those of the place.
    pub fn list(&self) -> Result<Vec<Summary>, BackupError> {
        let Some(to) = &self.0.settings.to else { return Ok(Vec::new()) };
        match Place::open(to, &self.0.settings) {
            Err(BackupError::Nothing { .. }) => Ok(Vec::new()),
            place => place?.points(),
        }
    }

    /// How the continuous backup stands.
    #[must_use]
    pub fn shipping(&self) -> Shipping {
        let state = lock(&self.0.state);
        Shipping {
            to: self.0.settings.to.clone(),
            is_sealed: state.is_sealed,
            until_ms: state.until_ms,
            error: state.error.clone(),
            keep_days: self.0.settings.keep_days,
            is_continuous: self.0.settings.every_seconds > 0,
            began_ms: self.0.began_ms,
            full_ms: state.full_ms,
            full_every_seconds: self.0.settings.full_every_hours.saturating_mul(3_600),
            failures: state.failures,
        }
    }

    /// Adds a last step and ends the thread. What is written after it is not in the backup until the
    /// next start takes a full copy.
    pub fn stop(&self) {
        lock(&self.0.state).is_stopping = true;
        self.0.wake.notify_all();
        if let Some(thread) = lock(&self.0.thread).take()
            && thread.join().is_err()
        {
            tracing::error!("the thread of backups panicked");
        }
        self.0.source.logs.keep_with(None);
        *lock(&self.0.live) = None;
        *lock(&self.0.taking) = None;
    }
}

/// The thread: a full copy when one is due, steps in between.
fn run(of: &Weak<Inner>) {
    loop {
        let Some(inner) = of.upgrade() else { return };
        let outcome = inner.round();
        let failure = outcome.as_ref().err().map(|error| ErrorChain(error).to_string());
        if let Some(error) = &failure {
            tracing::warn!(error, "a backup was not taken");
        }
        let every = Duration::from_secs(inner.settings.every_seconds);
        let rest = match failure {
            Some(_) => AGAIN.max(every),
            None if every.is_zero() => AGAIN,
            None => every,
        };
        let mut state = lock(&inner.state);
        state.failures += u64::from(failure.is_some());
        state.error = failure;
        if state.is_stopping {
            return;
        }
        let waited = inner.wake.wait_timeout_while(state, rest, |state| !state.is_stopping);
        let is_stopping = waited.map_or(true, |(state, _)| state.is_stopping);
        if is_stopping {
            if let Err(error) = inner.step() {
                tracing::warn!(error = %ErrorChain(&error), "the last step of the backup failed");
            }
            return;
        }
    }
}

impl Inner {
    fn round(&self) -> Result<(), BackupError> {
        let Some(to) = &self.settings.to else { return Ok(()) };
        // While a full copy is taken on another thread, that one renews.
        if let Ok(mut held) = self.taking.try_lock()
            && let Some(held) = held.as_mut()
        {
            held.renew()?;
        }
        let is_continuous = self.settings.every_seconds > 0;
        let now_ms = self.source.clock.now_ms();
        let began = match lock(&self.live).as_ref() {
            Some(live) if live.is_broken => None,
            Some(live) => Some(live.started_ms),
            // Without steps the copy of an earlier process counts; with them it has ended.
            None if is_continuous => None,
            None => {
                let last = self.last_full(to)?;
                lock(&self.state).full_ms = last;
                last
            }
        };
        let full_ms = i64::try_from(self.settings.full_every_hours).unwrap_or(i64::MAX) * 3_600_000;
        if began.is_none_or(|began| now_ms - began >= full_ms) {
            self.full(to)?;
        }
        if is_continuous { self.step() } else { Ok(()) }
    }

    fn last_full(&self, to: &Location) -> Result<Option<i64>, BackupError> {
        match Place::open(to, &self.settings) {
            Err(BackupError::Nothing { .. }) => Ok(None),
            place => Ok(place?.points()?.last().map(|point| point.from_ms)),
        }
    }

    /// Adds a step to the live point.
    fn step(&self) -> Result<(), BackupError> {
        let still = self.source.logs.hold_still();
        self.step_held(&still)
    }

    fn step_held(&self, still: &Still<'_>) -> Result<(), BackupError> {
        let mut live = lock(&self.live);
        let Some(live) = live.as_mut().filter(|live| !live.is_broken) else { return Ok(()) };
        live.step(&self.source, still)?;
        lock(&self.state).until_ms = Some(live.until_ms);
        Ok(())
    }

    fn full(&self, to: &Location) -> Result<Summary, BackupError> {
        let mut usual = lock(&self.taking);
        refuse_inside(&self.source.data, to)?;
        let place = Arc::new(Place::open_or_make(to, &self.settings)?);
        let is_usual = self.settings.to.as_ref() == Some(to);
        let mut once = None;
        let held = if is_usual { &mut *usual } else { &mut once };
        match held {
            Some(held) => held.renew()?,
            None => *held = Some(place.hold(&holder(&self.source.data)?)?),
        }
        let known = known_originals(&place);
        let every = Duration::from_secs(self.settings.every_seconds.max(1));
        let mut last = Instant::now();
        let still = self.source.logs.hold_still();
        let mut pause = || {
            if last.elapsed() < every {
                return;
            }
            let renewed = held.as_mut().map_or(Ok(()), |held| held.renew());
            if let Err(error) = renewed.and_then(|()| self.step_held(&still)) {
                tracing::warn!(error = %ErrorChain(&error), "a step of the backup failed");
            }
            last = Instant::now();
        };
        let taken = Generation::take(&self.source, Arc::clone(&place), &known, &still, &mut pause)?;
        drop(known);
        let summary = taken.summary.clone();
        if is_usual {
            let mut state = lock(&self.state);
            state.until_ms = Some(taken.until_ms);
            state.full_ms = Some(taken.started_ms);
            state.is_sealed = place.is_sealed();
        }
        if is_usual && self.settings.every_seconds > 0 {
            *lock(&self.live) = Some(taken);
        }
        drop(still);
        if !place.is_sealed() {
            tracing::warn!(place = %to, "the backup is in clear: backup.key_file seals it");
        }
        if is_usual {
            let mut last = Instant::now();
            let mut pause = || {
                if last.elapsed() >= every && self.settings.every_seconds > 0 {
                    if let Err(error) = self.step() {
                        tracing::warn!(error = %ErrorChain(&error), "a step of the backup failed");
                    }
                    last = Instant::now();
                }
            };
            prune::prune(&place, &self.settings, self.source.clock.now_ms(), &mut pause)?;
        }
        summary.ok_or_else(|| BackupError::Nothing { path: to.path() })
    }
}

/// The originals that the last point has. A point that cannot be read gives none: everything is read
/// again then.
fn known_originals(place: &Place) -> HashMap<String, Entry> {
    match Plan::to(place, None) {
        Ok(plan) => plan
            .into_files()
            .into_iter()
            .filter(|(path, _)| files::tenant_of(path).is_some() && !files::is_database(path))
            .collect(),
        Err(_) => HashMap::new(),
    }
}

/// A backup inside of what it is taken of would hold itself.
fn refuse_inside(data: &Path, to: &Location) -> Result<(), BackupError> {
    let Location::Folder(to) = to else { return Ok(()) };
    let whole = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| whole(path));
    if real(to).starts_with(real(data)) || whole(to).starts_with(whole(data)) {
        let what = "lies inside the data folder";
        return Err(BackupError::Refused { path: to.to_owned(), what });
    }
    Ok(())
}

/// Says which data folder this is. Copies of it made by a backup have another name.
fn holder(data: &Path) -> Result<String, BackupError> {
    let path = data.join(HOLDER);
    match fs::read_to_string(&path) {
        Ok(name) if !name.trim().is_empty() => return Ok(name.trim().to_owned()),
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(failed("read", &path)(error));
        }
        _ => {}
    }
    let name = RequestId::new().to_string();
    assay_vault::replace(&path, name.as_bytes()).map_err(failed("write", &path))?;
    Ok(name)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! The handle of the task store.

use std::{
    collections::BTreeSet,
    fmt,
    path::Path,
    sync::{
        Arc, Mutex, OnceLock, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use assay_core::{Clock, TaskId, TenantScope};
use assay_sqlite::{
    Database, Server,
    sql::{Connection, OptionalExtension, Transaction, params},
};
use serde::Serialize;

use crate::{
    History, NewTask, TaskError, TaskFilter, TaskRecord, TaskSettings, TaskState,
    bell::Bell,
    beside::{self, Role},
    due, history,
    insert::{self, Draft},
    query, schema,
    stats::Activity,
    turn::Turns,
    webhook::tell,
};

mod passing;
mod purge;
mod working;

/// The tasks in one file. Clones share it.
#[derive(Clone)]
pub struct Tasks(pub(crate) Arc<Store>);

pub(crate) struct Store {
    pub(crate) database: Database,
    clock: Arc<dyn Clock>,
    settings: TaskSettings,
    /// Owner of the leases given out through this handle.
    owner: i64,
    role: Role,
    pools: Mutex<Vec<Weak<Bells>>>,
    /// Called after each change of a task.
    watcher: OnceLock<Box<dyn Fn() + Send + Sync>>,
    /// Why workers cannot take tasks, while they cannot.
    trouble: Mutex<Option<String>>,
    activity: Activity,
    turns: Mutex<Turns>,
    /// The steady time and the time of day at the last look at both.
    seen: Mutex<(Duration, i64)>,
    /// Kinds that some pool of this process runs.
    kinds: Mutex<BTreeSet<&'static str>>,
    is_draining: AtomicBool,
}

/// How a pool of workers is woken.
#[derive(Debug, Default)]
pub(crate) struct Bells {
    /// Rung for each task that became ready; the worker threads wait for it.
    pub(crate) ready: Bell,
    /// Rung when there may be an earlier due time, or a wish to cancel; one thread waits for it.
    pub(crate) timer: Bell,
    /// Whether a task was cancelled since the pool last looked.
    pub(crate) is_cancel_asked: AtomicBool,
}

impl Tasks {
    /// Opens or creates the file at `path`. Tasks that an earlier process was running are free
    /// again.
    ///
    /// # Errors
    /// [`TaskError::Store`] when the file cannot be opened.
    pub fn open(
        path: &Path,
        clock: Arc<dyn Clock>,
        settings: &TaskSettings,
    ) -> Result<Self, TaskError> {
        let database = Database::open(path, &settings.database, schema::MIGRATIONS)?;
        Self::open_with(database, clock, settings, None)
    }

    /// As [`Self::open`], with the tasks on `server`.
    ///
    /// # Errors
    /// When the tables of [`crate::SCHEMA`] are not there, or the server is not.
    pub fn open_on(
        server: &Server,
        clock: Arc<dyn Clock>,
        settings: &TaskSettings,
    ) -> Result<Self, TaskError> {
        let database = Database::on(server, &schema::SCHEMA, None, &settings.database)?;
        Self::open_with(database, clock, settings, Some(Role::First(Mutex::default())))
    }

    /// Joins the process that has the tasks on `server` open, to work on them. Only leases that ran out
    /// are taken up from here; those of a process that is gone are freed by the first one.
    ///
    /// # Errors
    /// As [`Self::open_on`].
    pub fn join_on(
        server: &Server,
        clock: Arc<dyn Clock>,
        settings: &TaskSettings,
    ) -> Result<Self, TaskError> {
        let database = Database::on(server, &schema::SCHEMA, None, &settings.database)?;
        let owner = insert_incarnation(&database, clock.now_ms())?;
        let role =
            Role::Joined(server.clone(), Box::new(Mutex::new(beside::shown(server, owner)?)));
        Ok(Self::of(database, clock, settings, owner, role))
    }

    fn open_with(
        database: Database,
        clock: Arc<dyn Clock>,
        settings: &TaskSettings,
        role: Option<Role>,
    ) -> Result<Self, TaskError> {
        let (now_ms, crashes_max) = (clock.now_ms(), settings.crashes_max);
        let owner = insert_incarnation(&database, now_ms)?;
        let is_shared = role.is_some();
        let freed = database.write(move |transaction| {
            if is_shared {
                due::free_lost_owners(transaction, owner, now_ms, crashes_max)
            } else {
                due::free_other_owners(transaction, owner, now_ms, crashes_max)
            }
        })?;
        if freed > 0 {
            tracing::info!(tasks = freed, "tasks of the process before were taken up again");
        }
        Ok(Self::of(database, clock, settings, owner, role.unwrap_or(Role::Alone)))
    }

    fn of(
        database: Database,
        clock: Arc<dyn Clock>,
        settings: &TaskSettings,
        owner: i64,
        role: Role,
    ) -> Self {
        let seen = Mutex::new(clock.both());
        Self(Arc::new(Store {
            database,
            clock,
            settings: settings.clone(),
            owner,
            role,
            pools: Mutex::default(),
            watcher: OnceLock::new(),
            trouble: Mutex::default(),
            activity: Activity::default(),
            turns: Mutex::default(),
            seen,
            kinds: Mutex::default(),
            is_draining: AtomicBool::new(false),
        }))
    }

    pub(crate) fn owner(&self) -> i64 {
        self.0.owner
    }

    pub(crate) fn role(&self) -> &Role {
        &self.0.role
    }

    /// Has `watcher` called after each change of a task, on the thread that made it: it only wakes
    /// somebody up. There is one watcher; a second is not called.
    pub fn watch(&self, watcher: impl Fn() + Send + Sync + 'static) {
        let _ = self.0.watcher.set(Box::new(watcher));
    }

    pub(crate) fn tell_watcher(&self) {
        if let Some(watcher) = self.0.watcher.get() {
            watcher();
        }
    }

    /// Why workers cannot take tasks, such as a full disk, as long as that lasts.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        self.0.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn note_trouble(&self, trouble: Option<String>) {
        *self.0.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }

    /// What is counted in memory.
    pub(crate) fn activity(&self) -> &Activity {
        &self.0.activity
    }

    /// Reads the store.
    pub(crate) fn read<T>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T, TaskError>,
    ) -> Result<T, TaskError> {
        self.0.database.read(job)
    }

    /// Changes the store.
    pub(crate) fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Transaction<'_>) -> Result<T, TaskError> + Send + 'static,
    ) -> Result<T, TaskError> {
        self.0.database.write(job)
    }

    /// Takes no further tasks from now on, in no pool, or takes them again. What runs goes on.
    pub fn drain(&self, drain: bool) {
        self.0.is_draining.store(drain, Ordering::Release);
        if !drain {
            self.each_pool(|bells| bells.ready.ring_all());
        }
    }

    /// Whether no further tasks are taken.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.0.is_draining.load(Ordering::Acquire)
    }

    /// Adds kinds that a pool of this process runs.
    pub(crate) fn know(&self, kinds: impl IntoIterator<Item = &'static str>) {
        self.0.kinds.lock().unwrap_or_else(PoisonError::into_inner).extend(kinds);
    }

    pub(crate) fn settings(&self) -> &TaskSettings {
        &self.0.settings
    }

    /// The time of the clock that all times of tasks come from, in milliseconds since 1970.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.0.clock.now_ms()
    }

    /// Records a task; it is on disk when this returns. Where the tenant already has a task of this
    /// kind and key, that one is returned and nothing changes.
    ///
    /// # Errors
    /// [`TaskError::TooLarge`] or [`TaskError::Store`].
    pub fn enqueue(&self, scope: &TenantScope, task: NewTask) -> Result<TaskId, TaskError> {
        let payload = self.to_json("payload", &task.payload)?;
        let (now_ms, tenant) = (self.now_ms(), scope.tenant());
        let is_delayed = task.is_delayed(now_ms);
        let store = Arc::clone(&self.0);
        let draft = Draft { tenant, task, payload };
        let id = self.0.database.write(move |transaction| {
            insert::insert(transaction, &draft, &store.settings, now_ms)
        })?;
        if is_delayed {
            self.ring_timers();
        } else {
            self.ring_ready(1);
        }
        self.tell_watcher();
        Ok(id)
    }

    /// The task, where the tenant has it.
    ///
    /// # Errors
    /// [`TaskError::Store`].
    pub fn get(&self, scope: &TenantScope, id: TaskId) -> Result<Option<TaskRecord>, TaskError> {
        self.0.database.read(|connection| query::find(connection, scope, id))
    }

    /// Tasks of the tenant, the newest first.
    ///
    /// # Errors
    /// [`TaskError::Store`].
    pub fn list(
        &self,
        scope: &TenantScope,
        filter: &TaskFilter,
    ) -> Result<Vec<TaskRecord>, TaskError> {
        self.0.database.read(|connection| query::list(connection, scope, filter))
    }

    /// Cancels a task: at once when it waits, also for a replay after it failed; at its next step when it
    /// runs.
    ///
    /// # Errors
    /// [`TaskError::NotFound`]; [`TaskError::WrongState`] when it is done.
    pub fn cancel(&self, scope: &TenantScope, id: TaskId) -> Result<(), TaskError> {
        let now_ms = self.now_ms();
        self.change(scope, id, move |transaction, seq, state| {
            let sql = match state {
                TaskState::Cancelled => return Ok(()),
                TaskState::Running => {
                    "UPDATE task SET cancel_asked = 1, updated_ms = ?2 WHERE seq = ?1"
                }
                TaskState::Ready | TaskState::Delayed | TaskState::Dead | TaskState::Parked => {
                    "UPDATE task SET state = 'cancelled', cancel_asked = 1, updated_ms = ?2, \
                     finished_ms = ?2 WHERE seq = ?1"
                }
                TaskState::Done => {
                    return Err(TaskError::WrongState { id, state, verb: "cancel" });
                }
            };
            transaction.execute(sql, [seq, now_ms])?;
            if state != TaskState::Running {
                tell(transaction, seq, now_ms)?;
            }
            Ok(())
        })?;
        self.ring_cancel();
        self.ring_ready(1);
        self.tell_watcher();
        Ok(())
    }

    /// Cancels those dead letters of a kind that have one of these keys, because what they were to do is
    /// wanted no more; how many. What waits or runs is left to find that out itself.
    ///
    /// # Errors
    /// [`TaskError::Store`].
    pub fn discard(
        &self,
        scope: &TenantScope,
        kind: &'static str,
        keys: Vec<String>,
    ) -> Result<usize, TaskError> {
        if keys.is_empty() {
            return Ok(0);
        }
        let (now_ms, tenant) = (self.now_ms(), scope.tenant().to_bytes());
        let count = self.write(move |transaction| {
            let mut count = 0;
            for key in &keys {
                let sql = "SELECT seq FROM task WHERE tenant = ?1 AND kind = ?2 AND key = ?3 \
                    AND state IN ('dead', 'parked')";
                let found = transaction
                    .prepare_cached(sql)?
                    .query_row(params![tenant, kind, key], |row| row.get::<_, i64>(0))
                    .optional()?;
                let Some(seq) = found else { continue };
                let sql = "UPDATE task SET state = 'cancelled', cancel_asked = 1, updated_ms = ?2, \
                    finished_ms = ?2 WHERE seq = ?1";
                transaction.execute(sql, [seq, now_ms])?;
                tell(transaction, seq, now_ms)?;
                count += 1;
            }
            Ok(count)
        })?;
        if count > 0 {
            self.ring_ready(1);
            self.tell_watcher();
        }
        Ok(count)
    }

    /// Gives a dead, parked or cancelled task a new start: its failures and lost workers are
    /// forgotten, its finished steps are not.
    ///
    /// # Errors
    /// [`TaskError::NotFound`]; [`TaskError::WrongState`] when it waits, runs or is done.
    pub fn replay(&self, scope: &TenantScope, id: TaskId) -> Result<(), TaskError> {
        let now_ms = self.now_ms();
        self.change(scope, id, move |transaction, seq, state| {
            if !matches!(state, TaskState::Dead | TaskState::Parked | TaskState::Cancelled) {
                return Err(TaskError::WrongState { id, state, verb: "replay" });
            }
            let sql = "UPDATE task SET state = 'ready', attempts = 0, crashes = 0, \
                cancel_asked = 0, run_at_ms = ?2, updated_ms = ?2, finished_ms = NULL, error = NULL \
                WHERE seq = ?1";
            transaction.execute(sql, [seq, now_ms])?;
            Ok(())
        })?;
        self.ring_ready(1);
        self.tell_watcher();
        Ok(())
    }

    /// Lets a task that waits for its time, as after a failure, run as soon as a worker is free.
    ///
    /// # Errors
    /// [`TaskError::NotFound`]; [`TaskError::WrongState`] when it does not wait for its time.
    pub fn run_now(&self, scope: &TenantScope, id: TaskId) -> Result<(), TaskError> {
        let now_ms = self.now_ms();
        self.change(scope, id, move |transaction, seq, state| {
            if state != TaskState::Delayed {
                return Err(TaskError::WrongState { id, state, verb: "hurry" });
            }
            let sql = "UPDATE task SET state = 'ready', run_at_ms = ?2, updated_ms = ?2 \
                WHERE seq = ?1";
            transaction.execute(sql, [seq, now_ms])?;
            Ok(())
        })?;
        self.ring_ready(1);
        self.tell_watcher();
        Ok(())
    }

    /// What happened to a task so far, where the tenant has it.
    ///
    /// # Errors
    /// [`TaskError::Store`].
    pub fn history(&self, scope: &TenantScope, id: TaskId) -> Result<Option<History>, TaskError> {
        self.0.database.read(|connection| history::find(connection, scope, id))
    }

    /// How many tasks are running, those of all tenants together.
    ///
    /// # Errors
    /// [`TaskError::Store`].
    pub fn count_running(&self) -> Result<usize, TaskError> {
        let sql = "SELECT count(*) FROM task WHERE state = 'running'";
        self.0.database.read(|connection| {
            Ok::<_, TaskError>(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
        })
    }

    /// Changes a task of the tenant according to its state.
    fn change(
        &self,
        scope: &TenantScope,
        id: TaskId,
        job: impl FnOnce(&Transaction<'_>, i64, TaskState) -> Result<(), TaskError> + Send + 'static,
    ) -> Result<(), TaskError> {
        let tenant = scope.tenant();
        self.0.database.write(move |transaction| {
            let sql = "SELECT seq, state FROM task WHERE tenant = ?1 AND id = ?2";
            let found = transaction
                .prepare_cached(sql)?
                .query_row(params![tenant.to_bytes(), id.to_bytes()], |row| {
                    Ok((row.get(0)?, query::state(row, "state")?))
                })
                .optional()?;
            let (seq, state) = found.ok_or(TaskError::NotFound { id })?;
            job(transaction, seq, state)
        })
    }

    pub(crate) fn to_json(
        &self,
        what: &'static str,
        value: &impl Serialize,
    ) -> Result<String, TaskError> {
        let json =
            serde_json::to_string(value).map_err(|source| TaskError::Json { what, source })?;
        let (bytes, limit) = (json.len(), self.0.settings.json_bytes_max);
        if bytes > limit {
            return Err(TaskError::TooLarge { what, bytes, limit });
        }
        Ok(json)
    }
}

/// A number for this process; its leases carry it.
fn insert_incarnation(database: &Database, now_ms: i64) -> Result<i64, TaskError> {
    database.write(move |transaction| {
        let sql = "INSERT INTO incarnation (started_ms) VALUES (?) RETURNING number";
        Ok(transaction.query_row(sql, [now_ms], |row| row.get(0))?)
    })
}

impl fmt::Debug for Tasks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tasks").field(&self.0.database).finish()
    }
}

//! Schedules: tasks that are made by the calendar. A schedule's time and its task are written
//! together, so no crash loses or doubles one.

use assay_core::{ScheduleId, TaskId, TenantScope};
use assay_sqlite::sql::{self, Connection, OptionalExtension, Row, Transaction, params};
use jiff::{Timestamp, tz::TimeZone};
use serde_json::Value;

pub use cron::{Cron, InvalidCron};

use crate::{NewTask, TaskError, TaskSettings, Tasks, insert, insert::Draft, query};

mod cron;

/// Schedules of a tenant at most.
const SCHEDULES_MAX: i64 = 100;
/// Later than this by so much a time counts as missed: nothing was there to keep it.
const MISSED_MS: i64 = 60_000;

/// What becomes of times that passed while nothing ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missed {
    /// One task makes up for all of them.
    Once,
    /// They are left out.
    None,
}

impl Missed {
    /// The word as it is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Once => "once",
            Self::None => "none",
        }
    }

    /// The policy of a word given by [`Self::as_str`].
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        [Self::Once, Self::None].into_iter().find(|missed| missed.as_str() == word)
    }
}

/// A schedule to set up.
#[derive(Debug, Clone, PartialEq)]
pub struct NewSchedule {
    /// Its name, unique within the tenant.
    pub name: String,
    /// When, as a cron expression of five fields.
    pub cron: String,
    /// The time zone that the expression is meant in: a name such as `Europe/Berlin`, `UTC`, or the
    /// rules themselves such as `CET-1CEST,M3.5.0,M10.5.0/3`.
    pub zone: String,
    /// What becomes of times that passed while nothing ran.
    pub missed: Missed,
    /// The task that is made each time; its key and time are left out.
    pub task: NewTask,
}

/// A schedule. Times are milliseconds since 1970.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// Its id.
    pub id: ScheduleId,
    /// What it was set up with.
    pub new: NewSchedule,
    /// Whether it stands still.
    pub is_paused: bool,
    /// The next time; when paused, the one that it was paused before.
    pub next_ms: i64,
    /// When it last made a task.
    pub last_ms: Option<i64>,
    /// That task.
    pub last_task: Option<TaskId>,
    /// When it was set up.
    pub created_ms: i64,
}

impl Schedule {
    /// The next times, from now on.
    #[must_use]
    pub fn upcoming_ms(&self, now_ms: i64, count: usize) -> Vec<i64> {
        let next = |after_ms: &i64| next_ms(&self.new.cron, &self.new.zone, *after_ms).ok();
        let from = self.next_ms.max(now_ms).saturating_sub(1);
        std::iter::successors(next(&from), next).take(count).collect()
    }
}

/// The first time of an expression after another.
fn next_ms(cron: &str, zone: &str, after_ms: i64) -> Result<i64, TaskError> {
    let invalid = |what: String, hint| TaskError::Invalid { what, hint };
    let parsed: Cron = cron.parse().map_err(|error| {
        let hint =
            "five fields: minute, hour, day of month, month, day of week, as in `30 6 * * 1-5`";
        invalid(format!("`{cron}` is no cron expression: {error}"), hint)
    })?;
    let zone = find_zone(zone)?;
    let out_of_range = |_| invalid("the time is out of range".to_owned(), "set the clock");
    let after = Timestamp::from_millisecond(after_ms).map_err(out_of_range)?;
    let next = parsed.next(after, &zone).ok_or_else(|| {
        let what = format!("`{cron}` never fires: no day within eight years fits it");
        invalid(what, "check the day against the month, as in `0 0 30 2 *`")
    })?;
    Ok(next.as_millisecond())
}

fn find_zone(name: &str) -> Result<TimeZone, TaskError> {
    if name.eq_ignore_ascii_case("utc") {
        return Ok(TimeZone::UTC);
    }
    let found = TimeZone::get(name).ok();
    found.or_else(|| TimeZone::posix(name).ok()).ok_or_else(|| TaskError::Invalid {
        what: format!("there is no time zone `{}`", name.chars().take(64).collect::<String>()),
        hint: "use a name such as `Europe/Berlin`; names need the package tzdata on the server, \
               `UTC` and rules such as `CET-1CEST,M3.5.0,M10.5.0/3` do not",
    })
}

impl Tasks {
    /// Sets a schedule up.
    ///
    /// # Errors
    /// [`TaskError::Invalid`] for an expression that is none or never fires, an unknown zone, or one
    /// schedule too many; [`TaskError::Exists`] when the name is taken; [`TaskError::Store`].
    pub fn create_schedule(
        &self,
        scope: &TenantScope,
        new: NewSchedule,
    ) -> Result<Schedule, TaskError> {
        let payload = self.to_json("payload", &new.task.payload)?;
        let now_ms = self.now_ms();
        let schedule = Schedule {
            id: ScheduleId::new(),
            next_ms: next_ms(&new.cron, &new.zone, now_ms)?,
            new,
            is_paused: false,
            last_ms: None,
            last_task: None,
            created_ms: now_ms,
        };
        let (made, tenant) = (schedule.clone(), scope.tenant().to_bytes());
        self.0.database.write(move |transaction| {
            let sql = "SELECT count(*), count(*) FILTER (WHERE name = ?2) FROM schedule \
                WHERE tenant = ?1";
            let (all, same): (i64, i64) =
                transaction.query_row(sql, params![tenant, made.new.name], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })?;
            if same > 0 {
                return Err(TaskError::Exists { what: "schedule", name: made.new.name });
            }
            if all >= SCHEDULES_MAX {
                let what = format!("there are {all} schedules, which is the most there may be");
                return Err(TaskError::Invalid { what, hint: "delete one that is not needed" });
            }
            insert_schedule(transaction, tenant, &made, &payload)
        })?;
        self.ring_timers();
        Ok(schedule)
    }

    /// The schedules of the tenant, by name.
    ///
    /// # Errors
    /// [`TaskError::Store`].
    pub fn schedules(&self, scope: &TenantScope) -> Result<Vec<Schedule>, TaskError> {
        let tenant = scope.tenant().to_bytes();
        self.0.database.read(|connection| {
            let sql = format!("{SCHEDULE} WHERE tenant = ? ORDER BY name");
            let mut statement = connection.prepare_cached(&sql)?;
            Ok(statement.query_map([tenant], schedule)?.collect::<Result<_, _>>()?)
        })
    }

    /// A schedule of the tenant.
    ///
    /// # Errors
    /// [`TaskError::NoSchedule`] or [`TaskError::Store`].
    pub fn schedule(&self, scope: &TenantScope, id: ScheduleId) -> Result<Schedule, TaskError> {
        self.0.database.read(|connection: &Connection| {
            let sql = format!("{SCHEDULE} WHERE tenant = ?1 AND id = ?2");
            let keys = params![scope.tenant().to_bytes(), id.to_bytes()];
            let found = connection.prepare_cached(&sql)?.query_row(keys, schedule).optional()?;
            found.ok_or(TaskError::NoSchedule { id })
        })
    }

    /// Lets a schedule stand still, or go on with its next time from now: what passed meanwhile was
    /// not missed.
    ///
    /// # Errors
    /// [`TaskError::NoSchedule`] or [`TaskError::Store`].
    pub fn pause_schedule(
        &self,
        scope: &TenantScope,
        id: ScheduleId,
        pause: bool,
    ) -> Result<Schedule, TaskError> {
        let found = self.schedule(scope, id)?;
        let next_ms = match pause {
            true => found.next_ms,
            false => next_ms(&found.new.cron, &found.new.zone, self.now_ms())?,
        };
        self.0.database.write(move |transaction| {
            let sql = "UPDATE schedule SET paused = ?2, next_ms = ?3 \
                WHERE id = ?1 AND paused <> ?2";
            Ok::<_, TaskError>(transaction.execute(sql, params![id.to_bytes(), pause, next_ms])?)
        })?;
        self.ring_timers();
        self.schedule(scope, id)
    }

    /// Removes a schedule; tasks that it made stay.
    ///
    /// # Errors
    /// [`TaskError::NoSchedule`] or [`TaskError::Store`].
    pub fn delete_schedule(&self, scope: &TenantScope, id: ScheduleId) -> Result<(), TaskError> {
        let tenant = scope.tenant().to_bytes();
        self.0.database.write(move |transaction| {
            let sql = "DELETE FROM schedule WHERE tenant = ?1 AND id = ?2";
            match transaction.execute(sql, params![tenant, id.to_bytes()])? {
                0 => Err(TaskError::NoSchedule { id }),
                _ => Ok(()),
            }
        })
    }
}

/// Makes the tasks of the schedules whose time has come, and sets their next times; how many tasks.
pub(crate) fn fire(
    transaction: &Transaction<'_>,
    now_ms: i64,
    settings: &TaskSettings,
) -> Result<usize, TaskError> {
    let sql = format!("{SCHEDULE} WHERE paused = 0 AND next_ms <= ?");
    let mut statement = transaction.prepare_cached(&sql)?;
    let due = statement.query_map([now_ms], |row| {
        let tenant = assay_core::TenantId::from_bytes(row.get("tenant")?);
        Ok((tenant, schedule(row)?))
    })?;
    let mut fired = 0;
    for (tenant, schedule) in due.collect::<Result<Vec<_>, _>>()? {
        let was_missed = now_ms.saturating_sub(schedule.next_ms) > MISSED_MS;
        let task = if was_missed && schedule.new.missed == Missed::None {
            None
        } else {
            let key = format!("schedule {} {}", schedule.id, schedule.next_ms);
            let task = schedule.new.task.clone().with_key(key);
            let payload = task.payload.to_string();
            fired += 1;
            Some(insert::insert(transaction, &Draft { tenant, task, payload }, settings, now_ms)?)
        };
        match next_ms(&schedule.new.cron, &schedule.new.zone, now_ms) {
            Ok(next_ms) => {
                let sql = "UPDATE schedule SET next_ms = ?2, last_ms = coalesce(?3, last_ms), \
                    last_task = coalesce(?4, last_task) WHERE id = ?1";
                let (last_ms, task) = (task.map(|_| now_ms), task.map(TaskId::to_bytes));
                let values = params![schedule.id.to_bytes(), next_ms, last_ms, task];
                transaction.prepare_cached(sql)?.execute(values)?;
            }
            // The zone is gone from this machine: it stands still rather than fire at a wrong time.
            Err(error) => {
                tracing::error!(schedule = %schedule.id, %error, "a schedule was paused");
                let sql = "UPDATE schedule SET paused = 1 WHERE id = ?";
                transaction.execute(sql, [schedule.id.to_bytes()])?;
            }
        }
    }
    Ok(fired)
}

fn insert_schedule(
    transaction: &Transaction<'_>,
    tenant: [u8; 16],
    schedule: &Schedule,
    payload: &str,
) -> Result<(), TaskError> {
    let Schedule { id, new, next_ms, created_ms, .. } = schedule;
    let sql = "INSERT INTO schedule (id, tenant, name, cron, zone, missed, queue, kind, payload, \
        priority, next_ms, created_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let values = params![
        id.to_bytes(),
        tenant,
        new.name,
        new.cron,
        new.zone,
        new.missed.as_str(),
        new.task.queue,
        new.task.kind,
        payload,
        new.task.priority,
        next_ms,
        created_ms
    ];
    transaction.execute(sql, values)?;
    Ok(())
}

const SCHEDULE: &str = "SELECT id, tenant, name, cron, zone, missed, queue, kind, payload, \
    priority, paused, next_ms, last_ms, last_task, created_ms FROM schedule";

fn schedule(row: &Row<'_>) -> sql::Result<Schedule> {
    let payload: Value = query::json(&row.get::<_, String>("payload")?)?;
    let kind: String = row.get("kind")?;
    let task = NewTask {
        queue: row.get("queue")?,
        priority: row.get("priority")?,
        ..NewTask::new(&kind, payload)
    };
    Ok(Schedule {
        id: ScheduleId::from_bytes(row.get("id")?),
        new: NewSchedule {
            name: row.get("name")?,
            cron: row.get("cron")?,
            zone: row.get("zone")?,
            // The column allows no other word.
            missed: Missed::of(&row.get::<_, String>("missed")?).unwrap_or(Missed::Once),
            task,
        },
        is_paused: row.get("paused")?,
        next_ms: row.get("next_ms")?,
        last_ms: row.get("last_ms")?,
        last_task: row.get::<_, Option<_>>("last_task")?.map(TaskId::from_bytes),
        created_ms: row.get("created_ms")?,
    })
}

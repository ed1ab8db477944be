//! Tasks as operators see them: made, hurried, replayed, drained; and what each tenant may have made
//! by hand or by a schedule.

use assay_core::{ScheduleId, SourceId, TaskId, TenantScope};
use assay_tasks::{History, NewSchedule, NewTask, Schedule, TaskError, TaskState};
use serde_json::Value;

use crate::{AnswerError, Engine, Job, jobs::JobListing, search::blocking, sources, upkeep};

/// Tasks that one call replays at most.
const REPLAYED_MAX: usize = 10_000;
/// Tasks looked at in one read.
const PAGE: u32 = 500;
/// Longest idempotency key, in bytes.
const KEY_BYTES_MAX: usize = 255;

/// A task that a caller asks for.
#[derive(Debug, Clone, Default)]
pub struct TaskOrder {
    /// `sync`, `tidy` or `reindex`.
    pub kind: String,
    /// What the kind has to know.
    pub payload: Value,
    /// Higher goes first.
    pub priority: i32,
    /// Not before this time, in milliseconds since 1970.
    pub run_at_ms: Option<i64>,
    /// Milliseconds that a run may take.
    pub timeout_ms: Option<u32>,
    /// Failed runs before it is dead.
    pub attempts_max: Option<u32>,
    /// Idempotency key: the same order with the same key is the same task.
    pub key: Option<String>,
}

impl Engine {
    /// Makes a task; it is on disk when this returns.
    ///
    /// # Errors
    /// When the kind cannot be asked for, the payload does not fit it, or the key
    /// belongs to another order.
    pub async fn order_task(
        &self,
        scope: &TenantScope,
        order: TaskOrder,
    ) -> Result<Job, AnswerError> {
        let (key, payload) = (order.key.clone(), order.payload.clone());
        if key.as_ref().is_some_and(|key| key.is_empty() || key.len() > KEY_BYTES_MAX) {
            return Err(AnswerError::Invalid {
                what: format!("an idempotency key has 1 to {KEY_BYTES_MAX} bytes"),
                hint: "send a UUID",
            });
        }
        let task = self.ordered(scope, order).await?;
        let (tasks, owner) = (self.tasks.clone(), scope.clone());
        let id = blocking(move || Ok(tasks.enqueue(&owner, task)?)).await?;
        let job = self.job(scope, id, std::time::Duration::ZERO).await?;
        let job = job.ok_or(TaskError::NotFound { id })?;
        match key {
            Some(key) if job.record.payload != payload => Err(TaskError::KeyTaken { key }.into()),
            _ => Ok(job),
        }
    }

    /// The task of an order that can be carried out.
    async fn ordered(&self, scope: &TenantScope, order: TaskOrder) -> Result<NewTask, AnswerError> {
        let queue = match order.kind.as_str() {
            sources::KIND => {
                let source = order.payload.get("source").and_then(Value::as_str);
                let source: Option<SourceId> = source.and_then(|id| id.parse().ok());
                let source = source.ok_or_else(|| AnswerError::Invalid {
                    what: "a task of kind `sync` needs a source".to_owned(),
                    hint: "send the payload {\"source\": \"ID\"}; GET /v1/sources lists them",
                })?;
                self.source(scope, source).await?;
                sources::KIND
            }
            upkeep::TIDY | upkeep::REINDEX => upkeep::QUEUE,
            kind => {
                let kind: String = kind.chars().take(64).collect();
                return Err(AnswerError::Invalid {
                    what: format!("there is no kind `{kind}` that can be asked for"),
                    hint: "the kinds are sync, tidy and reindex",
                });
            }
        };
        Ok(NewTask {
            queue: queue.to_owned(),
            kind: order.kind,
            // Keys of callers cannot be those of Assay's own tasks.
            key: order.key.map(|key| format!("caller {key}")),
            payload: order.payload,
            priority: order.priority,
            run_at_ms: order.run_at_ms,
            attempts_max: order.attempts_max,
            timeout_ms: order.timeout_ms,
        })
    }

    /// A task with what happened to it so far; none where the tenant has no such task or the caller
    /// may not see what it works on.
    ///
    /// # Errors
    /// When the task store fails.
    pub async fn task(
        &self,
        scope: &TenantScope,
        id: TaskId,
    ) -> Result<Option<(Job, History)>, AnswerError> {
        let Some(job) = self.job(scope, id, std::time::Duration::ZERO).await? else {
            return Ok(None);
        };
        let (tasks, owner) = (self.tasks.clone(), scope.clone());
        let history = blocking(move || Ok(tasks.history(&owner, id)?)).await?;
        Ok(Some((job, history.unwrap_or_default())))
    }

    /// Lets a task that waits after a failure run at once, and one that ended badly or was cancelled
    /// begin anew, from the step where it ended.
    ///
    /// # Errors
    /// When there is no such task, or it runs or is done.
    pub async fn retry_task(&self, scope: &TenantScope, id: TaskId) -> Result<Job, AnswerError> {
        let record = self.record(scope, id).await?.ok_or(TaskError::NotFound { id })?;
        if record.state != TaskState::Delayed {
            return self.retry_job(scope, id).await;
        }
        let (tasks, owner) = (self.tasks.clone(), scope.clone());
        blocking(move || Ok(tasks.run_now(&owner, id)?)).await?;
        let job = self.job(scope, id, std::time::Duration::ZERO).await?;
        Ok(job.ok_or(TaskError::NotFound { id })?)
    }

    /// Replays the dead letters, parked tasks among them, of a kind or of all; how many. What cannot
    /// be replayed, as when its document was replaced since, stays.
    ///
    /// # Errors
    /// When the task store fails.
    pub async fn replay_tasks(
        &self,
        scope: &TenantScope,
        kind: Option<String>,
    ) -> Result<usize, AnswerError> {
        let mut listing = JobListing {
            states: vec![TaskState::Dead, TaskState::Parked],
            kind,
            limit: PAGE,
            ..JobListing::default()
        };
        let mut replayed = 0;
        for _ in 0..REPLAYED_MAX.div_ceil(PAGE as usize) {
            let jobs = self.jobs(scope, listing.clone()).await?;
            for job in &jobs {
                match self.retry_job(scope, job.record.id).await {
                    Ok(_) => replayed += 1,
                    Err(error) => {
                        tracing::info!(task = %job.record.id, %error, "not replayed");
                    }
                }
            }
            listing.after = jobs.last().map(|job| job.record.id);
            if jobs.len() < PAGE as usize {
                break;
            }
        }
        Ok(replayed)
    }

    /// Lets the workers of this process take no further tasks, or take them again. What runs goes
    /// on; what comes in is kept.
    pub fn drain_tasks(&self, drain: bool) {
        self.tasks.drain(drain);
    }

    /// Whether tasks are drained, and how many run, those of all tenants together.
    ///
    /// # Errors
    /// When the task store fails.
    pub async fn drain_state(&self) -> Result<(bool, usize), AnswerError> {
        let tasks = self.tasks.clone();
        blocking(move || Ok((tasks.is_draining(), tasks.count_running()?))).await
    }

    /// The time of the clock that all times of tasks come from, in milliseconds since 1970.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// Sets a schedule up.
    ///
    /// # Errors
    /// When its time never comes, its zone is unknown, its task cannot be asked for, or its name is
    /// taken.
    pub async fn create_schedule(
        &self,
        scope: &TenantScope,
        new: NewSchedule,
    ) -> Result<Schedule, AnswerError> {
        if new.name.trim().is_empty() || new.name.len() > KEY_BYTES_MAX {
            return Err(AnswerError::Invalid {
                what: format!("the name of a schedule has 1 to {KEY_BYTES_MAX} bytes"),
                hint: "name it after what it does",
            });
        }
        let order = TaskOrder {
            kind: new.task.kind.clone(),
            payload: new.task.payload.clone(),
            priority: new.task.priority,
            ..TaskOrder::default()
        };
        let new = NewSchedule { task: self.ordered(scope, order).await?, ..new };
        let (tasks, owner) = (self.tasks.clone(), scope.clone());
        blocking(move || Ok(tasks.create_schedule(&owner, new)?)).await
    }

    /// The schedules, by name.
    ///
    /// # Errors
    /// When the task store fails.
    pub async fn schedules(&self, scope: &TenantScope) -> Result<Vec<Schedule>, AnswerError> {
        let (tasks, owner) = (self.tasks.clone(), scope.clone());
        blocking(move || Ok(tasks.schedules(&owner)?)).await
    }

    /// A schedule.
    ///
    /// # Errors
    /// When there is none of this id.
    pub async fn schedule(
        &self,
        scope: &TenantScope,
        id: ScheduleId,
    ) -> Result<Schedule, AnswerError> {
        let (tasks, owner) = (self.tasks.clone(), scope.clone());
        blocking(move || Ok(tasks.schedule(&owner, id)?)).await
    }

    /// Lets a schedule stand still, or go on from now.
    ///
    /// # Errors
    /// When there is none of this id.
    pub async fn pause_schedule(
        &self,
        scope: &TenantScope,
        id: ScheduleId,
        pause: bool,
    ) -> Result<Schedule, AnswerError> {
        let (tasks, owner) = (self.tasks.clone(), scope.clone());
        blocking(move || Ok(tasks.pause_schedule(&owner, id, pause)?)).await
    }

    /// Removes a schedule; tasks that it made stay.
    ///
    /// # Errors
    /// When there is none of this id.
    pub async fn delete_schedule(
        &self,
        scope: &TenantScope,
        id: ScheduleId,
    ) -> Result<(), AnswerError> {
        let (tasks, owner) = (self.tasks.clone(), scope.clone());
        blocking(move || Ok(tasks.delete_schedule(&owner, id)?)).await
    }
}

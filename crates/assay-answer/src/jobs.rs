//! Background work as callers see it: where it stands, whether it moves, giving it up, trying again.

use std::{sync::Arc, time::Duration};

use assay_core::{Deadline, DocumentId, TaskId, TenantScope, VersionId};
use assay_store::{StoreError, TenantStore};
use assay_tasks::{TaskError, TaskFilter, TaskRecord, TaskState};
use futures_util::{Stream, stream};
use serde::Deserialize;
use tokio::{
    sync::watch,
    time::{Instant, sleep, timeout},
};

use crate::{
    AnswerError, Engine,
    ingest::{self, IngestPayload},
    search::blocking,
    sources::source_of,
};
use stall::Conditions;

mod stall;
#[cfg(test)]
mod tests;

/// Time between two looks of a caller at a job while tasks change all the time.
const LOOK_PAUSE: Duration = Duration::from_millis(20);
/// A waiting caller looks this often even if nothing changes: a stall is no change.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
/// Time between two states of a job that is watched; the last one is not held back.
const EVENT_PAUSE: Duration = Duration::from_millis(200);
/// How long a caller who cancels waits for the end of the run.
const CANCEL_WAIT: Duration = Duration::from_secs(5);

/// What an ingest task does, as its progress says.
pub(crate) const PARSING: &str = "parsing";
pub(crate) const READING: &str = "reading pages";
pub(crate) const EMBEDDING: &str = "embedding";
pub(crate) const PUBLISHING: &str = "publishing";
/// The word for a document whose ingest was cancelled.
pub(crate) const CANCELLED: &str = "cancelled";

/// A piece of background work.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// The task that does it.
    pub record: TaskRecord,
    /// The document it works on.
    pub document: Option<JobDocument>,
    /// Why it does not move on, when it should.
    pub stalled: Option<String>,
}

/// The document that a job works on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobDocument {
    /// Its id.
    pub id: DocumentId,
    /// Its name.
    pub name: String,
}

impl Job {
    /// What is being done: the step that a running job reports, else `queued` or how it ended.
    #[must_use]
    pub fn step(&self) -> &str {
        match (self.record.state, &self.record.progress) {
            (TaskState::Ready | TaskState::Delayed, _) => "queued",
            (TaskState::Running, _) if self.record.is_cancel_asked => "cancelling",
            (TaskState::Running, Some(progress)) => &progress.message,
            // The first step of a file; a short run reports nothing.
            (TaskState::Running, None) if self.record.kind == ingest::KIND => PARSING,
            (TaskState::Running, None) => "running",
            (TaskState::Done, _) => "done",
            (TaskState::Dead | TaskState::Parked, _) => "failed",
            (TaskState::Cancelled, _) => CANCELLED,
        }
    }
}

/// Which jobs to list; the newest come first.
#[derive(Debug, Clone, Default)]
pub struct JobListing {
    /// Only these states; all when empty.
    pub states: Vec<TaskState>,
    /// Only this kind.
    pub kind: Option<String>,
    /// Only this queue.
    pub queue: Option<String>,
    /// Continue after this job.
    pub after: Option<TaskId>,
    /// How many at most.
    pub limit: u32,
}

/// Wakes those who wait for a change of any job.
#[derive(Debug)]
pub(crate) struct JobChanges(watch::Sender<()>);

impl JobChanges {
    pub(crate) fn of(tasks: &assay_tasks::Tasks) -> Self {
        let (sender, _) = watch::channel(());
        let told = sender.clone();
        tasks.watch(move || {
            told.send_replace(());
        });
        Self(sender)
    }
}

impl Engine {
    /// A job, after waiting for its end up to `wait`. What a job that is done took in can be found.
    ///
    /// # Errors
    /// When the task store or the index fails.
    pub async fn job(
        &self,
        scope: &TenantScope,
        task: TaskId,
        wait: Duration,
    ) -> Result<Option<Job>, AnswerError> {
        let deadline = Deadline::after(wait);
        let mut changes = self.job_changes.0.subscribe();
        loop {
            changes.mark_unchanged();
            let Some(record) = self.record(scope, task).await? else { return Ok(None) };
            if record.state.is_finished() || deadline.has_passed() {
                return Ok(Some(self.complete(scope, record).await?));
            }
            sleep(LOOK_PAUSE.min(deadline.left())).await;
            let _ = timeout(LOOK_AGAIN.min(deadline.left()), changes.changed()).await;
        }
    }

    /// The states of a job as they follow each other, the present one first, up to its end; a few
    /// in a second at most. Nothing when there is no such job.
    pub fn watch_job(
        self: &Arc<Self>,
        scope: TenantScope,
        task: TaskId,
    ) -> impl Stream<Item = Result<Job, AnswerError>> + Send + use<> {
        let watching = Watching {
            changes: self.job_changes.0.subscribe(),
            engine: Arc::clone(self),
            scope,
            task,
            last: None,
            close_look: Instant::now(),
            is_over: false,
        };
        stream::unfold(watching, Watching::next)
    }

    /// Jobs, the newest first.
    ///
    /// # Errors
    /// When the task store fails.
    pub async fn jobs(
        &self,
        scope: &TenantScope,
        listing: JobListing,
    ) -> Result<Vec<Job>, AnswerError> {
        let mut filter = TaskFilter {
            states: listing.states,
            kind: listing.kind,
            queue: listing.queue,
            before: listing.after,
            limit: listing.limit,
        };
        let (tasks, owner) = (self.tasks.clone(), scope.clone());
        let tenant = self.store.tenant(scope)?;
        let records = blocking(move || {
            let mut seen = Vec::new();
            loop {
                let page = tasks.list(&owner, &filter)?;
                let is_last = page.len() < filter.limit as usize;
                filter.before = page.last().map(|record| record.id);
                seen.extend(page.into_iter().filter(|record| is_seen(&owner, &tenant, record)));
                if is_last || seen.len() >= listing.limit as usize {
                    seen.truncate(listing.limit as usize);
                    return Ok(seen);
                }
            }
        });
        self.with_documents(scope, records.await?).await
    }

    /// Gives a job up: at once when it waits or has failed, soon when it runs. Its document is then failed, with
    /// the reason `cancelled`; what was searchable before stays so.
    ///
    /// # Errors
    /// When there is no such job, or it is done.
    pub async fn cancel_job(&self, scope: &TenantScope, task: TaskId) -> Result<Job, AnswerError> {
        self.record(scope, task).await?.ok_or(TaskError::NotFound { id: task })?;
        let (tasks, owner) = (self.tasks.clone(), scope.clone());
        blocking(move || Ok(tasks.cancel(&owner, task)?)).await?;
        let job = self.job(scope, task, CANCEL_WAIT).await?;
        let job = job.ok_or(TaskError::NotFound { id: task })?;
        if job.record.state == TaskState::Cancelled
            && let Some(version) = version_of(&job.record)
        {
            let tenant = self.store.tenant(scope)?;
            blocking(move || Ok(fail_cancelled(&tenant, version)?)).await?;
        }
        Ok(job)
    }

    /// Lets a job that failed or was cancelled run again, from the step where it ended.
    ///
    /// # Errors
    /// When there is no such job, it waits, runs or is done, or its document was replaced since.
    pub async fn retry_job(&self, scope: &TenantScope, task: TaskId) -> Result<Job, AnswerError> {
        let (tasks, tenant) = (self.tasks.clone(), self.store.tenant(scope)?);
        let owner = scope.clone();
        blocking(move || {
            let record = tasks.get(&owner, task)?;
            let record = record.filter(|record| is_seen(&owner, &tenant, record));
            let record = record.ok_or(TaskError::NotFound { id: task })?;
            // The document first: a crash in between leaves a document that waits, which a start
            // takes up. A job that cannot be tried again is refused below and has none to reopen.
            let ended = record.state.is_finished() && record.state != TaskState::Done;
            if let Some(version) = version_of(&record).filter(|_| ended) {
                tenant.reopen(version)?;
            }
            Ok(tasks.replay(&owner, task)?)
        })
        .await?;
        let job = self.job(scope, task, Duration::ZERO).await?;
        Ok(job.ok_or(TaskError::NotFound { id: task })?)
    }

    pub(crate) async fn record(
        &self,
        scope: &TenantScope,
        task: TaskId,
    ) -> Result<Option<TaskRecord>, AnswerError> {
        let (tasks, owner) = (self.tasks.clone(), scope.clone());
        let tenant = self.store.tenant(scope)?;
        blocking(move || {
            Ok(tasks.get(&owner, task)?.filter(|record| is_seen(&owner, &tenant, record)))
        })
        .await
    }

    /// The job of a task; one that is done is in the index.
    async fn complete(&self, scope: &TenantScope, record: TaskRecord) -> Result<Job, AnswerError> {
        if record.state == TaskState::Done {
            let (indexer, owner) = (Arc::clone(&self.indexer), scope.clone());
            blocking(move || indexer.wait_for_thread(&owner)).await?;
        }
        let task = record.id;
        let job = self.with_documents(scope, vec![record]).await?.pop();
        Ok(job.ok_or(TaskError::NotFound { id: task })?)
    }

    async fn with_documents(
        &self,
        scope: &TenantScope,
        records: Vec<TaskRecord>,
    ) -> Result<Vec<Job>, AnswerError> {
        let (tenant, tasks) = (self.store.tenant(scope)?, self.tasks.clone());
        let (store, settings) = (Arc::clone(&self.store), self.settings.clone());
        blocking(move || {
            let conditions = Conditions::now(&tasks, &store, &settings)?;
            let jobs = records.into_iter().map(|record| Job {
                document: document_of(&tenant, &record),
                stalled: conditions.stall(&record),
                record,
            });
            Ok(jobs.collect())
        })
        .await
    }
}

/// Somebody who watches a job.
struct Watching {
    engine: Arc<Engine>,
    scope: TenantScope,
    task: TaskId,
    changes: watch::Receiver<()>,
    /// The last state that was given, and when.
    last: Option<(Box<Job>, Instant)>,
    /// When the job was looked at in full.
    close_look: Instant,
    is_over: bool,
}

impl Watching {
    /// Waits for the next state that is to be shown.
    async fn next(mut self) -> Option<(Result<Job, AnswerError>, Self)> {
        if self.is_over {
            return None;
        }
        loop {
            self.changes.mark_unchanged();
            let job = match self.look().await {
                Ok(job) => job,
                Err(error) => {
                    self.is_over = true;
                    return Some((Err(error), self));
                }
            };
            let since_last = self.last.as_ref().map_or(EVENT_PAUSE, |(_, at)| at.elapsed());
            let hold = EVENT_PAUSE.saturating_sub(since_last);
            let wait = match job {
                Look::Gone => return None,
                Look::Same => LOOK_AGAIN,
                Look::New(job) if self.is_over || hold.is_zero() => {
                    self.last = Some((job.clone(), Instant::now()));
                    return Some((Ok(*job), self));
                }
                Look::New(_) => hold,
            };
            sleep(LOOK_PAUSE).await;
            let _ = timeout(wait, self.changes.changed()).await;
        }
    }

    /// Looks whether there is something new; only now and then at what no task record says, such as
    /// a disk that is full.
    async fn look(&mut self) -> Result<Look, AnswerError> {
        let Some(record) = self.engine.record(&self.scope, self.task).await? else {
            return Ok(Look::Gone);
        };
        let last = self.last.as_ref().map(|(job, _)| job);
        let was_close = self.close_look.elapsed() < LOOK_AGAIN;
        if was_close && last.is_some_and(|last| last.record == record) {
            return Ok(Look::Same);
        }
        self.close_look = Instant::now();
        self.is_over = record.state.is_finished();
        let job = self.engine.complete(&self.scope, record).await?;
        let is_same = self.last.as_ref().is_some_and(|(last, _)| **last == job);
        Ok(if is_same { Look::Same } else { Look::New(Box::new(job)) })
    }
}

/// What a look at a watched job showed.
enum Look {
    /// There is no such job any more.
    Gone,
    /// Nothing new.
    Same,
    /// Another state.
    New(Box<Job>),
}

/// Whether whoever asks may see what a task works on: a job on a closed document is absent.
fn is_seen(scope: &TenantScope, tenant: &TenantStore, record: &TaskRecord) -> bool {
    if scope.reader().holders().is_none() {
        return true;
    }
    match version_of(record) {
        Some(version) => tenant.version(version).is_ok(),
        None => source_of(record).is_some_and(|source| tenant.source(source).is_ok()),
    }
}

/// The version that an ingest task takes in.
pub(crate) fn version_of(record: &TaskRecord) -> Option<VersionId> {
    let payload = (record.kind == ingest::KIND).then_some(&record.payload)?;
    IngestPayload::deserialize(payload).ok().map(|payload| payload.version)
}

/// The document of an ingest task; none when it was forgotten since.
fn document_of(tenant: &TenantStore, record: &TaskRecord) -> Option<JobDocument> {
    let version = tenant.version(version_of(record)?).ok()?;
    Some(JobDocument { id: version.document, name: version.name })
}

/// Makes the document of a cancelled task a failed one, unless it has come to another end.
pub(crate) fn fail_cancelled(tenant: &TenantStore, version: VersionId) -> Result<(), StoreError> {
    match tenant.fail(version, CANCELLED, "cancelled: ingest the file again or retry the job") {
        Err(StoreError::State { .. }) => Ok(()),
        outcome => outcome,
    }
}

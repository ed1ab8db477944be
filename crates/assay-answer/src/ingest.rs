//! Ingest: bytes → stored original → durable task → parsed → embedded → published → indexed.

use assay_core::{DocumentId, ErrorCode, TaskId, TenantScope, VersionId};
use assay_gateway::Purpose;
use assay_parse::FileHint;
use assay_store::{
    AccessList, Collection, NewVersion, Outcome, StoreError, TenantStore, Told, VersionState,
};
use assay_tasks::{NewTask, TaskError, TaskFilter, TaskState, Tasks, WorkerSettings};
use serde::{Deserialize, Serialize};

use crate::{
    AnswerError, AnswerSettings, Engine,
    jobs::{fail_cancelled, version_of},
    search::blocking,
};

mod handler;
mod indexer;
mod members;
mod pages;
mod room;
mod sketch;

pub(crate) use handler::{Ingest, retry};
pub(crate) use indexer::Indexer;
pub(crate) use pages::PageReader;

/// The kind of an ingest task.
pub(crate) const KIND: &str = "ingest";
/// Attempts at a file while the machine fails, not the file: about half a day.
const ATTEMPTS_MAX: u32 = 24;
/// Tasks looked at in one read.
const PAGE: u32 = 500;
/// The queue of files that take long, by their size or for pictures to be read: there is always a
/// worker that takes none of them.
const LARGE: &str = "large";

/// A file to take in.
#[derive(Debug, Clone, Default)]
pub struct Upload {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// File name.
    pub name: String,
    /// Type as the sender says it; the content decides.
    pub media_type: Option<String>,
    /// Name of the collection, made when it does not exist; `default` when empty.
    pub collection: String,
    /// What identifies the document inside the collection; the name when empty.
    pub source: String,
    /// What the sender says of the document.
    pub told: Option<Told>,
    /// Who may read it, when that is not who may read its collection.
    pub access: Option<AccessList>,
}

/// A file that was taken in: it is on disk, and so is the work on it.
#[derive(Debug, Clone, Copy)]
pub struct Accepted {
    /// The document.
    pub document: DocumentId,
    /// The version that these bytes are.
    pub version: VersionId,
    /// New, changed or unchanged.
    pub outcome: Outcome,
    /// The work on it; none when the bytes are known and searchable or on their way.
    pub task: Option<TaskId>,
}

/// What an ingest task has to know.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct IngestPayload {
    pub(crate) version: VersionId,
}

impl Engine {
    /// Takes a file in. When this returns, the file and the work on it survive a crash.
    ///
    /// # Errors
    /// When the file is over the limit, has no name or is of a format that is not read, or the disk
    /// fails.
    pub async fn receive(
        &self,
        scope: &TenantScope,
        upload: Upload,
    ) -> Result<Accepted, AnswerError> {
        check(&upload, self.settings.file_bytes_max)?;
        let (tenant, tasks) = (self.store.tenant(scope)?, self.tasks.clone());
        let (scope, large) = (scope.clone(), self.settings.large_file_bytes);
        blocking(move || {
            let collection = match upload.collection.as_str() {
                "" => {
                    tenant.ensure_default()?;
                    // By its name: to whom it is closed there is no such collection.
                    tenant.collection_named(Collection::DEFAULT_NAME)?
                }
                name => ensure_collection(&tenant, name)?,
            };
            let size = upload.bytes.len() as u64;
            let source = if upload.source.is_empty() { &upload.name } else { &upload.source };
            let new = NewVersion {
                collection: collection.id,
                source_key: source.clone(),
                name: upload.name.clone(),
                media_type: upload.media_type.clone(),
                blob: tenant.put_blob(&upload.bytes)?,
                size,
                parent: None,
                told: upload.told.clone(),
                access: upload.access.clone(),
            };
            let received = tenant.receive(new)?;
            let task = match received.outcome {
                Outcome::Unchanged => None,
                Outcome::New | Outcome::Changed => {
                    Some(tasks.enqueue(&scope, ingest_task(received.version, size >= large))?)
                }
            };
            Ok(Accepted {
                document: received.document,
                version: received.version,
                outcome: received.outcome,
                task,
            })
        })
        .await
    }

    /// Deletes a document with all its versions. When this returns, no search finds it.
    ///
    /// # Errors
    /// When there is no such document.
    pub async fn delete(
        &self,
        scope: &TenantScope,
        document: DocumentId,
    ) -> Result<(), AnswerError> {
        let (tenant, indexer) = (self.store.tenant(scope)?, std::sync::Arc::clone(&self.indexer));
        let (tasks, scope) = (self.tasks.clone(), scope.clone());
        blocking(move || {
            let open = tenant.delete_document(document)?;
            discard(&tasks, &scope, &open)?;
            indexer.catch_up(&scope)
        })
        .await
    }

    /// Takes up what an earlier process left: documents without a task, an index behind the
    /// records.
    pub(crate) fn recover(&self, scope: &TenantScope) -> Result<(), AnswerError> {
        let tenant = self.store.tenant(scope)?;
        for version in tenant.pending()? {
            // The key of a task is its version: one that is enqueued already stays one.
            let is_large = self.settings.is_large(version.size);
            let task = self.tasks.enqueue(scope, ingest_task(version.id, is_large))?;
            match self.tasks.get(scope, task)?.map(|task| task.state) {
                Some(TaskState::Parked) => {
                    let reason = "the process ended several times while it worked on this file: \
                                  upload it again to try once more";
                    tenant.fail(version.id, ErrorCode::Internal.as_str(), reason)?;
                }
                // What was in the way, such as a full disk, may be gone.
                Some(TaskState::Dead) => self.tasks.replay(scope, task)?,
                Some(TaskState::Cancelled) => fail_cancelled(&tenant, version.id)?,
                _ => {}
            }
        }
        self.indexer.notify(scope);
        Ok(())
    }

    /// Waits until everything that is published is in the index.
    ///
    /// # Errors
    /// When the index fails.
    pub async fn settle(&self, scope: &TenantScope) -> Result<(), AnswerError> {
        let (indexer, scope) = (std::sync::Arc::clone(&self.indexer), scope.clone());
        blocking(move || indexer.catch_up(&scope)).await
    }

    /// Throws the index away and makes it again from the records; passages that have no vector of
    /// the present model get one. Returns the number of passages.
    ///
    /// # Errors
    /// When the records or the index fail.
    pub async fn rebuild_index(&self, scope: &TenantScope) -> Result<u64, AnswerError> {
        self.embed_current(scope).await?;
        let (indexer, scope) = (std::sync::Arc::clone(&self.indexer), scope.clone());
        blocking(move || indexer.rebuild(&scope)).await
    }

    /// Gives every passage that can be found a vector of the present model.
    async fn embed_current(&self, scope: &TenantScope) -> Result<(), AnswerError> {
        let Some(embeddings) = self.embeddings.clone() else { return Ok(()) };
        let (tenant, runtime) = (self.store.tenant(scope)?, tokio::runtime::Handle::current());
        let scope = scope.clone();
        blocking(move || {
            for current in tenant.all_current_versions()?.versions {
                while handler::embed_batch(
                    &runtime,
                    Purpose::of(&scope),
                    &tenant,
                    &embeddings,
                    current.version,
                )? > 0
                {}
            }
            Ok(())
        })
        .await
    }
}

pub(crate) fn ingest_task(version: VersionId, is_large: bool) -> NewTask {
    let payload = serde_json::json!(IngestPayload { version });
    let task = NewTask::new(KIND, payload).with_key(version.to_string());
    let queue = if is_large { LARGE } else { NewTask::DEFAULT_QUEUE }.to_owned();
    NewTask { queue, attempts_max: Some(ATTEMPTS_MAX), ..task }
}

/// Gives up the dead letters of versions that are wanted no more.
pub(crate) fn discard(
    tasks: &Tasks,
    scope: &TenantScope,
    versions: &[VersionId],
) -> Result<usize, TaskError> {
    tasks.discard(scope, KIND, versions.iter().map(ToString::to_string).collect())
}

/// Gives up the dead letters of versions that were replaced or deleted meanwhile; how many. The tenant
/// store has to show every document: one that is closed to a reader is not gone.
pub(crate) fn discard_obsolete(
    tasks: &Tasks,
    scope: &TenantScope,
    tenant: &TenantStore,
) -> Result<u64, AnswerError> {
    let mut filter = TaskFilter {
        states: vec![TaskState::Dead, TaskState::Parked],
        kind: Some(KIND.to_owned()),
        limit: PAGE,
        ..TaskFilter::default()
    };
    let mut count = 0;
    loop {
        let page = tasks.list(scope, &filter)?;
        let mut obsolete = Vec::new();
        for version in page.iter().filter_map(version_of) {
            let is_obsolete = match tenant.version(version) {
                Ok(found) => {
                    matches!(found.state, VersionState::Superseded | VersionState::Deleted)
                }
                Err(StoreError::NotFound { .. }) => true,
                Err(error) => return Err(error.into()),
            };
            if is_obsolete {
                obsolete.push(version);
            }
        }
        count += discard(tasks, scope, &obsolete)? as u64;
        match page.last() {
            Some(last) if page.len() == PAGE as usize => filter.before = Some(last.id),
            _ => return Ok(count),
        }
    }
}

/// The threads that ingest: as many as are set, and one for which large files leave room.
pub(crate) fn workers(settings: &AnswerSettings) -> WorkerSettings {
    WorkerSettings {
        threads: settings.ingest_threads + 1,
        queues: vec![NewTask::DEFAULT_QUEUE.to_owned(), LARGE.to_owned()],
        limits: [(LARGE.to_owned(), settings.ingest_threads)].into(),
    }
}

/// The collection of that name, made when there is none.
pub(crate) fn ensure_collection(
    tenant: &TenantStore,
    name: &str,
) -> Result<Collection, StoreError> {
    match tenant.collection_named(name) {
        Err(StoreError::NotFound { .. }) => match tenant.create_collection(name) {
            // Somebody else made it in between.
            Err(StoreError::Exists { .. }) => tenant.collection_named(name),
            made => made,
        },
        found => found,
    }
}

fn check(upload: &Upload, limit: u64) -> Result<(), AnswerError> {
    let bytes = upload.bytes.len() as u64;
    if bytes > limit {
        return Err(AnswerError::TooLarge { name: upload.name.clone(), bytes, limit });
    }
    if upload.name.is_empty() {
        return Err(AnswerError::Invalid {
            what: "the file has no name".to_owned(),
            hint: "send the file with its file name",
        });
    }
    let hint = FileHint { name: Some(&upload.name), media_type: upload.media_type.as_deref() };
    assay_parse::recognise(&upload.bytes, &hint)
        .map_err(|source| AnswerError::Parse { name: upload.name.clone(), source })
}

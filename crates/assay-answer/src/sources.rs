//! Sources: looked at on schedule by a durable task, each run takes in what changed since the last.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use assay_core::{Clock, ErrorChain, SourceId, TaskId, TenantScope};
use assay_identity::Identities;
use assay_sources::{SourceContext, SourcePolicy, SourceSettings, SourceState};
use assay_store::{SourceRecord, Store, TenantStore};
use assay_tasks::{
    Handler, NewTask, TaskContext, TaskFailure, TaskRecord, Tasks, WorkerSettings, Workers,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::{runtime::Handle, time::interval};

use crate::{
    AnswerError, AnswerSettings, Engine,
    engine::lock_mutex,
    ingest::{Indexer, retry},
    search::blocking,
    tenants::Agenda,
};
use sink::Intake;

mod sink;

/// The kind and the queue of a run.
pub(crate) const KIND: &str = "sync";
/// Runs at the same time: they wait for the network most of the time.
const RUNS: usize = 2;
/// Time between two looks at what is due.
const LOOK: Duration = Duration::from_secs(1);
/// Milliseconds until a tenant that is suspended is looked at again.
const NOT_WORKING_MS: i64 = 60_000;
/// Shortest time between two runs of a source, in seconds.
const EVERY_MIN: u64 = 10;
/// Attempts while the machine fails, not the source.
const ATTEMPTS_MAX: u32 = 24;

/// A source to set up.
#[derive(Debug, Clone)]
pub struct NewSource {
    /// Its name.
    pub name: String,
    /// Name of the collection, made when it does not exist.
    pub collection: String,
    /// Its kind and what belongs to that.
    pub settings: Value,
    /// Seconds between two runs; `None` for runs on demand alone.
    pub every_s: Option<u64>,
}

/// What a run has to know.
#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    source: SourceId,
}

/// Carries out runs.
pub(crate) struct SyncSource {
    pub(crate) store: Arc<Store>,
    pub(crate) tasks: Tasks,
    pub(crate) indexer: Arc<Indexer>,
    pub(crate) policy: SourcePolicy,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) runtime: Handle,
    /// Where sources keep what makes the next run cheaper.
    pub(crate) cache: PathBuf,
    pub(crate) settings: AnswerSettings,
    identities: Arc<Identities>,
    agenda: Arc<Agenda>,
    running: Mutex<HashSet<SourceId>>,
}

impl SyncSource {
    pub(crate) fn new(engine: &Engine, policy: SourcePolicy) -> Self {
        Self {
            store: Arc::clone(&engine.store),
            tasks: engine.tasks.clone(),
            indexer: Arc::clone(&engine.indexer),
            policy,
            clock: Arc::clone(&engine.clock),
            runtime: Handle::current(),
            cache: engine.source_cache.clone(),
            settings: engine.settings.clone(),
            identities: Arc::clone(&engine.identities),
            agenda: Arc::clone(&engine.agenda),
            running: Mutex::default(),
        }
    }

    /// Starts the threads that carry runs out.
    pub(crate) fn start(self, tasks: Tasks) -> Result<Workers, AnswerError> {
        let settings = WorkerSettings {
            threads: RUNS,
            queues: vec![KIND.to_owned()],
            ..WorkerSettings::default()
        };
        Ok(Workers::start(tasks, vec![Arc::new(self)], &settings)?)
    }

    fn sync(
        &self,
        context: &TaskContext<'_>,
        tenant: &TenantStore,
        source: &SourceRecord,
    ) -> Result<Value, TaskFailure> {
        let mut intake = Intake::new(self, context, tenant, source);
        let opened =
            settings_of(&source.settings).map_err(|error| error.to_string()).and_then(|settings| {
                settings
                    .open(&self.context(context.scope(), source.id))
                    .map_err(|e| ErrorChain(&e).to_string())
            });
        let outcome = opened.and_then(|opened| {
            loop {
                let state = tenant.source_state(source.id).map_err(|e| e.to_string())?;
                let state = opened
                    .sync(&SourceState::from_json(state), &mut intake)
                    .map_err(|error| ErrorChain(&error).to_string())?;
                tenant.save_source_state(source.id, state.as_json()).map_err(|e| e.to_string())?;
                if !intake.next_batch() {
                    return Ok(());
                }
            }
        });
        self.indexer.notify(context.scope());
        if context.should_stop() {
            return Err(TaskFailure::Interrupted);
        }
        if let Some(reason) = intake.disk_failure() {
            return Err(TaskFailure::Retry { reason, after: None });
        }
        let run = intake.report(self.clock.now_ms(), outcome.err());
        match tenant.end_source_run(source.id, run.clone()) {
            // Removed meanwhile: there is nothing to keep.
            Ok(()) | Err(assay_store::StoreError::NotFound { .. }) => {}
            Err(error) => return Err(retry(error)),
        }
        self.agenda.note(context.scope(), tenant).map_err(retry)?;
        Ok(run)
    }

    fn context(&self, scope: &TenantScope, source: SourceId) -> SourceContext {
        SourceContext {
            runtime: self.runtime.clone(),
            clock: Arc::clone(&self.clock),
            policy: policy_for(scope, &self.policy),
            cache_dir: self.cache.join(source.to_string()),
        }
    }
}

impl Handler for SyncSource {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn run(&self, context: &TaskContext<'_>) -> Result<Value, TaskFailure> {
        let Payload { source } = context.parse_payload()?;
        let tenant = self.store.tenant(context.scope()).map_err(retry)?;
        let source = match tenant.source(source) {
            Err(assay_store::StoreError::NotFound { .. }) => return Ok(json!({ "removed": true })),
            source => source.map_err(retry)?,
        };
        // It may have been suspended since the task was made, by hand or by a schedule.
        if !self.identities.tenant(context.scope().tenant()).map_err(retry)?.state.works() {
            let error = Some("the tenant is not active".to_owned());
            let run =
                Intake::new(self, context, &tenant, &source).report(self.clock.now_ms(), error);
            // The next one is due as usual.
            tenant.end_source_run(source.id, run).map_err(retry)?;
            return Ok(json!({ "not_active": true }));
        }
        if !lock_mutex(&self.running).insert(source.id) {
            return Ok(json!({ "running": true }));
        }
        let outcome = self.sync(context, &tenant, &source);
        if self.store.is_encrypted() {
            // What a source keeps for its next run is in clear.
            forget(&self.cache.join(source.id.to_string()));
        }
        lock_mutex(&self.running).remove(&source.id);
        outcome
    }
}

/// Removes what a source keeps for its next run.
pub(crate) fn forget(folder: &Path) {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!(folder = %folder.display(), %error, "copies of a source stay on the disk");
        }
        _ => {}
    }
}

/// Enqueues what is due as long as the engine lives.
pub(crate) fn schedule(engine: &Arc<Engine>) {
    let engine = Arc::downgrade(engine);
    tokio::spawn(async move {
        let mut looks = interval(LOOK);
        loop {
            looks.tick().await;
            let Some(engine) = engine.upgrade() else { return };
            let due = blocking(move || engine.enqueue_all_due()).await;
            if let Err(error) = due {
                tracing::warn!(error = %ErrorChain(&error), "sources could not be looked at");
            }
        }
    });
}

impl Engine {
    /// Looks at the tenants with a source that is due; the files of the others stay closed.
    fn enqueue_all_due(&self) -> Result<(), AnswerError> {
        for scope in self.agenda.due(self.clock.now_ms()) {
            if self.identities.tenant(scope.tenant()).is_ok_and(|tenant| tenant.state.works()) {
                self.enqueue_due(&scope)?;
                self.agenda.note(&scope, &self.store.tenant(&scope)?)?;
            } else {
                self.agenda.put_off(&scope, self.clock.now_ms() + NOT_WORKING_MS);
            }
        }
        Ok(())
    }

    fn enqueue_due(&self, scope: &TenantScope) -> Result<(), AnswerError> {
        let now_ms = self.clock.now_ms();
        for source in self.store.tenant(scope)?.sources()? {
            if let Some(next_ms) = source.next_ms.filter(|next_ms| *next_ms <= now_ms) {
                // The key holds until the run has ended and the next one is set.
                let key = format!("{}:{next_ms}", source.id);
                self.tasks.enqueue(scope, run_task(source.id).with_key(key))?;
            }
        }
        Ok(())
    }

    /// Sets a source up; its first run starts at once.
    ///
    /// # Errors
    /// When the name is taken, or the settings are wrong or not allowed.
    pub async fn create_source(
        &self,
        scope: &TenantScope,
        new: NewSource,
    ) -> Result<SourceRecord, AnswerError> {
        if let Some(every_s) = new.every_s.filter(|every_s| *every_s < EVERY_MIN) {
            return Err(AnswerError::Invalid {
                what: format!("a run every {every_s} s is more than every {EVERY_MIN} s"),
                hint: "leave `every_seconds` out for runs on demand alone",
            });
        }
        let settings = settings_of(&new.settings)
            .map_err(|error| invalid(format!("the settings cannot be read: {error}")))?;
        let context = SourceContext {
            runtime: Handle::current(),
            clock: Arc::clone(&self.clock),
            policy: policy_for(scope, &self.source_policy),
            cache_dir: PathBuf::new(),
        };
        let (tenant, agenda) = (self.store.tenant(scope)?, Arc::clone(&self.agenda));
        let scope = scope.clone();
        blocking(move || {
            settings.open(&context).map_err(|error| invalid(ErrorChain(&error).to_string()))?;
            let collection = crate::ingest::ensure_collection(&tenant, &new.collection)?;
            let made = tenant.create_source(&new.name, collection.id, new.settings, new.every_s)?;
            agenda.note(&scope, &tenant)?;
            Ok(made)
        })
        .await
    }

    /// All sources, by name.
    ///
    /// # Errors
    /// When the records fail.
    pub async fn sources(&self, scope: &TenantScope) -> Result<Vec<SourceRecord>, AnswerError> {
        let tenant = self.store.tenant(scope)?;
        blocking(move || Ok(tenant.sources()?)).await
    }

    /// A source.
    ///
    /// # Errors
    /// When there is none of this id.
    pub async fn source(
        &self,
        scope: &TenantScope,
        id: SourceId,
    ) -> Result<SourceRecord, AnswerError> {
        let tenant = self.store.tenant(scope)?;
        blocking(move || Ok(tenant.source(id)?)).await
    }

    /// Starts a run of a source now.
    ///
    /// # Errors
    /// When there is none of this id.
    pub async fn run_source(
        &self,
        scope: &TenantScope,
        id: SourceId,
    ) -> Result<TaskId, AnswerError> {
        let (tenant, tasks, scope) = (self.store.tenant(scope)?, self.tasks.clone(), scope.clone());
        blocking(move || {
            tenant.source(id)?;
            Ok(tasks.enqueue(&scope, run_task(id))?)
        })
        .await
    }

    /// Removes a source. Its documents stay.
    ///
    /// # Errors
    /// When there is none of this id.
    pub async fn delete_source(
        &self,
        scope: &TenantScope,
        id: SourceId,
    ) -> Result<(), AnswerError> {
        let (tenant, cache) = (self.store.tenant(scope)?, self.source_cache.clone());
        blocking(move || {
            tenant.delete_source(id)?;
            forget(&cache.join(id.to_string()));
            Ok(())
        })
        .await
    }

    /// What the sources of a tenant keep for their next runs.
    pub(crate) fn caches_of(&self, scope: &TenantScope) -> Result<Vec<PathBuf>, AnswerError> {
        let sources = self.store.tenant(scope)?.sources()?;
        Ok(sources.iter().map(|source| self.source_cache.join(source.id.to_string())).collect())
    }
}

/// What sources of a tenant may reach. Folders of this machine are for the platform tenant alone:
/// the list of those that may be read is one for all.
fn policy_for(scope: &TenantScope, policy: &SourcePolicy) -> SourcePolicy {
    let mut policy = policy.clone();
    if !scope.is_platform() {
        policy.allow_folders.clear();
    }
    policy
}

/// Words in the names of settings whose values are never shown.
const SECRETS: [&str; 4] = ["password", "secret", "token", "key"];

/// The settings of a source as they may be shown.
#[must_use]
pub fn without_secrets(mut settings: Value) -> Value {
    hide(&mut settings);
    settings
}

fn hide(settings: &mut Value) {
    match settings {
        Value::Object(fields) => {
            for (name, value) in fields {
                let is_secret = SECRETS.iter().any(|word| name.to_lowercase().contains(word));
                if is_secret && !value.is_null() {
                    *value = Value::String("(set)".to_owned());
                } else {
                    hide(value);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(hide),
        _ => {}
    }
}

/// The source that a task reads; none for other tasks.
pub(crate) fn source_of(record: &TaskRecord) -> Option<SourceId> {
    let payload = (record.kind == KIND).then_some(&record.payload)?;
    Payload::deserialize(payload).ok().map(|payload| payload.source)
}

fn run_task(source: SourceId) -> NewTask {
    let task = NewTask::new(KIND, json!(Payload { source }));
    NewTask { queue: KIND.to_owned(), attempts_max: Some(ATTEMPTS_MAX), ..task }
}

fn settings_of(settings: &Value) -> Result<SourceSettings, serde_json::Error> {
    serde_json::from_value(settings.clone())
}

fn invalid(what: String) -> AnswerError {
    AnswerError::Invalid { what, hint: "docs/guide/sources.md shows the settings of each kind" }
}

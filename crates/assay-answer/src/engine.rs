//! Everything that is open on one data folder.

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use assay_backup::{BackupSettings, Backups, Logs};
use assay_core::{Clock, Coded as _, Deadline, ErrorChain, TenantScope};
use assay_gateway::{Gateway, GatewaySettings};
use assay_guard::GuardSettings;
use assay_identity::{Actor, AuthSettings, Identities};
use assay_index::{EmbeddedIndex, IndexSettings, PassageIndex};
use assay_ledger::{Ledger, LedgerSettings, prices::PriceOverride};
use assay_models::Embedder;
use assay_net::Http;
use assay_sources::SourcePolicy;
use assay_store::{ServerSettings, Store};
use assay_tasks::{Delivery, Handler, Tasks, WorkerSettings, Workers};
use assay_vault::{EncryptionSettings, Vault};
use assay_web::{Web, WebSettings};

use crate::{
    AnswerError, AnswerSettings, EmbeddingSettings, RerankerSettings, VerifierSettings,
    WriterSettings,
    ask::{FromFiles, WRITER, Writer},
    backup,
    catalogue::Catalogues,
    database::{self, Places},
    embed::{Embeddings, QuestionVectors},
    guarding::{Gate, Guards, TenantGuards},
    ingest::{self, Indexer, Ingest, PageReader},
    jobs::JobChanges,
    judge::{JUDGE, Judge},
    lane::Lanes,
    limits::Questions,
    measure::Stopwatch,
    money::LedgerMeter,
    rerank::Reranker,
    sources::SyncSource,
    tenants::Agenda,
    upkeep::{self, Upkeep},
    verify::Verifier,
    web::WebLane,
    webhooks::{self, Deliver, WebhookSettings},
};

/// The name of the embedding endpoint in the gateway.
const EMBEDDING: &str = "assay:embedding";
/// Deliveries at the same time: they wait for their receivers most of the time.
const DELIVERIES: usize = 3;
/// Where an update of the prices lies in the data folder.
pub const PRICES: &str = "prices.json";

/// What an engine is made of.
#[derive(Debug, Clone)]
pub struct EngineSettings {
    /// Where everything is kept.
    pub data: PathBuf,
    /// The server that holds the rows, when they are not in files of the data folder.
    pub database: ServerSettings,
    /// Where models are kept.
    pub models: PathBuf,
    /// Ingest, search and answers.
    pub answer: AnswerSettings,
    /// The embedding model.
    pub embedding: EmbeddingSettings,
    /// The model that writes, when there is one.
    pub writer: Option<WriterSettings>,
    /// The model that judges claims, when one is to take the place of the built-in verifier.
    pub verifier: VerifierSettings,
    /// The reranker.
    pub reranker: RerankerSettings,
    /// What sources may reach.
    pub sources: SourcePolicy,
    /// The public sources that questions may be sent to; none by default.
    pub web: WebSettings,
    /// Calls to models.
    pub gateway: GatewaySettings,
    /// What must not pass.
    pub guard: GuardSettings,
    /// What model calls cost, and budgets.
    pub ledger: LedgerSettings,
    /// Who is let in.
    pub auth: AuthSettings,
    /// What webhooks may reach.
    pub webhooks: WebhookSettings,
    /// The root key, when what is kept is to be encrypted.
    pub encryption: EncryptionSettings,
    /// Where backups go.
    pub backup: BackupSettings,
}

impl EngineSettings {
    /// The defaults on a data folder, models below it, without an embedding model: keywords alone.
    #[must_use]
    pub fn new(data: &Path) -> Self {
        Self {
            data: data.to_path_buf(),
            database: ServerSettings::default(),
            models: data.join("models"),
            answer: AnswerSettings::default(),
            embedding: EmbeddingSettings { model: String::new(), ..EmbeddingSettings::default() },
            writer: None,
            verifier: VerifierSettings::default(),
            reranker: RerankerSettings::default(),
            sources: SourcePolicy::default(),
            web: WebSettings::default(),
            gateway: GatewaySettings::default(),
            guard: GuardSettings::default(),
            ledger: LedgerSettings::default(),
            auth: AuthSettings::default(),
            webhooks: WebhookSettings::default(),
            encryption: EncryptionSettings::default(),
            backup: BackupSettings::default(),
        }
    }
}

/// Everything that is open on one data folder: records, index, tasks, models. One process at a
/// time holds a folder.
pub struct Engine {
    pub(crate) settings: AnswerSettings,
    pub(crate) store: Arc<Store>,
    pub(crate) index: Arc<dyn PassageIndex>,
    pub(crate) catalogues: Arc<Catalogues>,
    pub(crate) indexer: Arc<Indexer>,
    pub(crate) tasks: Tasks,
    pub(crate) job_changes: JobChanges,
    pub(crate) embeddings: Option<Arc<Embeddings>>,
    pub(crate) pages: Arc<PageReader>,
    pub(crate) writer: Option<Writer>,
    pub(crate) verifier: Verifier,
    pub(crate) judge: Option<Judge>,
    pub(crate) reranker: Reranker,
    pub(crate) web: Option<WebLane>,
    pub(crate) guards: Arc<TenantGuards>,
    pub(crate) lanes: Lanes,
    pub(crate) questions: Questions,
    pub(crate) ledger: Ledger,
    pub(crate) gateway: Gateway,
    pub(crate) identities: Arc<Identities>,
    pub(crate) agenda: Arc<Agenda>,
    pub(crate) vector_searches: Durations,
    pub(crate) stopwatch: Stopwatch,
    /// Why there is no embedding model, when there is none.
    pub(crate) no_model: Option<String>,
    pub(crate) source_policy: SourcePolicy,
    /// Where sources keep what makes the next run cheaper.
    pub(crate) source_cache: PathBuf,
    pub(crate) receivers: Http,
    pub(crate) clock: Arc<dyn Clock>,
    /// None where the rows are on a server.
    pub(crate) backups: Option<Backups>,
    workers: Mutex<Vec<Workers>>,
    _lock: File,
}

impl Engine {
    /// Opens the data folder, takes up the work that an earlier process left, and starts the
    /// ingest threads. Must be called inside a tokio runtime.
    ///
    /// A model that is absent or broken does not prevent the start: search then runs on keywords
    /// and [`Engine::health`] says so.
    ///
    /// # Errors
    /// When another process holds the folder, or it cannot be read or written.
    pub fn open(
        mut settings: EngineSettings,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<Self>, AnswerError> {
        let lock = lock_folder(&settings.data)?;
        let logs = Logs::follow(&settings.data);
        let vault = Arc::new(Vault::open(&settings.data, &settings.encryption)?);
        let server = database::server(&settings.database, &vault)?;
        let data = settings.data.clone();
        let places = Places { server: server.as_ref(), data: &data, vault: &vault };
        let store = Arc::new(places.open_store(&clock)?);
        let tasks = places.open_tasks(&clock)?;
        let identities = places.open_identities(settings.auth.clone(), &clock)?;
        let index: Arc<dyn PassageIndex> = Arc::new(EmbeddedIndex::open_with(
            &settings.data.join("tenants"),
            &IndexSettings::default(),
            Arc::clone(&vault),
        )?);
        let (gateway, ledger) = open_gateway(&mut settings, places, &clock)?;
        let stopwatch = Stopwatch::default();
        let (embeddings, no_model) = match open_embeddings(&settings, &gateway) {
            Ok(embeddings) => (embeddings.map(|it| Arc::new(it.timed(stopwatch.clone()))), None),
            Err(error) => {
                let reason = ErrorChain(&error).to_string();
                tracing::warn!(error = %reason, "no embedding model: search runs on keywords");
                (None, Some(reason))
            }
        };
        if let Some(embeddings) = &embeddings {
            gateway.compare_by(Arc::new(QuestionVectors(Arc::clone(embeddings))));
        }
        let reranker = Reranker::open(&settings.reranker, &settings.models)?;
        let writer = settings.writer.and_then(|writer| Writer::new(&gateway, writer));
        let web = open_web(&settings.web, &clock)?;
        let guards = Arc::new(TenantGuards::new(settings.guard)?);
        let indexer = Indexer::start(Arc::clone(&store), Arc::clone(&index), embeddings.as_ref());
        let pages = Arc::new(PageReader::new(settings.models.join("ocr")));
        let published = Arc::clone(&indexer);
        let handler = Ingest {
            store: Arc::clone(&store),
            embeddings: embeddings.clone(),
            published: Arc::new(move |scope| published.notify(scope)),
            tasks: tasks.clone(),
            pages: Arc::clone(&pages),
            room: Default::default(),
            guards: Arc::clone(&guards),
            settings: settings.answer.clone(),
            runtime: tokio::runtime::Handle::current(),
        };
        let backups = match server {
            Some(_) if settings.backup.to.is_some() => return Err(AnswerError::BackupOfServer),
            Some(_) => None,
            None => Some(backup::start(&settings.data, logs, &clock, settings.backup)?),
        };
        let engine = Arc::new(Self {
            settings: settings.answer,
            store,
            index,
            catalogues: Arc::default(),
            indexer,
            tasks: tasks.clone(),
            job_changes: JobChanges::of(&tasks),
            embeddings,
            pages,
            writer,
            verifier: Verifier::new(),
            judge: Judge::open(settings.verifier, &gateway, &settings.models),
            reranker,
            web,
            guards,
            lanes: Lanes::timed(stopwatch.clone()),
            questions: Questions::default(),
            ledger,
            gateway,
            identities: Arc::new(identities),
            agenda: Arc::default(),
            vector_searches: Durations::default(),
            stopwatch,
            no_model,
            source_policy: settings.sources.clone(),
            source_cache: settings.data.join("sources"),
            receivers: webhooks::client(&settings.webhooks)?,
            clock,
            backups,
            workers: Mutex::default(),
            _lock: lock,
        });
        engine.gateway.answer_by(Arc::new(FromFiles(Arc::downgrade(&engine))));
        engine.match_tenants()?;
        engine.take_up(&TenantScope::built_in())?;
        let workers = ingest::workers(&engine.settings);
        let workers = Workers::start(tasks.clone(), vec![Arc::new(handler)], &workers)?;
        let runs = SyncSource::new(&engine, settings.sources).start(tasks.clone())?;
        let others = engine.start_others(tasks)?;
        lock_mutex(&engine.workers).extend([workers, runs, others]);
        crate::sources::schedule(&engine);
        crate::tenants::take_up_all(&engine);
        crate::tidy::start(&engine);
        if server.is_some() {
            engine.follow_workers();
        }
        Ok(engine)
    }

    /// Starts the threads for upkeep and for deliveries: one takes no upkeep, so that a delivery does
    /// not wait for an index that is made again.
    fn start_others(self: &Arc<Self>, tasks: Tasks) -> Result<Workers, AnswerError> {
        let runtime = tokio::runtime::Handle::current();
        let upkeep = |kind| -> Arc<dyn Handler> {
            let (engine, runtime) = (Arc::downgrade(self), runtime.clone());
            Arc::new(Upkeep { kind, engine, runtime })
        };
        let deliver = Deliver {
            tasks: tasks.clone(),
            receivers: self.receivers.clone(),
            clock: Arc::clone(&self.clock),
            runtime: runtime.clone(),
        };
        let handlers = vec![upkeep(upkeep::TIDY), upkeep(upkeep::REINDEX), Arc::new(deliver)];
        let settings = WorkerSettings {
            threads: DELIVERIES + 1,
            queues: vec![upkeep::QUEUE.to_owned(), Delivery::KIND.to_owned()],
            limits: [(upkeep::QUEUE.to_owned(), 1), (Delivery::KIND.to_owned(), DELIVERIES)].into(),
        };
        Ok(Workers::start(tasks, handlers, &settings)?)
    }

    /// Lets running work come to its next step and stops. Work that is left is taken up by the
    /// next start.
    pub fn close(&self, grace: Duration) {
        let deadline = Deadline::after(grace);
        for workers in lock_mutex(&self.workers).drain(..) {
            let stopped = workers.stop(deadline.left());
            tracing::debug!(?stopped, "workers stopped");
        }
        self.indexer.stop();
        if let Err(error) = self.identities.tend() {
            tracing::warn!(error = %ErrorChain(&error), "the identities were not written out");
        }
        if let Some(backups) = &self.backups {
            backups.stop();
        }
    }

    /// Whether what is kept is encrypted.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.store.is_encrypted()
    }

    /// Who is let in, and what they did.
    #[must_use]
    pub const fn identities(&self) -> &Arc<Identities> {
        &self.identities
    }

    /// The largest file that is taken in.
    #[must_use]
    pub const fn file_bytes_max(&self) -> u64 {
        self.settings.file_bytes_max
    }

    /// The guard of a tenant at every place.
    #[must_use]
    pub fn guards(&self, scope: &TenantScope) -> Arc<Guards> {
        self.guards.of(scope)
    }

    /// How often the guards found what: the kind of event, its severity, the number.
    #[must_use]
    pub fn guard_totals(&self) -> Vec<(&'static str, &'static str, u64)> {
        self.guards.totals()
    }

    /// What looks at a call of `actor` that passes through to a provider.
    #[must_use]
    pub fn inspector(&self, actor: Actor) -> Arc<dyn assay_gateway::inspect::Inspector> {
        let (guards, identities) = (Arc::clone(&self.guards), Arc::clone(&self.identities));
        Arc::new(Gate { guards, identities, actor })
    }

    /// The name of the model that writes, when one is set up.
    #[must_use]
    pub fn writer_model(&self) -> Option<&str> {
        self.writer.as_ref().map(|writer| writer.name.as_str())
    }
}

/// Makes the data folder where there is none, for its owner's eyes alone. The mode of one that is there
/// is left as it is.
///
/// # Errors
/// When it cannot be made.
pub fn make_data_folder(data: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(data)
}

/// Takes the folder for this process.
pub(crate) fn lock_folder(data: &Path) -> Result<File, AnswerError> {
    let path = data.display().to_string();
    let failure = |source| AnswerError::DataFolder { path: path.clone(), source };
    make_data_folder(data).map_err(failure)?;
    let options = File::options().create(true).write(true).truncate(false).to_owned();
    let file = options.open(data.join("lock")).map_err(failure)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(AnswerError::Locked { path }),
        Err(TryLockError::Error(source)) => Err(failure(source)),
    }
}

/// The public sources, when any is set up.
fn open_web(
    settings: &WebSettings,
    clock: &Arc<dyn Clock>,
) -> Result<Option<WebLane>, AnswerError> {
    if settings.providers.is_empty() {
        return Ok(None);
    }
    let web = Web::new(settings, Arc::clone(clock))?;
    Ok(Some(WebLane::new(web, settings)))
}

/// The gateway, which counts everything in the ledger; servers that only Assay itself uses are in
/// it, too.
fn open_gateway(
    settings: &mut EngineSettings,
    places: Places<'_>,
    clock: &Arc<dyn Clock>,
) -> Result<(Gateway, Ledger), AnswerError> {
    let own = [
        (WRITER, settings.writer.as_ref().and_then(|writer| writer.endpoint.as_ref())),
        (JUDGE, settings.verifier.endpoint.as_ref()),
        (EMBEDDING, settings.embedding.endpoint.as_ref()),
    ];
    let gateway = &mut settings.gateway;
    for (name, endpoint) in own {
        if let Some(endpoint) = endpoint {
            gateway.own.insert(name, (endpoint.provider(), endpoint.model.clone()));
        }
    }
    let free = gateway.free().map(|(provider, model)| PriceOverride {
        provider: provider.to_owned(),
        model: model.to_owned(),
        ..PriceOverride::default()
    });
    // What is set as a price goes over what a tier says.
    let own_prices = std::mem::take(&mut settings.ledger.prices);
    settings.ledger.prices = free.chain(own_prices).collect();
    let ledger = places.open_ledger(settings.ledger.clone(), clock)?;
    let prices = ledger.prices();
    for (provider, kind, model) in settings.gateway.named() {
        if let Err(error) = prices.find_as(provider, kind.listed_as(), model) {
            let hint = error.hint().unwrap_or_default();
            tracing::warn!(provider, model, hint, "calls to this model are refused: no price");
        }
    }
    let meter = Arc::new(LedgerMeter::new(ledger.clone(), Arc::clone(clock)));
    let gateway = Gateway::new(settings.gateway.clone(), meter, Arc::clone(clock))?;
    Ok((gateway, ledger))
}

fn open_embeddings(
    settings: &EngineSettings,
    gateway: &Gateway,
) -> Result<Option<Embeddings>, AnswerError> {
    if let Some(endpoint) = &settings.embedding.endpoint {
        let model = gateway.own_model(EMBEDDING);
        return Ok(Some(Embeddings::remote(model, endpoint, &settings.answer)));
    }
    local_embeddings(settings)
}

/// The embedding model on this machine, when one is set.
pub(crate) fn local_embeddings(
    settings: &EngineSettings,
) -> Result<Option<Embeddings>, AnswerError> {
    if settings.embedding.model.is_empty() {
        return Ok(None);
    }
    let folder = settings.models.join(&settings.embedding.model);
    let embedder = Embedder::load(&folder, &settings.embedding.local)?;
    Ok(Some(Embeddings::local(embedder, &settings.answer)))
}

/// A number of durations and their sum.
#[derive(Debug, Default)]
pub(crate) struct Durations {
    count: AtomicU64,
    micros: AtomicU64,
}

impl Durations {
    pub(crate) fn add(&self, took: Duration) {
        self.count.fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }

    pub(crate) fn totals(&self) -> (u64, Duration) {
        let micros = self.micros.load(Ordering::Relaxed);
        (self.count.load(Ordering::Relaxed), Duration::from_micros(micros))
    }
}

pub(crate) fn lock_mutex<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// How long a check of a part took, with its outcome.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    (work(), start.elapsed())
}

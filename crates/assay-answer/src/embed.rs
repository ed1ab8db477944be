//! Embeddings for the use case: one local model or one endpoint, with caches in front.

use std::{
    num::NonZeroUsize,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use assay_core::TenantScope;
use assay_gateway::{
    EndpointSettings, OwnModel, Purpose,
    cache::{Embedding, Vectors},
};
use assay_models::{Embedder, TextRole};
use lru::LruCache;
use tokio::sync::Semaphore;

use crate::{
    AnswerError,
    measure::{Measured, Stopwatch},
    verify::Sentence,
};

mod packed;

pub(crate) use packed::{pack, unpack};

/// Longer questions are not compared: models do not read all of them.
const COMPARED_CHARS_MAX: usize = 600;
/// Texts sent to an endpoint in one call.
const REMOTE_BATCH: usize = 64;

/// A unit vector, shared by the caches and their readers.
pub(crate) type Vector = Arc<[f32]>;

/// Where vectors come from.
enum Source {
    Local(Arc<Embedder>),
    Remote { model: OwnModel, name: String, host: String, fingerprint: String },
}

/// A text and, where a model runs, its vector.
#[derive(Debug, Clone)]
pub(crate) struct EmbeddedText {
    pub(crate) text: String,
    pub(crate) vector: Option<Vector>,
}

impl EmbeddedText {
    /// As the verifier takes it.
    pub(crate) fn sentence(&self) -> Sentence<'_> {
        Sentence { text: &self.text, vector: self.vector.as_deref() }
    }
}

/// Texts with their vectors, in order; without vectors where there is no model.
pub(crate) async fn embedded(
    embeddings: Option<&Embeddings>,
    purpose: Purpose<'_>,
    texts: &[&str],
) -> Result<Vec<EmbeddedText>, AnswerError> {
    let vectors = match embeddings {
        Some(embeddings) => embeddings.sentences(purpose, texts).await?,
        None => Vec::new(),
    };
    let mut vectors = vectors.into_iter();
    let texts = texts.iter();
    Ok(texts
        .map(|text| EmbeddedText { text: (*text).to_owned(), vector: vectors.next() })
        .collect())
}

/// Figures since start.
#[derive(Debug, Clone, Copy, Default)]
pub struct EmbeddingTotals {
    /// Query vectors found in the cache.
    pub hits: u64,
    /// Query vectors computed.
    pub misses: u64,
    /// Vectors of sentences found in the cache of sentences.
    pub sentence_hits: u64,
    /// Vectors of sentences computed.
    pub sentence_misses: u64,
    /// Microseconds spent on computing those of queries.
    pub micros: u64,
    /// Microseconds that the first one took, with whatever was cold then; none before it.
    pub first_micros: Option<u64>,
    /// Query vectors in the cache.
    pub cached: usize,
    /// Query vectors that the cache can hold.
    pub capacity: usize,
}

/// The embedding model that is set up, with its caches.
pub(crate) struct Embeddings {
    source: Source,
    /// As many computations at once as there are cores: more would only slow each other down.
    /// Questions have slots of their own, so that they do not queue behind an ingest.
    asking: Arc<Semaphore>,
    ingesting: Arc<Semaphore>,
    queries: Mutex<LruCache<String, (Vector, Instant)>>,
    kept: Duration,
    sentences: Mutex<LruCache<String, Vector>>,
    hits: AtomicU64,
    misses: AtomicU64,
    sentence_hits: AtomicU64,
    sentence_misses: AtomicU64,
    micros: AtomicU64,
    first_micros: OnceLock<u64>,
    stopwatch: Stopwatch,
}

impl Embeddings {
    pub(crate) fn local(embedder: Embedder, settings: &crate::AnswerSettings) -> Self {
        Self::new(Source::Local(Arc::new(embedder)), settings)
    }

    /// The model of an endpoint, which the gateway calls.
    pub(crate) fn remote(
        model: OwnModel,
        endpoint: &EndpointSettings,
        settings: &crate::AnswerSettings,
    ) -> Self {
        let name = endpoint.model.clone();
        let host = endpoint.host().unwrap_or_default();
        let fingerprint = format!("{host}/{name}");
        Self::new(Source::Remote { model, name, host, fingerprint }, settings)
    }

    fn new(source: Source, settings: &crate::AnswerSettings) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, NonZeroUsize::get);
        let entries = |count: usize| NonZeroUsize::new(count).unwrap_or(NonZeroUsize::MIN);
        Self {
            source,
            asking: Arc::new(Semaphore::new(cores)),
            ingesting: Arc::new(Semaphore::new(cores)),
            queries: Mutex::new(LruCache::new(entries(settings.query_cache_entries))),
            kept: Duration::from_secs(settings.query_cache_seconds),
            sentences: Mutex::new(LruCache::new(entries(settings.sentence_cache_entries))),
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            sentence_hits: AtomicU64::new(0),
            sentence_misses: AtomicU64::new(0),
            micros: AtomicU64::new(0),
            first_micros: OnceLock::new(),
            stopwatch: Stopwatch::default(),
        }
    }

    /// The same, whose times are told.
    pub(crate) fn timed(self, stopwatch: Stopwatch) -> Self {
        Self { stopwatch, ..self }
    }

    /// The model's name.
    pub(crate) fn name(&self) -> &str {
        match &self.source {
            Source::Local(embedder) => embedder.name(),
            Source::Remote { name, .. } => name,
        }
    }

    /// `assay` or the host of the endpoint.
    pub(crate) fn owner(&self) -> &str {
        match &self.source {
            Source::Local(_) => "assay",
            Source::Remote { host, .. } => host,
        }
    }

    /// Names the model and its settings: vectors with another fingerprint are of no use.
    pub(crate) fn fingerprint(&self) -> &str {
        match &self.source {
            Source::Local(embedder) => embedder.fingerprint(),
            Source::Remote { fingerprint, .. } => fingerprint,
        }
    }

    /// Tokens of `text`; estimated from its length for a model that is elsewhere.
    pub(crate) fn count_tokens(&self, text: &str) -> usize {
        match &self.source {
            Source::Local(embedder) => embedder.count_tokens(text),
            Source::Remote { .. } => estimate_tokens(text),
        }
    }

    /// The vector of a question.
    pub(crate) async fn query(
        &self,
        purpose: Purpose<'_>,
        text: &str,
    ) -> Result<Vector, AnswerError> {
        if let Some(vector) = self.known_query(text) {
            self.hits.fetch_add(1, Ordering::Relaxed);
            return Ok(vector);
        }
        let start = Instant::now();
        let vectors =
            self.compute(&self.asking, purpose, vec![text.to_owned()], TextRole::Query).await?;
        let vector: Vector = vectors.into_iter().next().unwrap_or_default().into();
        self.misses.fetch_add(1, Ordering::Relaxed);
        let took = start.elapsed();
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.micros.fetch_add(micros, Ordering::Relaxed);
        let _ = self.first_micros.set(micros);
        self.stopwatch.tell(Measured::QueryVector, took);
        lock(&self.queries).put(text.to_owned(), (Arc::clone(&vector), Instant::now()));
        Ok(vector)
    }

    /// The vector of a question that was asked before; it costs no time.
    pub(crate) fn known_query(&self, text: &str) -> Option<Vector> {
        let mut queries = lock(&self.queries);
        let (vector, made) = queries.get(text)?;
        (made.elapsed() < self.kept).then(|| Arc::clone(vector))
    }

    /// The vectors of sentences, in order; known ones come from the cache.
    pub(crate) async fn sentences(
        &self,
        purpose: Purpose<'_>,
        texts: &[&str],
    ) -> Result<Vec<Vector>, AnswerError> {
        let mut found: Vec<Option<Vector>> = {
            let mut cache = lock(&self.sentences);
            texts.iter().map(|text| cache.get(*text).cloned()).collect()
        };
        let missing: Vec<String> = texts
            .iter()
            .zip(&found)
            .filter(|(_, vector)| vector.is_none())
            .map(|(text, _)| (*text).to_owned())
            .collect();
        let (all, new) = (texts.len() as u64, missing.len() as u64);
        self.sentence_hits.fetch_add(all - new, Ordering::Relaxed);
        self.sentence_misses.fetch_add(new, Ordering::Relaxed);
        let computed = if missing.is_empty() {
            Vec::new()
        } else {
            self.compute(&self.asking, purpose, missing.clone(), TextRole::Passage).await?
        };
        let mut computed = computed.into_iter().map(Vector::from);
        let mut cache = lock(&self.sentences);
        let mut missing = missing.into_iter();
        let vectors = found.iter_mut().map(|vector| {
            vector.take().or_else(|| {
                let vector = computed.next()?;
                cache.put(missing.next()?, Arc::clone(&vector));
                Some(vector)
            })
        });
        Ok(vectors.map(Option::unwrap_or_default).collect())
    }

    /// The vectors of any texts, past the caches.
    pub(crate) async fn texts(
        &self,
        purpose: Purpose<'_>,
        texts: Vec<String>,
        role: TextRole,
    ) -> Result<Vec<Vec<f32>>, AnswerError> {
        self.compute(&self.ingesting, purpose, texts, role).await
    }

    async fn compute(
        &self,
        slots: &Arc<Semaphore>,
        purpose: Purpose<'_>,
        texts: Vec<String>,
        role: TextRole,
    ) -> Result<Vec<Vec<f32>>, AnswerError> {
        match &self.source {
            Source::Local(embedder) => {
                let slot = Arc::clone(slots).acquire_owned().await;
                let embedder = Arc::clone(embedder);
                let work = move || {
                    let _slot = slot;
                    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
                    embedder.embed(&texts, role)
                };
                let vectors = tokio::task::spawn_blocking(work).await;
                Ok(vectors.map_err(|_| AnswerError::Worker)??)
            }
            Source::Remote { model, .. } => {
                let mut vectors = Vec::with_capacity(texts.len());
                for batch in texts.chunks(REMOTE_BATCH) {
                    let batch: Vec<&str> = batch.iter().map(String::as_str).collect();
                    vectors.extend(model.embed(purpose, &batch).await?.into_iter().map(unit));
                }
                Ok(vectors)
            }
        }
    }

    pub(crate) fn totals(&self) -> EmbeddingTotals {
        let queries = lock(&self.queries);
        EmbeddingTotals {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            sentence_hits: self.sentence_hits.load(Ordering::Relaxed),
            sentence_misses: self.sentence_misses.load(Ordering::Relaxed),
            micros: self.micros.load(Ordering::Relaxed),
            first_micros: self.first_micros.get().copied(),
            cached: queries.len(),
            capacity: queries.cap().get(),
        }
    }
}

/// The model, for the gateway's cache of like questions.
pub(crate) struct QuestionVectors(pub(crate) Arc<Embeddings>);

impl Vectors for QuestionVectors {
    fn vector<'a>(&'a self, scope: &'a TenantScope, text: &'a str) -> Embedding<'a> {
        Box::pin(async move {
            if text.chars().count() > COMPARED_CHARS_MAX {
                return None;
            }
            let vector = self.0.query(Purpose::of(scope), text).await;
            vector.ok().map(|vector| vector.to_vec())
        })
    }
}

/// About four characters a token, which holds for English; fewer for scripts with longer words
/// would only make passages a little shorter.
pub(crate) fn estimate_tokens(text: &str) -> usize {
    text.len().div_ceil(4)
}

/// The vector at length 1: providers differ in whether they normalise.
fn unit(mut vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt();
    if length > 0.0 {
        vector.iter_mut().for_each(|x| *x /= length);
    }
    vector
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

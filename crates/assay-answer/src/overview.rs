//! What there is: documents, models, counts, health.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use assay_core::{BreakerState, DocumentId, ErrorChain, PassageId, TenantScope};
use assay_gateway::Purpose;
use assay_models::TextRole;
use assay_store::{Counts, Document, DocumentFilter, DocumentSummary, Store};
use assay_tasks::{QueueCount, RunEnd, TaskFilter};

use crate::{
    AnswerError, Engine, Measured, embed::EmbeddingTotals, engine::timed, lane::LaneTotals,
    search::blocking,
};

/// Free bytes of the disk below which the health says so: a commit of the index and the journals of
/// the databases need about this much.
const DISK_FREE_MIN: u64 = 64 << 20;

/// Which documents to list.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// Name of the collection; all when absent.
    pub collection: Option<String>,
    /// Those that carry this tag; all when absent.
    pub tag: Option<String>,
    /// Those that came out of this document; all when absent.
    pub parent: Option<DocumentId>,
    /// Continue after this document.
    pub after: Option<DocumentId>,
    /// How many at most.
    pub limit: u32,
}

/// How the index compares with the records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexComparison {
    /// Passages of the current versions.
    pub recorded: usize,
    /// Passages in the index, one that is there twice counted twice.
    pub indexed: usize,
    /// Recorded, but not in the index.
    pub missing: Vec<PassageId>,
    /// In the index, but not in the records.
    pub extra: Vec<PassageId>,
}

impl IndexComparison {
    /// Whether both hold the same, each passage once.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.recorded == self.indexed && self.missing.is_empty() && self.extra.is_empty()
    }
}

/// A model that can be named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedModel {
    /// Its name.
    pub name: String,
    /// `assay`, or the host of the provider.
    pub owner: String,
}

/// Texts with their vectors.
#[derive(Debug, Clone)]
pub struct Embedded {
    /// The model that made them.
    pub model: String,
    /// In the order of the texts.
    pub vectors: Vec<Vec<f32>>,
    /// Tokens read.
    pub tokens: usize,
}

/// How a part is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartState {
    /// Well.
    Ready,
    /// It works, with less.
    Degraded,
    /// It is not set up, and nothing else needs it.
    Absent,
    /// It does not work, and serving needs it.
    Failed,
}

impl PartState {
    /// The word of the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Degraded => "degraded",
            Self::Absent => "absent",
            Self::Failed => "failed",
        }
    }

    /// Whether something works with less than it could.
    #[must_use]
    pub const fn is_less(self) -> bool {
        matches!(self, Self::Degraded)
    }
}

/// One part that serving needs.
#[derive(Debug, Clone)]
pub struct PartHealth {
    /// Its name.
    pub name: &'static str,
    /// How it is.
    pub state: PartState,
    /// How long the look took.
    pub took: Duration,
    /// What is wrong and what to do.
    pub message: Option<String>,
}

/// What there is to do in the background, of all tenants together.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskLoad {
    /// Tasks by queue and state.
    pub counts: Vec<QueueCount>,
    /// Threads that take tasks.
    pub workers: usize,
    /// How long the longest run under way has taken so far.
    pub longest_run: Duration,
    /// Why no tasks can be taken, while none can.
    pub trouble: Option<String>,
    /// The time that the counts are of, in milliseconds since 1970.
    pub now_ms: i64,
}

impl Engine {
    /// What there is to do in the background.
    ///
    /// # Errors
    /// When the tasks cannot be read.
    pub async fn task_load(&self) -> Result<TaskLoad, AnswerError> {
        let tasks = self.tasks.clone();
        blocking(move || {
            Ok(TaskLoad {
                counts: tasks.counts()?,
                workers: tasks.workers(),
                longest_run: tasks.longest_run(),
                trouble: tasks.trouble(),
                now_ms: tasks.now_ms(),
            })
        })
        .await
    }

    /// Has `on_end` called at the end of each run of a task; the first caller alone is heard.
    pub fn on_task_end(&self, on_end: impl Fn(&RunEnd<'_>) + Send + Sync + 'static) {
        self.tasks.on_end(on_end);
    }

    /// Has `on_measure` called with how long lanes, searches and vectors of questions take; the first
    /// caller alone is heard.
    pub fn on_measure(&self, on_measure: impl Fn(Measured, Duration) + Send + Sync + 'static) {
        self.stopwatch.listen(on_measure);
    }

    /// Bytes of the disk of the data folder: free ones, and all.
    ///
    /// # Errors
    /// When the disk cannot be asked.
    pub fn disk_space(&self) -> Result<(u64, u64), AnswerError> {
        Ok((self.store.free_bytes()?, self.store.disk_bytes()?))
    }

    /// Documents, those created last first.
    ///
    /// # Errors
    /// When the collection is unknown.
    pub async fn documents(
        &self,
        scope: &TenantScope,
        listing: Listing,
    ) -> Result<Vec<DocumentSummary>, AnswerError> {
        let tenant = self.store.tenant(scope)?;
        blocking(move || {
            let collection =
                listing.collection.map(|name| tenant.collection_named(&name)).transpose()?;
            let filter = DocumentFilter {
                collection: collection.map(|collection| collection.id),
                after: listing.after,
                tag: listing.tag,
                parent: listing.parent,
                ..DocumentFilter::default()
            };
            Ok(tenant.documents(filter, listing.limit)?)
        })
        .await
    }

    /// A document with its versions and problems.
    ///
    /// # Errors
    /// When there is no such document.
    pub async fn document(
        &self,
        scope: &TenantScope,
        document: DocumentId,
    ) -> Result<Document, AnswerError> {
        let tenant = self.store.tenant(scope)?;
        blocking(move || Ok(tenant.document(document)?)).await
    }

    /// Names of all collections by id, to show beside a document: whoever may read a document may know
    /// where it lies.
    ///
    /// # Errors
    /// When the records fail.
    pub async fn collection_names(
        &self,
        scope: &TenantScope,
    ) -> Result<std::collections::HashMap<assay_core::CollectionId, String>, AnswerError> {
        let tenant = self.store.tenant(&scope.for_own_work())?;
        blocking(move || {
            let collections = tenant.collections()?;
            Ok(collections.into_iter().map(|found| (found.id, found.name)).collect())
        })
        .await
    }

    /// Documents by state, and passages.
    ///
    /// # Errors
    /// When the records fail.
    pub async fn counts(&self, scope: &TenantScope) -> Result<Counts, AnswerError> {
        let tenant = self.store.tenant(scope)?;
        blocking(move || Ok(tenant.counts()?)).await
    }

    /// Compares the index with the records.
    ///
    /// # Errors
    /// When either fails.
    pub async fn compare_index(&self, scope: &TenantScope) -> Result<IndexComparison, AnswerError> {
        let (tenant, index) = (self.store.tenant(scope)?, Arc::clone(&self.index));
        let scope = scope.clone();
        blocking(move || {
            let recorded = tenant.current_passage_ids()?;
            let indexed = index.passages(&scope)?;
            let known: BTreeSet<PassageId> = recorded.iter().copied().collect();
            let found: BTreeSet<PassageId> = indexed.iter().copied().collect();
            Ok(IndexComparison {
                recorded: recorded.len(),
                indexed: indexed.len(),
                missing: known.difference(&found).copied().collect(),
                extra: found.difference(&known).copied().collect(),
            })
        })
        .await
    }

    /// The models that can be named in a request.
    #[must_use]
    pub fn models(&self) -> Vec<NamedModel> {
        let ours = |name: &str| NamedModel { name: name.to_owned(), owner: "assay".to_owned() };
        let mut models = vec![ours("assay"), ours("assay/extractive")];
        if let Some(writer) = &self.writer {
            models.push(NamedModel { name: writer.name.clone(), owner: "assay".to_owned() });
        }
        if let Some(embeddings) = &self.embeddings {
            models.push(NamedModel {
                name: embeddings.name().to_owned(),
                owner: embeddings.owner().to_owned(),
            });
        }
        models
    }

    /// Embeds texts with the model that is set up.
    ///
    /// # Errors
    /// When there is none, or it has another name.
    pub async fn embed(
        &self,
        scope: &TenantScope,
        model: &str,
        texts: Vec<String>,
    ) -> Result<Embedded, AnswerError> {
        let embeddings = self.embeddings.as_ref().ok_or(AnswerError::NoModel)?;
        if model != "assay" && model != embeddings.name() {
            return Err(AnswerError::UnknownModel { name: model.to_owned() });
        }
        let tokens = texts.iter().map(|text| embeddings.count_tokens(text)).sum();
        let vectors = embeddings.texts(Purpose::of(scope), texts, TextRole::Passage).await?;
        Ok(Embedded { model: embeddings.name().to_owned(), vectors, tokens })
    }

    /// How every part is that serving needs.
    ///
    /// # Errors
    /// Only when the pool of threads is gone.
    pub async fn health(
        self: &Arc<Self>,
        scope: &TenantScope,
    ) -> Result<Vec<PartHealth>, AnswerError> {
        let (engine, scope) = (Arc::clone(self), scope.clone());
        let looks = move || {
            let records = || {
                engine.store.check_place()?;
                Ok(engine.store.tenant(&scope)?.counts().map(|_| ())?)
            };
            let index = || Ok(engine.index.position(&scope).map(|_| ())?);
            let one = TaskFilter { limit: 1, ..TaskFilter::default() };
            let tasks = || Ok(engine.tasks.list(&scope, &one).map(|_| ())?);
            let mut tasks = look("tasks", tasks);
            if let (PartState::Ready, Some(trouble)) = (tasks.state, engine.tasks.trouble()) {
                tasks.state = PartState::Degraded;
                tasks.message = Some(format!("nothing more can be taken in: {trouble}"));
            }
            let parts = [look("records", records), look("index", index), tasks];
            Ok(parts.into_iter().chain([disk(&engine.store)]).collect())
        };
        let mut parts: Vec<PartHealth> = blocking(looks).await?;
        let model = match (&self.embeddings, &self.no_model) {
            (Some(_), _) => (PartState::Ready, None),
            (None, Some(reason)) => (
                PartState::Degraded,
                Some(format!(
                    "search runs on keywords alone: {reason}; `assay models pull` fetches a model"
                )),
            ),
            (None, None) => (PartState::Absent, None),
        };
        let writer = if self.writer.is_some() { PartState::Ready } else { PartState::Absent };
        let reader = self.pages.state();
        let unread = (reader != PartState::Ready).then(|| {
            "pictures and scanned pages are not read; `assay models pull ocr` fetches what it \
             takes, and a restart uses it"
                .to_owned()
        });
        for (name, (state, message)) in [
            ("embedding_model", model),
            ("text_recognition", (reader, unread)),
            ("writer_model", (writer, None)),
            ("web", self.web_part()),
        ] {
            parts.push(PartHealth { name, state, took: Duration::ZERO, message });
        }
        parts.push(self.lanes_part());
        Ok(parts)
    }

    /// Which public sources are left alone, and why.
    fn web_part(&self) -> (PartState, Option<String>) {
        let sources = self.web_status();
        let resting = sources.iter().filter_map(|source| {
            let time = match source.breaker {
                BreakerState::Closed => return None,
                BreakerState::Open(left) => format!("for {} s", left.as_secs() + 1),
                BreakerState::HalfOpen => "until the next question tries it".to_owned(),
            };
            let reason = source.last_error.as_deref().unwrap_or("it asked for it");
            Some(format!("{} is left alone {time}: {reason}", source.name))
        });
        let message = resting.collect::<Vec<_>>().join("; ");
        match (sources.is_empty(), message.is_empty()) {
            (true, _) => (PartState::Absent, None),
            (false, true) => (PartState::Ready, None),
            (false, false) => (PartState::Degraded, Some(message)),
        }
    }

    /// Which lanes are left out.
    fn lanes_part(&self) -> PartHealth {
        let broken = self.lanes.broken().map(|(name, left)| {
            format!("`{name}` failed too often and is left out for {} s", left.as_secs() + 1)
        });
        let message = broken.collect::<Vec<_>>().join("; ");
        let message = (!message.is_empty()).then_some(message);
        let state = if message.is_some() { PartState::Degraded } else { PartState::Ready };
        PartHealth { name: "lanes", state, took: Duration::ZERO, message }
    }

    /// Requests and lanes, counted since start.
    #[must_use]
    pub fn lane_totals(&self) -> LaneTotals {
        self.lanes.totals()
    }

    /// Vector searches since start: how many, and their time in all.
    #[must_use]
    pub fn vector_search_totals(&self) -> (u64, Duration) {
        self.vector_searches.totals()
    }

    /// Figures of the embedding model; none without one.
    #[must_use]
    pub fn embedding_totals(&self) -> Option<EmbeddingTotals> {
        self.embeddings.as_ref().map(|embeddings| embeddings.totals())
    }
}

/// Too little room stops ingest; searches and answers go on.
pub(crate) fn disk(store: &Store) -> PartHealth {
    let (free, took) = timed(|| store.free_bytes());
    let (state, message) = match free {
        Ok(free) if free < DISK_FREE_MIN => (
            PartState::Degraded,
            Some(format!(
                "{} MB are free: nothing more can be taken in; free space on the disk that holds \
                 the data folder",
                free >> 20
            )),
        ),
        Ok(_) => (PartState::Ready, None),
        Err(error) => (PartState::Degraded, Some(ErrorChain(&error).to_string())),
    };
    PartHealth { name: "disk", state, took, message }
}

/// Looks at a part.
fn look(name: &'static str, work: impl FnOnce() -> Result<(), AnswerError>) -> PartHealth {
    let (outcome, took) = timed(work);
    match outcome {
        Ok(()) => PartHealth { name, state: PartState::Ready, took, message: None },
        Err(error) => {
            let message = Some(ErrorChain(&error).to_string());
            PartHealth { name, state: PartState::Failed, took, message }
        }
    }
}

/// Resident memory of this process in bytes; 0 where the system does not tell.
#[must_use]
pub fn resident_bytes() -> u64 {
    // The second number of statm counts pages, which are 4 KiB on the systems that have the file.
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages: u64 =
        statm.split_whitespace().nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0);
    pages * 4096
}

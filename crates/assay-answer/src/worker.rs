//! A process beside the server that takes files in: more processors for the same installation.
//!
//! Rows and tasks are on a Postgres server, originals in the data folder that both see. The index stays
//! with the server, which follows what is published by the outbox.

use std::{path::Path, sync::Arc, time::Duration};

use assay_core::{Clock, ErrorChain, TenantScope};
use assay_identity::Identities;
use assay_store::Store;
use assay_tasks::{Handler, TaskContext, TaskFailure, Workers};
use assay_vault::Vault;
use serde_json::Value;
use tokio::time::interval;

use crate::{
    AnswerError, Engine, EngineSettings,
    database::{self, Places},
    engine::local_embeddings,
    guarding::TenantGuards,
    ingest::{self, Ingest, PageReader, retry},
    limits,
    search::blocking,
};

/// Between two looks for what workers published.
const LOOK: Duration = Duration::from_millis(250);
/// How far a look goes back, in milliseconds: more than two looks and the difference of two clocks.
const BACK_MS: i64 = 10_000;

/// A process that takes files in for a server. Dropping it gives unfinished work back.
#[derive(Debug)]
pub struct Worker(Workers);

impl Worker {
    /// Joins the server of the data folder. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// When the rows are not on a Postgres server; when no server has ever used the data folder; when
    /// the embedding model is not there, or is behind an endpoint, whose calls only the server counts.
    pub fn start(settings: EngineSettings, clock: Arc<dyn Clock>) -> Result<Self, AnswerError> {
        check_folder(&settings.data)?;
        let vault = Arc::new(Vault::open(&settings.data, &settings.encryption)?);
        let server = database::joined(&settings.database, &vault)?;
        let places = Places { server: Some(&server), data: &settings.data, vault: &vault };
        if settings.embedding.endpoint.is_some() {
            return Err(AnswerError::RemoteVectors);
        }
        let embeddings = local_embeddings(&settings)?.map(Arc::new);
        let (store, tasks) = (Arc::new(places.open_store(&clock)?), places.join_tasks(&clock)?);
        let identities = places.open_identities(settings.auth.clone(), &clock)?;
        let guards = Arc::new(TenantGuards::new(settings.guard)?);
        let ingest = Ingest {
            store: Arc::clone(&store),
            embeddings,
            // The server looks.
            published: Arc::new(|_| {}),
            tasks: tasks.clone(),
            pages: Arc::new(PageReader::new(settings.models.join("ocr"))),
            room: Default::default(),
            guards: Arc::clone(&guards),
            settings: settings.answer.clone(),
            runtime: tokio::runtime::Handle::current(),
        };
        let handler = Introduced { ingest, store, identities, guards };
        let threads = ingest::workers(&settings.answer);
        Ok(Self(Workers::start(tasks, vec![Arc::new(handler)], &threads)?))
    }

    /// Lets running work come to its next step and stops; the rest is taken up by others.
    pub fn close(self, grace: Duration) {
        let stopped = self.0.stop(grace);
        tracing::debug!(?stopped, "the worker stopped");
    }
}

/// A folder that no server has used is most likely another one than the server's.
fn check_folder(data: &Path) -> Result<(), AnswerError> {
    if data.join("lock").is_file() && data.join("tenants").is_dir() {
        return Ok(());
    }
    Err(AnswerError::NotShared { path: data.display().to_string() })
}

/// Ingest by what holds for the tenant now: the server may have changed it a moment ago.
struct Introduced {
    ingest: Ingest,
    store: Arc<Store>,
    identities: Identities,
    guards: Arc<TenantGuards>,
}

impl Handler for Introduced {
    fn kind(&self) -> &'static str {
        self.ingest.kind()
    }

    fn run(&self, context: &TaskContext<'_>) -> Result<Value, TaskFailure> {
        let scope = context.scope();
        let record = self.identities.tenant(scope.tenant()).map_err(retry)?;
        limits::introduce(&self.identities, &self.store, &self.guards, scope, &record);
        self.ingest.run(context)
    }
}

impl Engine {
    /// Has the index follow what workers publish, as long as the engine lives.
    pub(crate) fn follow_workers(self: &Arc<Self>) {
        let engine = Arc::downgrade(self);
        tokio::spawn(async move {
            let mut looks = interval(LOOK);
            loop {
                looks.tick().await;
                let Some(engine) = engine.upgrade() else { return };
                if let Err(error) = blocking(move || engine.look_at_workers()).await {
                    tracing::warn!(error = %ErrorChain(&error), "workers could not be looked at");
                }
            }
        });
    }

    fn look_at_workers(&self) -> Result<(), AnswerError> {
        let since_ms = self.tasks.now_ms().saturating_sub(BACK_MS);
        for scope in self.tasks.worked_beside(ingest::KIND, since_ms)? {
            if self.is_behind(&scope)? {
                self.indexer.notify(&scope);
            }
        }
        Ok(())
    }

    fn is_behind(&self, scope: &TenantScope) -> Result<bool, AnswerError> {
        Ok(self.index.position(scope)? < self.store.tenant(scope)?.last_position()?)
    }
}

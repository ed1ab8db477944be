//! Work that keeps a tenant's data in order, as tasks: by hand or by a schedule.

use std::sync::{Arc, Weak};

use assay_tasks::{Handler, TaskContext, TaskFailure};
use serde_json::{Value, json};
use tokio::runtime::Handle;

use crate::{AnswerError, Engine};

/// The queue of this work.
pub(crate) const QUEUE: &str = "upkeep";
/// Gives space back.
pub(crate) const TIDY: &str = "tidy";
/// Makes the index again.
pub(crate) const REINDEX: &str = "reindex";

/// Carries one kind of it out.
pub(crate) struct Upkeep {
    pub(crate) kind: &'static str,
    /// Not held: the engine holds the workers.
    pub(crate) engine: Weak<Engine>,
    pub(crate) runtime: Handle,
}

impl Handler for Upkeep {
    fn kind(&self) -> &'static str {
        self.kind
    }

    fn run(&self, context: &TaskContext<'_>) -> Result<Value, TaskFailure> {
        let engine = self.engine.upgrade().ok_or(TaskFailure::Interrupted)?;
        let tenant = engine.identities().tenant(context.scope().tenant());
        if !tenant.is_ok_and(|tenant| tenant.state.works()) {
            return Err(TaskFailure::fatal("the tenant is suspended"));
        }
        let outcome = self.runtime.block_on(carry_out(&engine, self.kind, context));
        outcome.map_err(|error| TaskFailure::of(&error))
    }
}

async fn carry_out(
    engine: &Arc<Engine>,
    kind: &str,
    context: &TaskContext<'_>,
) -> Result<Value, AnswerError> {
    if kind == REINDEX {
        let passages = engine.rebuild_index(context.scope()).await?;
        return Ok(json!({ "passages": passages }));
    }
    let tidied = engine.tidy(context.scope()).await?;
    Ok(json!({
        "versions": tidied.versions,
        "vectors": tidied.vectors,
        "sessions": tidied.sessions,
        "blob_bytes": tidied.blob_bytes,
        "outbox_entries": tidied.outbox_entries,
        "web_texts": tidied.web_texts,
        "dead_letters": tidied.dead_letters,
    }))
}

//! Takes in what a source tells.

use std::path::Path;

use assay_core::{Coded, ErrorChain, ErrorCode};
use assay_sources::{Change, Problem, Progress, Reply, Sink, SourceFile};
use assay_store::{NewVersion, Outcome, SourceRecord, StoreError, TenantStore};
use assay_tasks::TaskContext;
use serde_json::{Value, json};

use super::SyncSource;
use crate::ingest::{discard, ingest_task};

/// Changes after which the state is kept, so that a crash repeats no more than these.
const BATCH: u64 = 200;
/// Problems that a run tells.
const PROBLEMS_MAX: usize = 100;

/// One run: counts, problems, and where its files go.
pub(super) struct Intake<'a> {
    sync: &'a SyncSource,
    context: &'a TaskContext<'a>,
    tenant: &'a TenantStore,
    source: &'a SourceRecord,
    /// Stands before the keys of the source in the identity of its documents.
    prefix: String,
    in_batch: u64,
    put: u64,
    removed: u64,
    seen: u64,
    problems: Vec<Problem>,
    problem_count: u64,
    disk_failure: Option<String>,
}

impl<'a> Intake<'a> {
    pub(super) fn new(
        sync: &'a SyncSource,
        context: &'a TaskContext<'a>,
        tenant: &'a TenantStore,
        source: &'a SourceRecord,
    ) -> Self {
        Self {
            sync,
            context,
            tenant,
            source,
            prefix: prefix(source),
            in_batch: 0,
            put: 0,
            removed: 0,
            seen: 0,
            problems: Vec::new(),
            problem_count: 0,
            disk_failure: None,
        }
    }

    /// Whether the run ended only to keep its state, and goes on.
    pub(super) fn next_batch(&mut self) -> bool {
        let goes_on =
            self.in_batch >= BATCH && !self.context.should_stop() && self.disk_failure.is_none();
        self.in_batch = 0;
        goes_on
    }

    /// Why nothing could be written, when that ended the run.
    pub(super) fn disk_failure(&self) -> Option<String> {
        self.disk_failure.clone()
    }

    /// What came of the run.
    pub(super) fn report(&self, ended_ms: i64, error: Option<String>) -> Value {
        let problems: Vec<Value> = self
            .problems
            .iter()
            .map(|problem| json!({ "item": problem.key, "reason": problem.reason }))
            .collect();
        json!({
            "ended_ms": ended_ms,
            "seen": self.seen,
            "taken": self.put,
            "removed": self.removed,
            "problem_count": self.problem_count,
            "problems": problems,
            "error": error,
        })
    }

    fn put(&mut self, file: SourceFile) -> Reply {
        let size = file.bytes.len() as u64;
        if size > self.sync.settings.file_bytes_max {
            let reason = format!("{size} bytes are over the limit `answer.file_bytes_max`");
            self.problem(Problem { key: file.key, reason });
            return Reply::Taken;
        }
        let taken = self.tenant.put_blob(&file.bytes).and_then(|blob| {
            self.tenant.receive(NewVersion {
                collection: self.source.collection,
                source_key: format!("{}{}", self.prefix, file.key),
                name: file.name,
                media_type: file.media_type,
                blob,
                size,
                parent: None,
                told: None,
                access: None,
            })
        });
        let received = match taken {
            Ok(received) => received,
            Err(StoreError::Invalid { what, why }) => {
                self.problem(Problem { key: file.key, reason: format!("{what}: {why}") });
                return Reply::Taken;
            }
            Err(error @ StoreError::Limit { .. }) => {
                self.problem(Problem { key: file.key, reason: error.to_string() });
                return Reply::Taken;
            }
            Err(error) => return self.failed(file.key, &error),
        };
        if received.outcome != Outcome::Unchanged {
            let task = ingest_task(received.version, self.sync.settings.is_large(size));
            if let Err(error) = self.sync.tasks.enqueue(self.context.scope(), task) {
                return self.failed(file.key, &error);
            }
        }
        self.put += 1;
        Reply::Taken
    }

    fn remove(&mut self, key: &str) -> Reply {
        let source_key = format!("{}{key}", self.prefix);
        let found = self.tenant.find_document(self.source.collection, &source_key);
        let gone = found.and_then(|found| match found {
            Some(document) => self.tenant.delete_document(document.id),
            None => Ok(Vec::new()),
        });
        let gone = gone.map(|open| discard(&self.sync.tasks, self.context.scope(), &open));
        if let Ok(Err(error)) = &gone {
            return self.failed(key.to_owned(), error);
        }
        match gone {
            Ok(_) | Err(StoreError::NotFound { .. }) => {
                self.removed += 1;
                Reply::Taken
            }
            Err(error) => self.failed(key.to_owned(), &error),
        }
    }

    /// A failure of the machine ends the run; it goes on when the task is tried again.
    fn failed(&mut self, key: String, error: &(impl Coded + 'static)) -> Reply {
        let reason = ErrorChain(error).to_string();
        let full = error.code() == ErrorCode::StorageFull;
        self.problem(Problem { key, reason: reason.clone() });
        self.disk_failure = full.then_some(reason);
        if full { Reply::Stop } else { Reply::Again }
    }
}

impl Sink for Intake<'_> {
    fn change(&mut self, change: Change) -> Reply {
        self.in_batch += 1;
        match change {
            Change::Put(file) => self.put(file),
            Change::Remove { key } => self.remove(&key),
        }
    }

    fn problem(&mut self, problem: Problem) {
        self.problem_count += 1;
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(problem);
        }
    }

    fn progress(&mut self, progress: Progress) {
        self.seen = progress.seen;
        // A lost lease shows in `should_stop`.
        let _ = self.context.progress(progress.seen, None, "looking");
    }

    fn should_stop(&self) -> bool {
        self.in_batch >= BATCH || self.context.should_stop()
    }
}

/// Folders keep the paths that `assay ingest` uses, pages their addresses; other kinds stand under
/// the name of the source.
fn prefix(source: &SourceRecord) -> String {
    let text = |key: &str| source.settings.get(key).and_then(Value::as_str);
    match (text("kind"), text("path")) {
        (Some("folder"), Some(path)) => {
            let path = std::path::absolute(path).unwrap_or_else(|_| Path::new(path).to_path_buf());
            format!("{}/", path.display().to_string().trim_end_matches('/'))
        }
        (Some("web"), _) => String::new(),
        _ => format!("{}/", source.name),
    }
}

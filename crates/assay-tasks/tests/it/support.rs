//! A task store in a temporary folder with a clock that the test moves.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use assay_core::{Clock, FakeClock, TaskId, TenantScope};
use assay_sqlite::testing::server_of;
use assay_tasks::{
    Lease, LeaseRequest, NewTask, StopFlag, TaskContext, TaskFailure, TaskRecord, TaskSettings,
    TaskState, Tasks,
};
use serde_json::{Value, json};

pub(crate) const KIND: &str = "count";

pub(crate) struct Fixture {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) clock: Arc<FakeClock>,
    pub(crate) settings: TaskSettings,
    pub(crate) scope: TenantScope,
    pub(crate) tasks: Tasks,
}

/// Opens the tasks of a folder, on the engine that the tests run on.
pub(crate) fn open(folder: &Path, clock: Arc<dyn Clock>, settings: &TaskSettings) -> Tasks {
    match server_of(folder, &[assay_tasks::SCHEMA]) {
        Some(server) => Tasks::open_on(&server, clock, settings).unwrap(),
        None => Tasks::open(&folder.join("tasks.db"), clock, settings).unwrap(),
    }
}

impl Fixture {
    pub(crate) fn new() -> Self {
        Self::with(TaskSettings::default())
    }

    pub(crate) fn with(settings: TaskSettings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FakeClock::at_ms(1_000_000));
        let tasks = open(folder.path(), clock.clone(), &settings);
        Self { folder, clock, settings, scope: TenantScope::built_in(), tasks }
    }

    /// What a new process does. The handle of the process before is returned: it lives on, as a
    /// process that is cut off but not dead would.
    pub(crate) fn restart(&mut self) -> Tasks {
        let tasks = open(self.folder.path(), self.clock.clone(), &self.settings);
        std::mem::replace(&mut self.tasks, tasks)
    }

    pub(crate) fn enqueue(&self) -> TaskId {
        self.tasks.enqueue(&self.scope, NewTask::new(KIND, json!({}))).unwrap()
    }

    pub(crate) fn lease(&self, max: usize) -> Vec<Lease> {
        self.tasks.lease_due(&request(max)).unwrap()
    }

    pub(crate) fn lease_one(&self) -> Lease {
        self.lease(1).pop().expect("a task is due")
    }

    pub(crate) fn get(&self, id: TaskId) -> TaskRecord {
        self.tasks.get(&self.scope, id).unwrap().unwrap()
    }

    pub(crate) fn state(&self, id: TaskId) -> TaskState {
        self.get(id).state
    }

    /// Leases the next task and ends its run with `outcome`.
    pub(crate) fn run_one(&self, outcome: Result<Value, TaskFailure>) -> Option<TaskState> {
        self.tasks.settle(self.lease_one().token, outcome).unwrap()
    }
}

pub(crate) fn request(max: usize) -> LeaseRequest {
    LeaseRequest {
        queues: vec![NewTask::DEFAULT_QUEUE.to_owned()],
        limits: BTreeMap::new(),
        kinds: vec![KIND.to_owned()],
        max,
    }
}

pub(crate) fn context<'a>(tasks: &'a Tasks, lease: &'a Lease) -> TaskContext<'a> {
    TaskContext::new(tasks, lease, StopFlag::default())
}

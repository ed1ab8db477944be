//! Threads that run tasks.

use std::{
    any::Any,
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use assay_core::ErrorChain;
use serde_json::Value;

use crate::{
    Handler, Lease, LeaseRequest, RunEnd, StopFlag, TaskContext, TaskError, TaskFailure, Tasks,
    WorkerSettings, settle::Settlement,
};
use pool::Pool;

mod keeper;
mod pool;

/// Pause after the store failed, as with a full disk.
const STORE_PAUSE: Duration = Duration::from_secs(1);
/// Idle threads look for tasks this often even if nobody rings.
const IDLE_PAUSE: Duration = Duration::from_secs(60);

type Handlers = BTreeMap<&'static str, Arc<dyn Handler>>;

/// A running pool of workers. Dropping it stops it without a grace time.
#[derive(Debug)]
pub struct Workers {
    pool: Arc<Pool>,
    threads: Vec<JoinHandle<()>>,
}

/// How a pool stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped {
    /// Runs that did not end within the grace time. Their leases were given back; whatever the
    /// threads still do, they cannot write to the journal.
    pub abandoned: usize,
}

impl Workers {
    /// Starts the threads.
    ///
    /// # Errors
    /// [`TaskError::DuplicateHandler`] or [`TaskError::Thread`].
    pub fn start(
        tasks: Tasks,
        handlers: Vec<Arc<dyn Handler>>,
        settings: &WorkerSettings,
    ) -> Result<Self, TaskError> {
        let mut by_kind = Handlers::new();
        for handler in handlers {
            let kind = handler.kind();
            if by_kind.insert(kind, handler).is_some() {
                return Err(TaskError::DuplicateHandler { kind });
            }
        }
        let request = LeaseRequest {
            queues: settings.queues.clone(),
            limits: settings.limits.clone(),
            kinds: by_kind.keys().map(|kind| (*kind).to_owned()).collect(),
            max: 1,
        };
        tasks.know(by_kind.keys().copied());
        let (pool, by_kind) = (Arc::new(Pool::new(tasks, request)), Arc::new(by_kind));
        let mut workers = Self { pool: Arc::clone(&pool), threads: Vec::new() };
        workers.spawn("task-keeper".to_owned(), move || keeper::keep(&pool))?;
        for number in 1..=settings.threads {
            let (pool, handlers) = (workers.pool.enter(), Arc::clone(&by_kind));
            workers.spawn(format!("task-worker-{number}"), move || work(&pool, &handlers))?;
        }
        Ok(workers)
    }

    fn spawn(
        &mut self,
        name: String,
        run: impl FnOnce() + Send + 'static,
    ) -> Result<(), TaskError> {
        let thread = thread::Builder::new().name(name).spawn(run).map_err(TaskError::Thread)?;
        self.threads.push(thread);
        Ok(())
    }

    /// Asks all runs to stop, waits for them up to `grace`, and gives the leases of the others back,
    /// so that the next process takes them up at once.
    #[must_use]
    pub fn stop(mut self, grace: Duration) -> Stopped {
        self.shut(grace)
    }

    fn shut(&mut self, grace: Duration) -> Stopped {
        self.pool.ask_to_stop();
        let abandoned = self.pool.wait_until_idle(Instant::now() + grace);
        for token in &abandoned {
            if let Err(error) = self.pool.tasks.settle(*token, Err(TaskFailure::Interrupted)) {
                tracing::warn!(task = %token.task(), %error, "a lease was not given back");
            }
        }
        self.pool.close();
        for thread in self.threads.drain(..) {
            // A thread that is stuck in a handler is left behind.
            if abandoned.is_empty() && thread.join().is_err() {
                tracing::error!("a worker thread panicked");
            }
        }
        Stopped { abandoned: abandoned.len() }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        if !self.threads.is_empty() {
            let _stopped = self.shut(Duration::ZERO);
        }
    }
}

/// The life of a worker thread: settle the last task and lease the next, in one write.
fn work(pool: &Pool, handlers: &Handlers) {
    let _counted = pool.tasks.activity().enter();
    let mut settlement: Option<Arc<Settlement>> = None;
    let mut ended: Option<(String, Duration)> = None;
    loop {
        let seen = pool.bells.ready.rings();
        let request = pool.request();
        let is_stopping = request.max == 0;
        if is_stopping && settlement.is_none() {
            return;
        }
        match pool.tasks.settle_and_lease(settlement.clone(), &request) {
            Ok((state, leases)) => {
                pool.tasks.note_trouble(None);
                if let (Some(state), Some((kind, took))) = (state, ended.take()) {
                    pool.tasks.activity().tell(&RunEnd { kind: &kind, state, took });
                }
                settlement = leases.first().map(|lease| {
                    let settlement = Arc::new(run(pool, handlers, lease));
                    let took = pool.tasks.activity().end(lease.token.task());
                    ended = Some((lease.kind.clone(), took));
                    settlement
                });
                if settlement.is_none() && !is_stopping {
                    pool.bells.ready.wait(seen, IDLE_PAUSE);
                }
            }
            Err(error) => {
                let error = ErrorChain(&error).to_string();
                tracing::error!(error, "tasks wait");
                pool.tasks.note_trouble(Some(error));
                if is_stopping {
                    return;
                }
                pool.pause(STORE_PAUSE);
            }
        }
    }
}

/// Runs a leased task.
fn run(pool: &Pool, handlers: &Handlers, lease: &Lease) -> Settlement {
    let stop = pool.begin(lease.token);
    pool.tasks.activity().begin(lease.token.task());
    let span = tracing::debug_span!(
        "task",
        otel.name = format_args!("task {}", lease.kind),
        otel.kind = "consumer",
        task = %lease.token.task(),
        otel.status_code = tracing::field::Empty,
    );
    let outcome = handlers.get(lease.kind.as_str()).map_or_else(
        || Err(TaskFailure::fatal("no handler knows this kind")),
        |handler| span.in_scope(|| run_handler(pool, handler.as_ref(), lease, stop)),
    );
    pool.end(lease.token);
    if let Err(failure @ (TaskFailure::Retry { .. } | TaskFailure::Fatal { .. })) = &outcome {
        span.record("otel.status_code", "ERROR");
        tracing::warn!(task = %lease.token.task(), kind = lease.kind, ?failure, "a task failed");
    }
    pool.tasks.settlement(lease.token, outcome)
}

fn run_handler(
    pool: &Pool,
    handler: &dyn Handler,
    lease: &Lease,
    stop: StopFlag,
) -> Result<Value, TaskFailure> {
    let context = TaskContext::new(&pool.tasks, lease, stop);
    // The context is dropped after a panic, and the journal on disk is whole.
    catch_unwind(AssertUnwindSafe(|| handler.run(&context))).unwrap_or_else(|panic| {
        Err(TaskFailure::retry(format!("the handler panicked: {}", panic_message(panic.as_ref()))))
    })
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("no message")
}

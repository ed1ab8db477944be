//! What Prometheus reads: requests by route and status, lanes, documents, memory.

use std::{
    fmt::Write as _,
    sync::atomic::{AtomicI64, AtomicU64},
    time::Instant,
};

use assay_answer::{
    AnswerError, Counts, Engine, Measured, PartHealth, TaskLoad,
    ledger::{BudgetStatus, Measure},
    resident_bytes,
};
use assay_core::{Clock as _, ErrorChain, RequestId, SystemClock, TenantScope, TraceContext};
use assay_gateway::Gateway;
use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderMap, Method},
    response::Response,
};
use prometheus_client::{
    encoding::{
        EncodeLabelSet,
        text::{encode_eof, encode_registry},
    },
    metrics::{
        counter::Counter, exemplar::HistogramWithExemplars, family::Family, gauge::Gauge,
        histogram::Histogram,
    },
    registry::{Registry, Unit},
};

use assay_telemetry::ObjectiveStatus;
use tracing::Instrument as _;

use crate::{
    App,
    failure::{Failure, RequestName},
};
use backup::BackupMetrics;
use log::LogMetrics;
use operation::OperationMetrics;
use store::StoreMetrics;

mod backup;
mod host;
mod log;
pub(crate) mod operation;
mod store;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    route: String,
    method: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: String,
}

/// Leads from a number to a request that it counts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TraceLabel {
    trace_id: String,
}

/// Durations, each bucket with the trace of the last one in it that is kept.
type Traced = HistogramWithExemplars<TraceLabel>;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LaneLabels {
    lane: String,
    outcome: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LaneName {
    lane: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabels {
    state: String,
}

/// The labels that the checklist of the source system asks for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SecurityLabels {
    event_type: String,
    severity: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct QuotaLabels {
    budget: String,
    /// The values that the counter is for, separated by commas: a user, a key.
    counter: String,
    unit: &'static str,
}

const fn unit(measure: Measure) -> &'static str {
    match measure {
        Measure::Usd => "usd",
        Measure::Tokens => "tokens",
        Measure::Calls => "calls",
    }
}

/// Counters of one budget that are shown; the fullest come first.
const COUNTERS_MAX: usize = 50;

/// Upper bounds of the latency buckets in seconds: from a search to the hard stop of a question.
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0];

/// Counters of the HTTP surface.
pub(crate) struct HttpMetrics {
    registry: Registry,
    /// Metrics whose names are given from outside and so carry no prefix.
    plain: Registry,
    requests: Family<RequestLabels, Counter>,
    seconds: Family<RouteLabels, Traced, fn() -> Traced>,
    lanes: Family<LaneLabels, Counter<u64, AtomicU64>>,
    lane_seconds: Family<LaneName, Histogram, fn() -> Histogram>,
    vector_seconds: Histogram,
    query_vector_seconds: Histogram,
    documents: Family<StateLabels, Gauge<i64, AtomicI64>>,
    passages: Gauge,
    resident: Gauge,
    security: Family<SecurityLabels, Counter<u64, AtomicU64>>,
    quota_used: Family<QuotaLabels, Gauge<f64, AtomicU64>>,
    quota_limit: Family<QuotaLabels, Gauge<f64, AtomicU64>>,
    quota_refusals: Family<QuotaLabels, Counter<u64, AtomicU64>>,
    operation: OperationMetrics,
    backup: BackupMetrics,
    log: LogMetrics,
    store: StoreMetrics,
}

fn seconds() -> Histogram {
    Histogram::new(BUCKETS)
}

/// What is asked for right before the numbers are written. What a part does not tell is left out, so
/// that the rest, and that the part does not work, can be seen.
pub(crate) struct Reading {
    counts: Option<Counts>,
    budgets: Vec<BudgetStatus>,
    parts: Vec<PartHealth>,
    tasks: Option<TaskLoad>,
    objectives: Vec<ObjectiveStatus>,
}

impl Reading {
    /// Asks for the numbers of a tenant, and those of the installation.
    ///
    /// # Errors
    /// When nothing can be asked, because the pool of threads is gone.
    pub(crate) async fn take(app: &App, scope: &TenantScope) -> Result<Self, Failure> {
        Ok(Self {
            counts: told("documents", app.engine.counts(scope).await),
            budgets: app.engine.ledger().budgets(scope),
            parts: app.engine.health(&TenantScope::built_in()).await?,
            tasks: told("tasks", app.engine.task_load().await),
            objectives: app.watch.objectives(),
        })
    }
}

/// What a part tells of itself, if it does.
fn told<T>(what: &str, asked: Result<T, AnswerError>) -> Option<T> {
    asked
        .inspect_err(|error| {
            tracing::warn!(error = %ErrorChain(error), "{what} could not be counted");
        })
        .ok()
}

impl HttpMetrics {
    pub(crate) fn new() -> Self {
        let mut registry = Registry::with_prefix("assay");
        let metrics = Self {
            requests: Family::default(),
            seconds: Family::new_with_constructor(|| Traced::new(BUCKETS.into_iter())),
            lanes: Family::default(),
            lane_seconds: Family::new_with_constructor(seconds),
            vector_seconds: seconds(),
            query_vector_seconds: seconds(),
            documents: Family::default(),
            passages: Gauge::default(),
            resident: Gauge::default(),
            security: Family::default(),
            quota_used: Family::default(),
            quota_limit: Family::default(),
            quota_refusals: Family::default(),
            operation: OperationMetrics::new(&mut registry),
            backup: BackupMetrics::new(&mut registry),
            log: LogMetrics::new(&mut registry),
            store: StoreMetrics::new(&mut registry),
            registry: Registry::default(),
            plain: Registry::default(),
        };
        let mut plain = Registry::default();
        plain.register("llm_security_events", "Findings of the guard", metrics.security.clone());
        // A gauge under a name that ends as that of a counter: the checklists ask for it so, and it
        // begins at nothing with each window.
        let help = "Used and reserved of a budget, in dollars, tokens or calls";
        plain.register("llm_quota_usage_total", help, metrics.quota_used.clone());
        let help = "Limit of a budget, in dollars, tokens or calls";
        plain.register("llm_quota_limit", help, metrics.quota_limit.clone());
        let help = "Calls that a budget refused, since its window or the process began";
        plain.register("llm_quota_refusals", help, metrics.quota_refusals.clone());
        registry.register("http_requests", "Requests answered", metrics.requests.clone());
        registry.register_with_unit(
            "http_request_duration",
            "Time to answer a request",
            Unit::Seconds,
            metrics.seconds.clone(),
        );
        registry.register("lane_runs", "Lanes run, by outcome", metrics.lanes.clone());
        for (name, help, family) in [
            (
                "vector_search_duration",
                "Time of a search among the vectors",
                &metrics.vector_seconds,
            ),
            (
                "query_vector_duration",
                "Time to make the vector of a question",
                &metrics.query_vector_seconds,
            ),
        ] {
            registry.register_with_unit(name, help, Unit::Seconds, family.clone());
        }
        let help = "Time of a lane that was started";
        let lane_seconds = metrics.lane_seconds.clone();
        registry.register_with_unit("lane_duration", help, Unit::Seconds, lane_seconds);
        registry.register("documents", "Documents by state", metrics.documents.clone());
        registry.register("passages", "Passages that can be found", metrics.passages.clone());
        registry.register_with_unit(
            "process_resident_memory",
            "Memory of this process",
            Unit::Bytes,
            metrics.resident.clone(),
        );
        Self { registry, plain, ..metrics }
    }

    fn note_budgets(&self, budgets: &[BudgetStatus]) {
        self.quota_used.clear();
        self.quota_limit.clear();
        self.quota_refusals.clear();
        for status in budgets {
            let measure = status.budget.measure;
            let shown = |amount: u64| match measure {
                Measure::Usd => amount as f64 / 1e9,
                Measure::Tokens | Measure::Calls => amount as f64,
            };
            for counter in status.counters.iter().take(COUNTERS_MAX) {
                let values: Vec<&str> = counter.values.iter().map(|(_, value)| &**value).collect();
                let labels = QuotaLabels {
                    budget: status.budget.spec.name.clone(),
                    counter: values.join(","),
                    unit: unit(measure),
                };
                let used = counter.spent.saturating_add(counter.reserved);
                self.quota_used.get_or_create(&labels).set(shown(used));
                self.quota_limit.get_or_create(&labels).set(shown(status.limit));
                self.quota_refusals.get_or_create(&labels).inc_by(counter.refused);
            }
        }
    }

    /// Counts the ends of tasks, and how long lanes and searches take, from now on.
    pub(crate) fn follow(&self, engine: &Engine) {
        let ends = self.operation.ends.clone();
        engine.on_task_end(move |end| ends.note(end));
        let lanes = self.lane_seconds.clone();
        let (searches, vectors) = (self.vector_seconds.clone(), self.query_vector_seconds.clone());
        engine.on_measure(move |what, took| {
            let seconds = took.as_secs_f64();
            match what {
                Measured::Lane(lane) => lanes.get_or_create(&LaneName { lane }).observe(seconds),
                Measured::VectorSearch => searches.observe(seconds),
                Measured::QueryVector => vectors.observe(seconds),
            }
        });
    }

    /// The text, with the gauges as they are now.
    pub(crate) fn render(&self, engine: &Engine, gateway: &Gateway, reading: &Reading) -> String {
        let Reading { counts, budgets, parts, tasks, objectives } = reading;
        self.operation.note_parts(parts);
        match tasks {
            Some(tasks) => self.operation.note_tasks(tasks),
            None => self.operation.note_no_tasks(),
        }
        self.operation.note_host(engine.disk_space().ok());
        self.operation.note_objectives(objectives);
        self.log.note();
        self.store.note(engine.embedding_totals(), gateway.cache_counts());
        self.backup.note(engine.shipping().as_ref(), engine.now_ms());
        for (lane, totals) in engine.lane_totals().lanes {
            let outcomes = [
                ("completed", totals.completed),
                ("failed", totals.failed),
                ("timeout", totals.timed_out),
                ("skipped", totals.broken),
            ];
            for (outcome, count) in outcomes {
                let labels = LaneLabels { lane: lane.to_owned(), outcome: outcome.to_owned() };
                self.lanes
                    .get_or_create(&labels)
                    .inner()
                    .store(count, std::sync::atomic::Ordering::Relaxed);
            }
        }
        self.documents.clear();
        for (state, count) in counts.iter().flat_map(|counts| &counts.documents) {
            let labels = StateLabels { state: state.as_str().to_owned() };
            self.documents.get_or_create(&labels).set(i64::try_from(*count).unwrap_or(i64::MAX));
        }
        self.note_budgets(budgets);
        for (event_type, severity, count) in engine.guard_totals() {
            let (event_type, severity) = (event_type.to_owned(), severity.to_owned());
            let counter = self.security.get_or_create(&SecurityLabels { event_type, severity });
            counter.inner().store(count, std::sync::atomic::Ordering::Relaxed);
        }
        if let Some(counts) = counts {
            self.passages.set(i64::try_from(counts.passages).unwrap_or(i64::MAX));
        }
        self.resident.set(i64::try_from(resident_bytes()).unwrap_or(i64::MAX));
        let mut text = String::new();
        let written = encode_registry(&mut text, &self.registry)
            .and_then(|()| encode_registry(&mut text, &self.plain))
            .and_then(|()| gateway.render_metrics(&mut text))
            .and_then(|()| encode_eof(&mut text));
        if let Err(error) = written {
            let _ = write!(text, "# {error}");
        }
        text
    }
}

/// The trace that a request belongs to: its caller's, or one that is called as the request is.
fn place(headers: &HeaderMap, name: RequestId) -> TraceContext {
    let given = headers.get("traceparent").and_then(|header| header.to_str().ok());
    given.and_then(TraceContext::parse).unwrap_or(TraceContext {
        trace: name.as_u128(),
        span: 0,
        sampled: false,
    })
}

/// Counts a request under its route, never under its path, whose variety has no bound.
pub(crate) async fn measure<F>(
    app: &App,
    mut request: Request,
    next: impl FnOnce(Request) -> F,
) -> Response
where
    F: Future<Output = Response>,
{
    let name = RequestName(RequestId::new());
    request.extensions_mut().insert(name);
    let place = place(request.headers(), name.0);
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    // A method that is not one of HTTP's own is up to the caller, and labels need a bound.
    let method = match request.method() {
        &Method::GET
        | &Method::POST
        | &Method::DELETE
        | &Method::PUT
        | &Method::PATCH
        | &Method::HEAD
        | &Method::OPTIONS => request.method().as_str().to_owned(),
        _ => "other".to_owned(),
    };
    let start = Instant::now();
    let span = tracing::debug_span!(
        "http.request",
        otel.name = format_args!("{method} {route}"),
        otel.kind = "server",
        http.request.method = method,
        http.route = route,
        http.response.status_code = tracing::field::Empty,
        otel.parent = %place,
        otel.status_code = tracing::field::Empty,
        request_id = %name.0,
    );
    let logged = tracing::info_span!(
        parent: &span, "request", request_id = %name.0, trace_id = format_args!("{:032x}", place.trace)
    );
    // The spans nest, so that whatever is logged on the way carries the request's name.
    let response = next(request).instrument(logged.clone()).instrument(span.clone()).await;
    span.record("http.response.status_code", response.status().as_u16());
    if response.status().is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    let took = start.elapsed();
    let seconds = took.as_secs_f64();
    let status = response.status().as_u16();
    logged.in_scope(|| match response.status().is_server_error() {
        true => tracing::warn!(route, method, status, seconds, "a request failed"),
        false => tracing::debug!(route, method, status, seconds, "request"),
    });
    let is_kept = app.watch.keeps(place, response.status().is_server_error(), took);
    let trace = is_kept.then(|| TraceLabel { trace_id: format!("{:032x}", place.trace) });
    let durations = app.metrics.seconds.get_or_create(&RouteLabels { route: route.clone() });
    durations.observe(seconds, trace, Some(SystemClock.now().into()));
    app.metrics.requests.get_or_create(&RequestLabels { route, method, status }).inc();
    response
}

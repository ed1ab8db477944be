//! What being watched costs a request: the spans of a question with six lanes and a call to a model,
//! its two counters and its histogram, beside the same work unwatched, turn by turn in one run.
//!
//! `cargo run --release -p assay-telemetry --example cost`

#![expect(clippy::print_stdout, reason = "an example prints what it measured")]

use std::{
    hint::black_box,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use assay_core::{RequestId, TraceContext};
use assay_telemetry::{Sampling, TraceLayer, export_request};
use prometheus_client::metrics::{counter::Counter, family::Family, histogram::Histogram};
use tracing_subscriber::{Layer, filter::filter_fn, layer::SubscriberExt};

/// Requests of a turn, and turns.
const REQUESTS: u32 = 20_000;
const TURNS: u32 = 15;
const LANES: [&str; 6] = ["keyword", "vector", "web", "reranker", "writer", "graph"];

type Labels = Vec<(&'static str, String)>;

/// What a request does with its spans, as the server, the lanes and the gateway do it.
fn spans(lanes: &[&'static str]) {
    let name = RequestId::new();
    let place = TraceContext { trace: name.as_u128(), span: 0, sampled: false };
    let first = tracing::debug_span!(
        "http.request",
        otel.name = format_args!("POST /query"),
        otel.kind = "server",
        http.request.method = "POST",
        http.route = "/query",
        http.response.status_code = tracing::field::Empty,
        otel.parent = %place,
        request_id = %name,
    );
    first.in_scope(|| {
        for lane in lanes {
            let span = tracing::debug_span!(
                "lane",
                otel.name = format_args!("lane {lane}"),
                assay.lane = *lane,
                assay.lane.state = tracing::field::Empty,
                assay.lane.found = tracing::field::Empty,
            );
            span.in_scope(|| black_box(lane));
            span.record("assay.lane.state", "completed");
            span.record("assay.lane.found", 8);
        }
        let call = tracing::debug_span!(
            "gen_ai.attempt",
            otel.name = format_args!("chat model"),
            otel.kind = "client",
            gen_ai.operation.name = "chat",
            gen_ai.provider.name = "openai",
            gen_ai.request.model = "model",
            server.address = "127.0.0.1",
            request_id = %name,
        );
        call.in_scope(|| black_box(TraceContext::current().map(|place| place.to_string())));
    });
    first.record("http.response.status_code", 200);
}

/// Processor time of this thread: other work on the machine does not count.
fn cpu() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = told.split(' ').next().and_then(|nanos| nanos.parse().ok());
    Duration::from_nanos(nanos.unwrap_or(0))
}

fn turn(work: impl Fn()) -> Duration {
    let start = cpu();
    (0..REQUESTS).for_each(|_| work());
    cpu().saturating_sub(start) / REQUESTS
}

fn main() {
    let kept = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&kept);
    let sampling = Sampling { ratio: 0.01, slow_ms: 1_000 };
    let layer = TraceLayer::new(sampling, move |spans| {
        // Writing out what is sent belongs to the cost.
        black_box(export_request(&[], &spans).to_string());
        count.fetch_add(1, Ordering::Relaxed);
    });
    let subscriber =
        tracing_subscriber::registry().with(layer.with_filter(filter_fn(TraceLayer::wants)));
    let watched = tracing::Dispatch::new(subscriber);
    let requests = Family::<Labels, Counter>::default();
    let seconds =
        Family::<Labels, Histogram>::new_with_constructor(|| Histogram::new([0.01, 0.1, 1.0, 3.0]));
    let counted = || {
        let labels: Labels = vec![("route", "/query".to_owned()), ("method", "POST".to_owned())];
        seconds.get_or_create(&labels).observe(0.2);
        requests.get_or_create(&labels).inc();
    };
    let traced = |lanes| tracing::dispatcher::with_default(&watched, || turn(|| spans(lanes)));
    // Whether a span is wanted is asked once, at its first use.
    traced(&LANES);
    kept.store(0, Ordering::Relaxed);
    let (mut question, mut call, mut without, mut metrics) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..TURNS {
        without.push(turn(|| spans(&LANES)));
        question.push(traced(&LANES));
        call.push(traced(&[]));
        metrics.push(turn(counted));
    }
    let middle = |times: &mut Vec<Duration>| {
        times.sort_unstable();
        times.get(times.len() / 2).copied().unwrap_or_default().as_secs_f64() * 1e6
    };
    let all = TURNS * REQUESTS * 2;
    println!(
        "processor time, median of {TURNS} turns of {REQUESTS} requests: a question {:.2} µs, without traces {:.2} µs; \
         a call that passes through {:.2} µs; metrics of a request {:.2} µs; {} traces kept of {all}",
        middle(&mut question),
        middle(&mut without),
        middle(&mut call),
        middle(&mut metrics),
        kept.load(Ordering::Relaxed)
    );
}

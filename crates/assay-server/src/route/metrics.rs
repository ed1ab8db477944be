//! Metrics, as Prometheus text and as JSON.

use std::collections::BTreeSet;

use assay_api::{
    CacheStatus, LaneMetrics, LaneMetricsResponse, OrchestrationMetrics, VectorMetricsResponse,
    VectorPerformance,
};
use assay_core::BreakerState;
use axum::{
    Json,
    http::{HeaderMap, header},
    response::IntoResponse,
};

use crate::{auth::Acting, failure::Failure, metrics::Reading, performance, present};

/// The type of OpenMetrics.
const OPENMETRICS: &str = "application/openmetrics-text";

/// What stands between a number and the trace of a request that it counts.
const EXEMPLAR: &str = " # {trace_id=\"";

/// Counters and gauges as Prometheus text, or as OpenMetrics where `Accept` asks for it.
#[utoipa::path(
    get, path = "/metrics", tag = "metrics",
    responses(
        (status = 200, content(
            (String = "text/plain"),
            (String = "application/openmetrics-text"),
        )),
    )
)]
pub(super) async fn prometheus(
    app: Acting,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Failure> {
    let reading = Reading::take(&app, &app.scope()).await?;
    let text = app.metrics.render(&app.engine, &app.gateway, &reading);
    let accepts = headers.get(header::ACCEPT).and_then(|accepts| accepts.to_str().ok());
    let (content_type, text) = match accepts.is_some_and(|it| it.contains(OPENMETRICS)) {
        true => ("application/openmetrics-text; version=1.0.0; charset=utf-8", text),
        false => ("text/plain; version=0.0.4; charset=utf-8", plain(&text)),
    };
    Ok(([(header::CONTENT_TYPE, content_type)], text))
}

/// OpenMetrics in the older format of Prometheus: there a counter is declared by the name that its
/// samples have, and units, exemplars and the end are not said.
fn plain(openmetrics: &str) -> String {
    let declared = openmetrics.lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let counters: BTreeSet<&str> =
        declared.filter_map(|declared| declared.strip_suffix(" counter")).collect();
    let mut text = String::with_capacity(openmetrics.len());
    for line in openmetrics.lines() {
        let mut words = line.splitn(4, ' ');
        match (words.next(), words.next(), words.next(), words.next()) {
            (Some("#"), Some("UNIT" | "EOF"), ..) => continue,
            (Some("#"), Some(what), Some(name), Some(rest)) if counters.contains(name) => {
                text.push_str(&format!("# {what} {name}_total {rest}"));
            }
            _ => text.push_str(line.rfind(EXEMPLAR).map_or(line, |at| &line[..at])),
        }
        text.push('\n');
    }
    text
}

/// How the lanes have fared since start.
#[utoipa::path(
    get, path = "/metrics/lanes", tag = "metrics",
    responses((status = 200, body = LaneMetricsResponse))
)]
pub(super) async fn lanes(app: Acting) -> Json<LaneMetricsResponse> {
    let totals = app.engine.lane_totals();
    let requests = totals.whole + totals.partial + totals.failed;
    let is_open = |name: &str| matches!(totals.breakers.get(name), Some(BreakerState::Open(_)));
    let lane_metrics = totals.lanes.iter().map(|(name, counts)| {
        let all = counts.completed + counts.failed + counts.timed_out;
        let metrics = LaneMetrics {
            success_count: counts.completed,
            failure_count: counts.failed,
            timeout_count: counts.timed_out,
            skipped_count: counts.broken,
            circuit_breaker_open: is_open(name),
            success_rate: share(counts.completed, all),
            avg_duration_ms: mean_ms(counts.took.as_secs_f64(), all),
            windows: performance::lane_windows(&app, name),
        };
        ((*name).to_owned(), metrics)
    });
    let figures = OrchestrationMetrics {
        total_requests: requests,
        successful_requests: totals.whole,
        partial_requests: totals.partial,
        failed_requests: totals.failed,
        success_rate: share(totals.whole, requests),
        partial_rate: share(totals.partial, requests),
        lane_metrics: lane_metrics.collect(),
        enabled_lanes: totals
            .breakers
            .keys()
            .filter(|name| !is_open(name))
            .map(|name| (*name).to_owned())
            .collect(),
        circuit_breaker_states: totals
            .breakers
            .iter()
            .map(|(name, state)| ((*name).to_owned(), state.as_str().to_owned()))
            .collect(),
    };
    Json(LaneMetricsResponse {
        orchestrator_health: health(figures.success_rate),
        orchestration_metrics: figures.clone(),
        performance_summary: figures,
        web_providers: app
            .engine
            .web_status()
            .iter()
            .map(|status| (status.name.as_str().to_owned(), present::provider_metrics(status)))
            .collect(),
    })
}

/// How vector search has fared since start.
#[utoipa::path(
    get, path = "/metrics/vector", tag = "metrics",
    responses((status = 200, body = VectorMetricsResponse))
)]
pub(super) async fn vector(app: Acting) -> Json<VectorMetricsResponse> {
    let (searches, took) = app.engine.vector_search_totals();
    let model = app.engine.embedding_totals();
    let totals = model.unwrap_or_default();
    let lane = app.engine.lane_totals().lanes.get("vector").copied().unwrap_or_default();
    let all = lane.completed + lane.failed + lane.timed_out;
    let windows = performance::vector_windows(&app);
    Json(VectorMetricsResponse {
        status: if model.is_some() { "ready" } else { "absent" }.to_owned(),
        health: health(share(lane.completed, all)),
        performance_metrics: VectorPerformance {
            total_queries: searches,
            cache_hits: totals.hits,
            cache_misses: totals.misses,
            cache_hit_rate: share(totals.hits, totals.hits + totals.misses),
            avg_embedding_time_ms: mean_ms(totals.micros as f64 / 1e6, totals.misses),
            avg_search_time_ms: mean_ms(took.as_secs_f64(), searches),
            tfti_ms: totals.first_micros.map(|micros| micros as f64 / 1e3),
            tts_ms: windows.get("5m").and_then(|window| window.p50),
            windows,
            embedding_windows: performance::query_vector_windows(&app),
            warmup_completed: app.is_warm(),
        },
        cache_status: CacheStatus {
            size: totals.cached,
            capacity: totals.capacity,
            utilization: share(totals.cached as u64, totals.capacity as u64).unwrap_or(0.0),
        },
    })
}

/// `part` of `all`; none when there is nothing to take a part of.
fn share(part: u64, all: u64) -> Option<f64> {
    (all > 0).then(|| part as f64 / all as f64)
}

fn mean_ms(seconds: f64, count: u64) -> Option<f64> {
    (count > 0).then(|| seconds * 1e3 / count as f64)
}

/// The bar of system 0: 95 % is compliant.
fn health(success_rate: Option<f64>) -> String {
    match success_rate {
        None => "no_data",
        Some(rate) if rate >= 0.95 => "healthy",
        Some(_) => "degraded",
    }
    .to_owned()
}

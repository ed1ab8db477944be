//! Where a request to a model would go, and how requests have been routed.

use assay_api::{
    ErrorBody, ProviderStats, RouteExplanation, RouteTarget, RouterMetrics, RouterMetricsResponse,
    SkippedTarget,
};
use assay_core::BreakerState;
use assay_gateway::{Dialect, ExplainedTarget, ProviderTotals};
use axum::{Extension, Json, body::Bytes, http::HeaderMap};

use super::incoming;
use crate::{
    auth::Acting,
    failure::{Failure, RequestName},
    performance,
};

/// Say where a chat completion would go and why; nothing is sent.
#[utoipa::path(
    post, path = "/v1/gateway/explain", tag = "gateway",
    request_body(content = serde_json::Value, description = "a chat completion"),
    responses(
        (status = 200, body = RouteExplanation),
        (status = 400, body = ErrorBody),
        (status = 404, body = ErrorBody, description = "unknown model"),
    )
)]
pub(in crate::route) async fn explain(
    app: Acting,
    Extension(name): Extension<RequestName>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<RouteExplanation>, Failure> {
    let explained = incoming(&app, Dialect::Chat, name, &headers, body)
        .map_err(|fault| *fault)
        .and_then(|incoming| app.gateway.explain(&incoming))
        .map_err(|fault| Failure::new(fault.kind.error_code(), fault.message))?;
    let words = |words: Vec<&str>| words.into_iter().map(str::to_owned).collect();
    let skipped = explained.skipped.into_iter().map(|(target, reason, why)| SkippedTarget {
        target: shown(target),
        reason: reason.to_owned(),
        why,
    });
    Ok(Json(RouteExplanation {
        model: explained.model,
        route: explained.route,
        prompt_tokens: explained.prompt_tokens,
        needs: words(explained.needs),
        reasons: words(explained.reasons),
        targets: explained.targets.into_iter().map(shown).collect(),
        skipped: skipped.collect(),
        attempts_max: explained.attempts_max,
    }))
}

fn shown(target: ExplainedTarget) -> RouteTarget {
    RouteTarget {
        provider: target.provider,
        model: target.model,
        key: target.key,
        tier: target.tier.as_str().to_owned(),
        circuit_state: target.breaker.as_str().to_owned(),
        latency_ms: target.latency_ms,
    }
}

/// How requests to models have been routed since start.
#[utoipa::path(
    get, path = "/metrics/router", tag = "metrics",
    responses((status = 200, body = RouterMetricsResponse))
)]
pub(in crate::route) async fn metrics(app: Acting) -> Json<RouterMetricsResponse> {
    let totals = app.gateway.totals();
    let all = || totals.providers.values().map(|(totals, _)| totals);
    let nanos: u64 = all().map(|totals| totals.cost_nanos).sum();
    let priced = all().any(|totals| totals.priced);
    let reasons = totals.reasons.iter().map(|(reason, count)| ((*reason).to_owned(), *count));
    let stats = totals
        .providers
        .iter()
        .map(|(name, (totals, breaker))| (name.clone(), stats(totals, *breaker)));
    Json(RouterMetricsResponse {
        metrics: RouterMetrics {
            total_requests: all().map(|totals| totals.requests).sum(),
            total_cost: priced.then(|| dollars(nanos)),
            provider_stats: stats.collect(),
            recent_routing_reasons: reasons.collect(),
            telemetry_buffer_size: totals.remembered,
            circuit_breaker_enabled: true,
            free_first_enabled: totals.free_first,
            free_share: totals.free_share,
            windows: performance::model_windows(&app),
        },
    })
}

fn stats(totals: &ProviderTotals, breaker: BreakerState) -> ProviderStats {
    let requests = totals.requests;
    let mean = |sum: f64| (requests > 0).then(|| sum / requests as f64);
    let cost = totals.priced.then(|| dollars(totals.cost_nanos));
    ProviderStats {
        total_requests: requests,
        success_rate: mean(totals.succeeded as f64),
        avg_latency_ms: mean(totals.took.as_secs_f64() * 1e3),
        total_cost: cost,
        avg_cost_per_request: cost.and_then(mean),
        circuit_state: breaker.as_str().to_owned(),
        consecutive_failures: totals.consecutive_failures,
        requests_this_minute: totals.requests_this_minute,
        tokens_this_minute: totals.tokens_this_minute,
    }
}

/// For show only: money is kept in nano-dollars.
fn dollars(nanos: u64) -> f64 {
    nanos as f64 / 1e9
}

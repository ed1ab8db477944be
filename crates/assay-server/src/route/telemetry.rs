//! Windows, objectives, alerts.

use assay_api::{
    AlertRuleInfo, AlertRulesResponse, AlertStatus, AlertsResponse, BurnRate, ErrorBody,
    HistoryParams, HistoryResponse, Objective, PerformanceResponse, SloResponse,
};
use assay_telemetry::{Burn, ObjectiveStatus, prometheus_rules_and_outside};
use axum::{Json, extract::Query};

use crate::{auth::Acting, failure::Failure, metrics::operation::window, performance, present};

/// Where the pages of runbooks lie in the repository.
const RUNBOOKS: &str = "docs/runbooks/";
/// Share of an error budget below which an objective is at risk.
const AT_RISK: f64 = 0.2;

/// How answers have fared, in windows of a minute, five minutes, an hour and a day.
#[utoipa::path(
    get, path = "/metrics/performance", tag = "metrics",
    responses((status = 200, body = PerformanceResponse))
)]
pub(super) async fn performance(app: Acting) -> Result<Json<PerformanceResponse>, Failure> {
    let cost = app.engine.cost_summary(&app.scope()).await?;
    Ok(Json(performance::response(&app, present::cost_summary(cost))))
}

/// How the server fared in the last hour or day, point by point: for plots.
#[utoipa::path(
    get, path = "/metrics/history", tag = "metrics", params(HistoryParams),
    responses(
        (status = 200, body = HistoryResponse),
        (status = 400, body = ErrorBody, description = "no such window"),
    )
)]
pub(super) async fn history(
    app: Acting,
    Query(params): Query<HistoryParams>,
) -> Result<Json<HistoryResponse>, Failure> {
    let window = params.window.unwrap_or_else(|| "1h".to_owned());
    let looked = performance::history(&app, &window);
    let unknown =
        || Failure::bad_request(format!("`{window}` is no window")).hint("use `1h` or `24h`");
    looked.map(Json).ok_or_else(unknown)
}

/// What is promised, and how much of each error budget is left.
#[utoipa::path(
    get, path = "/v1/slo", tag = "operation", responses((status = 200, body = SloResponse))
)]
pub(super) async fn slo(app: Acting) -> Json<SloResponse> {
    let objectives = app.watch.objectives().into_iter().map(objective).collect();
    Json(SloResponse { objectives })
}

/// Alerts that are pending, fire, or were resolved lately.
#[utoipa::path(
    get, path = "/v1/alerts", tag = "operation", responses((status = 200, body = AlertsResponse))
)]
pub(super) async fn alerts(app: Acting) -> Json<AlertsResponse> {
    let shown = app.watch.alerts().into_iter().map(|alert| AlertStatus {
        state: alert.state.as_str().to_owned(),
        severity: alert.severity.as_str().to_owned(),
        value: Some(alert.value).filter(|value| value.is_finite()),
        since: alert.started(),
        until: alert.until_ms.map(|_| alert.ended()),
        rule: alert.rule,
        labels: alert.series,
        owner: alert.owner,
        summary: alert.summary,
        runbook: alert.runbook,
    });
    Json(AlertsResponse { alerts: shown.collect() })
}

/// The rules that hold, and the same as a rule file of Prometheus.
#[utoipa::path(
    get, path = "/v1/alerts/rules", tag = "operation",
    responses((status = 200, body = AlertRulesResponse))
)]
pub(super) async fn rules(app: Acting) -> Json<AlertRulesResponse> {
    let rules = app.watch.rules();
    let prometheus = prometheus_rules_and_outside(&rules, RUNBOOKS);
    let shown = rules.into_iter().map(|rule| AlertRuleInfo {
        expression: rule.expression.as_str().to_owned(),
        for_seconds: rule.for_ms as f64 / 1e3,
        severity: rule.severity.as_str().to_owned(),
        name: rule.name,
        group: rule.group,
        owner: rule.owner,
        slo: rule.slo,
        summary: rule.summary,
        runbook: rule.runbook,
    });
    Json(AlertRulesResponse { rules: shown.collect(), prometheus })
}

fn objective(status: ObjectiveStatus) -> Objective {
    let burn_rates: Vec<BurnRate> = status.burns.iter().map(burn_rate).collect();
    let word = match status.budget_left {
        None => "no_data",
        Some(left) if left < 0.0 => "missed",
        Some(left) if left < AT_RISK || burn_rates.iter().any(|burn| burn.is_alert) => "at_risk",
        Some(_) => "met",
    };
    Objective {
        status: word.to_owned(),
        name: status.name,
        summary: status.summary,
        target: status.target,
        window_days: status.days,
        events: status.events.round() as u64,
        bad_events: status.bad_events.round() as u64,
        achieved: status.achieved,
        error_budget_left: status.budget_left,
        exhausted_in_s: status.exhausted_in_s,
        burn_rates,
    }
}

fn burn_rate(burn: &Burn) -> BurnRate {
    let is_over = |rate: Option<f64>| rate.is_some_and(|rate| rate > burn.threshold);
    BurnRate {
        long_window: window(burn.long_minutes),
        short_window: window(burn.short_minutes),
        long_rate: burn.long_rate,
        short_rate: burn.short_rate,
        threshold: burn.threshold,
        is_alert: is_over(burn.long_rate) && is_over(burn.short_rate),
    }
}

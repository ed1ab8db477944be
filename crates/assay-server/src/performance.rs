//! What `/metrics/performance` says: real requests in real windows, against what is promised.

use std::collections::BTreeMap;

use assay_api::{
    ActiveAlert, Compliance, CostSummary, HistoryResponse, KeyMetric, MeasureWindow, Monitoring,
    PerformanceResponse, PerformanceSummary,
};
use assay_telemetry::{AlertState, Expression, History, TelemetryError};

use crate::{App, present};

/// A latency that is promised: its name, its route, and the bound in seconds, which is one of the
/// buckets of the histogram.
const LATENCIES: [(&str, &str, f64); 3] = [
    ("query_latency", "/query", 3.0),
    ("search_latency", "/search", 3.0),
    ("citation_latency", "/citations/process", 2.0),
];
/// Share of requests that may fail.
const ERROR_RATE: f64 = 0.05;
const WINDOWS: [&str; 4] = ["1m", "5m", "1h", "24h"];
const DAY: &str = "24h";
/// The shares that are shown, and their names.
const SHARES: [(&str, f64); 3] = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)];

const COUNT: &str = "assay_http_request_duration_seconds_count";
const BUCKET: &str = "assay_http_request_duration_seconds_bucket";
const REQUESTS: &str = "assay_http_requests_total";
const MEMORY: &str = "assay_process_resident_memory_bytes";

/// What can be looked back on: its name, its points, milliseconds between two, what each is over.
const PASTS: [(&str, i64, i64, &str); 2] =
    [("1h", 30, 2 * 60_000, "5m"), ("24h", 48, 30 * 60_000, "1h")];

/// What has to be remembered for it.
pub(crate) fn expressions() -> Result<Vec<Expression>, TelemetryError> {
    [COUNT, BUCKET, REQUESTS, MEMORY].into_iter().map(Expression::parse).collect()
}

/// The past, asked in words that are right.
struct Past<'a> {
    history: &'a History,
    now_ms: i64,
}

impl Past<'_> {
    /// A number that an expression comes to; none where there is none, or it is no number.
    fn number(&self, expression: &str) -> Option<f64> {
        let expression = Expression::parse(expression).ok()?;
        expression.number(self.history, self.now_ms).filter(|number| number.is_finite())
    }

    fn increase(&self, name: &str, labels: &str, window: &str) -> f64 {
        self.number(&format!("sum(increase({name}{{{labels}}}[{window}]))")).unwrap_or(0.0)
    }

    /// In milliseconds.
    fn percentile(&self, share: f64, labels: &str, window: &str) -> Option<f64> {
        let buckets = format!("sum by (le) (increase({BUCKET}{{{labels}}}[{window}]))");
        Some(self.number(&format!("histogram_quantile({share}, {buckets})"))? * 1e3)
    }

    fn percentiles(&self, labels: &str, window: &str) -> BTreeMap<String, Option<f64>> {
        let each = SHARES
            .iter()
            .map(|(name, share)| ((*name).to_owned(), self.percentile(*share, labels, window)));
        each.collect()
    }

    fn window(&self, labels: &str, window: &str) -> MeasureWindow {
        let [p50, p95, p99] = SHARES.map(|(_, share)| self.percentile(share, labels, window));
        MeasureWindow {
            count: count(self.increase(COUNT, labels, window)),
            p50,
            p95,
            p99,
            error_rate: self.error_rate(labels, window),
        }
    }

    /// Share of requests that ended with an error of the server.
    fn error_rate(&self, labels: &str, window: &str) -> Option<f64> {
        let all = self.increase(REQUESTS, labels, window);
        let and = if labels.is_empty() { "" } else { "," };
        let failed = self.increase(REQUESTS, &format!("{labels}{and}status=~\"5..\""), window);
        (all > 0.0).then(|| failed / all)
    }
}

/// A number of events.
fn count(events: f64) -> u64 {
    events.max(0.0).round() as u64
}

fn compliance(target: f64, all: f64, kept: f64) -> Compliance {
    let rate = (all > 0.0).then(|| (kept / all).clamp(0.0, 1.0));
    let status = match rate {
        None => "no_data",
        Some(rate) if rate >= 0.95 => "compliant",
        Some(rate) if rate >= 0.90 => "degraded",
        Some(_) => "failing",
    };
    Compliance {
        target,
        compliance_rate: rate,
        total_measurements: count(all),
        compliant_measurements: count(kept),
        status: status.to_owned(),
        percentiles: BTreeMap::new(),
    }
}

/// How answers have fared.
pub(crate) fn response(app: &App, cost: CostSummary) -> PerformanceResponse {
    let (promises, measures) = app.watch.ask(|history, now_ms| {
        let past = Past { history, now_ms };
        (promises(&past), measures(&past))
    });
    let alerts = active_alerts(app);
    let worst = promises.values().filter_map(|it| it.compliance_rate).reduce(f64::min);
    let health_score = worst.map(|rate| (rate * 1000.0).round() / 10.0);
    let status = match worst {
        None => "no_data",
        Some(rate) if rate >= 0.95 => "healthy",
        Some(rate) if rate >= 0.90 => "degraded",
        Some(_) => "failing",
    };
    let kept_badly =
        promises.iter().filter(|(_, it)| !matches!(&*it.status, "compliant" | "no_data"));
    let mut recommendations: Vec<String> = kept_badly
        .map(|(name, it)| format!("`{name}` is {}: see docs/runbooks/answers-slow.md", it.status))
        .collect();
    recommendations.extend(cost.optimization_recommendations.clone());
    let timestamp = present::now();
    let summary = PerformanceSummary {
        timestamp: timestamp.clone(),
        health_score,
        data_points_collected: promises.get("error_rate").map_or(0, |it| it.total_measurements),
        metrics_tracked: measures.len(),
        sla_compliance: promises,
        active_alerts: alerts,
        key_metrics: measures,
        cost_summary: cost,
    };
    PerformanceResponse {
        status: status.to_owned(),
        monitoring: Monitoring {
            health_score,
            sla_compliance: summary.sla_compliance.clone(),
            active_alerts: summary.active_alerts.clone(),
            cost_efficiency: summary.cost_summary.cost_efficiency_score,
        },
        performance_summary: summary,
        recommendations,
        timestamp,
    }
}

/// The recent past, point by point; none for a window that is not kept.
pub(crate) fn history(app: &App, wanted: &str) -> Option<HistoryResponse> {
    let (window, points, apart_ms, over) =
        PASTS.into_iter().find(|(window, ..)| *window == wanted)?;
    Some(app.watch.ask(|history, now_ms| {
        let pasts: Vec<Past<'_>> = (0..points)
            .rev()
            .map(|back| Past { history, now_ms: now_ms - back * apart_ms })
            .collect();
        let each = |ask: &dyn Fn(&Past<'_>) -> Option<f64>| pasts.iter().map(ask).collect();
        let rate = |labels: &str| format!("sum(rate({REQUESTS}{{{labels}}}[{over}]))");
        let (all, failed) = (rate(""), rate("status=~\"5..\""));
        HistoryResponse {
            window: window.to_owned(),
            times: pasts.iter().map(|past| past.now_ms / 1_000).collect(),
            p50_ms: each(&|past| past.percentile(0.5, "", over)),
            p95_ms: each(&|past| past.percentile(0.95, "", over)),
            requests: each(&|past| past.number(&all)),
            // Without a failure so far there is no series of them.
            failures: each(&|past| past.number(&all).map(|_| past.number(&failed).unwrap_or(0.0))),
            memory_bytes: each(&|past| past.number(MEMORY)),
        }
    }))
}

fn promises(past: &Past<'_>) -> BTreeMap<String, Compliance> {
    let latencies = LATENCIES.iter().map(|(name, route, seconds)| {
        let labels = format!("route=\"{route}\"");
        let all = past.increase(COUNT, &labels, DAY);
        let kept = past.increase(BUCKET, &format!("{labels},le=\"{seconds:.1}\""), DAY);
        let percentiles = past.percentiles(&labels, DAY);
        let promise = compliance(seconds * 1e3, all, kept);
        ((*name).to_owned(), Compliance { percentiles, ..promise })
    });
    let all = past.increase(REQUESTS, "", DAY);
    let failed = past.increase(REQUESTS, "status=~\"5..\"", DAY);
    let errors = ("error_rate".to_owned(), compliance(ERROR_RATE, all, all - failed));
    latencies.chain([errors]).collect()
}

fn measures(past: &Past<'_>) -> BTreeMap<String, KeyMetric> {
    let windows = |labels: &str| -> BTreeMap<String, MeasureWindow> {
        WINDOWS.iter().map(|it| ((*it).to_owned(), past.window(labels, it))).collect()
    };
    let latencies = LATENCIES.iter().map(|(name, route, seconds)| {
        let labels = format!("route=\"{route}\"");
        let measure = KeyMetric {
            latest: past.percentile(0.5, &labels, "1m"),
            percentiles: past.percentiles(&labels, DAY),
            windows: windows(&labels),
            sla_target: seconds * 1e3,
        };
        ((*name).to_owned(), measure)
    });
    let errors = KeyMetric {
        latest: past.error_rate("", "1m"),
        percentiles: BTreeMap::new(),
        windows: windows(""),
        sla_target: ERROR_RATE,
    };
    latencies.chain([("error_rate".to_owned(), errors)]).collect()
}

fn active_alerts(app: &App) -> Vec<ActiveAlert> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for alert in app.watch.alerts().iter().filter(|it| it.state == AlertState::Firing) {
        *counts.entry(alert.rule.clone()).or_default() += 1;
    }
    let rules = app.watch.rules();
    let expression = |name: &str| {
        rules.iter().find(|rule| rule.name == *name).map_or("", |rule| rule.expression.as_str())
    };
    let shown = counts.iter().map(|(rule, count)| ActiveAlert {
        metric: rule.clone(),
        threshold: expression(rule).to_owned(),
        trigger_count: *count,
    });
    shown.collect()
}

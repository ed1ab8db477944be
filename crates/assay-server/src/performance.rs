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

/// Families of durations, and of how what they are of ended.
const HTTP: &str = "assay_http_request_duration_seconds";
const LANES: &str = "assay_lane_duration_seconds";
const VECTORS: &str = "assay_vector_search_duration_seconds";
const QUERY_VECTORS: &str = "assay_query_vector_duration_seconds";
const MODELS: &str = "gen_ai_client_operation_duration_seconds";
const LANE_RUNS: &str = "assay_lane_runs_total";
const REQUESTS: &str = "assay_http_requests_total";
const MEMORY: &str = "assay_process_resident_memory_bytes";

/// What can be looked back on: its name, its points, milliseconds between two, what each is over.
const PASTS: [(&str, i64, i64, &str); 2] =
    [("1h", 30, 2 * 60_000, "5m"), ("24h", 48, 30 * 60_000, "1h")];

/// What has to be remembered for it.
pub(crate) fn expressions() -> Result<Vec<Expression>, TelemetryError> {
    let durations = [HTTP, LANES, VECTORS, QUERY_VECTORS, MODELS];
    let durations = durations.map(|it| [format!("{it}_count"), format!("{it}_bucket")]);
    let others = [REQUESTS, LANE_RUNS, MEMORY].map(str::to_owned);
    let names = durations.into_iter().flatten().chain(others);
    names.map(|name| Expression::parse(&name)).collect()
}

/// Something that takes time and may fail.
#[derive(Debug, Clone)]
struct Measure {
    /// The family of its durations, without what stands behind its name.
    seconds: &'static str,
    /// Which series of it.
    labels: String,
    /// The counter of how it ended, the series of all ends, and those of failures; none where failures
    /// are not counted.
    ends: Option<(String, String, String)>,
}

impl Measure {
    /// Requests with these labels; those that the server failed count as failed.
    fn http(labels: &str) -> Self {
        let and = if labels.is_empty() { "" } else { "," };
        let failed = format!("{labels}{and}status=~\"5..\"");
        let ends = Some((REQUESTS.to_owned(), labels.to_owned(), failed));
        Self { seconds: HTTP, labels: labels.to_owned(), ends }
    }

    fn lane_ends(lane: &str) -> (String, String, String) {
        let started = format!("lane=\"{lane}\",outcome!=\"skipped\"");
        (LANE_RUNS.to_owned(), started, format!("lane=\"{lane}\",outcome=~\"failed|timeout\""))
    }
}

/// How long a lane took, window by window.
pub(crate) fn lane_windows(app: &App, lane: &str) -> BTreeMap<String, MeasureWindow> {
    let labels = format!("lane=\"{lane}\"");
    windows(app, &Measure { seconds: LANES, labels, ends: Some(Measure::lane_ends(lane)) })
}

/// How long searches among vectors took.
pub(crate) fn vector_windows(app: &App) -> BTreeMap<String, MeasureWindow> {
    let ends = Some(Measure::lane_ends("vector"));
    windows(app, &Measure { seconds: VECTORS, labels: String::new(), ends })
}

/// How long the vectors of questions took.
pub(crate) fn query_vector_windows(app: &App) -> BTreeMap<String, MeasureWindow> {
    windows(app, &Measure { seconds: QUERY_VECTORS, labels: String::new(), ends: None })
}

/// How long attempts at providers took.
pub(crate) fn model_windows(app: &App) -> BTreeMap<String, MeasureWindow> {
    let ends = (format!("{MODELS}_count"), String::new(), "error_type!=\"\"".to_owned());
    windows(app, &Measure { seconds: MODELS, labels: String::new(), ends: Some(ends) })
}

fn windows(app: &App, measure: &Measure) -> BTreeMap<String, MeasureWindow> {
    app.watch.ask(|history, now_ms| Past { history, now_ms }.windows(measure))
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
    fn percentile(&self, share: f64, measure: &Measure, window: &str) -> Option<f64> {
        let Measure { seconds, labels, .. } = measure;
        let buckets = format!("sum by (le) (increase({seconds}_bucket{{{labels}}}[{window}]))");
        Some(self.number(&format!("histogram_quantile({share}, {buckets})"))? * 1e3)
    }

    fn percentiles(&self, measure: &Measure, window: &str) -> BTreeMap<String, Option<f64>> {
        let each = SHARES
            .iter()
            .map(|(name, share)| ((*name).to_owned(), self.percentile(*share, measure, window)));
        each.collect()
    }

    fn windows(&self, measure: &Measure) -> BTreeMap<String, MeasureWindow> {
        WINDOWS.iter().map(|it| ((*it).to_owned(), self.window(measure, it))).collect()
    }

    fn window(&self, measure: &Measure, window: &str) -> MeasureWindow {
        let [p50, p95, p99] = SHARES.map(|(_, share)| self.percentile(share, measure, window));
        let counter = format!("{}_count", measure.seconds);
        MeasureWindow {
            count: count(self.increase(&counter, &measure.labels, window)),
            p50,
            p95,
            p99,
            error_rate: self.error_rate(measure, window),
        }
    }

    /// Share that failed; none when nothing ended.
    fn error_rate(&self, measure: &Measure, window: &str) -> Option<f64> {
        let (counter, all, failed) = measure.ends.as_ref()?;
        let all = self.increase(counter, all, window);
        let failed = self.increase(counter, failed, window);
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
        let all_requests = Measure::http("");
        let rate = |labels: &str| format!("sum(rate({REQUESTS}{{{labels}}}[{over}]))");
        let (all, failed) = (rate(""), rate("status=~\"5..\""));
        HistoryResponse {
            window: window.to_owned(),
            times: pasts.iter().map(|past| past.now_ms / 1_000).collect(),
            p50_ms: each(&|past| past.percentile(0.5, &all_requests, over)),
            p95_ms: each(&|past| past.percentile(0.95, &all_requests, over)),
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
        let all = past.increase(&format!("{HTTP}_count"), &labels, DAY);
        let bound = format!("{labels},le=\"{seconds:.1}\"");
        let kept = past.increase(&format!("{HTTP}_bucket"), &bound, DAY);
        let percentiles = past.percentiles(&Measure::http(&labels), DAY);
        let promise = compliance(seconds * 1e3, all, kept);
        ((*name).to_owned(), Compliance { percentiles, ..promise })
    });
    let all = past.increase(REQUESTS, "", DAY);
    let failed = past.increase(REQUESTS, "status=~\"5..\"", DAY);
    let errors = ("error_rate".to_owned(), compliance(ERROR_RATE, all, all - failed));
    latencies.chain([errors]).collect()
}

fn measures(past: &Past<'_>) -> BTreeMap<String, KeyMetric> {
    let latencies = LATENCIES.iter().map(|(name, route, seconds)| {
        let requests = Measure::http(&format!("route=\"{route}\""));
        let measure = KeyMetric {
            latest: past.percentile(0.5, &requests, "1m"),
            percentiles: past.percentiles(&requests, DAY),
            windows: past.windows(&requests),
            sla_target: seconds * 1e3,
        };
        ((*name).to_owned(), measure)
    });
    let all = Measure::http("");
    let errors = KeyMetric {
        latest: past.error_rate(&all, "1m"),
        percentiles: BTreeMap::new(),
        windows: past.windows(&all),
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

#[cfg(test)]
mod tests {
    //! Windows over readings at set times.

    use assay_telemetry::read;

    use super::*;

    const STEP_MS: i64 = 15_000;

    /// A reading of a lane that ran so often, each time in 20 ms, and failed so often of those.
    fn reading(runs: u64, failed: u64) -> String {
        let ended = runs - failed;
        format!(
            "assay_lane_duration_seconds_bucket{{lane=\"web\",le=\"0.01\"}} 0\n\
             assay_lane_duration_seconds_bucket{{lane=\"web\",le=\"0.025\"}} {runs}\n\
             assay_lane_duration_seconds_bucket{{lane=\"web\",le=\"+Inf\"}} {runs}\n\
             assay_lane_duration_seconds_count{{lane=\"web\"}} {runs}\n\
             assay_lane_runs_total{{lane=\"web\",outcome=\"completed\"}} {ended}\n\
             assay_lane_runs_total{{lane=\"web\",outcome=\"failed\"}} {failed}\n\
             assay_lane_runs_total{{lane=\"web\",outcome=\"skipped\"}} 1000\n"
        )
    }

    fn lane() -> Measure {
        let ends = Some(Measure::lane_ends("web"));
        Measure { seconds: LANES, labels: "lane=\"web\"".to_owned(), ends }
    }

    #[test]
    fn each_window_counts_what_happened_in_it_and_errors_fall_when_things_get_better() {
        let names = expressions().unwrap();
        let names = names.iter().flat_map(Expression::metrics).map(str::to_owned);
        let mut history = History::of(names.collect::<Vec<_>>());
        // Ten minutes in which half fails, then one in which nothing does; a reading each 15 s.
        let mut take = |step: i64, runs, failed| {
            history.take(step * STEP_MS, &read(&reading(runs, failed)));
        };
        (0..=40).for_each(|step| take(step, 10 * step.unsigned_abs(), 5 * step.unsigned_abs()));
        (41..=44).for_each(|step| take(step, 10 * step.unsigned_abs(), 200));
        let at = |step| Past { history: &history, now_ms: step * STEP_MS }.windows(&lane());
        let (bad, good) = (at(40), at(44));
        let near = |a: Option<f64>, b: f64| a.is_some_and(|a| (a - b).abs() < 0.02);
        assert!(near(bad["5m"].error_rate, 0.5), "{bad:?}");
        assert!(near(good["1m"].error_rate, 0.0), "{good:?}");
        assert!(good["5m"].error_rate < bad["5m"].error_rate, "{good:?}");
        assert!(near(good["1h"].error_rate, 200.0 / 440.0), "{good:?}");
        // Between the four readings of a minute lie three quarters of it.
        assert_eq!((good["1m"].count, good["24h"].count), (30, 440), "{good:?}");
        let (p50, p99) = (good["1m"].p50.unwrap(), good["1m"].p99.unwrap());
        assert!(10.0 < p50 && p50 < p99 && p99 <= 25.0, "{good:?}");
    }

    #[test]
    fn what_never_happened_has_no_numbers() {
        let history = History::of([]);
        let windows = Past { history: &history, now_ms: STEP_MS }.windows(&lane());
        assert_eq!(windows.len(), WINDOWS.len());
        for window in windows.values() {
            assert_eq!((window.count, window.p50, window.error_rate), (0, None, None));
        }
    }
}

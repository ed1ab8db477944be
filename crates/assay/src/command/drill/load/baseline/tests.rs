//! Which figures are compared, and which way is worse.

use super::*;

fn result(requests: u64, p95: f64, p99: f64, rate: f64) -> Value {
    json!({ "result": {
        "requests": requests, "p50_ms": 10.0, "p95_ms": p95, "p99_ms": p99,
        "achieved_per_second": rate,
    } })
}

#[test]
fn the_worst_figure_counts_and_chance_does_not() {
    let worst = |before: &Value, now: &Value| {
        figures(before, now).into_iter().max_by(|a, b| a.1.total_cmp(&b.1))
    };
    let before = result(1_000, 20.0, 30.0, 10.0);
    assert_eq!(worst(&before, &before), Some(("achieved_per_second", 0.0)));
    let (figure, percent) = worst(&before, &result(1_000, 20.0, 60.0, 10.0)).unwrap();
    assert_eq!((figure, percent.round()), ("p99_ms", 100.0));
    let (figure, percent) = worst(&before, &result(1_000, 10.0, 15.0, 5.0)).unwrap();
    assert_eq!((figure, percent.round()), ("achieved_per_second", 50.0));
    // Of 200 requests two lie beyond P99: one slow one would decide.
    let (figure, percent) = worst(&before, &result(200, 22.0, 600.0, 10.0)).unwrap();
    assert_eq!((figure, percent.round()), ("p95_ms", 10.0));
    assert_eq!(worst(&before, &result(9, 900.0, 900.0, 1.0)), None);
}

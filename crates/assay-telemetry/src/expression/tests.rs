//! What is read is what Prometheus would read; what it would read otherwise is refused.

use super::Expression;
use crate::{History, exposition::read};

/// A history with a reading every ten seconds for ten minutes, the numbers of minute `n` given.
fn past(reading: impl Fn(i64) -> String) -> (History, i64) {
    let names = ["errors_total", "requests_total", "seconds_bucket", "up", "queued"];
    let mut history = History::of(names.map(str::to_owned));
    for step in 0..=60 {
        history.take(step * 10_000, &read(&reading(step)));
    }
    (history, 600_000)
}

fn numbers(text: &str) -> Vec<(String, f64)> {
    let (history, now) = past(|step| {
        format!(
            "errors_total{{route=\"/a\"}} {}\nrequests_total{{route=\"/a\",status=\"500\"}} {}\n\
             requests_total{{route=\"/b\",status=\"200\"}} {}\nup{{part=\"x\"}} 1\nup{{part=\"y\"}} 0\n\
             seconds_bucket{{le=\"0.1\"}} {}\nseconds_bucket{{le=\"1\"}} {}\nseconds_bucket{{le=\"+Inf\"}} {}\n\
             queued{{queue=\"q\"}} {step}",
            step,
            step * 10,
            // A restart in the middle.
            if step < 30 { step } else { step - 30 },
            step * 5,
            step * 9,
            step * 10,
        )
    });
    let found = Expression::parse(text).unwrap().evaluate(&history, now);
    let shown = |labels: &crate::exposition::Labels| {
        labels.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(",")
    };
    found.iter().map(|(labels, number)| (shown(labels), (number * 1e6).round() / 1e6)).collect()
}

fn one(text: &str) -> f64 {
    let found = numbers(text);
    assert_eq!(found.len(), 1, "{text}: {found:?}");
    found[0].1
}

#[test]
fn rates_survive_a_restart() {
    assert_eq!(one("rate(errors_total[5m])"), 0.1);
    assert_eq!(one("increase(requests_total{route=\"/a\"}[5m])"), 290.0);
    // From step 25 to 29, then from nothing to 30: the restart to 0 itself counts nothing.
    assert_eq!(one("increase(requests_total{route=\"/b\"}[6m])"), 34.0);
}

#[test]
fn operators_bind_as_in_prometheus() {
    assert_eq!(one("1 + 2 * 3 - 4 / 2"), 5.0);
    assert_eq!(one("-(2 + 3) * 2"), -10.0);
    assert_eq!(one("1 > bool 2"), 0.0);
    assert_eq!(one("sum(up) / count(up)"), 0.5);
    assert_eq!(one("time()"), 600.0);
}

#[test]
fn comparisons_filter_and_sets_join() {
    assert_eq!(numbers("up == 0"), [("part=y".to_owned(), 0.0)]);
    assert_eq!(numbers("up == bool 0").len(), 2);
    assert_eq!(numbers("up unless up == 0"), [("part=x".to_owned(), 1.0)]);
    assert_eq!(numbers("queued > 10 and on () up{part=\"x\"} == 1").len(), 1);
    assert_eq!(numbers("queued > 100"), []);
    assert_eq!(one("absent(queued{queue=\"other\"})"), 1.0);
    assert_eq!(numbers("absent(queued)"), []);
}

#[test]
fn quantiles_are_interpolated() {
    // Half of the observations lie below 0.1, nine in ten below 1.
    let p = |share: f64| {
        one(&format!("histogram_quantile({share}, sum by (le) (rate(seconds_bucket[5m])))"))
    };
    assert_eq!(p(0.25), 0.05);
    assert_eq!(p(0.7), 0.55);
    assert_eq!(p(0.99), 1.0, "the last bucket has no upper bound");
}

#[test]
fn series_are_chosen_and_grouped() {
    assert_eq!(one("sum(rate(requests_total{status=~\"5..\"}[5m]))"), 1.0);
    assert_eq!(numbers("sum by (route) (requests_total)").len(), 2);
    assert_eq!(numbers("sum without (status) (requests_total)")[0].0, "route=/a");
    assert_eq!(numbers("requests_total{route!~\"/a|/c.*\"}").len(), 1);
    assert_eq!(one("max_over_time(queued[2m]) - min_over_time(queued[2m])"), 11.0);
    assert_eq!(one("delta(queued[1m])"), 5.0);
    assert_eq!(one("clamp_min(queued, 100)"), 100.0);
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    for (text, at) in [
        ("rate(up)", 4),
        ("up[5m", 5),
        ("sum(up) by (", 12),
        ("up{part=1}", 8),
        ("predict_linear(up[1h], 5)", 0),
        ("up * on (a) group_left () up", 12),
        ("up{part=~\"a[0-9]\"}", 9),
        ("rate(up[9d])", 8),
        ("up up", 3),
        ("€", 0),
    ] {
        let error = Expression::parse(text).unwrap_err();
        let crate::TelemetryError::Expression { at: found, .. } = &error else { panic!("{error}") };
        assert_eq!(*found, at, "{error}");
    }
    assert!(Expression::parse(&"(".repeat(10_000)).is_err());
}

proptest::proptest! {
    #[test]
    fn no_text_breaks_the_reader(text in "[a-z(){}\\[\\]\"=~!<>+*/,.0-9m ]{0,60}") {
        let _ = Expression::parse(&text);
    }
}

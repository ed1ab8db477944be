//! What is old is thin, and nothing is out of order.

use super::History;
use crate::exposition::read;

#[test]
fn three_days_of_readings_stay_small_and_in_order() {
    let mut history = History::of(["a_total".to_owned()]);
    let seconds = 4 * 86_400;
    for at in (0..seconds).step_by(5) {
        history.take(at * 1000, &read(&format!("a_total {at}")));
    }
    let (_, points) = history.window("a_total", 0, i64::MAX).next().unwrap();
    assert!(points.is_sorted_by(|a, b| a.0 < b.0), "{points:?}");
    assert!(points.len() < 600, "{} points", points.len());
    let oldest = (seconds * 1000 - points[0].0) / 3_600_000;
    assert!((72..=74).contains(&oldest), "{oldest} hours");
    let minute = history.window("a_total", (seconds - 65) * 1000, i64::MAX).next().unwrap().1;
    assert_eq!(minute.len(), 12);
}

#[test]
fn a_counter_that_appears_began_at_nothing() {
    let mut history = History::of(["a_total".to_owned(), "b".to_owned()]);
    history.take(1000, &read("b 1"));
    history.take(2000, &read("a_total{x=\"1\"} 4\nb{y=\"2\"} 4\nc 1"));
    let points = |name| history.window(name, 0, i64::MAX).map(|it| it.1).collect::<Vec<_>>();
    assert_eq!(points("a_total"), [[(1000, 0.0), (2000, 4.0)]]);
    assert_eq!(points("b"), [vec![(1000, 1.0)], vec![(2000, 4.0)]]);
    assert!(points("c").is_empty(), "nobody asks for it");
}

#[test]
fn a_series_that_is_read_no_more_is_over() {
    let mut history = History::of(["limit".to_owned()]);
    history.take(1_000, &read("limit{budget=\"a\"} 1\nlimit{budget=\"b\"} 2\n"));
    history.take(2_000, &read("limit{budget=\"b\"} 2\n"));
    let left: Vec<f64> = history.last("limit", 0, 2_000).map(|(_, value)| value).collect();
    assert_eq!(left, [2.0]);
    assert_eq!(history.last("limit", 0, 1_500).count(), 2, "it was there before");
}

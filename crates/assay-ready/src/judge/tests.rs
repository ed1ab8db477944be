//! No data and small samples decide nothing; enough of them decide the right thing.

use proptest::prelude::*;

use super::*;

fn expect(is: Comparison, value: f64) -> Expect {
    Expect {
        of: "x".to_owned(),
        is,
        value: Limit::Number(value),
        quantile: None,
        min_size: None,
        first: false,
        min_window_seconds: None,
    }
}

fn verdict(expect: &Expect, value: Value) -> Judged {
    judge(std::slice::from_ref(expect), &[Observation::new("x", value)]).remove(0)
}

#[test]
fn no_data_decides_nothing() {
    for is in [Comparison::AtMost, Comparison::Equal, Comparison::Below] {
        let judged = judge(&[expect(is, 0.0)], &[]);
        assert_eq!(judged[0].verdict, Verdict::Inconclusive);
        let empty = [
            Value::Share { count: 0, of: 0 },
            Value::Samples { samples: Vec::new() },
            Value::Histogram { le: vec![1.0], at_most: vec![0], of: 0 },
        ];
        for value in empty {
            assert_eq!(verdict(&expect(is, 1.0), value).verdict, Verdict::Inconclusive);
        }
    }
}

#[test]
fn small_samples_say_how_many_tries_are_needed() {
    let under_five = expect(Comparison::AtMost, 0.05);
    let judged = verdict(&under_five, Value::Share { count: 0, of: 20 });
    assert_eq!(judged.verdict, Verdict::Inconclusive);
    assert!(judged.need.contains("need 59 tries"), "{}", judged.need);
    assert_eq!(verdict(&under_five, Value::Share { count: 0, of: 59 }).verdict, Verdict::Pass);
    assert_eq!(verdict(&under_five, Value::Share { count: 20, of: 100 }).verdict, Verdict::Fail);
    assert_eq!(
        verdict(&under_five, Value::Share { count: 4, of: 100 }).verdict,
        Verdict::Inconclusive
    );
    let almost_all = expect(Comparison::AtLeast, 0.95);
    assert_eq!(verdict(&almost_all, Value::Share { count: 59, of: 59 }).verdict, Verdict::Pass);
    assert_eq!(verdict(&almost_all, Value::Share { count: 10, of: 59 }).verdict, Verdict::Fail);
}

#[test]
fn a_list_that_was_gone_through_whole_is_no_sample() {
    let all = expect(Comparison::Equal, 1.0);
    assert_eq!(verdict(&all, Value::Share { count: 7, of: 7 }).verdict, Verdict::Pass);
    assert_eq!(verdict(&all, Value::Share { count: 6, of: 7 }).verdict, Verdict::Fail);
}

#[test]
fn quantiles_are_shares() {
    let p95 = Expect { quantile: Some(0.95), ..expect(Comparison::AtMost, 100.0) };
    let samples = |slow: usize, of: usize| Value::Samples {
        samples: (0..of).map(|at| if at < slow { 200.0 } else { 50.0 }).collect(),
    };
    assert_eq!(verdict(&p95, samples(0, 58)).verdict, Verdict::Inconclusive);
    assert_eq!(verdict(&p95, samples(0, 59)).verdict, Verdict::Pass);
    assert_eq!(verdict(&p95, samples(30, 100)).verdict, Verdict::Fail);
    let buckets = |at_most: [u64; 3], of| Value::Histogram {
        le: vec![50.0, 100.0, 200.0],
        at_most: at_most.to_vec(),
        of,
    };
    assert_eq!(verdict(&p95, buckets([10, 300, 300], 300)).verdict, Verdict::Pass);
    assert_eq!(verdict(&p95, buckets([10, 20, 300], 300)).verdict, Verdict::Fail);
    // The limit lies inside a bucket: what is in it may be on either side.
    let inside = Expect { value: Limit::Number(150.0), ..p95 };
    assert_eq!(verdict(&inside, buckets([0, 0, 300], 300)).verdict, Verdict::Inconclusive);
}

#[test]
fn a_window_that_is_too_short_decides_nothing() {
    let day = Expect { min_window_seconds: Some(86_400.0), ..expect(Comparison::AtMost, 1.0) };
    let mut seen = Observation::new("x", Value::Number(0.0));
    assert_eq!(
        judge(std::slice::from_ref(&day), &[seen.clone()])[0].verdict,
        Verdict::Inconclusive
    );
    seen.window_seconds = Some(90_000.0);
    assert_eq!(judge(&[day], &[seen])[0].verdict, Verdict::Pass);
}

#[test]
fn a_drill_that_asked_too_little_has_not_failed() {
    let offered =
        Expect { of: "offered".to_owned(), first: true, ..expect(Comparison::AtLeast, 100.0) };
    let expectations = [offered, expect(Comparison::AtLeast, 99.0)];
    let seen = |offered: f64, achieved: f64| {
        let seen = [
            Observation::new("offered", Value::Number(offered)),
            Observation::new("x", Value::Number(achieved)),
        ];
        judge(&expectations, &seen).iter().map(|it| it.verdict).collect::<Vec<_>>()
    };
    assert_eq!(seen(10.0, 10.0), [Verdict::Inconclusive; 2]);
    assert_eq!(seen(100.0, 80.0), [Verdict::Pass, Verdict::Fail]);
    assert_eq!(seen(100.0, 99.5), [Verdict::Pass; 2]);
}

#[test]
fn what_cannot_be_compared_is_an_error() {
    let judged = verdict(&expect(Comparison::AtMost, 1.0), Value::Text("many".to_owned()));
    assert_eq!(judged.verdict, Verdict::Error);
}

proptest! {
    /// More misses never make a verdict better, more clean tries never make it worse.
    #[test]
    fn verdicts_are_monotone(misses in 0_u64..50, extra in 1_u64..50, clean in 1_u64..5_000) {
        let rank = |verdict| match verdict {
            Verdict::Pass => 2,
            Verdict::Inconclusive => 1,
            _ => 0,
        };
        let limit = expect(Comparison::AtMost, 0.02);
        let of = misses + clean;
        let now = verdict(&limit, Value::Share { count: misses, of });
        let worse = verdict(&limit, Value::Share { count: misses + extra, of: of + extra });
        let better = verdict(&limit, Value::Share { count: misses, of: of + extra });
        prop_assert!(rank(worse.verdict) <= rank(now.verdict));
        prop_assert!(rank(better.verdict) >= rank(now.verdict));
    }
}

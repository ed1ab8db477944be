//! Against values worked out by hand.

use super::{balanced_accuracy, calibration_error, f1, ndcg, percentile, recall};

fn close(got: f64, expected: f64) {
    assert!((got - expected).abs() < 1e-9, "{got} is not {expected}");
}

#[test]
fn ranking_measures() {
    let ranking = ["a", "b", "c"].map(str::to_owned);
    let relevant = [("b".to_owned(), 1.0), ("x".to_owned(), 1.0)].into();
    // Found at rank 2 of an ideal of ranks 1 and 2.
    let second = 1.0 / 3f64.log2();
    close(ndcg(&ranking, &relevant, 10), second / (1.0 + second));
    close(ndcg(&ranking, &relevant, 1), 0.0);
    close(recall(&ranking, &relevant, 10), 0.5);
}

#[test]
fn class_measures() {
    close(balanced_accuracy(&[(true, true), (true, false), (false, false)]), 0.75);
    close(f1(1, 2, 1), 2.0 / 3.0);
    close(percentile(&[4.0, 1.0, 3.0, 2.0], 0.5), 2.0);
    close(percentile(&[4.0, 1.0, 3.0, 2.0], 0.95), 4.0);
}

#[test]
fn calibration() {
    close(calibration_error(&[(0.9, true); 9]), 0.1);
    close(calibration_error(&[(1.0, true), (0.0, false)]), 0.0);
    close(calibration_error(&[(1.0, false), (0.0, false)]), 0.5);
}

//! Differences that are there, and differences that are not.

use super::{Measures, Random, compare};

fn run(values: impl IntoIterator<Item = f64>) -> Measures {
    let values = values.into_iter().enumerate();
    values.map(|(at, value)| (at.to_string(), [("ndcg".to_owned(), value)].into())).collect()
}

#[test]
fn a_real_difference_is_found_and_an_accident_is_not() {
    let mut random = Random(7);
    let mut noise = || (random.next() % 1000) as f64 / 1000.0;
    let base: Vec<f64> = (0..200).map(|_| noise()).collect();
    let better = run(base.iter().map(|value| value + 0.05 + 0.1 * (value - 0.5)));
    let shuffled = run((0..200).map(|_| noise()));
    let base = run(base);
    let found = &compare(("new", &better), ("old", &base))[0];
    assert!(found.p_value < 0.001 && found.low > 0.0, "{found:?}");
    assert!(found.words.contains("new is higher than old, more than chance"), "{found:?}");
    let found = &compare(("a", &base), ("b", &shuffled))[0];
    assert!(found.p_value > 0.05 && found.low < 0.0 && found.high > 0.0, "{found:?}");
    assert!(found.words.contains("may well be chance"), "{found:?}");
}

#[test]
fn few_questions_are_counted_exactly() {
    // Of the 2^5 sign patterns only the two extreme ones reach this sum.
    let found = &compare(("a", &run([1.0; 5])), ("b", &run([0.0; 5])))[0];
    assert_eq!((found.p_value, found.difference, found.pairs), (2.0 / 32.0, 1.0, 5));
    assert!(found.words.contains("too few questions"), "{found:?}");
    let same = &compare(("a", &run([0.5; 20])), ("b", &run([0.5; 20])))[0];
    assert_eq!((same.p_value, same.low, same.high), (1.0, 0.0, 0.0));
    assert!(same.words.contains("no difference"), "{same:?}");
}

#[test]
fn only_what_both_have_is_compared_and_words_repeat() {
    let (a, b) = (run([0.1, 0.9, 0.4]), run([0.2, 0.3]));
    let found = compare(("a", &a), ("b", &b));
    assert_eq!(found[0].pairs, 2);
    assert_eq!(found, compare(("a", &a), ("b", &b)));
    let timed: Measures = [("1".to_owned(), [("search_ms".to_owned(), 1.0)].into())].into();
    assert!(compare(("a", &timed), ("b", &timed)).is_empty());
}

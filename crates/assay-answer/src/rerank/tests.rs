//! The features mean what their names say; the order is that of the judgements; nothing in a text
//! makes it fail.

use proptest::prelude::*;

use super::{
    features::{Candidate, Features, NAMES, features},
    model, weights,
    words::{QueryWord, hits, query_words, weigh},
};

fn query(text: &str) -> Vec<QueryWord> {
    let mut words = query_words(text);
    let even = vec![1.0; words.len()];
    weigh(&mut words, &even);
    words
}

fn candidate(text: &str) -> Candidate<'_> {
    Candidate {
        title: "",
        headings: &[],
        text,
        fused: 0.5,
        keyword: Some(3.0),
        cosine: None,
        vector: None,
    }
}

fn value(features: &Features, name: &str) -> f32 {
    features[NAMES.iter().position(|known| *known == name).unwrap()]
}

#[test]
fn the_table_names_the_features_in_their_order() {
    assert_eq!(weights::WEIGHTS.map(|(name, _)| name), NAMES);
    assert!(weights::WEIGHTS.iter().flat_map(|(_, pair)| pair).all(|weight| weight.is_finite()));
}

#[test]
fn forms_of_a_word_meet_and_other_words_do_not() {
    let meets = |asked: &str, text: &str| !hits(&query(asked), text).hits.is_empty();
    for (asked, text) in [
        ("induced", "inducing"),
        ("cells", "cell"),
        ("activation", "activate"),
        ("Häuser", "häuser"),
        ("3.5", "3.5"),
        ("天气", "今天天气好"),
    ] {
        assert!(meets(asked, text), "{asked} {text}");
    }
    for (asked, text) in [
        ("gene", "general"),
        ("protein", "protease"),
        ("1990", "1990s"),
        ("1990", "199"),
        ("", "a"),
    ] {
        assert!(!meets(asked, text), "{asked} {text}");
    }
}

#[test]
fn close_words_in_order_beat_scattered_ones() {
    let words = query("Mount Logan height 5959");
    let near = "Mount Logan has a height of 5959 m.";
    let far = "A height. Much later comes Logan, and then a mount. It is 12 m.";
    let both = features(&words, &[candidate(near), candidate(far)]);
    for name in ["cover", "sentence", "pairs", "numbers", "window_narrow"] {
        assert!(value(&both[0], name) > value(&both[1], name), "{name}");
    }
    assert_eq!(value(&both[0], "cover"), 1.0);
    assert_eq!(value(&both[1], "cover_below_best"), -0.25);
    let score = |features| model::score(features, false);
    assert!(score(&both[0]) > score(&both[1]));
}

#[test]
fn vectors_and_scores_of_the_lanes_count() {
    let words = query("word");
    let with = |cosine, vector| Candidate { cosine, vector, ..candidate("word") };
    let (a, b) = ([1.0, 0.0], [0.0, 1.0]);
    let found = features(
        &words,
        &[with(Some(0.9), Some(&a[..])), with(Some(0.1), Some(&b[..])), with(None, None)],
    );
    assert_eq!(value(&found[0], "cosine_below_best"), 0.0);
    assert!((value(&found[1], "cosine_below_best") + 0.8).abs() < 1e-6);
    assert_eq!(value(&found[2], "cosine_span"), 0.0, "without a vector it counts as the farthest");
    assert_eq!(value(&found[2], "near_leaders"), 0.0);
}

proptest! {
    #[test]
    fn any_text_gives_finite_features(
        asked in ".{0,60}",
        texts in prop::collection::vec((".{0,80}", prop::option::of(0f32..1e9)), 0..6),
    ) {
        let words = query(&asked);
        let candidates: Vec<_> = texts
            .iter()
            .map(|(text, keyword)| Candidate { keyword: *keyword, ..candidate(text) })
            .collect();
        let found = features(&words, &candidates);
        prop_assert_eq!(found.len(), candidates.len());
        for features in &found {
            prop_assert!(features.iter().all(|value| value.is_finite()), "{:?}", features);
            let score = model::score(features, false);
            prop_assert!((0.0..=1.0).contains(&score));
        }
    }
}

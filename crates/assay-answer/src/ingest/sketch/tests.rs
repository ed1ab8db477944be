//! Sketches estimate the similarity of texts.

use super::*;

fn common(a: &str, b: &str) -> f64 {
    let (a, b) = (sketch(a), sketch(b));
    a.iter().zip(&b).filter(|(a, b)| a == b).count() as f64 / VALUES as f64
}

fn text(words: std::ops::Range<u32>) -> String {
    words.map(|number| format!("word{number} ")).collect()
}

#[test]
fn sketches_tell_how_similar_texts_are() {
    assert!((common(&text(0..500), &text(0..500)) - 1.0).abs() < f64::EPSILON);
    // Sequences in common by sequences in all: 396 of 596.
    let partly = common(&text(0..500), &text(100..600));
    assert!((partly - 396.0 / 596.0).abs() < 0.12, "{partly}");
    assert!(common(&text(0..500), &text(1_000..1_500)) < 0.1);
}

#[test]
fn space_and_case_make_no_difference() {
    assert_eq!(sketch(&text(0..60)), sketch(&text(0..60).to_uppercase().replace(' ', "\n\n")));
}

#[test]
fn short_texts_have_no_sketch() {
    assert!(sketch(&text(0..19)).is_empty());
    assert!(!sketch(&text(0..20)).is_empty());
    assert!(!sketch("这是一个关于水泵阀门维护的说明书第二章第三节内容").is_empty());
}

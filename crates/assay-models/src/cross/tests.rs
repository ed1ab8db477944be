//! A tiny model with random weights.

use super::*;
use crate::embedder::tests::tiny::TinyModel;

fn load(folder: &Path) -> Result<CrossEncoder, ModelError> {
    CrossEncoder::load(folder, Precision::F32, 2)
}

#[test]
fn a_passage_gets_the_same_score_alone_and_among_others() {
    let model = TinyModel { head: Some(1), ..TinyModel::default() }.write();
    let passages: Vec<String> =
        (0..40).map(|n| "alpha beta gamma ".repeat(n % 9) + "two").collect();
    let passages: Vec<&str> = passages.iter().map(String::as_str).collect();
    let cross = load(model.path()).unwrap();
    let together = cross.score("delta one", &passages).unwrap();
    assert_eq!(together.len(), passages.len());
    for (passage, score) in passages.iter().zip(&together) {
        assert_eq!(cross.score("delta one", &[passage]).unwrap(), [*score], "{passage}");
    }
    assert!(together.iter().any(|score| (score - together[0]).abs() > 1e-3), "{together:?}");
    assert!(cross.score("one", &[]).unwrap().is_empty());
}

#[test]
fn query_and_passage_are_told_apart() {
    let model = TinyModel { head: Some(1), ..TinyModel::default() }.write();
    let cross = load(model.path()).unwrap();
    let query = cross.tokens.ids("alpha", 10).unwrap();
    let pair = cross.pair(&query, "beta gamma").unwrap();
    assert_eq!(pair, [2, 4, 3, 5, 6, 3], "[CLS] alpha [SEP] beta gamma [SEP]");
    let mut scratch = Scratch::default();
    let mut first_row = |seconds: &[usize]| {
        cross.encoder.run_pairs(&[&pair], seconds, &mut scratch);
        scratch.rows[..cross.encoder.hidden()].to_vec()
    };
    assert_ne!(first_row(&[3]), first_row(&[]), "token types make no difference");
}

#[test]
fn long_texts_are_cut_to_what_the_model_has_positions_for() {
    let model = TinyModel { head: Some(1), ..TinyModel::default() }.write();
    let cross = load(model.path()).unwrap();
    let long = "alpha beta ".repeat(5_000);
    let scores = cross.score(&long, &[&long, ""]).unwrap();
    assert!(scores.iter().all(|score| score.is_finite()), "{scores:?}");
    let query = cross.tokens.ids(&long, 64).unwrap();
    assert_eq!(cross.pair(&query, &long).unwrap().len(), cross.max_tokens);
}

#[test]
fn what_is_no_cross_encoder_with_one_output_is_refused() {
    let without = load(TinyModel::default().write().path()).unwrap_err();
    assert!(matches!(without, ModelError::Malformed { .. }), "{without}");
    let two = TinyModel { head: Some(2), ..TinyModel::default() }.write();
    assert!(matches!(load(two.path()).unwrap_err(), ModelError::Malformed { .. }));
    let other = TinyModel { kind: "roberta", head: Some(1), ..TinyModel::default() }.write();
    assert!(matches!(load(other.path()).unwrap_err(), ModelError::Unsupported { .. }));
}

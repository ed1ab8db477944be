//! The own model: a weighted sum of the features, at the scale of a probability.

use super::{
    features::{Features, NAMES},
    weights::{BIAS, WEIGHTS},
};

/// How well a candidate answers, 0 to 1; comparable inside one search.
pub(super) fn score(features: &Features, has_vectors: bool) -> f32 {
    let table = usize::from(!has_vectors);
    let weights = WEIGHTS.iter().map(|(_, weights)| weights[table]);
    sigmoid(BIAS[table] + features.iter().zip(weights).map(|(a, b)| a * b).sum::<f32>())
}

pub(super) fn sigmoid(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}

/// The table and the features are of one length; the tests compare the names.
const _: () = assert!(WEIGHTS.len() == NAMES.len());

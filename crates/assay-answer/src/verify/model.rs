//! Turns features into a probability: a logistic regression, one with and one without vectors.

use super::{
    features::COUNT,
    weights::{BIAS, WEIGHTS},
};

/// The probability that a claim with these features is supported.
pub(crate) fn probability(features: &[f32; COUNT], vectors: bool) -> f32 {
    let side = usize::from(!vectors);
    let sum: f32 =
        WEIGHTS.iter().zip(features).map(|((_, weight), value)| weight[side] * value).sum();
    1.0 / (1.0 + (-(sum + BIAS[side])).exp())
}

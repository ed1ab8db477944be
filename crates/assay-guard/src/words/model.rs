//! The table of weights and how it is summed up.

use super::{
    features::{first_layer, second_layer},
    token::Token,
};

/// Nothing, person, address, location, organisation.
pub(crate) const CLASSES: usize = 5;

/// Scores of a word, one a class, in 32nds.
pub(crate) type Scores = [i32; CLASSES];

/// Rows of the table: features share a row where their hashes meet.
pub(crate) const ROWS: usize = 1 << 16;

/// How much better than "nothing" a word must be to be part of a finding, in 32nds: so high that
/// few ordinary questions are flagged (docs/reference/measured.md).
const CAUTION: i32 = 40;

/// Weights in 32nds, one byte each, row by row; both layers.
static WEIGHTS: &[u8] = include_bytes!("weights.bin");

/// The model that is built in.
pub(crate) struct Model {
    weights: &'static [u8],
}

impl Model {
    pub(crate) const fn get() -> Self {
        Self { weights: WEIGHTS }
    }

    /// Scores of the first layer.
    pub(crate) fn first(&self, tokens: &[Token], at: usize) -> Scores {
        let mut scores = [0; CLASSES];
        first_layer(tokens, at, |feature| self.add(feature, &mut scores));
        scores
    }

    /// Scores of both layers.
    pub(crate) fn second(&self, tokens: &[Token], first: &[Scores], at: usize) -> Scores {
        let mut scores = first.get(at).copied().unwrap_or([0; CLASSES]);
        second_layer(tokens, first, at, |feature| self.add(feature, &mut scores));
        if let Some(nothing) = scores.first_mut() {
            *nothing += CAUTION;
        }
        scores
    }

    fn add(&self, feature: u32, scores: &mut Scores) {
        let row = feature as usize % ROWS * CLASSES;
        let weights = self.weights.get(row..row + CLASSES).unwrap_or(&[]);
        for (score, weight) in scores.iter_mut().zip(weights) {
            *score += i32::from(weight.cast_signed());
        }
    }
}

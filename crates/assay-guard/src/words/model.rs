//! The table of weights and how it is summed up.

use std::sync::LazyLock;

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

/// The same, a row in eight bytes, each weight raised by 128: all classes are added at once.
static PADDED: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let row = |row: &[u8]| {
        let mut bytes = [0; 8];
        for (to, from) in bytes.iter_mut().zip(row) {
            *to = from ^ 0x80;
        }
        u64::from_le_bytes(bytes)
    };
    WEIGHTS.chunks_exact(CLASSES).map(row).collect()
});

/// Every second byte of a row.
const LANES: u64 = 0x00ff_00ff_00ff_00ff;
/// What a weight is raised by.
const RAISED: i32 = 128;

/// Adds rows up: in lanes of 16 bits, which the features of a word do not fill.
#[derive(Default)]
struct Sum {
    even: u64,
    odd: u64,
    rows: i32,
}

impl Sum {
    #[inline(always)]
    fn add(&mut self, rows: &[u64], feature: u32) {
        let row = rows.get(feature as usize % ROWS).copied().unwrap_or(0);
        self.even += row & LANES;
        self.odd += row >> 8 & LANES;
        self.rows += 1;
    }

    fn scores(&self) -> Scores {
        std::array::from_fn(|class| {
            let lanes = if class % 2 == 0 { self.even } else { self.odd };
            let sum = lanes >> (class / 2 * 16) & 0xffff;
            i32::try_from(sum).unwrap_or(0) - RAISED * self.rows
        })
    }
}

/// The model that is built in.
pub(crate) struct Model {
    rows: &'static [u64],
}

impl Model {
    pub(crate) fn get() -> Self {
        Self { rows: &PADDED }
    }

    /// Scores of the first layer.
    pub(crate) fn first(&self, tokens: &[Token], at: usize) -> Scores {
        let mut sum = Sum::default();
        first_layer(tokens, at, |feature| sum.add(self.rows, feature));
        sum.scores()
    }

    /// Scores of both layers; `said` is the [`super::features::verdict`] of the first on each word.
    pub(crate) fn second(
        &self,
        tokens: &[Token],
        first: &Scores,
        said: &[u32],
        at: usize,
    ) -> Scores {
        let mut sum = Sum::default();
        second_layer(tokens, said, at, |feature| sum.add(self.rows, feature));
        let mut scores = sum.scores();
        for (score, first) in scores.iter_mut().zip(first) {
            *score += first;
        }
        if let Some(nothing) = scores.first_mut() {
            *nothing += CAUTION;
        }
        scores
    }
}

//! The table of weights and how it is summed up.

use std::sync::LazyLock;

use super::{
    features::{Said, TRIPLES, among_words, first_layer, heard, own, triple},
    token::{Around, NOTHING, SIDE},
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

/// Bits in which the weights of a class are summed up.
const LANE: usize = 12;
/// What a weight is raised by, so that none is negative.
const RAISED: i32 = 128;
/// Rows whose sum fits the lanes, whatever the weights: 16 times 255 is less than 2 to the 12th.
const ROWS_MAX: i32 = 16;

/// The table with a row in one number, a lane a class: one addition adds all classes.
static TABLE: LazyLock<Box<[u64; ROWS]>> = LazyLock::new(|| {
    let row = |row: &[u8]| {
        row.iter().rev().fold(0, |lanes: u64, &weight| lanes << LANE | u64::from(weight ^ 0x80))
    };
    let rows: Vec<u64> = WEIGHTS.chunks_exact(CLASSES).map(row).collect();
    rows.into_boxed_slice().try_into().unwrap_or_else(|_| Box::new([0; ROWS]))
});

/// Bits that tell what was said of a word.
const SAID_BITS: usize = 4;
/// What stands for [`NOTHING`] among them.
const NOBODY: u32 = 15;
/// Rows of the second layer.
const SECOND_ROWS: i32 = 12;

/// For each of [`TRIPLES`] the sums of its rows, by what was said of its three words.
static SECOND: LazyLock<[Box<[u64]>; TRIPLES.len()]> = LazyLock::new(|| {
    let said = |sayings: usize, word: usize| match (sayings >> (word * SAID_BITS)) as u32
        % (1 << SAID_BITS)
    {
        NOBODY => NOTHING,
        other => other + other / 3,
    };
    std::array::from_fn(|number| {
        let sums = (0..1 << (TRIPLES[number].len() * SAID_BITS)).map(|sayings| {
            let mut sum = Sum::default();
            triple(number, std::array::from_fn(|word| said(sayings, word)), |feature| {
                sum.add(&TABLE, feature);
            });
            sum.lanes
        });
        sums.collect()
    })
});

/// What was said of a word, in [`SAID_BITS`] bits.
#[inline(always)]
fn short(said: u32) -> usize {
    (if said == NOTHING { NOBODY } else { said - said / 4 }) as usize
}

/// Adds up to [`ROWS_MAX`] rows up.
#[derive(Default)]
struct Sum {
    lanes: u64,
    rows: i32,
}

impl Sum {
    #[inline(always)]
    fn add(&mut self, rows: &[u64; ROWS], feature: u32) {
        self.lanes += rows[feature as usize % ROWS];
        self.rows += 1;
    }

    #[inline(always)]
    fn add_to(&self, scores: &mut Scores) {
        debug_assert!(self.rows <= ROWS_MAX, "{} rows do not fit", self.rows);
        for (class, score) in scores.iter_mut().enumerate() {
            let lane = self.lanes >> (class * LANE) & ((1 << LANE) - 1);
            *score += i32::try_from(lane).unwrap_or(0) - RAISED * self.rows;
        }
    }
}

/// The model that is built in.
pub(crate) struct Model {
    rows: &'static [u64; ROWS],
    second: &'static [Box<[u64]>; TRIPLES.len()],
}

impl Model {
    pub(crate) fn get() -> Self {
        Self { rows: &TABLE, second: &SECOND }
    }

    /// Scores of the first layer.
    #[inline(always)]
    pub(crate) fn first(&self, around: &Around<'_>) -> Scores {
        let (mut own_sum, mut sums) = (Sum::default(), [Sum::default(), Sum::default()]);
        own(around[SIDE], |feature| own_sum.add(self.rows, feature));
        let mut number = 0;
        first_layer(around, |feature| {
            sums[number % 2].add(self.rows, feature);
            number += 1;
        });
        let mut scores = Scores::default();
        own_sum.add_to(&mut scores);
        sums.iter().for_each(|sum| sum.add_to(&mut scores));
        scores
    }

    /// Scores of both layers; `said` is the [`super::features::verdict`] of the first on each word.
    #[inline(always)]
    pub(crate) fn second(&self, around: &Around<'_>, first: &Scores, said: &Said) -> Scores {
        let said = heard(around, said);
        let shorts = said.map(short);
        let mut sum = Sum::default();
        for (sums, [a, b, c]) in self.second.iter().zip(TRIPLES) {
            let sayings = shorts[a] | shorts[b] << SAID_BITS | shorts[c] << (2 * SAID_BITS);
            sum.lanes += sums.get(sayings).copied().unwrap_or(0);
        }
        among_words(around, &said, |feature| sum.add(self.rows, feature));
        sum.rows = SECOND_ROWS;
        let mut scores = *first;
        sum.add_to(&mut scores);
        scores[0] += CAUTION;
        scores
    }
}

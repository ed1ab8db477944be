//! How many of a sentence's content words others hold.

use super::{
    align::{Analysed, count},
    words::WordMap,
};

/// Which of the claim's content words a sentence holds, one bit each; the first 128 count.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Held {
    /// Words with the same stem.
    pub(crate) exact: u128,
    /// And those that at least begin alike.
    pub(crate) soft: u128,
}

impl Held {
    /// What either holds.
    pub(crate) const fn or(self, other: Self) -> Self {
        Self { exact: self.exact | other.exact, soft: self.soft | other.soft }
    }
}

/// The claim's content words with their bits, by stem and by the start of the stem.
pub(crate) struct Words<'a> {
    stems: WordMap<&'a str, u32>,
    starts: WordMap<&'a str, u32>,
}

/// The start of a stem, long enough to tell words apart: `acquisit` and `acquir` share `acqui`.
fn start(stem: &str) -> Option<&str> {
    stem.get(..5)
}

impl<'a> Words<'a> {
    /// The content words of a sentence.
    pub(crate) fn new(claim: &'a Analysed) -> Self {
        let mut stems = WordMap::default();
        let mut starts = WordMap::default();
        for token in claim.tokens.iter().filter(|token| token.is_content()) {
            let next = u32::try_from(stems.len()).unwrap_or(u32::MAX);
            if next < 128 {
                let bit = *stems.entry(token.stem.as_str()).or_insert(next);
                if let Some(start) = start(&token.stem) {
                    starts.entry(start).or_insert(bit);
                }
            }
        }
        Self { stems, starts }
    }

    /// Those that another sentence holds.
    pub(crate) fn held_by(&self, sentence: &Analysed) -> Held {
        let mut held = Held::default();
        for token in &sentence.tokens {
            if let Some(bit) = self.stems.get(token.stem.as_str()) {
                held.exact |= 1 << bit;
                held.soft |= 1 << bit;
            } else if let Some(bit) = start(&token.stem).and_then(|start| self.starts.get(start)) {
                held.soft |= 1 << bit;
            }
        }
        held
    }

    /// Number of words.
    pub(crate) fn len(&self) -> usize {
        self.stems.len()
    }

    /// The share that some bits stand for; 0 when there are no words.
    pub(crate) fn share(&self, bits: u128) -> f32 {
        if self.stems.is_empty() { 0.0 } else { bits.count_ones() as f32 / count(self.stems.len()) }
    }
}

/// Dot product: the cosine of unit vectors.
pub(crate) fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

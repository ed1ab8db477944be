//! What the model looks at in a run of words. A feature is a number of its kind mixed with what it
//! sees.

use super::token::Token;

/// What stands in for a word that is not there.
const NOTHING: u32 = 0x9e37_79b9;

/// Mixes a kind of feature with what it sees.
#[inline(always)]
pub(crate) fn mix(kind: u32, parts: &[u32]) -> u32 {
    let mixed = parts.iter().fold(kind.wrapping_mul(0x85eb_ca6b), |mixed, &part| {
        (mixed.rotate_left(13) ^ part).wrapping_mul(0xc2b2_ae35)
    });
    (mixed ^ (mixed >> 15)).wrapping_mul(0x2c1b_3c6d)
}

/// Words back to which a class may stand to be one with that of a word.
const CLASS_REACH: usize = 7;

/// Features of a word and those before it.
#[inline(always)]
pub(crate) fn grams(tokens: &[Token], at: usize, mut add: impl FnMut(u32)) {
    let Some(own) = tokens.get(at) else { return };
    let before = |back: usize| at.checked_sub(back).and_then(|at| tokens.get(at));
    let word = |back| before(back).map_or(NOTHING, |token| token.word);
    let stem = |back| before(back).map_or(NOTHING, |token| token.stem);
    let gap = before(1).map_or(u32::MAX, |token| u32::from(token.gap as u8));
    add(mix(1, &[own.word]));
    add(mix(2, &[word(1), own.word]));
    add(mix(3, &[word(2), own.word]));
    add(mix(4, &[word(2), word(1), own.word]));
    add(mix(5, &[own.stem]));
    add(mix(6, &[stem(1), own.stem]));
    add(mix(7, &[gap, own.stem, u32::from(own.loud)]));
    if own.classes == 0 {
        return;
    }
    // What stands for each other in many languages.
    add(mix(9, &[u32::from(own.classes)]));
    let mut others = (1..=CLASS_REACH).filter_map(before).map(|token| u32::from(token.classes));
    let mut other = || others.find(|classes| *classes != 0);
    if let Some(second) = other() {
        add(mix(10, &[second, u32::from(own.classes)]));
        if let Some(third) = other() {
            add(mix(11, &[third, second, u32::from(own.classes)]));
        }
    }
}

/// Features of the length of a run, which set its base.
pub(crate) fn base(length: usize) -> u32 {
    let size = LENGTHS.iter().position(|&most| length <= most).unwrap_or(LENGTHS.len());
    mix(8, &[u32::try_from(size).unwrap_or(0)])
}

/// Words of a run that count as one length.
const LENGTHS: [usize; 5] = [8, 16, 48, 128, 384];
/// Words of the runs that are judged, besides sentences.
pub(crate) const SIZES: [usize; 3] = [48, 128, 384];

/// What the sum over a run of words is multiplied by: long runs repeat themselves.
#[expect(clippy::cast_precision_loss, reason = "runs are short")]
pub(crate) fn scale(length: usize) -> f32 {
    1.0 / (length as f32 + 8.0).sqrt()
}

//! What the model looks at. A feature is a number of its kind mixed with what it sees, and names a
//! row of the table of weights.

use super::{
    Scores, best_of,
    token::{Token, near},
};

/// What stands in for a word that is not there.
const NOTHING: u32 = 0x9e37_79b9;

/// Mixes a kind of feature with what it sees.
fn mix(kind: u32, parts: &[u32]) -> u32 {
    let mixed = parts.iter().fold(kind.wrapping_mul(0x85eb_ca6b), |mixed, &part| {
        (mixed.rotate_left(13) ^ part).wrapping_mul(0xc2b2_ae35)
    });
    mixed ^ (mixed >> 15)
}

/// Features of a word and its neighbours.
pub(crate) fn first_layer(tokens: &[Token], at: usize, mut add: impl FnMut(u32)) {
    let Some(own) = tokens.get(at) else { return };
    let around = |offset| near(tokens, at, offset);
    let word = |offset| around(offset).map_or(NOTHING, |token| token.word);
    // What a word is like, apart from what it is.
    let like = |offset| around(offset).map_or(NOTHING, |token| token.shape << 8 | token.lists);
    let after = around(1).map_or(NOTHING, |token| token.gap);
    let (before2, before, behind, behind2) = (word(-2), word(-1), word(1), word(2));
    let (like2, like1, like0, like3, like4) = (like(-2), like(-1), like(0), like(1), like(2));
    for (kind, parts) in [
        (1, &[own.word][..]),
        (2, &[before]),
        (3, &[behind]),
        (4, &[before2]),
        (5, &[behind2]),
        (6, &[own.shape]),
        (7, &[like0]),
        (8, &[like1, like0]),
        (9, &[like0, like3]),
        (10, &[like1, like0, like3]),
        (11, &[own.suffix2, own.shape]),
        (12, &[own.suffix3]),
        (13, &[own.suffix4]),
        (14, &[own.prefix]),
        (15, &[before, like0]),
        (16, &[behind, like0]),
        (17, &[before2, before]),
        (18, &[behind, behind2]),
        (19, &[before, behind]),
        (20, &[own.gap, after]),
        (21, &[own.gap, like0]),
        (22, &[after, like0]),
        (23, &[like2, like1, like0]),
        (24, &[like0, like3, like4]),
        (25, &[own.gap, before, own.shape]),
        (26, &[word(-3), own.shape]),
        (27, &[before2, like0]),
    ] {
        add(mix(kind, parts));
    }
}

/// Features of what the first layer said of a word and its neighbours.
pub(crate) fn second_layer(
    tokens: &[Token],
    first: &[Scores],
    at: usize,
    mut add: impl FnMut(u32),
) {
    let Some(own) = tokens.get(at) else { return };
    let said = |offset: isize| match near(tokens, at, offset) {
        Some(_) => {
            at.checked_add_signed(offset).and_then(|at| first.get(at)).map_or(NOTHING, verdict)
        }
        None => NOTHING,
    };
    let after = near(tokens, at, 1).map_or(NOTHING, |token| token.gap);
    let (s2, s1, s0, s3, s4) = (said(-2), said(-1), said(0), said(1), said(2));
    for (kind, parts) in [
        (41, &[s0][..]),
        (42, &[s1, s0]),
        (43, &[s0, s3]),
        (44, &[s1, s0, s3]),
        (45, &[s2, s1, s0]),
        (46, &[s0, s3, s4]),
        (47, &[s1, s0, own.gap]),
        (48, &[s0, s3, after]),
        (49, &[s1, s3, own.shape]),
        (50, &[s0, own.shape, own.lists]),
        (51, &[said(-3), s2, s0]),
        (52, &[said(3), s4, s0]),
    ] {
        add(mix(kind, parts));
    }
}

/// The class that the first layer prefers, and how clearly.
fn verdict(scores: &Scores) -> u32 {
    let best = best_of(scores);
    let top = scores.get(best).copied().unwrap_or(0);
    let next = scores.iter().enumerate().filter(|(class, _)| *class != best);
    let margin = top - next.map(|(_, score)| *score).max().unwrap_or(0);
    let clear = match margin {
        ..=31 => 0,
        32..=95 => 1,
        _ => 2,
    };
    u32::try_from(best).unwrap_or(0) * 4 + clear
}

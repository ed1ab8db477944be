//! What the model looks at. A feature is a number of its kind mixed with what it sees, and names a
//! row of the table of weights.

use super::{
    Scores, best_of,
    token::{Token, near},
};

/// Words on each side that are looked at.
const SIDE: usize = 3;

/// What stands in for a word that is not there.
const NOTHING: u32 = 0x9e37_79b9;

/// Mixes a kind of feature with what it sees.
#[inline(always)]
fn mix<const PARTS: usize>(kind: u32, parts: [u32; PARTS]) -> u32 {
    let mixed = parts.iter().fold(kind.wrapping_mul(0x85eb_ca6b), |mixed, &part| {
        (mixed.rotate_left(13) ^ part).wrapping_mul(0xc2b2_ae35)
    });
    mixed ^ (mixed >> 15)
}

/// Adds features one by one, without a loop: each word of a text comes through here.
macro_rules! add_each {
    ($add:ident: $($kind:literal [$($part:expr),+])*) => {
        $($add(mix($kind, [$($part),+]));)*
    };
}

/// The words around one that are there and within reach, itself in the middle.
fn around(tokens: &[Token], at: usize) -> [Option<&Token>; 2 * SIDE + 1] {
    std::array::from_fn(|place| near(tokens, at, place.cast_signed() - SIDE.cast_signed()))
}

/// Features of a word and its neighbours.
pub(crate) fn first_layer(tokens: &[Token], at: usize, mut add: impl FnMut(u32)) {
    let Some(own) = tokens.get(at) else { return };
    let [third, second, last, _, next, later, _] = around(tokens, at);
    let word = |token: Option<&Token>| token.map_or(NOTHING, |token| token.word);
    // What a word is like, apart from what it is.
    let like =
        |token: Option<&Token>| token.map_or(NOTHING, |token| token.shape << 8 | token.lists);
    let after = next.map_or(NOTHING, |token| token.gap);
    let (before3, before2, before) = (word(third), word(second), word(last));
    let (behind, behind2) = (word(next), word(later));
    let (like2, like1, like0) = (like(second), like(last), like(Some(own)));
    let (like3, like4) = (like(next), like(later));
    add_each! { add:
        1 [own.word]
        2 [before]
        3 [behind]
        4 [before2]
        5 [behind2]
        6 [own.shape]
        7 [like0]
        8 [like1, like0]
        9 [like0, like3]
        10 [like1, like0, like3]
        11 [own.suffix2, own.shape]
        12 [own.suffix3]
        13 [own.suffix4]
        14 [own.prefix]
        15 [before, like0]
        16 [behind, like0]
        17 [before2, before]
        18 [behind, behind2]
        19 [before, behind]
        20 [own.gap, after]
        21 [own.gap, like0]
        22 [after, like0]
        23 [like2, like1, like0]
        24 [like0, like3, like4]
        25 [own.gap, before, own.shape]
        26 [before3, own.shape]
        27 [before2, like0]
    }
}

/// Features of what the first layer said of a word and its neighbours, see [`verdict`].
pub(crate) fn second_layer(tokens: &[Token], said: &[u32], at: usize, mut add: impl FnMut(u32)) {
    let Some(own) = tokens.get(at) else { return };
    let around = around(tokens, at);
    let said = |place: usize| match around.get(place) {
        Some(Some(_)) => (at + place).checked_sub(SIDE).and_then(|at| said.get(at)).copied(),
        _ => None,
    };
    let said = |place| said(place).unwrap_or(NOTHING);
    let after = around.get(SIDE + 1).copied().flatten().map_or(NOTHING, |token| token.gap);
    let (b3, b2, b1, s0) = (said(0), said(1), said(2), said(3));
    let (a1, a2, a3) = (said(4), said(5), said(6));
    add_each! { add:
        41 [s0]
        42 [b1, s0]
        43 [s0, a1]
        44 [b1, s0, a1]
        45 [b2, b1, s0]
        46 [s0, a1, a2]
        47 [b1, s0, own.gap]
        48 [s0, a1, after]
        49 [b1, a1, own.shape]
        50 [s0, own.shape, own.lists]
        51 [b3, b2, s0]
        52 [a3, a2, s0]
    }
}

/// The class that the first layer prefers, and how clearly.
pub(crate) fn verdict(scores: &Scores) -> u32 {
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

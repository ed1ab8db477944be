//! What the model looks at. A feature is a number of its kind mixed with what it sees, and names a
//! row of the table of weights.

use super::{
    Scores,
    token::{Around, NOTHING, SIDE, Token},
};

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

/// Features of a word by itself.
#[inline(always)]
pub(crate) fn own(token: &Token, mut add: impl FnMut(u32)) {
    add_each! { add:
        1 [token.word]
        6 [token.shape]
        7 [token.like]
        11 [token.suffix2, token.shape]
        12 [token.suffix3]
        13 [token.suffix4]
        14 [token.prefix]
    }
}

/// Features of a word among its neighbours.
#[inline(always)]
pub(crate) fn first_layer(around: &Around<'_>, mut add: impl FnMut(u32)) {
    let &[third, second, last, own, next, later, _] = around;
    let (before3, before2, before) = (third.word, second.word, last.word);
    let (behind, behind2, after) = (next.word, later.word, next.gap);
    let (like2, like1, like0) = (second.like, last.like, own.like);
    let (like3, like4) = (next.like, later.like);
    add_each! { add:
        2 [before]
        3 [behind]
        4 [before2]
        5 [behind2]
        8 [like1, like0]
        9 [like0, like3]
        10 [like1, like0, like3]
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

/// Features of what the first layer said of a word and its neighbours, see [`verdict`]. What is said
/// of a word that is not there does not count.
#[inline(always)]
pub(crate) fn second_layer(
    around: &Around<'_>,
    said: &[u32; 2 * SIDE + 1],
    mut add: impl FnMut(u32),
) {
    let there = |place: usize| match (around.get(place), said.get(place)) {
        (Some(token), Some(&said)) if token.is_there() => said,
        _ => NOTHING,
    };
    let (b3, b2, b1, s0) = (there(0), there(1), there(2), there(3));
    let (a1, a2, a3) = (there(4), there(5), there(6));
    let own = around[SIDE];
    let after = around[SIDE + 1].gap;
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
#[inline(always)]
pub(crate) fn verdict(scores: &Scores) -> u32 {
    let (mut best, mut top, mut next) = (0, i32::MIN, i32::MIN);
    for (class, &score) in (0u32..).zip(scores) {
        next = next.max(score.min(top));
        best = if score > top { class } else { best };
        top = top.max(score);
    }
    let margin = top - next;
    best * 4 + u32::from(margin > 31) + u32::from(margin > 95)
}

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

/// The second layer looks at what the first said of each of [`Around`], see [`verdict`]; [`NOTHING`] of a word that is not
/// there, which does not count.
pub(crate) type Said = [u32; 2 * SIDE + 1];

/// What was said of the words that are there.
#[inline(always)]
pub(crate) fn heard(around: &Around<'_>, said: &Said) -> Said {
    let mut heard = *said;
    for (heard, token) in heard.iter_mut().zip(around) {
        if !token.is_there() {
            *heard = NOTHING;
        }
    }
    heard
}

/// Three words each of which what was said is looked at alone. There are few such triples, so that
/// sums of their features are kept in tables.
pub(crate) const TRIPLES: [[usize; 3]; 5] = [[2, 3, 4], [1, 2, 3], [3, 4, 5], [0, 1, 3], [6, 5, 3]];

/// Features of what was said of the words of a triple.
pub(crate) fn triple(number: usize, [a, b, c]: [u32; 3], mut add: impl FnMut(u32)) {
    match number {
        0 => {
            add_each! { add: 41 [b] 42 [a, b] 43 [b, c] 44 [a, b, c] }
        }
        1 => {
            add_each! { add: 45 [a, b, c] }
        }
        2 => {
            add_each! { add: 46 [a, b, c] }
        }
        3 => {
            add_each! { add: 51 [a, b, c] }
        }
        _ => {
            add_each! { add: 52 [a, b, c] }
        }
    }
}

/// Features of what was said together with the words themselves.
#[inline(always)]
pub(crate) fn among_words(around: &Around<'_>, said: &Said, mut add: impl FnMut(u32)) {
    let &[_, _, b1, s0, a1, _, _] = said;
    let own = around[SIDE];
    let after = around[SIDE + 1].gap;
    add_each! { add:
        47 [b1, s0, own.gap]
        48 [s0, a1, after]
        49 [b1, a1, own.shape]
        50 [s0, own.shape, own.lists]
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

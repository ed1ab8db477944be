//! A claim that is a sentence of the evidence but for one place: what stands there decides.
//!
//! Word lists know some of the ways to make a sentence false; this knows none and asks only
//! whether the one place where a copy differs brings in words of its own.

use super::{
    align::Analysed,
    words::{Shape, Token},
};

/// Longest changed stretch, in words, of a claim that still counts as a copy with one change.
const CHANGED_MAX: usize = 6;
/// Least share of the claim's words that the copy must keep.
const KEPT_MIN: usize = 2;

/// Words that join sentences and say nothing of their own.
const LINKS: [&str; 10] = [
    "addition",
    "additionally",
    "furthermore",
    "moreover",
    "meanwhile",
    "similarly",
    "finally",
    "consequently",
    "overall",
    "specifically",
];

/// Whether the claim repeats the sentence word for word except for one stretch, and this stretch
/// says something that the sentence does not. `known` tells whether the page has a stem.
pub(super) fn is_reworded(
    claim: &Analysed,
    sentence: &Analysed,
    known: impl Fn(&str) -> bool,
) -> bool {
    let Some((mine, theirs)) = changed(&claim.tokens, &sentence.tokens) else { return false };
    let own = || mine.iter().filter(|token| token.is_content());
    let told = |token: &Token| {
        let start = token.stem.get(..5);
        sentence.tokens.iter().any(|other| other.stem == token.stem)
            || theirs.iter().any(|other| start.is_some() && other.stem.get(..5) == start)
    };
    // `He was born`, `the group was founded` may become `Rossi was born`, `Blue River was founded`
    // when the page speaks of them.
    let named = |token: &Token| matches!(token.shape, Shape::Capital | Shape::Acronym);
    let refers = theirs.iter().all(|token| token.stop)
        || (!theirs.iter().any(|token| named(token) || token.shape == Shape::Digits)
            && own().all(named));
    let resolves =
        refers && own().all(|token| known(&token.stem) || LINKS.contains(&&*token.lower));
    let same_facts = same_values(mine, theirs);
    own().any(|token| !told(token)) && !resolves && !same_facts
}

/// The stretch of each side between what both begin and end with, when it is short.
fn changed<'a>(claim: &'a [Token], sentence: &'a [Token]) -> Option<(&'a [Token], &'a [Token])> {
    let same = |(a, b): &(&Token, &Token)| a.lower == b.lower;
    let before = claim.iter().zip(sentence).take_while(same).count();
    let (mine, theirs) = (claim.get(before..)?, sentence.get(before..)?);
    let after = mine.iter().rev().zip(theirs.iter().rev()).take_while(same).count();
    let mine = mine.get(..mine.len() - after)?;
    let theirs = theirs.get(..theirs.len() - after)?;
    let short = mine.len() <= CHANGED_MAX && theirs.len() <= CHANGED_MAX;
    (short && (before + after) * KEPT_MIN >= claim.len() && before + after > CHANGED_MAX / 2)
        .then_some((mine, theirs))
}

/// Whether both stretches hold the same numbers, dates and names in other spellings, and no other
/// content.
fn same_values(mine: &[Token], theirs: &[Token]) -> bool {
    let values = |tokens: &[Token]| -> Vec<super::facts::Value> {
        super::facts::facts(tokens).into_iter().map(|fact| fact.value).collect()
    };
    let (mine, theirs) = (values(mine), values(theirs));
    !mine.is_empty() && mine == theirs
}

//! The word of the index that is closest to one it does not hold.

use std::collections::HashMap;

use tantivy::{Searcher, Term, query::FuzzyTermQuery, schema::Field};

use super::{lookup::holding, words::fold};
use crate::Readable;

/// Shorter words have too many neighbours.
const CHARS_MIN: usize = 5;
/// Words from this length on may differ in two places.
const CHARS_FOR_TWO: usize = 8;
/// Close words that are looked at, of each part of the index.
const CANDIDATES_MAX: usize = 2_000;

/// The closest word that counted passages hold in `field`, which holds folded words: the fewest changes (a letter more, less,
/// other, or two exchanged), then the same first letter, then the most passages.
pub(super) fn closest(
    searcher: &Searcher,
    field: Field,
    readable: Option<&Readable>,
    word: &str,
) -> tantivy::Result<Option<String>> {
    let word = fold::fold(word);
    let changes_max = match word.chars().count() {
        0..CHARS_MIN => return Ok(None),
        CHARS_MIN..CHARS_FOR_TWO => 1,
        _ => 2,
    };
    let close = FuzzyTermQuery::new(Term::from_field_text(field, &word), changes_max, true);
    let mut passages: HashMap<String, u64> = HashMap::new();
    for segment in searcher.segment_readers() {
        let dictionary = segment.inverted_index(field)?;
        let mut found = dictionary.terms().search(close.automaton()?).into_stream()?;
        for _ in 0..CANDIDATES_MAX {
            if !found.advance() {
                break;
            }
            let Ok(candidate) = str::from_utf8(found.key()) else { continue };
            if candidate.chars().all(char::is_alphabetic) {
                let count = holding(segment, &dictionary, found.value(), readable)?;
                if count > 0 {
                    *passages.entry(candidate.to_owned()).or_default() += count;
                }
            }
        }
    }
    let first = word.chars().next();
    let rank = |candidate: &str, passages: u64| {
        let changes = changes(&word, candidate);
        let other_start = candidate.chars().next() != first;
        (changes, other_start, std::cmp::Reverse(passages), candidate.to_owned())
    };
    let best = passages.iter().map(|(candidate, passages)| rank(candidate, *passages)).min();
    // Two changes and another start are hardly a slip.
    Ok(best.filter(|(changes, other, ..)| *changes < 2 || !other).map(|(.., word)| word))
}

/// The number of letters to add, remove, replace or exchange with their neighbour to make one word
/// of the other (optimal string alignment).
fn changes(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    let mut last = None;
    for (i, a) in from.chars().enumerate() {
        let mut next = vec![i + 1];
        for (j, b) in to.iter().enumerate() {
            let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX / 2);
            let mut cost =
                (at(&row, j) + usize::from(a != *b)).min(at(&row, j + 1) + 1).min(at(&next, j) + 1);
            let exchanged = j > 0 && last == Some(*b) && to.get(j - 1) == Some(&a);
            if exchanged {
                cost = cost.min(at(&before, j - 1) + 1);
            }
            next.push(cost);
        }
        before = std::mem::replace(&mut row, next);
        last = Some(a);
    }
    row.last().copied().unwrap_or_default()
}

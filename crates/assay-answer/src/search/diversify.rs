//! Variety: results that say the same as better ones step back (maximal marginal relevance,
//! Carbonell and Goldstein, SIGIR 1998).

use std::hash::BuildHasher;

use super::plan::Ranked;

/// Hits that are chosen from; the rest follows in its order.
pub(super) const CANDIDATES: usize = 50;
/// Letters that a word needs at least: shorter ones are in every text.
const WORD_CHARS_MIN: usize = 3;

/// What choosing for variety made of a hit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Variety {
    /// Its score over the best one's.
    pub relevance: f32,
    /// The largest share of words that it has in common with a result before it, 0 to 1.
    pub similarity: f32,
    /// `lambda * relevance - (1 - lambda) * similarity`: what it was chosen by.
    pub score: f32,
}

/// Puts the first hits, whose texts are given in their order, in the order of choice.
pub(super) fn diversify(ranked: &mut Vec<Ranked>, texts: &[String], lambda: f32) {
    let rest = ranked.split_off(texts.len().min(ranked.len()));
    let best = ranked.first().map_or(1.0, |hit| hit.score).max(f32::MIN_POSITIVE);
    let mut left: Vec<(Ranked, Vec<u64>, f32)> =
        ranked.drain(..).zip(texts).map(|(hit, text)| (hit, words(text), 0.0)).collect();
    while !left.is_empty() {
        let value = |(hit, _, similarity): &(Ranked, Vec<u64>, f32)| {
            lambda * hit.score / best - (1.0 - lambda) * similarity
        };
        let mut chosen = 0;
        for (place, candidate) in left.iter().enumerate() {
            // The earlier one on a tie: it is the more relevant.
            if left.get(chosen).is_some_and(|before| value(candidate) > value(before)) {
                chosen = place;
            }
        }
        let score = left.get(chosen).map_or(0.0, value);
        let (mut hit, words, similarity) = left.remove(chosen);
        hit.variety = Some(Variety { relevance: hit.score / best, similarity, score });
        ranked.push(hit);
        for (_, other, similarity) in &mut left {
            *similarity = similarity.max(common(&words, other));
        }
    }
    ranked.extend(rest);
}

/// The different words of a text as sorted hashes. Letters of scripts without spaces are words.
fn words(text: &str) -> Vec<u64> {
    let hasher = foldhash::fast::FixedState::default();
    let mut words = Vec::new();
    for word in text.to_lowercase().split(|c: char| !c.is_alphanumeric()) {
        if word.chars().count() >= WORD_CHARS_MIN {
            words.push(hasher.hash_one(word));
        }
        words.extend(word.chars().filter(|c| *c > '\u{2e80}').map(|c| hasher.hash_one(c)));
    }
    words.sort_unstable();
    words.dedup();
    words
}

/// The cosine of two sets: their common members over the geometric mean of their sizes.
#[expect(clippy::cast_precision_loss, reason = "passages have few words")]
fn common(a: &[u64], b: &[u64]) -> f32 {
    let (mut a, mut b) = (a, b);
    let sizes = (a.len() as f32 * b.len() as f32).sqrt();
    let mut common = 0.0;
    while let (Some((first, rest_a)), Some((second, rest_b))) = (a.split_first(), b.split_first()) {
        if first == second {
            common += 1.0;
        }
        if first <= second {
            a = rest_a;
        }
        if second <= first {
            b = rest_b;
        }
    }
    if sizes > 0.0 { common / sizes } else { 0.0 }
}

#[cfg(test)]
mod tests {
    //! What repeats a better result comes later.

    use super::{common, words};

    #[test]
    fn words_in_common_are_a_share() {
        let text = "the pump of line two was greased";
        assert!((common(&words(text), &words(text)) - 1.0).abs() < 1e-6);
        assert_eq!(common(&words(text), &words("invoices are due")), 0.0);
        assert_eq!(common(&words(""), &words("")), 0.0);
        let half = common(&words("alpha beta"), &words("beta gamma"));
        assert!((half - 0.5).abs() < 1e-6, "{half}");
        assert!(common(&words("東京都"), &words("京都府")) >= 0.5);
    }
}

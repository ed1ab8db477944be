//! Word-by-word alignment of a claim with one sentence, and what stands against what in its gaps.

use std::ops::Range;

use super::{
    Mismatch,
    facts::{Fact, Value, known_unit, month},
    polarity,
    words::{Shape, Token},
};

/// A sentence ready for comparison.
#[derive(Debug, Clone)]
pub(crate) struct Analysed {
    /// Its tokens.
    pub(crate) tokens: Vec<Token>,
    /// Its numbers, dates and names.
    pub(crate) facts: Vec<Fact>,
    /// For each token, what kind of fact it belongs to.
    pub(crate) kinds: Vec<Option<Mismatch>>,
}

impl Analysed {
    /// Analyses a sentence.
    pub(crate) fn new(text: &str) -> Self {
        let tokens = super::words::tokens(text);
        let facts = super::facts::facts(&tokens);
        let mut kinds: Vec<_> = tokens.iter().map(own_kind).collect();
        for fact in &facts {
            let kind = match fact.value {
                Value::Number(..) => Mismatch::Number,
                Value::Date { .. } => Mismatch::Date,
                Value::Name(_) => Mismatch::Name,
            };
            for (at, slot) in kinds.iter_mut().enumerate().skip(fact.at).take(fact.len) {
                // A fact never starts with its unit: `second` is an ordinal there.
                if *slot != Some(Mismatch::Unit) || at == fact.at {
                    *slot = Some(kind);
                }
            }
        }
        Self { tokens, facts, kinds }
    }
}

/// What a token is by itself, apart from the facts of its sentence.
fn own_kind(token: &Token) -> Option<Mismatch> {
    let word = token.lower.as_str();
    if polarity::is_negation(word) {
        Some(Mismatch::Negation)
    } else if polarity::quantifier(word).is_some() {
        Some(Mismatch::Quantifier)
    } else if month(token).is_some() || is_time_of_year(token) {
        Some(Mismatch::Date)
    } else if known_unit(word).is_some_and(|_| word.len() > 1 || token.shape == Shape::Symbol)
        || matches!(word, "million" | "billion" | "thousand" | "hundred" | "trillion")
    {
        Some(Mismatch::Unit)
    } else {
        None
    }
}

/// Whether a word names a day of the week or a season.
fn is_time_of_year(token: &Token) -> bool {
    let weekday = matches!(
        token.lower.as_str(),
        "monday" | "tuesday" | "wednesday" | "thursday" | "friday" | "saturday" | "sunday"
    );
    let season = matches!(token.lower.as_str(), "spring" | "summer" | "autumn" | "winter");
    weekday || (season && token.shape == Shape::Lower)
}

/// The result of aligning a claim with a sentence.
#[derive(Debug, Clone, Default)]
pub(crate) struct Alignment {
    /// Share of the claim's weight that stands in the sentence in the same order.
    pub(crate) near: f32,
    /// Tokens of the longest stretch without a gap, as a share of the claim.
    pub(crate) run: f32,
    /// Conflicts between words that stand in each other's place.
    pub(crate) conflicts: Vec<Conflict>,
}

/// A place where the claim says something else than the sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Conflict {
    /// What differs.
    pub(crate) kind: Mismatch,
    /// Whether the words around it are the same on both sides, so that it stands out.
    pub(crate) tight: bool,
}

fn weight(token: &Token) -> f32 {
    if token.is_content() { 1.0 } else { 0.3 }
}

/// Aligns two sentences by a longest common subsequence over stems, content words counting more.
pub(crate) fn align(claim: &Analysed, sentence: &Analysed) -> Alignment {
    let (a, b) = (&claim.tokens, &sentence.tokens);
    let pairs = common(a, b);
    let total: f32 = a.iter().map(weight).sum();
    let near =
        pairs.iter().filter_map(|&(i, _)| a.get(i)).map(weight).sum::<f32>() / total.max(1.0);
    let run = longest_run(&pairs) / count(a.len()).max(1.0);
    let mut result = Alignment { near, run, conflicts: Vec::new() };
    for gap in gaps(&pairs, a.len(), b.len()) {
        compare(claim, sentence, &gap, &mut result);
    }
    result
}

/// A small count as a number.
pub(crate) fn count(n: usize) -> f32 {
    f32::from(u16::try_from(n).unwrap_or(u16::MAX))
}

fn common(a: &[Token], b: &[Token]) -> Vec<(usize, usize)> {
    let width = b.len() + 1;
    let mut best = vec![0.0_f32; (a.len() + 1) * width];
    let same =
        |i: usize, j: usize| a[i].stem == b[j].stem && (!a[i].stop || a[i].lower == b[j].lower);
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            let skip = best[(i + 1) * width + j].max(best[i * width + j + 1]);
            let take = if same(i, j) { weight(&a[i]) + best[(i + 1) * width + j + 1] } else { 0.0 };
            best[i * width + j] = skip.max(take);
        }
    }
    let (mut i, mut j, mut pairs) = (0, 0, Vec::new());
    while i < a.len() && j < b.len() {
        let here = best[i * width + j];
        let next = best[(i + 1) * width + j + 1];
        if same(i, j) && here <= weight(&a[i]) + next {
            pairs.push((i, j));
            i += 1;
            j += 1;
        } else if best[(i + 1) * width + j] >= best[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

fn longest_run(pairs: &[(usize, usize)]) -> f32 {
    let (mut longest, mut run, mut before) = (0, 0, None);
    for &(i, j) in pairs {
        run = if before == Some((i.wrapping_sub(1), j.wrapping_sub(1))) { run + 1 } else { 1 };
        longest = longest.max(run);
        before = Some((i, j));
    }
    count(longest)
}

/// Unmatched stretches of the claim and of the sentence between two matched words.
#[derive(Debug)]
struct Gap {
    claim: Range<usize>,
    sentence: Range<usize>,
    /// Whether matched words stand on both sides.
    closed: bool,
    /// Whether it is short and two words in a row match on both sides.
    tight: bool,
}

/// Longest stretch, in words, that still counts as one thing put for another.
const GAP_MAX: usize = 5;
/// Longest stretch of a tight gap.
const TIGHT_MAX: usize = 3;

fn gaps(pairs: &[(usize, usize)], claim: usize, sentence: usize) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let mut from: Option<(usize, usize)> = None;
    let joined = |at: usize| {
        let pair = pairs.get(at).zip(pairs.get(at + 1));
        pair.is_some_and(|(a, b)| (a.0 + 1, a.1 + 1) == *b)
    };
    for (index, &(i, j)) in pairs.iter().chain([&(claim, sentence)]).enumerate() {
        let (a, b) = from.map_or((0, 0), |(i, j)| (i + 1, j + 1));
        let closed = from.is_some() && i < claim;
        let short = i - a <= TIGHT_MAX && j - b <= TIGHT_MAX;
        let tight = short && closed && index > 1 && joined(index - 2) && joined(index);
        let mut gap = Gap { claim: a..i, sentence: b..j, closed, tight };
        if !closed {
            // Before the first and after the last match only the words next to it are compared.
            let reach = gap.claim.len() + 1;
            if from.is_none() {
                gap.sentence.start = j.saturating_sub(reach).max(b);
            } else {
                gap.sentence.end = (b + reach).min(j);
            }
        }
        if gap.claim.len() <= GAP_MAX && gap.sentence.len() <= GAP_MAX {
            gaps.push(gap);
        }
        from = Some((i, j));
    }
    gaps
}

fn words_of<'a>(
    sentence: &'a Analysed,
    range: &Range<usize>,
) -> impl Iterator<Item = (&'a Token, Option<Mismatch>)> {
    let words = sentence.tokens.iter().zip(sentence.kinds.iter().copied());
    words.skip(range.start).take(range.len())
}

fn compare(claim: &Analysed, sentence: &Analysed, gap: &Gap, result: &mut Alignment) {
    let mine = || words_of(claim, &gap.claim);
    let theirs = || words_of(sentence, &gap.sentence);
    let mut add = |kind| result.conflicts.push(Conflict { kind, tight: gap.tight });
    for kind in [Mismatch::Number, Mismatch::Unit, Mismatch::Date, Mismatch::Name] {
        let here = mine().find(|&(token, own)| is_of(kind, own, token));
        let there = theirs().find(|&(token, own)| is_of(kind, own, token));
        if let (Some((mine, _)), Some((theirs, _))) = (here, there)
            && !is_same(kind, mine, theirs)
        {
            add(kind);
        }
    }
    let denials = |kinds: &mut dyn Iterator<Item = Option<Mismatch>>| {
        kinds.filter(|&kind| kind == Some(Mismatch::Negation)).count()
    };
    let mine_denies = denials(&mut mine().map(|(_, kind)| kind));
    let theirs_denies = denials(&mut theirs().map(|(_, kind)| kind));
    // Outside the matched stretch only what the claim itself adds can be held against it.
    if mine_denies % 2 != theirs_denies % 2 && (gap.closed || mine_denies > theirs_denies) {
        add(Mismatch::Negation);
    }
    for (mine, _) in mine() {
        for (theirs, _) in theirs() {
            polarity::opposition(&mine.lower, &theirs.lower).into_iter().for_each(&mut add);
        }
    }
    let class = |token: &Token| polarity::quantifier(&token.lower);
    let asked = mine().find_map(|(token, _)| class(token));
    let given = theirs().find_map(|(token, _)| class(token));
    if let Some(asked) = asked
        && given.map_or_else(|| gap.closed && gap.sentence.len() <= 1, |given| given != asked)
    {
        add(Mismatch::Quantifier);
    }
    if (gap.closed || mine().next().is_some())
        && is_surer(mine().map(|(token, _)| token), theirs().map(|(token, _)| token))
    {
        add(Mismatch::Modality);
    }
}

/// Whether the claim is sure in another way than the sentence: `will` for `may`, `is` for `may be`.
/// A claim that adds a doubt holds.
fn is_surer<'a>(
    mut mine: impl Iterator<Item = &'a Token>,
    mut theirs: impl Iterator<Item = &'a Token>,
) -> bool {
    let of = |token: &Token| polarity::sureness(&token.lower).filter(|_| month(token).is_none());
    match (mine.find_map(of), theirs.find_map(of)) {
        (Some(claimed), Some(told)) => claimed != told,
        (None, Some(told)) => told == polarity::Sureness::Possible,
        _ => false,
    }
}

fn is_of(kind: Mismatch, own: Option<Mismatch>, token: &Token) -> bool {
    // At the start of a sentence a name cannot be told by its capital, but in another's place it can.
    let capital = kind == Mismatch::Name
        && own.is_none()
        && !token.stop
        && matches!(token.shape, Shape::Capital | Shape::Acronym);
    own == Some(kind) || capital
}

/// Whether two different words still say the same: `metre` and `m`, `J` and `John`.
fn is_same(kind: Mismatch, a: &Token, b: &Token) -> bool {
    match kind {
        Mismatch::Unit => {
            known_unit(&a.lower).is_some_and(|unit| known_unit(&b.lower) == Some(unit))
        }
        Mismatch::Name => is_initial(a, b),
        _ => false,
    }
}

/// Whether one of two names abbreviates the other.
fn is_initial(a: &Token, b: &Token) -> bool {
    let (short, long) = if a.lower.len() < b.lower.len() { (a, b) } else { (b, a) };
    let letters = short.lower.chars().all(char::is_alphabetic);
    letters
        && short.lower.len() < long.lower.len().min(3)
        && short.lower.chars().next() == long.lower.chars().next()
}

//! Plants exactly one error in a sentence.

use std::ops::Range;

use serde::Serialize;

mod date;
mod name;
mod negation;
mod number;
mod phrase;
mod unit;
mod words;

use date::MONTHS;
use words::{Word, words};

/// What is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A number.
    Number,
    /// The unit of a number.
    Unit,
    /// A name.
    Name,
    /// A date.
    Date,
    /// A denial, put in or taken out.
    Negation,
    /// How many, how often, at least or at most.
    Quantifier,
    /// Which is more, and which comes first.
    Comparative,
    /// How sure it is, and whether one is the cause of the other.
    Modality,
}

impl Kind {
    /// All kinds, those of the product's goal first.
    pub(crate) const ALL: [Self; 8] = [
        Self::Number,
        Self::Unit,
        Self::Name,
        Self::Date,
        Self::Negation,
        Self::Quantifier,
        Self::Comparative,
        Self::Modality,
    ];
}

/// One change of a sentence.
#[derive(Debug, Clone)]
struct Edit {
    /// The bytes that are replaced.
    at: Range<usize>,
    /// What replaces them.
    text: String,
    /// The rule, as `kind/name`.
    rule: &'static str,
}

impl Edit {
    fn swap(word: &Word<'_>, new: impl Into<String>, rule: &'static str) -> Self {
        Self { at: word.at.clone(), text: new.into(), rule }
    }
}

/// A sentence that an error is planted in, and what may be planted.
struct Scene<'a> {
    sentence: &'a str,
    words: Vec<Word<'a>>,
    /// Names of the page that the sentence is from.
    page_names: &'a [String],
    /// Names of other pages.
    names: &'a [String],
    random: &'a mut Random,
}

impl Scene<'_> {
    /// Whether the number at a place is a year or the day of a month.
    fn is_date(&self, at: usize) -> bool {
        let Some(word) = self.words.get(at) else { return false };
        let month = |at: Option<usize>| {
            at.and_then(|at| self.words.get(at)).is_some_and(|word| MONTHS.contains(&word.text))
        };
        let value: u32 = word.text.parse().unwrap_or(0);
        let year = word.text.len() == 4 && (1500..2030).contains(&value);
        year || value < 32 && value > 0 && (month(at.checked_sub(1)) || month(Some(at + 1)))
    }

    /// Another word of a list.
    fn other(&mut self, list: &[&'static str], than: &str) -> &'static str {
        let others: Vec<&'static str> = list.iter().copied().filter(|word| *word != than).collect();
        self.random.pick(&others).copied().unwrap_or_default()
    }
}

/// A sentence with one error.
#[derive(Debug, Clone)]
pub(crate) struct Planted {
    /// The changed sentence.
    pub(crate) sentence: String,
    /// The rule that changed it.
    pub(crate) rule: &'static str,
}

/// Plants an error of a kind, when the sentence has a place for one. Every rule that fits is
/// equally likely.
pub(crate) fn plant(
    kind: Kind,
    sentence: &str,
    page_names: &[String],
    names: &[String],
    random: &mut Random,
) -> Option<Planted> {
    let mut scene = Scene { sentence, words: words(sentence), page_names, names, random };
    let mut edits = match kind {
        Kind::Number => number::edits(&mut scene),
        Kind::Unit => unit::edits(&mut scene),
        Kind::Name => name::edits(&mut scene),
        Kind::Date => date::edits(&mut scene),
        Kind::Negation => negation::edits(&mut scene),
        Kind::Quantifier | Kind::Comparative | Kind::Modality => phrase::edits(&scene, kind),
    };
    edits.retain(|edit| sentence.get(edit.at.clone()).is_some_and(|old| old != edit.text));
    let mut rules: Vec<&'static str> = edits.iter().map(|edit| edit.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    let rule = *random.pick(&rules)?;
    edits.retain(|edit| edit.rule == rule);
    let edit = random.pick(&edits)?;
    let mut changed = sentence.to_owned();
    changed.replace_range(edit.at.clone(), &edit.text);
    Some(Planted { sentence: changed, rule })
}

/// Names that stand in sentences, each once.
pub(crate) fn names<'a>(sentences: impl IntoIterator<Item = &'a String>) -> Vec<String> {
    let mut names: Vec<String> =
        sentences.into_iter().flat_map(|sentence| name::names(sentence)).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Numbers that are the same for the same seed (SplitMix64, Steele, Lea and Flood 2014).
#[derive(Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to below `end`; 0 when that is 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = end.max(1) as u64;
        usize::try_from(self.next() % end).unwrap_or(0)
    }

    /// One of a list.
    pub(crate) fn pick<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        let at = self.below(list.len());
        list.get(at)
    }

    /// Brings a list into random order (Fisher and Yates).
    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }
}

//! All patterns at once over the words of a text.

use std::collections::{HashMap, HashSet};

use super::words::{WORD_BYTES_MAX, Word, hashes, spelt};
use crate::{Kind, Shadow};

/// A sequence of word classes.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) kind: Kind,
    /// From 100 on the pattern is a finding by itself.
    pub(super) weight: u32,
}

/// A word's part in a pattern.
#[derive(Debug, Clone, Copy)]
struct Part {
    pattern: usize,
    /// Where the step's state stands.
    state: usize,
    /// Words that may stand between the step before and this one; none for the first.
    gap: Option<usize>,
    last: bool,
}

/// A pattern found, from word to word.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hit {
    pub(super) pattern: usize,
    pub(super) first: usize,
    pub(super) last: usize,
}

/// How far a step has come: the last word of it and the first of the pattern.
#[derive(Debug, Clone, Copy)]
struct Reached {
    at: usize,
    first: usize,
}

/// Patterns ready to run.
pub(super) struct Machine {
    patterns: Vec<Pattern>,
    /// The words of the patterns, each with its parts, by the last bits of their hashes: most words
    /// of a text are in none.
    words: Vec<Vec<(Vec<u8>, Vec<Part>)>>,
    states: usize,
}

/// Places of the table of words: far more than there are words.
const SLOTS: usize = 1 << 15;

impl Machine {
    /// Reads patterns: classes are words with bars between them, `_3` lets up to three words stand
    /// between two classes, `$name` takes a class of [`super::patterns::CLASSES`].
    pub(super) fn new<'s>(sources: impl Iterator<Item = &'s (Kind, u32, &'s str)>) -> Self {
        let mut machine = Self { patterns: Vec::new(), words: vec![Vec::new(); SLOTS], states: 0 };
        let mut words = HashMap::new();
        for (kind, weight, source) in sources {
            machine.add(*kind, *weight, source, &mut words);
        }
        for (word, mut parts) in words {
            // A word takes a later step before an earlier one, so that it is not both.
            parts.sort_by_key(|part| std::cmp::Reverse(part.state));
            if let Some(slot) = machine.words.get_mut(hashes(&word).0 as usize % SLOTS) {
                slot.push((word, parts));
            }
        }
        machine
    }

    fn add(
        &mut self,
        kind: Kind,
        weight: u32,
        source: &str,
        parts: &mut HashMap<Vec<u8>, Vec<Part>>,
    ) {
        let pattern = self.patterns.len();
        let mut gap = None;
        let steps: Vec<&str> = source.split_whitespace().collect();
        let count = steps.iter().filter(|step| !step.starts_with('_')).count();
        let mut number = 0;
        for step in steps {
            if let Some(words) = step.strip_prefix('_') {
                gap = words.parse().ok();
                continue;
            }
            number += 1;
            let gap = (number > 1).then(|| gap.take().unwrap_or(0));
            let part = Part { pattern, state: self.states, gap, last: number == count };
            let words: HashSet<Vec<u8>> = step.split('|').flat_map(class).collect();
            for word in words {
                parts.entry(word).or_default().push(part);
            }
            self.states += 1;
        }
        self.patterns.push(Pattern { kind, weight });
    }

    pub(super) fn pattern(&self, number: usize) -> Option<&Pattern> {
        self.patterns.get(number)
    }

    pub(super) fn len(&self) -> usize {
        self.patterns.len()
    }

    /// Runs all patterns over the words.
    pub(super) fn run(&self, text: &[u8], words: &[Word]) -> Vec<Hit> {
        let mut reached: Vec<Option<Reached>> = vec![None; self.states];
        let mut hits = Vec::new();
        let mut buffer = [0; WORD_BYTES_MAX];
        for (at, word) in words.iter().enumerate() {
            let slot = self.words.get(word.hash as usize % SLOTS).map_or(&[][..], Vec::as_slice);
            if slot.is_empty() {
                continue;
            }
            let spelt = spelt(text, word, &mut buffer);
            let Some((_, parts)) = slot.iter().find(|(known, _)| known.iter().eq(spelt)) else {
                continue;
            };
            for part in parts {
                let first = match part.gap {
                    None => at,
                    Some(gap) => {
                        let before = part.state.checked_sub(1).and_then(|state| reached.get(state));
                        match before.copied().flatten() {
                            Some(before) if before.at < at && at - before.at - 1 <= gap => {
                                before.first
                            }
                            _ => continue,
                        }
                    }
                };
                if part.last {
                    hits.push(Hit { pattern: part.pattern, first, last: at });
                }
                if let Some(slot) = reached.get_mut(part.state) {
                    *slot = Some(Reached { at, first });
                }
            }
        }
        hits
    }
}

/// The words of a class, folded as texts are.
fn class(name: &str) -> Vec<Vec<u8>> {
    let fold = |word: &str| Shadow::of(word).text().to_lowercase().into_bytes();
    match name.strip_prefix('$') {
        None => vec![fold(name)],
        Some(name) => super::patterns::CLASSES
            .iter()
            .filter(|(class, _)| *class == name)
            .flat_map(|(_, words)| words.split_whitespace().map(fold))
            .collect(),
    }
}

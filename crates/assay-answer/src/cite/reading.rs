//! The sources as sentences, and which of them a claim is judged by.
//!
//! A claim meets few sentences of each source, those that share its rarest words: judging it by all
//! of fifty long sources would take seconds.

use std::{collections::HashMap, ops::Range};

use assay_core::{Deadline, TextRange};

use crate::verify::words::tokens;

/// Sources that one claim is judged by at most.
const SOURCES_MAX: usize = 8;
/// A source of at most this many sentences is read whole.
const WHOLE_MAX: usize = 24;
/// Sentences of a longer source that a claim is judged by, without their neighbours.
const SENTENCES_MAX: usize = 8;
/// Sentences with a neighbour on each side: what a pronoun stands for is said next to it.
const WITH_NEIGHBOURS: usize = 3;
/// A sentence is cut here: one of 200,000 characters is a list or a fault, and no evidence.
const SENTENCE_BYTES_MAX: usize = 4_000;
/// Sentences read between two looks at the time.
const STRIDE: usize = 64;

/// A sentence of a source.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) source: usize,
    pub(super) range: TextRange,
}

/// The sources of a request.
#[derive(Debug, Default)]
pub(super) struct Sources {
    texts: Vec<String>,
    places: Vec<Place>,
    /// Sentences of each source.
    of_source: Vec<Range<usize>>,
    /// Sentences that hold a word, by its stem.
    by_word: HashMap<String, Vec<usize>>,
    /// Sources that were not read to their end.
    pub(super) unread: usize,
}

impl Sources {
    /// Reads what can be read before `until`.
    pub(super) fn read(texts: Vec<String>, until: Deadline) -> Self {
        let mut sources = Self::default();
        for (source, text) in texts.iter().enumerate() {
            let first = sources.places.len();
            let whole = !until.has_passed() && sources.read_one(source, text, until);
            sources.unread += usize::from(!whole);
            sources.of_source.push(first..sources.places.len());
        }
        sources.texts = texts;
        sources
    }

    /// Whether the source was read to its end.
    fn read_one(&mut self, source: usize, text: &str, until: Deadline) -> bool {
        for (count, range) in assay_parse::sentences(text).into_iter().enumerate() {
            if count % STRIDE == STRIDE - 1 && until.has_passed() {
                return false;
            }
            let range = cut(text, range);
            let at = self.places.len();
            self.places.push(Place { source, range });
            for token in tokens(range.of(text)) {
                if !token.is_content() {
                    continue;
                }
                let holders = self.by_word.entry(token.stem).or_default();
                if holders.last() != Some(&at) {
                    holders.push(at);
                }
            }
        }
        true
    }

    pub(super) fn place(&self, sentence: usize) -> Option<Place> {
        self.places.get(sentence).copied()
    }

    /// The words of a sentence; empty for one that is not there.
    pub(super) fn sentence(&self, at: usize) -> &str {
        let place = self.places.get(at);
        let text = place.and_then(|place| Some(place.range.of(self.texts.get(place.source)?)));
        text.unwrap_or("")
    }

    /// The sentences that a claim is judged by, in reading order for each source, the closest
    /// source first.
    pub(super) fn near(&self, claim: &str) -> Vec<Vec<usize>> {
        let scores = self.scores(claim);
        let score = |at: usize| scores.get(at).copied().unwrap_or(0.0);
        let best = |range: &Range<usize>| range.clone().map(score).fold(0.0, f32::max);
        let mut sources: Vec<(&Range<usize>, f32)> =
            self.of_source.iter().map(|range| (range, best(range))).collect();
        sources.retain(|(range, _)| !range.is_empty());
        // Stable: of equally close sources the first one given comes first.
        sources.sort_by(|a, b| b.1.total_cmp(&a.1));
        let near = sources.into_iter().take(SOURCES_MAX).map(|(range, _)| {
            if range.len() <= WHOLE_MAX { range.clone().collect() } else { closest(range, score) }
        });
        near.filter(|sentences: &Vec<usize>| !sentences.is_empty()).collect()
    }

    /// What the words shared with the claim weigh, for every sentence; rare words weigh more.
    fn scores(&self, claim: &str) -> Vec<f32> {
        let mut scores = vec![0.0; self.places.len()];
        let mut stems: Vec<String> = tokens(claim)
            .into_iter()
            .filter(|token| token.is_content())
            .map(|token| token.stem)
            .collect();
        stems.sort_unstable();
        stems.dedup();
        for holders in stems.iter().filter_map(|stem| self.by_word.get(stem)) {
            let weight = (1.0 + self.places.len() as f32 / holders.len() as f32).ln();
            for at in holders {
                if let Some(score) = scores.get_mut(*at) {
                    *score += weight;
                }
            }
        }
        scores
    }
}

/// The best sentences of a long source, the very best with their neighbours.
fn closest(range: &Range<usize>, score: impl Fn(usize) -> f32) -> Vec<usize> {
    let mut ranked: Vec<usize> = range.clone().filter(|at| score(*at) > 0.0).collect();
    ranked.sort_by(|a, b| score(*b).total_cmp(&score(*a)).then(a.cmp(b)));
    ranked.truncate(SENTENCES_MAX);
    let beside = |at: &usize| [at.checked_sub(1), Some(*at + 1)];
    let neighbours: Vec<usize> =
        ranked.iter().take(WITH_NEIGHBOURS).flat_map(beside).flatten().collect();
    ranked.extend(neighbours.into_iter().filter(|at| range.contains(at)));
    ranked.sort_unstable();
    ranked.dedup();
    ranked
}

fn cut(text: &str, range: TextRange) -> TextRange {
    let start = range.start as usize;
    let end = (range.end as usize).min(start + SENTENCE_BYTES_MAX);
    TextRange::new(start, text.floor_char_boundary(end))
}

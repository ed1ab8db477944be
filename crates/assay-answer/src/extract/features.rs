//! The numbers by which sentences are chosen and abstention is decided.

use super::{
    EvidenceSentence,
    question::{Expected, expected, fits},
};
use crate::verify::{
    align::{Analysed, count},
    coverage::{Held, Words, dot},
    words::Shape,
};

/// Names of the features of one candidate sentence.
pub(crate) const SENTENCE: [&str; 22] = [
    "cos",
    "cos_rank",
    "cos_below_best",
    "cos_before",
    "cos_after",
    "cos_to_best",
    "cover",
    "soft",
    "cover_rank",
    "soft_around",
    "only_here",
    "position",
    "first",
    "last",
    "words",
    "short",
    "fits",
    "fits_alone",
    "pronoun",
    "linked",
    "cos_passage",
    "soft_passage",
];

/// Names of the features of the whole question and its candidates.
pub(crate) const ANSWER: [&str; 23] = [
    "cos1",
    "cos2",
    "cos3",
    "cos_mean",
    "cos_top_margin",
    "cover_best",
    "soft_best",
    "cover_page",
    "soft_page",
    "missing",
    "names_missing",
    "fits_best",
    "fits_share",
    "fits_cos",
    "odd_share",
    "sentences_log",
    "words_mean",
    "question_words",
    "is_date",
    "is_number",
    "is_name",
    "is_cause",
    "is_definition",
];

/// Everything that is looked up more than once for a question.
pub(crate) struct Scene<'a> {
    candidates: &'a [EvidenceSentence<'a>],
    question: &'a Analysed,
    sentences: Vec<Analysed>,
    cosines: Vec<f32>,
    held: Vec<Held>,
    words: f32,
    fits: Vec<bool>,
    expected: Expected,
    ranked: Vec<usize>,
    page: Held,
}

impl<'a> Scene<'a> {
    /// Prepares the sentences of one passage.
    pub(crate) fn new(
        question: &'a Analysed,
        vector: Option<&[f32]>,
        candidates: &'a [EvidenceSentence<'a>],
    ) -> Self {
        let sentences: Vec<Analysed> =
            candidates.iter().map(|candidate| Analysed::new(candidate.text)).collect();
        let cosines: Vec<f32> = candidates
            .iter()
            .map(|candidate| vector.zip(candidate.vector).map_or(0.0, |(a, b)| dot(a, b)))
            .collect();
        let asked = Words::new(question);
        let held: Vec<Held> = sentences.iter().map(|sentence| asked.held_by(sentence)).collect();
        let words = count(asked.len()).max(1.0);
        let expected = expected(question);
        let fits = sentences.iter().map(|sentence| fits(expected, question, sentence)).collect();
        let nearness: Vec<f32> = held
            .iter()
            .zip(&cosines)
            .map(|(held, cosine)| {
                (held.exact.count_ones() + held.soft.count_ones()) as f32 / (2.0 * words)
                    + 2.0 * cosine
            })
            .collect();
        let mut ranked: Vec<usize> = (0..candidates.len()).collect();
        ranked.sort_by(|&a, &b| nearness[b].total_cmp(&nearness[a]).then(a.cmp(&b)));
        let page = held.iter().fold(Held::default(), |all, &one| all.or(one));
        Self { candidates, question, sentences, cosines, held, words, fits, expected, ranked, page }
    }

    fn share(&self, bits: u128) -> f32 {
        bits.count_ones() as f32 / self.words
    }

    /// Places of the sentences, the nearest to the question first.
    pub(crate) fn ranked(&self) -> &[usize] {
        &self.ranked
    }

    /// The neighbour of a candidate in its own passage.
    fn neighbour(&self, at: usize, step: isize) -> Option<usize> {
        let here = self.candidates.get(at)?;
        let position = here.position.checked_add_signed(step)?;
        self.candidates
            .iter()
            .position(|other| other.passage == here.passage && other.position == position)
    }

    /// Features of one candidate, in the order of [`SENTENCE`].
    pub(crate) fn sentence(&self, at: usize) -> [f32; SENTENCE.len()] {
        let here = &self.sentences[at];
        let candidate = &self.candidates[at];
        let cosine = self.cosines[at];
        let best = self.cosines.iter().copied().fold(f32::MIN, f32::max);
        let best_at = self.ranked.first().copied().unwrap_or(at);
        let of = |other: Option<usize>| {
            other.and_then(|other| self.cosines.get(other)).copied().unwrap_or(0.0)
        };
        let (before, after) = (self.neighbour(at, -1), self.neighbour(at, 1));
        let to = |other: usize| {
            candidate.vector.zip(self.candidates[other].vector).map_or(0.0, |(a, b)| dot(a, b))
        };
        let held = self.held[at];
        let around =
            [before, after].into_iter().flatten().fold(held, |all, other| all.or(self.held[other]));
        let others = (0..self.held.len())
            .filter(|&other| other != at)
            .fold(Held::default(), |all, other| all.or(self.held[other]));
        let rank = |value: &dyn Fn(usize) -> f32| {
            let above =
                (0..self.candidates.len()).filter(|&other| value(other) > value(at)).count();
            count(above) / count(self.candidates.len()).max(1.0)
        };
        let length = count(here.tokens.len());
        let opens = here.tokens.first().map_or("", |token| token.lower.as_str());
        let fits = self.fits[at];
        let fitting = self.fits.iter().filter(|&&fits| fits).count();
        let page = self.cosines.iter().sum::<f32>() / count(self.cosines.len()).max(1.0);
        [
            cosine,
            rank(&|other| self.cosines[other]),
            best - cosine,
            of(before),
            of(after),
            to(best_at),
            self.share(held.exact),
            self.share(held.soft),
            rank(&|other| self.share(self.held[other].soft)),
            self.share(around.soft),
            self.share(held.soft & !others.soft),
            count(candidate.position),
            flag(candidate.position == 0),
            flag(after.is_none()),
            length.max(1.0).ln(),
            flag(length < 6.0),
            flag(fits),
            flag(fits && fitting == 1),
            flag(PRONOUNS.contains(&opens)),
            before.map_or(0.0, to),
            page,
            self.share(self.page.soft),
        ]
    }

    /// Features of the whole, in the order of [`ANSWER`].
    pub(crate) fn answer(&self) -> [f32; ANSWER.len()] {
        let mut sorted = self.cosines.clone();
        sorted.sort_by(|a, b| b.total_cmp(a));
        let nth = |at: usize| sorted.get(at).copied().unwrap_or(0.0);
        let n = count(self.candidates.len()).max(1.0);
        let mean = sorted.iter().sum::<f32>() / n;
        let most = |value: &dyn Fn(&Held) -> f32| self.held.iter().map(value).fold(0.0, f32::max);
        let best = self.ranked.first().copied().unwrap_or(0);
        let fitting = self.fits.iter().zip(&self.cosines).filter(|(fits, _)| **fits);
        let fits_cosine = fitting.clone().map(|(_, cosine)| *cosine).fold(0.0, f32::max);
        let told = |word: &str| {
            self.sentences
                .iter()
                .any(|sentence| sentence.tokens.iter().any(|token| token.stem == word))
        };
        let names_missing = self
            .question
            .tokens
            .iter()
            .filter(|token| token.shape != Shape::Lower && token.is_content() && !told(&token.stem))
            .count();
        let odd = |sentence: &&Analysed| {
            sentence.tokens.len() < 6 || !sentence.tokens.iter().any(|token| token.stop)
        };
        let tokens: usize = self.sentences.iter().map(|sentence| sentence.tokens.len()).sum();
        [
            nth(0),
            nth(1),
            nth(2),
            mean,
            nth(0) - mean,
            most(&|held| self.share(held.exact)),
            most(&|held| self.share(held.soft)),
            self.share(self.page.exact),
            self.share(self.page.soft),
            self.words - self.page.soft.count_ones() as f32,
            count(names_missing),
            flag(self.fits.get(best).copied().unwrap_or(false)),
            count(fitting.count()) / n,
            fits_cosine,
            count(self.sentences.iter().filter(odd).count()) / n,
            n.ln(),
            count(tokens) / n,
            self.words,
            flag(self.expected == Expected::Date),
            flag(self.expected == Expected::Number),
            flag(self.expected == Expected::Name),
            flag(self.expected == Expected::Cause),
            flag(self.expected == Expected::Definition),
        ]
    }
}

fn flag(yes: bool) -> f32 {
    if yes { 1.0 } else { 0.0 }
}

const PRONOUNS: [&str; 12] =
    ["he", "she", "it", "they", "this", "these", "those", "his", "her", "its", "their", "that"];

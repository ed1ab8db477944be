//! Answers a question with sentences of the evidence, or says that the evidence does not hold it.
//!
//! Each passage gets the probability that it answers the question; the sentences come from the
//! passage that does best and from those that are as good. Two logistic regressions over words,
//! facts and, where given, sentence vectors decide; the same input always gives the same answer.

use crate::verify::align::Analysed;

pub(crate) mod features;
mod question;
mod weights;

use features::Scene;

/// A question and, where an embedder runs, its unit vector.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question<'a> {
    /// The question as asked.
    pub text: &'a str,
    /// The vector.
    pub vector: Option<&'a [f32]>,
}

/// One sentence that may answer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EvidenceSentence<'a> {
    /// Which passage it stands in; any number that tells passages apart.
    pub passage: usize,
    /// Its place in the passage, from 0.
    pub position: usize,
    /// The text.
    pub text: &'a str,
    /// Its unit vector.
    pub vector: Option<&'a [f32]>,
    /// How well the search ranked the passage, from 0 to 1; between passages that answer equally
    /// well the better one wins.
    pub passage_score: f32,
}

/// Sentences that answer, or none.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ExtractiveAnswer {
    /// Indices of the chosen candidates in reading order; empty when the evidence holds no answer.
    pub sentences: Vec<usize>,
    /// Calibrated probability that the evidence holds an answer, from 0 to 1.
    pub answerable_probability: f32,
    /// Indices of the candidates nearest to the question, best first, at most three: what to show
    /// when there is no answer.
    pub nearest: Vec<usize>,
}

/// Below this probability of the best passage the answer is that the evidence does not hold one:
/// with vectors and without. Set over the passages of all questions of CLAPnq, so that citation
/// precision and recall, abstention precision and recall all keep a distance from their goals; the
/// first is lower than their balance, because questions about manuals, which nothing was fitted
/// to, reach less.
const ANSWERABLE_MIN: [f32; 2] = [0.4, 0.45];
/// Another passage adds to the answer when it is this good compared with the best one.
const ALSO_ANSWERS: f32 = 0.95;
/// A sentence is chosen from this probability on; the best one always is.
const CHOSEN_MIN: f32 = 0.4;
/// What is left of the probability of a fragment: an item of a list, a line of code or of a table
/// of contents names things, but seldom answers. The data that the weights were fitted to has no
/// fragments, so this is set by hand.
const FRAGMENT: f32 = 0.6;
/// At most this many sentences make an answer.
const SENTENCES_MAX: usize = 5;
/// At most this many nearest sentences.
const NEAREST_MAX: usize = 3;

/// A passage judged for a question.
struct Judged {
    /// That it answers.
    probability: f32,
    /// How well the search ranked it.
    score: f32,
    /// Index of a candidate and the probability that it belongs to the answer.
    sentences: Vec<(usize, f32)>,
    /// Its candidates, the nearest to the question first.
    nearest: Vec<usize>,
}

/// Chooses the sentences of `candidates` that answer `question`.
#[must_use]
pub(crate) fn extract(
    question: &Question<'_>,
    candidates: &[EvidenceSentence<'_>],
) -> ExtractiveAnswer {
    let analysed = Analysed::new(question.text);
    let mut passages: Vec<Judged> = grouped(candidates)
        .into_iter()
        .map(|members| judge(&analysed, question.vector, candidates, members))
        .collect();
    passages
        .sort_by(|a, b| b.probability.total_cmp(&a.probability).then(b.score.total_cmp(&a.score)));
    let best = passages.first().map_or(0.0, |passage| passage.probability);
    let mut nearest: Vec<usize> =
        passages.iter().flat_map(|passage| passage.nearest.iter().copied()).collect();
    nearest.truncate(NEAREST_MAX);
    let mut sentences = Vec::new();
    let side = usize::from(question.vector.is_none());
    if ANSWERABLE_MIN.get(side).is_some_and(|least| best >= *least) {
        let answering =
            passages.iter().filter(|passage| passage.probability >= best * ALSO_ANSWERS);
        sentences = chosen(answering.flat_map(|passage| &passage.sentences).copied().collect());
    }
    ExtractiveAnswer { sentences, answerable_probability: best, nearest }
}

/// Indices of the candidates by passage, passages in the order of their first sentence.
fn grouped(candidates: &[EvidenceSentence<'_>]) -> Vec<Vec<usize>> {
    let mut groups: Vec<(usize, Vec<usize>)> = Vec::new();
    for (at, candidate) in candidates.iter().enumerate() {
        match groups.iter_mut().find(|(passage, _)| *passage == candidate.passage) {
            Some((_, members)) => members.push(at),
            None => groups.push((candidate.passage, vec![at])),
        }
    }
    groups.into_iter().map(|(_, members)| members).collect()
}

fn judge(
    question: &Analysed,
    vector: Option<&[f32]>,
    candidates: &[EvidenceSentence<'_>],
    members: Vec<usize>,
) -> Judged {
    let own: Vec<EvidenceSentence<'_>> = members.iter().map(|&at| candidates[at]).collect();
    let scene = Scene::new(question, vector, &own);
    let side = usize::from(vector.is_none() || own.iter().all(|one| one.vector.is_none()));
    let probability = logistic(&weights::ANSWER, weights::ANSWER_BIAS[side], side, &scene.answer());
    let sentences: Vec<(usize, f32)> = members
        .iter()
        .enumerate()
        .map(|(place, &at)| {
            let features = scene.sentence(place);
            let bias = weights::SENTENCE_BIAS[side];
            let share = if is_fragment(candidates[at].text) { FRAGMENT } else { 1.0 };
            (at, share * logistic(&weights::SENTENCE, bias, side, &features))
        })
        .collect();
    let best = sentences.iter().copied().reduce(|a, b| if b.1 > a.1 { b } else { a });
    let names_only = best.is_some_and(|(at, _)| is_fragment(candidates[at].text));
    let probability = if names_only { FRAGMENT * probability } else { probability };
    let nearest = scene.ranked().iter().map(|&place| members[place]).collect();
    let score = own.first().map_or(0.0, |one| one.passage_score);
    Judged { probability, score, sentences, nearest }
}

/// Whether a text is neither a statement nor a row of a table.
fn is_fragment(text: &str) -> bool {
    let ends = text.trim_end_matches(['"', '\'', '”', '’', '»', ')', ']']);
    let is_statement = ends.ends_with(['.', '!', '…', ':', ';', '。', '！', '।']);
    !is_statement && !text.contains(" | ")
}

/// The best sentence and the others that are likely enough, in reading order.
fn chosen(mut sentences: Vec<(usize, f32)>) -> Vec<usize> {
    sentences.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let mut chosen: Vec<usize> = sentences
        .iter()
        .enumerate()
        .filter(|(rank, (_, probability))| *rank == 0 || *probability >= CHOSEN_MIN)
        .map(|(_, (at, _))| *at)
        .take(SENTENCES_MAX)
        .collect();
    chosen.sort_unstable();
    chosen
}

fn logistic(weights: &[(&str, [f32; 2])], bias: f32, side: usize, features: &[f32]) -> f32 {
    let sum: f32 =
        weights.iter().zip(features).map(|((_, weight), value)| weight[side] * value).sum();
    1.0 / (1.0 + (-(sum + bias)).exp())
}

#[cfg(test)]
mod tests;

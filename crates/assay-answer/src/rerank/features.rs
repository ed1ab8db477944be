//! What the reranker knows of a candidate. Everything is relative to the query or to the other
//! candidates, so that it means the same in every collection.

use super::words::{Hit, Hits, QueryWord, hits};

/// Candidates, best first, whose mean vector stands for what the query is about.
const LEADERS: usize = 3;
/// Words of a narrow and of a wide window.
const WINDOWS: [usize; 2] = [12, 30];

/// Names of the features, in order.
pub(crate) const NAMES: [&str; 22] = [
    "fused",
    "keyword",
    "keyword_rank",
    "cosine_below_best",
    "cosine_span",
    "vector_rank",
    "cover",
    "cover_text",
    "cover_title",
    "cover_rare",
    "window_narrow",
    "window_wide",
    "sentence",
    "sentence_two",
    "pairs",
    "pairs_text",
    "numbers",
    "names",
    "frequency",
    "near_leaders",
    "cover_below_best",
    "sentence_below_best",
];

/// The features of one candidate.
pub(crate) type Features = [f32; NAMES.len()];

/// A passage to rank, with what search said of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate<'a> {
    pub(crate) title: &'a str,
    pub(crate) headings: &'a [String],
    pub(crate) text: &'a str,
    pub(crate) fused: f32,
    pub(crate) keyword: Option<f32>,
    pub(crate) cosine: Option<f32>,
    /// Its unit vector, where there is a model.
    pub(crate) vector: Option<&'a [f32]>,
}

/// A candidate with the words of the query found in it.
struct Read<'a> {
    candidate: &'a Candidate<'a>,
    title: Hits,
    text: Hits,
}

/// The features of candidates, in their order. Candidates come best first.
pub(crate) fn features(query: &[QueryWord], candidates: &[Candidate<'_>]) -> Vec<Features> {
    let read: Vec<Read<'_>> = candidates
        .iter()
        .map(|candidate| {
            let title = format!("{}\n{}", candidate.title, candidate.headings.join("\n"));
            Read { candidate, title: hits(query, &title), text: hits(query, candidate.text) }
        })
        .collect();
    let list = List::of(&read);
    let mut features: Vec<Features> =
        read.iter().enumerate().map(|(at, read)| one(query, &list, at, read)).collect();
    relate(&mut features, "cover", "cover_below_best");
    relate(&mut features, "sentence", "sentence_below_best");
    features
}

/// Writes how far each candidate lies below the best one in `from`.
fn relate(features: &mut [Features], from: &str, to: &str) {
    let place = |name| NAMES.iter().position(|known| *known == name).unwrap_or_default();
    let (from, to) = (place(from), place(to));
    let best = features.iter().map(|row| row[from]).fold(0.0, f32::max);
    features.iter_mut().for_each(|row| row[to] = row[from] - best);
}

/// What the candidates have in common.
struct List {
    fused_best: f32,
    keyword: Ranked,
    cosine: Ranked,
    /// The mean vector of the leaders.
    leaders: Vec<f32>,
}

/// The scores of one lane.
struct Ranked {
    best: f32,
    lowest: f32,
    /// For each candidate its place from 1; one past the last without a score.
    places: Vec<usize>,
}

impl Ranked {
    fn of(scores: impl Iterator<Item = Option<f32>>) -> Self {
        let scores: Vec<Option<f32>> = scores.collect();
        let mut sorted: Vec<f32> = scores.iter().flatten().copied().collect();
        sorted.sort_unstable_by(|a, b| b.total_cmp(a));
        let place = |score: &Option<f32>| match score {
            Some(score) => sorted.partition_point(|other| other > score) + 1,
            None => sorted.len() + 1,
        };
        Self {
            best: sorted.first().copied().unwrap_or_default(),
            lowest: sorted.last().copied().unwrap_or_default(),
            places: scores.iter().map(place).collect(),
        }
    }

    /// 1 for the first place, falling with its logarithm to 0 at the hundredth.
    fn standing(&self, at: usize) -> f32 {
        let place = self.places.get(at).copied().unwrap_or(1);
        1.0 - (place as f32).ln() / 100f32.ln()
    }
}

impl List {
    fn of(read: &[Read<'_>]) -> Self {
        let vectors = read.iter().filter_map(|read| read.candidate.vector);
        Self {
            fused_best: read.iter().map(|read| read.candidate.fused).fold(0.0, f32::max),
            keyword: Ranked::of(read.iter().map(|read| read.candidate.keyword)),
            cosine: Ranked::of(read.iter().map(|read| read.candidate.cosine)),
            leaders: mean(vectors.take(LEADERS)),
        }
    }
}

fn one(query: &[QueryWord], list: &List, at: usize, read: &Read<'_>) -> Features {
    let Read { candidate, title, text } = read;
    let both = || text.hits.iter().chain(&title.hits);
    let cosine = candidate.cosine.unwrap_or(list.cosine.lowest);
    let span = (list.cosine.best - list.cosine.lowest).max(1e-6);
    let (sentence, sentence_two) = sentences(query, text);
    let counts = counts(query, both());
    let near_leaders = candidate.vector.map_or(0.0, |vector| dot(vector, &list.leaders));
    let share = |part: f32, whole: f32| if whole > 0.0 { part / whole } else { 0.0 };
    [
        share(candidate.fused, list.fused_best),
        share(candidate.keyword.unwrap_or(0.0), list.keyword.best),
        list.keyword.standing(at),
        cosine - list.cosine.best,
        (cosine - list.cosine.lowest) / span,
        list.cosine.standing(at),
        cover(query, both()),
        cover(query, &text.hits),
        cover(query, &title.hits),
        cover_rare(query, both()),
        window(query, text, WINDOWS[0]),
        window(query, text, WINDOWS[1]),
        sentence,
        sentence_two,
        pairs(query, &[text, title]),
        pairs(query, &[text]),
        kept(query, both(), |word| word.number),
        kept(query, both(), |word| word.name),
        query.iter().zip(&counts).map(|(word, n)| word.weight * n / (n + 1.0)).sum(),
        near_leaders,
        0.0,
        0.0,
    ]
}

/// How often each word of the query is among the hits.
fn counts<'a>(query: &[QueryWord], hits: impl Iterator<Item = &'a Hit>) -> Vec<f32> {
    let mut counts = vec![0.0; query.len()];
    for hit in hits {
        if let Some(count) = counts.get_mut(hit.word) {
            *count += 1.0;
        }
    }
    counts
}

/// Share of the query, by weight, that is among the hits.
fn cover<'a>(query: &[QueryWord], hits: impl IntoIterator<Item = &'a Hit>) -> f32 {
    let mut seen = 0u64;
    let mut sum = 0.0;
    for hit in hits {
        let bit = 1u64.checked_shl(u32::try_from(hit.word).unwrap_or(u32::MAX)).unwrap_or(0);
        if seen & bit == 0 {
            seen |= bit;
            sum += weight(query, hit.word);
        }
    }
    sum
}

/// The same with the square of the weights: what a missing rare word costs.
fn cover_rare<'a>(query: &[QueryWord], hits: impl Iterator<Item = &'a Hit>) -> f32 {
    let square = |word: &QueryWord| word.weight * word.weight;
    let whole: f32 = query.iter().map(square).sum();
    let counts = counts(query, hits);
    let held = query.iter().zip(&counts).filter(|(_, count)| **count > 0.0);
    if whole > 0.0 { held.map(|(word, _)| square(word)).sum::<f32>() / whole } else { 0.0 }
}

fn weight(query: &[QueryWord], word: usize) -> f32 {
    query.get(word).map_or(0.0, |word| word.weight)
}

/// The most of the query that any `size` neighbouring words cover.
fn window(query: &[QueryWord], text: &Hits, size: usize) -> f32 {
    let ends = text.hits.iter().enumerate();
    let covered = ends.map(|(at, first)| {
        let rest = text.hits.get(at..).unwrap_or_default();
        cover(query, rest.iter().take_while(|hit| hit.at < first.at + size))
    });
    covered.fold(0.0, f32::max)
}

/// The most of the query that one sentence covers, and that two neighbours do.
fn sentences(query: &[QueryWord], text: &Hits) -> (f32, f32) {
    let (mut one, mut two) = (0.0f32, 0.0f32);
    for (at, first) in text.hits.iter().enumerate() {
        let opens = at == 0
            || text.hits.get(at - 1).is_some_and(|before| before.sentence != first.sentence);
        if opens {
            let rest = text.hits.get(at..).unwrap_or_default();
            let until = |last: usize| rest.iter().take_while(move |hit| hit.sentence <= last);
            one = one.max(cover(query, until(first.sentence)));
            two = two.max(cover(query, until(first.sentence + 1)));
        }
    }
    (one, two)
}

/// Share of the neighbours in the query, by weight, that stand close in a text in this order.
fn pairs(query: &[QueryWord], texts: &[&Hits]) -> f32 {
    let pair = |at: usize| weight(query, at) + weight(query, at + 1);
    let count = query.len().saturating_sub(1);
    let whole: f32 = (0..count).map(pair).sum();
    let mut held = vec![false; count];
    for (a, b) in texts.iter().flat_map(|text| text.hits.iter().zip(text.hits.iter().skip(1))) {
        if b.word == a.word + 1
            && b.at <= a.at + 2
            && let Some(held) = held.get_mut(a.word)
        {
            *held = true;
        }
    }
    let sum: f32 = (0..count).zip(held).filter(|(_, held)| *held).map(|(at, _)| pair(at)).sum();
    if whole > 0.0 { sum / whole } else { 0.0 }
}

/// Share of the words of a kind that are among the hits; 1 when the query has none.
fn kept<'a>(
    query: &[QueryWord],
    hits: impl Iterator<Item = &'a Hit>,
    of_kind: impl Fn(&QueryWord) -> bool,
) -> f32 {
    let counts = counts(query, hits);
    let asked = query.iter().filter(|word| of_kind(word)).count();
    let held = query.iter().zip(&counts).filter(|(word, count)| of_kind(word) && **count > 0.0);
    if asked == 0 { 1.0 } else { held.count() as f32 / asked as f32 }
}

/// The mean of unit vectors at length 1; empty of none.
fn mean<'a>(vectors: impl Iterator<Item = &'a [f32]>) -> Vec<f32> {
    let mut sum: Vec<f32> = Vec::new();
    for vector in vectors {
        sum.resize(vector.len(), 0.0);
        sum.iter_mut().zip(vector).for_each(|(sum, value)| *sum += value);
    }
    let length = dot(&sum, &sum).sqrt();
    if length > 0.0 {
        sum.iter_mut().for_each(|value| *value /= length);
    }
    sum
}

/// The scalar product.
pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

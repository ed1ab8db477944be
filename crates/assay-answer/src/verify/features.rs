//! The numbers that the model judges by, all computed from one claim and its evidence.

use super::{
    Mismatch, Sentence,
    align::{Alignment, Analysed, Conflict, align, count},
    coverage::{Held, Words, dot},
    edit::is_reworded,
    facts::{Fact, Value},
    words::{Shape, WordSet, stem},
};

/// Names of the features, in order; the first three need vectors and are 0 without.
pub(crate) const NAMES: [&str; 24] = [
    // Cosines of the claim: best sentence, best pair of neighbours, all deciding sentences.
    "cos1",
    "cos_window",
    "cos_union",
    // Shares of the claim's words in the best one, two, three and all sentences; soft ones count
    // words that begin alike.
    "cover_best",
    "cover_two",
    "cover_union",
    "cover_page",
    "soft_best",
    "soft_union",
    "soft_page",
    "bigrams_page",
    "missing_page",
    // Word-by-word alignment with the closest and the second sentence.
    "near",
    "near_second",
    "run",
    "near_conflict",
    // Facts: the share in the deciding sentences, and how many stand nowhere.
    "numbers_union",
    "numbers_absent",
    "units_wrong",
    "dates_union",
    "dates_absent",
    "names_union",
    "names_absent",
    "claim_words",
];

/// Number of features.
pub(crate) const COUNT: usize = NAMES.len();

/// The features of a claim and what they were read from.
#[derive(Debug)]
pub(crate) struct Reading {
    /// Values in the order of [`NAMES`].
    pub(crate) features: [f32; COUNT],
    /// Evidence sentences that decide, best first.
    pub(crate) deciding: Vec<usize>,
    /// Evidence sentences that come nearest, best first.
    pub(crate) nearest: Vec<usize>,
    /// An evidence sentence that is the claim, word for word.
    pub(crate) verbatim: Option<usize>,
    /// Kinds of mismatch found, each once.
    pub(crate) mismatches: Vec<Mismatch>,
    /// Whether the closest sentence says something else in the same words.
    pub(crate) contradicted: bool,
    /// Whether the claim copies a sentence but for one place, and brings in words or certainty
    /// of its own there.
    pub(crate) reworded: bool,
    /// Whether a number, unit or date of the claim stands nowhere in the evidence.
    pub(crate) unfounded: bool,
}

/// At most this many sentences decide: as many as a citation may name.
const DECIDING_MAX: usize = 3;
/// This many of the best sentences are told.
const NEAREST_MAX: usize = 8;
/// This many of the best sentences are aligned word by word.
const ALIGNED_MAX: usize = 4;
/// From this share of a claim in the same order on, it is a near copy of the sentence.
const NEAR_COPY: f32 = 0.6;
/// From this share on, a difference between stretches that are the same word for word counts too.
const NEAR_TIGHT: f32 = 0.4;

/// Cosine of a unit vector with the sum of others.
fn cosine_to_sum(claim: &[f32], others: &[&[f32]]) -> f32 {
    let sum: Vec<f32> =
        (0..claim.len()).map(|at| others.iter().filter_map(|other| other.get(at)).sum()).collect();
    let length = dot(&sum, &sum).sqrt();
    if length > 0.0 { dot(claim, &sum) / length } else { 0.0 }
}

/// Everything that is looked up more than once for a claim and its evidence.
struct Scene<'a> {
    claim: Analysed,
    vector: Option<&'a [f32]>,
    evidence: Vec<Analysed>,
    vectors: Vec<Option<&'a [f32]>>,
    cosines: Vec<f32>,
}

/// Reads the features of a claim against its evidence.
pub(crate) fn read(claim: &Sentence<'_>, evidence: &[Sentence<'_>]) -> Reading {
    let scene = Scene {
        claim: Analysed::new(claim.text),
        vector: claim.vector,
        evidence: evidence.iter().map(|sentence| Analysed::new(sentence.text)).collect(),
        vectors: evidence.iter().map(|sentence| sentence.vector).collect(),
        cosines: evidence
            .iter()
            .map(|sentence| claim.vector.zip(sentence.vector).map_or(0.0, |(a, b)| dot(a, b)))
            .collect(),
    };
    scene.read()
}

impl Scene<'_> {
    fn read(&self) -> Reading {
        let words = Words::new(&self.claim);
        let held: Vec<Held> =
            self.evidence.iter().map(|sentence| words.held_by(sentence)).collect();
        let ranked = self.ranked(&words, &held);
        let alignments: Vec<(usize, Alignment)> = ranked
            .iter()
            .take(ALIGNED_MAX)
            .map(|&at| (at, align(&self.claim, &self.evidence[at])))
            .collect();
        let closest = alignments.iter().max_by(|(_, a), (_, b)| a.near.total_cmp(&b.near));
        let deciding = self.deciding(&words, &held, &ranked, closest);
        let mut values = Values::default();
        self.vector_features(&deciding, &mut values);
        self.word_features(&words, &held, &deciding, &mut values);
        let mut mismatches = self.fact_features(&deciding, &mut values);
        let unfounded = mismatches.iter().any(|&kind| kind != Mismatch::Name);
        let conflicts = alignment_features(&alignments, &mut values);
        // A claim that is surer than its source is no contradiction of it.
        let contradicted = conflicts.iter().any(|&kind| kind != Mismatch::Modality);
        let surer = conflicts.contains(&Mismatch::Modality);
        mismatches.extend(conflicts);
        mismatches.sort_unstable();
        mismatches.dedup();
        values.set("claim_words", count(self.claim.tokens.len()));
        let is_claim = |one: &Analysed| {
            let mine = self.claim.tokens.iter().map(|token| &token.lower);
            one.tokens.iter().map(|token| &token.lower).eq(mine)
        };
        let has_words = !self.claim.tokens.is_empty();
        let verbatim = self.evidence.iter().position(is_claim).filter(|_| has_words);
        let mut nearest = ranked;
        nearest.truncate(NEAREST_MAX);
        Reading {
            features: values.0,
            deciding,
            nearest,
            verbatim,
            mismatches,
            contradicted,
            reworded: surer || self.is_reworded(&alignments),
            unfounded,
        }
    }

    /// Evidence sentences, the most promising first.
    fn ranked(&self, words: &Words<'_>, held: &[Held]) -> Vec<usize> {
        let score = |at: usize| {
            let held = held.get(at).copied().unwrap_or_default();
            let cover = words.share(held.exact) + words.share(held.soft);
            cover + self.cosines.get(at).copied().unwrap_or(0.0)
        };
        let mut ranked: Vec<usize> = (0..self.evidence.len()).collect();
        ranked.sort_by(|&a, &b| score(b).total_cmp(&score(a)).then(a.cmp(&b)));
        ranked
    }

    /// The best sentence, then those that add most words of the claim.
    fn deciding(
        &self,
        words: &Words<'_>,
        held: &[Held],
        ranked: &[usize],
        closest: Option<&(usize, Alignment)>,
    ) -> Vec<usize> {
        let copied =
            closest.filter(|(_, alignment)| alignment.near >= NEAR_COPY).map(|&(at, _)| at);
        let Some(first) = copied.or_else(|| ranked.first().copied()) else { return Vec::new() };
        let mut chosen = vec![first];
        let mut union = held[first];
        while chosen.len() < DECIDING_MAX {
            let gain = |at: usize| {
                let new = words.share(held[at].exact & !union.exact)
                    + words.share(held[at].soft & !union.soft);
                if new > 0.0 { new + 0.2 * self.cosines[at] } else { 0.0 }
            };
            let next = ranked.iter().copied().filter(|at| !chosen.contains(at));
            let best = next.map(|at| (at, gain(at))).reduce(|a, b| if b.1 > a.1 { b } else { a });
            let Some((at, _)) = best.filter(|&(_, gain)| gain > GAIN_MIN) else { break };
            chosen.push(at);
            union = union.or(held[at]);
        }
        chosen
    }

    fn vector_features(&self, deciding: &[usize], values: &mut Values) {
        let Some(claim) = self.vector else { return };
        values.set("cos1", self.cosines.iter().copied().fold(0.0, f32::max));
        let of = |at: &usize| self.vectors.get(*at).copied().flatten();
        let union: Vec<&[f32]> = deciding.iter().filter_map(of).collect();
        values.set("cos_union", cosine_to_sum(claim, &union));
        let window = self.vectors.windows(2).filter_map(|pair| {
            pair[0]
                .zip(pair[1])
                .map(|(a, b)| (dot(claim, a) + dot(claim, b)) / (2.0 + 2.0 * dot(a, b)).sqrt())
        });
        values.set("cos_window", window.fold(0.0, f32::max));
    }

    fn word_features(
        &self,
        words: &Words<'_>,
        held: &[Held],
        deciding: &[usize],
        values: &mut Values,
    ) {
        let union = |many: &[usize]| many.iter().fold(Held::default(), |all, &at| all.or(held[at]));
        let best = union(deciding.get(..1).unwrap_or_default());
        let two = union(deciding.get(..2).unwrap_or(deciding));
        let three = union(deciding);
        let page = held.iter().fold(Held::default(), |all, &one| all.or(one));
        values.set("cover_best", words.share(best.exact));
        values.set("cover_two", words.share(two.exact));
        values.set("cover_union", words.share(three.exact));
        values.set("cover_page", words.share(page.exact));
        values.set("soft_best", words.share(best.soft));
        values.set("soft_union", words.share(three.soft));
        values.set("soft_page", words.share(page.soft));
        values.set("missing_page", count(words.len()) - page.soft.count_ones() as f32);
        let mine: WordSet<_> = bigrams(&self.claim).collect();
        let page = self.evidence.iter().flat_map(bigrams);
        let found: WordSet<_> = page.filter(|pair| mine.contains(pair)).collect();
        values.set("bigrams_page", count(found.len()) / count(mine.len()).max(1.0));
    }

    fn is_reworded(&self, alignments: &[(usize, Alignment)]) -> bool {
        let known = |stem: &str| {
            let mut tokens = self.evidence.iter().flat_map(|sentence| &sentence.tokens);
            tokens.any(|token| token.stem == stem)
        };
        let sentences = alignments.iter().filter_map(|(at, _)| self.evidence.get(*at));
        sentences.into_iter().any(|sentence| is_reworded(&self.claim, sentence, known))
    }

    fn fact_features(&self, deciding: &[usize], values: &mut Values) -> Vec<Mismatch> {
        let all: Vec<usize> = (0..self.evidence.len()).collect();
        let mut tally: [Tally; 3] = [Tally::default(); 3];
        let mut wrong_units = 0;
        for fact in &self.claim.facts {
            let shape = self.claim.tokens.get(fact.at).map(|token| token.shape);
            let short = shape == Some(Shape::Acronym);
            let within = |many: &[usize]| {
                let found = many.iter().map(|&at| found_in(fact, short, &self.evidence[at]));
                found.max().unwrap_or(Found::No)
            };
            let kind = match fact.value {
                Value::Number(..) => 0,
                Value::Date { .. } => 1,
                Value::Name(_) => 2,
            };
            let page = within(&all);
            wrong_units += usize::from(page == Found::OtherUnit);
            tally[kind].add(within(deciding) == Found::Yes, page == Found::Yes);
        }
        let [numbers, dates, names] = &tally;
        numbers.set(values, "numbers_union", "numbers_absent");
        dates.set(values, "dates_union", "dates_absent");
        names.set(values, "names_union", "names_absent");
        values.set("units_wrong", count(wrong_units));
        [
            (numbers.absent > wrong_units, Mismatch::Number),
            (wrong_units > 0, Mismatch::Unit),
            (dates.absent > 0, Mismatch::Date),
            (names.absent > 0, Mismatch::Name),
        ]
        .into_iter()
        .filter_map(|(missing, kind)| missing.then_some(kind))
        .collect()
    }
}

/// Least gain in covered words (twice the share) for which another sentence is named.
const GAIN_MIN: f32 = 0.1;

/// Facts of one kind: all, those in the deciding sentences, those that stand nowhere.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    all: usize,
    decided: usize,
    absent: usize,
}

impl Tally {
    fn add(&mut self, decided: bool, anywhere: bool) {
        self.all += 1;
        self.decided += usize::from(decided);
        self.absent += usize::from(!anywhere);
    }

    fn set(self, values: &mut Values, union: &str, absent: &str) {
        values.set(union, if self.all == 0 { 1.0 } else { count(self.decided) / count(self.all) });
        values.set(absent, count(self.absent));
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Found {
    No,
    OtherUnit,
    Yes,
}

/// Whether a sentence holds a fact of the claim; a short name may be spelled out there.
fn found_in(fact: &Fact, short: bool, sentence: &Analysed) -> Found {
    match &fact.value {
        Value::Name(name) => {
            let stem = stem(name);
            let told = sentence.tokens.iter().any(|token| token.stem == stem)
                || (short && initials(sentence).any(|letters| letters == *name));
            if told { Found::Yes } else { Found::No }
        }
        Value::Number(value, unit) => sentence
            .facts
            .iter()
            .map(|other| match &other.value {
                Value::Number(told, of) => {
                    let close = |a: f64, b: f64| (a - b).abs() <= 0.006 * a.abs().max(b.abs());
                    match (unit, of) {
                        (Some(a), Some(b)) if a.dimension == b.dimension => {
                            if close(value * a.factor, told * b.factor) {
                                Found::Yes
                            } else if close(*value, *told) {
                                Found::OtherUnit
                            } else {
                                Found::No
                            }
                        }
                        (Some(_), Some(_)) if close(*value, *told) => Found::OtherUnit,
                        _ if close(*value, *told) => Found::Yes,
                        _ => Found::No,
                    }
                }
                Value::Date { year, day, .. } => {
                    let same =
                        |part: &Option<u32>| part.is_some_and(|part| f64::from(part) == *value);
                    if same(year) || same(day) { Found::Yes } else { Found::No }
                }
                Value::Name(_) => Found::No,
            })
            .max()
            .unwrap_or(Found::No),
        Value::Date { year, month, day } => {
            let told = sentence.facts.iter().any(|other| match other.value {
                Value::Date { year: y, month: m, day: d } => {
                    (year.is_none() || y.is_none() || *year == y)
                        && (month.is_none() || *month == m)
                        && (day.is_none() || d.is_none() || *day == d)
                        && (month.is_some() || *year == y)
                }
                Value::Number(value, _) => {
                    month.is_none() && year.is_some_and(|year| f64::from(year) == value)
                }
                Value::Name(_) => false,
            });
            if told { Found::Yes } else { Found::No }
        }
    }
}

/// Acronyms that the capitalised runs of a sentence could have.
fn initials(sentence: &Analysed) -> impl Iterator<Item = String> + '_ {
    let tokens = &sentence.tokens;
    let name = |at: usize| matches!(sentence.kinds.get(at), Some(Some(Mismatch::Name)));
    (0..tokens.len()).filter(move |&at| name(at) && (at == 0 || !name(at - 1))).map(move |from| {
        tokens[from..]
            .iter()
            .enumerate()
            .take_while(|(at, token)| name(from + at) || token.stop && name(from + at + 1))
            .filter(|(_, token)| !token.stop)
            .filter_map(|(_, token)| token.lower.chars().next())
            .collect()
    })
}

/// Neighbouring content words, by stem.
fn bigrams(sentence: &Analysed) -> impl Iterator<Item = (&str, &str)> {
    let content = || sentence.tokens.iter().filter(|token| token.is_content());
    content().zip(content().skip(1)).map(|(a, b)| (a.stem.as_str(), b.stem.as_str()))
}

/// Sets the features of the alignments and returns what stands out as a conflict.
fn alignment_features(alignments: &[(usize, Alignment)], values: &mut Values) -> Vec<Mismatch> {
    let mut by_near: Vec<&Alignment> = alignments.iter().map(|(_, alignment)| alignment).collect();
    by_near.sort_by(|a, b| b.near.total_cmp(&a.near));
    let Some(best) = by_near.first() else { return Vec::new() };
    // Far from a copy, a different word in the same place may belong to another statement.
    let stands_out =
        |conflict: &&Conflict| best.near >= if conflict.tight { NEAR_TIGHT } else { NEAR_COPY };
    let conflicts: Vec<Mismatch> =
        best.conflicts.iter().filter(stands_out).map(|conflict| conflict.kind).collect();
    values.set("near", best.near);
    values.set("near_second", by_near.get(1).map_or(0.0, |second| second.near));
    values.set("run", best.run);
    values.set("near_conflict", count(conflicts.len()));
    conflicts
}

/// Feature values set by name.
#[derive(Debug)]
struct Values([f32; COUNT]);

impl Default for Values {
    fn default() -> Self {
        Self([0.0; COUNT])
    }
}

impl Values {
    fn set(&mut self, name: &str, value: f32) {
        let at = NAMES.iter().position(|&known| known == name);
        debug_assert!(at.is_some(), "unknown feature {name}");
        if let Some(slot) = at.and_then(|at| self.0.get_mut(at)) {
            *slot = value;
        }
    }
}

//! Fits the weights of `crates/assay-guard/src/words/`.
//!
//! `guard-fit cross TEXTS OUT` prints, for each labelled text of the set `pii`, what weights found
//! in it that saw no text of its template (five folds), and the same for TEXTS that end in
//! `.plain` lines; `guard-fit all TEXTS WEIGHTS` fits on everything and writes the table.

#![allow(dead_code, reason = "only part of each module is used here")]

#[path = "../../../../crates/assay-guard/src"]
mod guard {
    pub(crate) mod shadow;
}
/// The modules of the guard that the features need, and what they expect of their parent.
#[path = "../../../../crates/assay-guard/src/words"]
mod words {
    pub(crate) const REACH: usize = 80;
    pub(crate) const CLASSES: usize = 5;
    pub(crate) type Scores = [i32; CLASSES];

    pub(crate) mod features;
    pub(crate) mod lexicon;
    pub(crate) mod token;
}

use std::{collections::BTreeMap, fs, io::Write as _};

use serde::Deserialize;
pub(crate) use guard::shadow::Shadow;
use words::{
    CLASSES, Scores,
    features::{TRIPLES, among_words, first_layer, heard, own, triple, verdict},
    token::{SIDE, Token, around, tokens},
};

const ROWS: usize = 1 << 16;
const EPOCHS: usize = 5;
const RATE: f32 = 0.12;
/// Steps of a weight: the table holds 32nds.
const STEPS: f32 = 32.0;
const NAMES: [&str; CLASSES] = ["O", "PER", "ADR", "LOC", "ORG"];
/// Features of the word itself, which are left out now and then, so that the neighbours are learnt.
const OWN: usize = 4;

#[derive(Deserialize)]
struct Text {
    text: String,
    spans: Vec<(usize, usize, String)>,
    set: String,
    group: String,
}

struct Sample {
    tokens: Vec<Token>,
    /// Byte ranges of the tokens in the text.
    ranges: Vec<(usize, usize)>,
    labels: Vec<usize>,
    features: Vec<Vec<u32>>,
    weight: f32,
    group: u64,
    set: String,
}

fn best_of(scores: &Scores) -> usize {
    (1..CLASSES).fold(0, |best, class| if scores[class] > scores[best] { class } else { best })
}

fn checksum(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

fn sample(text: &Text, weights: &BTreeMap<String, f32>) -> Sample {
    let shadow = Shadow::of(&text.text);
    let tokens: Vec<Token> = tokens(&shadow).collect();
    let chars: Vec<usize> =
        text.text.char_indices().map(|(at, _)| at).chain([text.text.len()]).collect();
    let ranges: Vec<(usize, usize)> = tokens
        .iter()
        .map(|token| {
            let range = shadow.original(token.start, token.end);
            (range.start as usize, range.end as usize)
        })
        .collect();
    let labels = ranges
        .iter()
        .map(|&(start, end)| {
            let label = text.spans.iter().find(|(from, to, _)| chars[*from] < end && start < chars[*to]);
            label.map_or(0, |(_, _, name)| NAMES.iter().position(|class| class == name).unwrap_or(0))
        })
        .collect();
    let features = (0..tokens.len())
        .map(|at| {
            let mut all = Vec::new();
            own(&tokens[at], |feature| all.push(feature));
            first_layer(&around(&tokens, at), |feature| all.push(feature));
            all
        })
        .collect();
    let weight = weights.get(&text.set).copied().unwrap_or(1.0);
    Sample { tokens, ranges, labels, features, weight, group: checksum(&text.group), set: text.set.clone() }
}

#[derive(Clone)]
struct Table {
    weights: Vec<f32>,
    squares: Vec<f32>,
}

impl Table {
    fn new() -> Self {
        Self { weights: vec![0.0; ROWS * CLASSES], squares: vec![1e-3; ROWS * CLASSES] }
    }

    fn score(&self, features: impl Iterator<Item = u32>, base: [f32; CLASSES]) -> [f32; CLASSES] {
        let mut scores = base;
        for feature in features {
            let row = feature as usize % ROWS * CLASSES;
            for class in 0..CLASSES {
                scores[class] += self.weights[row + class];
            }
        }
        scores
    }

    fn learn(&mut self, features: &[u32], base: [f32; CLASSES], label: usize, weight: f32) {
        let scores = self.score(features.iter().copied(), base);
        let top = scores.iter().fold(f32::MIN, |a, &b| a.max(b));
        let parts = scores.map(|score| (score - top).exp());
        let sum: f32 = parts.iter().sum();
        for &feature in features {
            let row = feature as usize % ROWS * CLASSES;
            for class in 0..CLASSES {
                let gradient = weight * (parts[class] / sum - f32::from(u8::from(class == label)));
                let at = row + class;
                self.squares[at] += gradient * gradient;
                let step = RATE * (gradient + 1e-5 * self.weights[at]) / self.squares[at].sqrt();
                self.weights[at] = (self.weights[at] - step).clamp(-3.9, 3.9);
            }
        }
    }

    fn round(&mut self) {
        for weight in &mut self.weights {
            *weight = (*weight * STEPS).round().clamp(-127.0, 127.0) / STEPS;
        }
    }
}

struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

fn shuffled(count: usize, dice: &mut Dice) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    for at in (1..count).rev() {
        order.swap(at, (dice.next() % (at as u64 + 1)) as usize);
    }
    order
}

fn fit_first(samples: &[&Sample], seed: u64) -> Table {
    let mut table = Table::new();
    let mut dice = Dice(seed);
    for _ in 0..EPOCHS {
        for at in shuffled(samples.len(), &mut dice) {
            let sample = samples[at];
            for (features, &label) in sample.features.iter().zip(&sample.labels) {
                if dice.next() % 5 == 0 {
                    // Kinds 1, 12, 13, 14 stand at these places.
                    let kept: Vec<u32> = features
                        .iter()
                        .enumerate()
                        .filter(|(place, _)| !matches!(place, 0 | 4 | 5 | 6))
                        .map(|(_, &feature)| feature)
                        .collect();
                    assert!(features.len() < OWN || kept.len() + OWN == features.len());
                    table.learn(&kept, [0.0; CLASSES], label, sample.weight);
                } else {
                    table.learn(features, [0.0; CLASSES], label, sample.weight);
                }
            }
        }
    }
    table.round();
    table
}

fn first_scores(table: &Table, sample: &Sample) -> Vec<Scores> {
    let score = |features: &Vec<u32>| {
        table.score(features.iter().copied(), [0.0; CLASSES]).map(|score| (score * STEPS).round() as i32)
    };
    sample.features.iter().map(score).collect()
}

fn second_features(sample: &Sample, first: &[Scores], at: usize) -> Vec<u32> {
    let mut all = Vec::new();
    let said: Vec<u32> = first.iter().map(verdict).collect();
    let near = |place: usize| (at + place).checked_sub(SIDE).and_then(|at| said.get(at).copied());
    let near = std::array::from_fn(|place| near(place).unwrap_or(0));
    let around = around(&sample.tokens, at);
    let said = heard(&around, &near);
    for (number, places) in TRIPLES.iter().enumerate() {
        triple(number, places.map(|place| said[place]), |feature| all.push(feature));
    }
    among_words(&around, &said, |feature| all.push(feature));
    all
}

/// Both layers in one table; the second learns from first layers that did not see the text.
fn fit(samples: &[&Sample], seed: u64) -> Table {
    let halves = [0, 1].map(|half| {
        let part: Vec<&Sample> = samples.iter().copied().filter(|s| s.group % 2 != half).collect();
        fit_first(&part, seed + half)
    });
    let mut table = fit_first(samples, seed);
    let mut second = Table::new();
    let mut dice = Dice(seed + 9);
    for _ in 0..3 {
        for at in shuffled(samples.len(), &mut dice) {
            let sample = samples[at];
            let scores = first_scores(&halves[(sample.group % 2) as usize], sample);
            for at in 0..sample.labels.len() {
                let base = scores[at].map(|score| score as f32 / STEPS);
                let features = second_features(sample, &scores, at);
                second.learn(&features, base, sample.labels[at], sample.weight);
            }
        }
    }
    // Rows of the two layers may meet: hashes of both spread over the same table.
    for (weight, other) in table.weights.iter_mut().zip(&second.weights) {
        *weight += other;
    }
    table.round();
    table
}

fn decide(table: &Table, sample: &Sample, bias: f32) -> Vec<usize> {
    let first = first_scores(table, sample);
    (0..sample.labels.len())
        .map(|at| {
            let base = first[at].map(|score| score as f32 / STEPS);
            let mut scores = table.score(second_features(sample, &first, at).into_iter(), base);
            scores[0] += bias;
            best_of(&scores.map(|score| (score * STEPS).round() as i32))
        })
        .collect()
}

fn report(name: &str, judged: &[(&Sample, Vec<usize>)]) {
    let (mut hit, mut found, mut there, mut flagged) = ([0usize; 6], [0usize; 6], [0usize; 6], 0);
    for (sample, classes) in judged {
        flagged += usize::from(classes.iter().any(|&class| class > 0));
        for ((&class, &label), (start, end)) in classes.iter().zip(&sample.labels).zip(&sample.ranges) {
            let length = end - start;
            let mut count = |slot: usize, is: bool, was: bool| {
                found[slot] += usize::from(is) * length;
                there[slot] += usize::from(was) * length;
                hit[slot] += usize::from(is && was) * length;
            };
            for kind in 1..CLASSES {
                count(kind, class == kind, label == kind);
            }
            count(5, class > 0, label > 0);
        }
    }
    print!("{name}: {} texts, {:.2} % flagged;", judged.len(), 100.0 * flagged as f64 / judged.len() as f64);
    for kind in [1, 2, 3, 4, 5] {
        let (p, r) = (hit[kind] as f64 / found[kind].max(1) as f64, hit[kind] as f64 / there[kind].max(1) as f64);
        let name = if kind == 5 { "any" } else { NAMES[kind] };
        print!(" {name} P{p:.3} R{r:.3} F{:.3}", 2.0 * p * r / (p + r).max(1e-9));
    }
    println!();
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().collect();
    let weights: BTreeMap<String, f32> = std::env::var("SETS")
        .unwrap_or_else(|_| "pii=2,made=1,ordinary=2".to_owned())
        .split(',')
        .filter_map(|part| {
            let (name, weight) = part.split_once('=')?;
            Some((name.to_owned(), weight.parse().ok()?))
        })
        .collect();
    let read = |path: &str| -> Result<Vec<Text>, Box<dyn std::error::Error>> {
        fs::read_to_string(path)?.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
    };
    let texts = read(&args[2])?;
    let samples: Vec<Sample> = texts.iter().map(|text| sample(text, &weights)).collect();
    let bias: f32 = std::env::var("BIAS").ok().and_then(|bias| bias.parse().ok()).unwrap_or(0.0);
    match args[1].as_str() {
        "cross" => {
            let held: Vec<Text> = read(&args[3])?;
            let held: Vec<Sample> = held.iter().map(|text| sample(text, &weights)).collect();
            let mut tables = Vec::new();
            for fold in 0..5 {
                let part: Vec<&Sample> =
                    samples.iter().filter(|s| s.set != "pii" || s.group % 5 != fold).collect();
                tables.push(fit(&part, 11));
            }
            for bias in [0.0, 0.5, 1.0, 1.5, 2.0, 3.0] {
                println!("bias {bias}");
                let pii: Vec<_> = samples
                    .iter()
                    .filter(|s| s.set == "pii")
                    .map(|s| (s, decide(&tables[(s.group % 5) as usize], s, bias)))
                    .collect();
                report("  pii, templates not seen", &pii);
                let mut sets: Vec<&str> = held.iter().map(|s| s.set.as_str()).collect();
                sets.dedup();
                for set in sets {
                    let judged: Vec<_> = held
                        .iter()
                        .filter(|s| s.set == set)
                        .map(|s| (s, decide(&tables[0], s, bias)))
                        .collect();
                    report(&format!("  {set}"), &judged);
                }
            }
        }
        "all" => {
            let all: Vec<&Sample> = samples.iter().collect();
            let table = fit(&all, 11);
            let bytes: Vec<u8> =
                table.weights.iter().map(|weight| ((weight * STEPS).round() as i8).cast_unsigned()).collect();
            fs::File::create(&args[3])?.write_all(&bytes)?;
            let judged: Vec<_> = samples
                .iter()
                .filter(|s| s.set == "pii")
                .map(|s| (s, decide(&table, s, bias)))
                .collect();
            report("pii, fitted on it", &judged);
        }
        other => return Err(format!("no mode `{other}`").into()),
    }
    Ok(())
}

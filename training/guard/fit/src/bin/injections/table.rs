//! A linear model while it is fitted, and as it ships: eight bits a weight, in buckets of marks.

use std::collections::HashMap;

use crate::{
    examples::{Example, Text, place},
    inject::learnt::{
        document::{Document, cut},
        features::{SIZES, base, scale},
    },
};

const EPOCHS: usize = 3;
const RATE: f32 = 0.25;
const DECAY: f32 = 2e-6;
const BUCKETS: usize = 1 << 14;
const SLOTS: usize = 4;
const STEPS: f32 = 24.0;
const MOST: f32 = 127.0 / STEPS;

pub(crate) struct Table {
    pub(crate) weights: HashMap<u32, u32>,
    pub(crate) values: Vec<f32>,
    pub(crate) squares: Vec<f32>,
}

impl Table {
    /// A table for the features of `examples` that `keep` takes.
    pub(crate) fn new(examples: &[Example], keep: impl Fn(u32, u32) -> bool) -> Self {
        let mut counts: HashMap<u32, u32> = HashMap::new();
        for example in examples {
            for feature in example.flat.iter().chain(&example.run) {
                *counts.entry(*feature).or_default() += 1;
            }
        }
        let mut kept: Vec<u32> = counts
            .iter()
            .filter(|(feature, count)| keep(**feature, **count))
            .map(|(f, _)| *f)
            .collect();
        kept.sort_unstable();
        let weights = kept.iter().enumerate().map(|(at, feature)| (*feature, at as u32)).collect();
        Self { weights, values: vec![0.0; kept.len()], squares: vec![1e-2; kept.len()] }
    }

    pub(crate) fn value(&self, feature: u32) -> f32 {
        self.weights.get(&feature).map_or(0.0, |at| self.values[*at as usize])
    }

    pub(crate) fn score(&self, flat: &[u32], run: impl Iterator<Item = u32>, words: usize) -> f32 {
        let base: f32 = flat.iter().map(|feature| self.value(*feature)).sum();
        base + run.map(|feature| self.value(feature)).sum::<f32>() * scale(words)
    }

    pub(crate) fn fit(&mut self, examples: &[Example], seed: u64) {
        let known = |features: &[u32]| -> Vec<u32> {
            features.iter().filter_map(|feature| self.weights.get(feature).copied()).collect()
        };
        let ready: Vec<(Vec<u32>, Vec<u32>)> =
            examples.iter().map(|example| (known(&example.flat), known(&example.run))).collect();
        let mut dice = Dice(seed);
        for epoch in 0..EPOCHS {
            let mut loss = 0.0;
            for at in shuffled(examples.len(), &mut dice) {
                let (example, (flat, run)) = (&examples[at], &ready[at]);
                let each = scale(example.words);
                let sum =
                    |part: &[u32]| part.iter().map(|at| self.values[*at as usize]).sum::<f32>();
                let score = sum(flat) + sum(run) * each;
                let truth = f32::from(u8::from(example.label));
                let miss = (1.0 / (1.0 + (-score).exp()) - truth) * example.weight;
                loss += f64::from(miss.abs());
                for (features, size) in [(flat, 1.0), (run, each)] {
                    for at in features {
                        let at = *at as usize;
                        let gradient = miss * size + DECAY * self.values[at];
                        self.squares[at] += gradient * gradient;
                        let step = RATE * gradient / self.squares[at].sqrt();
                        self.values[at] = (self.values[at] - step).clamp(-MOST, MOST);
                    }
                }
            }
            eprintln!("  epoch {epoch}: {:.4}", loss / examples.len() as f64);
        }
    }
}

pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }
}

pub(crate) fn shuffled(count: usize, dice: &mut Dice) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    for at in (1..count).rev() {
        order.swap(at, dice.below(at + 1));
    }
    order
}

/// The table that ships, from two fitted ones: each bucket keeps the features that weigh most.
pub(crate) fn pack(prompt: &Table, document: &Table) -> (Vec<u8>, Vec<u32>) {
    let mut buckets: Vec<Vec<(u32, f32, f32)>> = vec![Vec::new(); BUCKETS];
    let features: std::collections::BTreeSet<u32> =
        prompt.weights.keys().chain(document.weights.keys()).copied().collect();
    for feature in features {
        let (a, b) = (prompt.value(feature), document.value(feature));
        if (a * STEPS).round() != 0.0 || (b * STEPS).round() != 0.0 {
            buckets[feature as usize % BUCKETS].push((feature, a, b));
        }
    }
    let (mut bytes, mut kept) = (Vec::new(), Vec::new());
    for bucket in &mut buckets {
        let worth = |entry: &(u32, f32, f32)| {
            let square = |table: &Table| {
                table.weights.get(&entry.0).map_or(0.0, |at| table.squares[*at as usize].sqrt())
            };
            // What was moved often and far is what counts.
            entry.1.abs() * square(prompt) + entry.2.abs() * square(document)
        };
        bucket.sort_by(|a, b| worth(b).total_cmp(&worth(a)).then(a.0.cmp(&b.0)));
        let mut marks: Vec<u8> = Vec::new();
        let mut chosen: Vec<(u32, f32, f32)> = Vec::new();
        for entry in bucket.iter() {
            let mark = ((entry.0 >> 24) as u8).max(1);
            if chosen.len() < SLOTS && !marks.contains(&mark) {
                marks.push(mark);
                chosen.push(*entry);
            }
        }
        kept.extend(chosen.iter().map(|entry| entry.0));
        marks.resize(SLOTS, 0);
        bytes.extend(&marks);
        let byte =
            |value: f32| ((value * STEPS).round().clamp(-127.0, 127.0) as i8).cast_unsigned();
        for of in [|entry: &(u32, f32, f32)| entry.1, |entry: &(u32, f32, f32)| entry.2] {
            bytes.extend((0..SLOTS).map(|at| chosen.get(at).map_or(0, |entry| byte(of(entry)))));
        }
    }
    (bytes, kept)
}

/// The weights as they ship, looked up as they are there: with what is taken for another.
pub(crate) fn shipped(bytes: &[u8], texts: &[Text], column: usize) -> Table {
    let mut table = Table { weights: HashMap::new(), values: Vec::new(), squares: Vec::new() };
    let mut add = |feature: u32| {
        let at = feature as usize % BUCKETS * SLOTS * 3;
        let mark = ((feature >> 24) as u8).max(1);
        if let Some(slot) = (0..SLOTS).find(|slot| bytes[at + slot] == mark) {
            let value = f32::from(bytes[at + SLOTS * column + slot].cast_signed()) / STEPS;
            let number = table.values.len() as u32;
            table.weights.entry(feature).or_insert_with(|| {
                table.values.push(value);
                number
            });
        }
    };
    for text in texts {
        text.features.iter().flatten().for_each(|feature| add(*feature));
        if let Some(document) = Document::of(&text.tokens, cut(&text.tokens)) {
            for at in 0..document.sentences.len() {
                place(&document, &text.tokens, at, &mut add);
            }
        }
        add(base(text.tokens.len()));
    }
    (1..=SIZES[2] + 1).for_each(|size| add(base(size)));
    table
}

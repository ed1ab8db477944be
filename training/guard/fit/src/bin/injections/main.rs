//! Fits the weights of `crates/assay-guard/src/inject/learnt/`.
//!
//! `injections TEXTS WEIGHTS` reads what `injections/gather.py` wrote, fits on the part `fit`, writes
//! the table, sets thresholds on the part `tune` and prints shares found by source, those of the part
//! `report` too, on which nothing is set. With MEASURE=1 the weights are read, not fitted.

#![allow(dead_code, reason = "only part of each module is used here")]

#[path = "../../../../../../crates/assay-guard/src"]
mod guard {
    pub(crate) mod kind;
    pub(crate) mod shadow;
}
#[path = "../../../../../../crates/assay-guard/src/inject"]
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

mod examples;
mod table;

use std::{collections::BTreeMap, fs};

use examples::{Example, Text, best, document_examples, place, prompt_examples, text};
pub(crate) use guard::{kind::Kind, shadow::Shadow};
use inject::learnt::document::{Document, Form, cut};
use table::{Table, pack, shipped};

pub(crate) const SEED: u64 = 20_261_121;
/// A feature must stand in so many examples.
const SEEN_LEAST: u32 = 4;

/// Shares that a part of the `tune` texts may exceed the thresholds by.
const PROMPTS_FLAGGED: f64 = 0.006;
const PAGES_FLAGGED: f64 = 0.002;
const DOCUMENTS_FLAGGED: f64 = 0.020;
const FORMS_FLAGGED: f64 = 0.0012;
/// A run never counts below.
const ATTACK_LEAST: f32 = -1.0;
const PROSE_FLAGGED: f64 = 0.0015;

/// The best sentence of a document.
fn sentence(table: &Table, text: &Text) -> Option<(Form, f32)> {
    let document = Document::of(&text.tokens, cut(&text.tokens))?;
    let scores = document.sentences.iter().enumerate().map(|(at, sentence)| {
        let mut flat = Vec::new();
        place(&document, &text.tokens, at, |feature| flat.push(feature));
        let run = text.features[sentence.first()..sentence.behind()].iter().flatten().copied();
        table.score(&flat, run, sentence.behind() - sentence.first())
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
    let ordinary =
        |text: &Text| tune(text) && matches!(text.line.source.as_str(), "sharegpt" | "clapnq");
    let total = texts.iter().filter(|text| ordinary(text)).count();
    let mut attack_from = [0.0; 4];
    for (size, from) in attack_from.iter_mut().enumerate() {
        let scores = |documents: bool| -> Vec<f32> {
            let own = |text: &Text| match documents {
                true => tune(text) && text.line.kind == "document",
                false => ordinary(text),
            };
            let runs =
                all().filter(|(text, _)| own(text)).filter_map(|(_, (runs, _))| runs.get(size));
            runs.map(|run| run.2).collect()
        };
        // Each length may flag a quarter of what all may, counted over all ordinary prompts.
        let prompts = scores(false);
        let share = PROMPTS_FLAGGED / 4.0 * total as f64 / prompts.len().max(1) as f64;
        let documents = quantile(scores(true), PAGES_FLAGGED);
        println!(
            "length {size}: {:.2} by prompts, {documents:.2} by documents",
            quantile(prompts.clone(), share)
        );
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
                println!(
                    "form {form:?}: {:.2} by {} prompts, {:.2} by documents",
                    quantile(prompts.clone(), share),
                    prompts.len(),
                    quantile(scores(true), DOCUMENTS_FLAGGED)
                );
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
        if std::env::var("SHOW").is_ok_and(|show| show == line.source)
            && (attack || order) != (line.label == 1)
        {
            let text: String = line.text.chars().take(200).collect();
            println!("  {} {attack} {order} {runs:?} {sentence:?} {text:?}", line.label);
        }
    }
    for ((part, kind, source, label), row) in rows {
        let share = |at: usize| 100.0 * row[at] as f64 / row[0] as f64;
        println!(
            "{part:6} {kind:8} {source:18} {label} {:6} texts: attack {:5.1} %, order {:5.1} %, either {:5.1} %",
            row[0],
            share(1),
            share(2),
            share(3)
        );
    }
}

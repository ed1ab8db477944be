//! Wrong hits of the semantic cache on pairs of real questions that differ in a number, a name or a
//! negation, at worst: as if every pair had the same vector.
//!
//! Names are not taken from the list of words that the guard knows: they are what the passages of
//! the data spell with a capital inside a sentence and never in lower case.

use std::collections::BTreeSet;

use super::{Guard, GuardedRequest};

const NUMBERS: [&str; 14] = [
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "first",
    "second", "third", "million",
];
const VERBS: [&str; 14] = [
    "is", "are", "was", "were", "does", "do", "did", "can", "could", "has", "have", "had", "will",
    "would",
];

fn guard(question: &str) -> Guard {
    Guard::of(&GuardedRequest {
        system: "",
        tools: b"",
        history: b"",
        temperature_percent: None,
        settings: b"",
        question,
    })
}

/// Questions and the texts of their passages.
fn data() -> Option<(Vec<String>, Vec<String>)> {
    let folder = assay_testkit::shared_data("clapnq")?;
    let (mut questions, mut texts) = (Vec::new(), Vec::new());
    for file in ["answerable.jsonl", "unanswerable.jsonl"] {
        let lines = std::fs::read_to_string(folder.join(file)).unwrap();
        for line in lines.lines() {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            questions.push(row["input"].as_str().unwrap().to_owned());
            for passage in row["passages"].as_array().unwrap() {
                texts.push(passage["text"].as_str().unwrap().to_owned());
            }
        }
    }
    Some((questions, texts))
}

fn names(texts: &[String]) -> Vec<String> {
    let (mut capital, mut small) = (BTreeSet::new(), BTreeSet::new());
    for text in texts {
        let mut before = ".";
        for word in text.split_whitespace() {
            let is_word = word.len() > 2 && word.chars().all(char::is_alphabetic);
            let starts = word.chars().next().is_some_and(char::is_uppercase);
            if is_word && starts && !before.ends_with(['.', '?', '!', ':', '"', '(']) {
                capital.insert(word.to_lowercase());
            } else if is_word && !starts {
                small.insert(word.to_owned());
            }
            before = word;
        }
    }
    capital.difference(&small).cloned().collect()
}

/// The question with one word in another's place.
fn replaced(words: &[&str], at: usize, by: &str) -> String {
    let mut words = words.to_vec();
    words[at] = by;
    words.join(" ")
}

fn changed(question: &str, names: &[String], pairs: &mut Vec<(String, String)>) {
    let words: Vec<&str> = question.split_whitespace().collect();
    for (at, word) in words.iter().enumerate() {
        let mut pair = |other: String| pairs.push((question.to_owned(), other));
        if let Ok(index) = names.binary_search(&word.to_lowercase()) {
            for step in [1, 7, 101] {
                let other = &names[(index + step) % names.len()];
                pair(replaced(&words, at, other));
                let (first, rest) = other.split_at(other.chars().next().unwrap().len_utf8());
                pair(replaced(&words, at, &format!("{}{rest}", first.to_uppercase())));
            }
        }
        if word.bytes().any(|byte| byte.is_ascii_digit()) {
            let next = |c: char| {
                c.to_digit(10).map_or(c, |digit| char::from(b'0' + (digit as u8 + 1) % 10))
            };
            pair(replaced(&words, at, &word.chars().map(next).collect::<String>()));
            pair(replaced(&words, at, &format!("{word}0")));
        }
        if let Some(index) = NUMBERS.iter().position(|number| number == word) {
            pair(replaced(&words, at, NUMBERS[(index + 1) % NUMBERS.len()]));
        }
        if VERBS.contains(word) {
            pair(replaced(&words, at, &format!("{word} not")));
            pair(replaced(&words, at, &format!("{word}n't")));
            pair(replaced(&words, at, &format!("{word} never")));
        }
        if *word == "with" {
            pair(replaced(&words, at, "without"));
        }
    }
}

#[test]
fn wrong_hits_are_one_in_a_hundred_at_most() {
    let Some((questions, texts)) = data() else { return };
    let names = names(&texts);
    let mut pairs = Vec::new();
    questions.iter().for_each(|question| changed(question, &names, &mut pairs));
    let wrong: Vec<_> = pairs.iter().filter(|(a, b)| guard(a) == guard(b)).collect();
    eprintln!("{} of {} pairs share an answer: {wrong:?}", wrong.len(), pairs.len());
    assert!(pairs.len() > 1_000, "only {} pairs", pairs.len());
    assert!(wrong.len() * 100 <= pairs.len());
}

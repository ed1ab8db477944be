//! Coordinated sentences: `A rose, and B fell.` says two things, each of which can be checked alone.

use assay_core::TextRange;

use super::grammar::{Word, opens_a_part, subject, words};

/// Words with which a statement reports what somebody says; what follows is part of the report.
const REPORTS: [&str; 16] = [
    "that",
    "said",
    "says",
    "say",
    "claimed",
    "claims",
    "argued",
    "argues",
    "believes",
    "believed",
    "thinks",
    "thought",
    "reported",
    "suggests",
    "according",
    "whether",
];

/// The parts of the sentence at `sentence`: one, or several that each stand alone, without the words
/// that join them.
pub(crate) fn parts(answer: &str, sentence: TextRange) -> Vec<TextRange> {
    let text = sentence.of(answer);
    let words = words(text);
    let base = sentence.start as usize;
    let mut parts = Vec::new();
    let mut from = 0;
    for at in 1..words.len() {
        let Some(right) = opens_a_half(&words, at) else { continue };
        let (Some(left), Some(rest)) = (words.get(from..at), words.get(right..)) else { continue };
        if !stands_alone(text, left) || !stands_alone(text, rest) {
            continue;
        }
        let (Some(first), Some(last)) = (left.first(), left.last()) else { continue };
        let start = first.range.start as usize;
        let half = text.get(start..last.range.end as usize).unwrap_or("");
        let half = half.trim_end_matches(|c: char| c == ',' || c == ';' || c.is_whitespace());
        parts.push(TextRange::new(base + start, base + start + half.len()));
        from = right;
    }
    match words.get(from).filter(|_| !parts.is_empty()) {
        Some(first) => {
            parts.push(TextRange::new(base + first.range.start as usize, base + text.len()));
        }
        None => parts.push(sentence),
    }
    parts
}

/// The first word of the half that a joint before `at` opens.
fn opens_a_half(words: &[Word<'_>], at: usize) -> Option<usize> {
    let before = words.get(at.checked_sub(1)?)?;
    let joins = matches!(words.get(at)?.text, "and" | "but" | "while" | "whereas");
    match before.text.chars().last()? {
        ';' if joins => Some(at + 1),
        ';' => Some(at),
        ',' if joins => Some(at + 1),
        _ => None,
    }
}

/// Whether these words are a statement with a subject of its own, on which nothing outside bears.
fn stands_alone(text: &str, words: &[Word<'_>]) -> bool {
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return false };
    let lower = first.lower();
    let bound = opens_a_part(&lower) && subject(words).is_none();
    let range = first.range.start as usize..last.range.end as usize;
    let whole = text.get(range).unwrap_or("");
    let reports = words.iter().any(|word| REPORTS.contains(&word.lower().as_str()));
    let conditional = words.iter().any(|word| matches!(word.lower().as_str(), "if" | "unless"));
    let says_something = subject(words).is_some_and(|subject| subject.len + 1 < words.len());
    !bound && !reports && !conditional && is_balanced(whole) && says_something
}

/// Whether every bracket and quotation mark that is opened is closed.
fn is_balanced(text: &str) -> bool {
    let count = |c: char| text.matches(c).count();
    count('(') == count(')')
        && count('[') == count(']')
        && count('“') == count('”')
        && count('"') % 2 == 0
}

//! A name that stands for several things: the question is asked back, with what it can mean.
//!
//! The rule: two documents say of one name that it is something, and not the same; each of them
//! answers the question; and the question says nothing that tells them apart.

use assay_core::DocumentId;

use super::{Evidence, Reading, extractive::candidates, topic::stems};
use crate::{
    claim::grammar::{is_determiner, subject, words},
    extract,
    verify::words::WordSet,
};

/// Characters of a label at most.
const LABEL_CHARS: usize = 120;

/// One thing that a name stands for.
struct Sense {
    document: DocumentId,
    /// The name, in lower case.
    name: String,
    label: String,
    /// Stems of what it is said to be.
    is: WordSet<String>,
}

/// What the question can mean; fewer than two when that is clear.
pub(super) fn readings(question: &extract::Question<'_>, evidence: &Evidence) -> Vec<Reading> {
    let asked = stems(question.text);
    let mut senses = senses(question.text, evidence);
    let Some(name) = senses.first().map(|sense| sense.name.clone()) else { return Vec::new() };
    senses.retain(|sense| sense.name == name);
    let is_told = senses.iter().any(|sense| sense.is.intersection(&asked).next().is_some());
    let is_same = senses.iter().enumerate().any(|(at, sense)| {
        senses.iter().skip(at + 1).any(|other| sense.is.intersection(&other.is).next().is_some())
    });
    if senses.len() < 2 || is_told || is_same {
        return Vec::new();
    }
    let covered: Vec<usize> =
        senses.iter().map(|sense| covered(evidence, sense.document, &asked)).collect();
    let most = covered.iter().copied().max().unwrap_or(0);
    let readings: Vec<Reading> = senses
        .into_iter()
        .zip(covered)
        .filter(|(sense, covered)| *covered == most && answers(question, evidence, sense.document))
        .filter_map(|(sense, _)| {
            let found =
                evidence.passages.iter().find(|found| found.passage.document == sense.document)?;
            let passage = &found.passage;
            let title = passage.title.clone().unwrap_or_else(|| passage.name.clone());
            Some(Reading { label: sense.label, document: sense.document, title })
        })
        .collect();
    if readings.len() < 2 { Vec::new() } else { readings }
}

/// What the documents say of names of the question, one sense of a document.
fn senses(question: &str, evidence: &Evidence) -> Vec<Sense> {
    let mut senses: Vec<Sense> = Vec::new();
    for (place, found) in evidence.passages.iter().enumerate() {
        let document = found.passage.document;
        if senses.iter().any(|known| known.document == document) {
            continue;
        }
        let titled = found.passage.title.as_deref().and_then(|title| in_brackets(question, title));
        let mut own = evidence.sentences.iter().filter(|sentence| sentence.passage == place);
        let told = titled.or_else(|| own.find_map(|one| defines(question, &one.words.text)));
        if let Some((name, label, is)) = told {
            senses.push(Sense { document, name, label, is });
        }
    }
    senses
}

/// `Mercury (planet)`.
fn in_brackets(question: &str, title: &str) -> Option<(String, String, WordSet<String>)> {
    let (name, kind) = title.trim().strip_suffix(')')?.split_once('(')?;
    let name = name.trim().to_lowercase();
    let is_asked = !name.is_empty() && holds(&question.to_lowercase(), &name);
    is_asked.then(|| (name, title.trim().to_owned(), stems(kind)))
}

/// `Dr. Lind is a physician …`, where the question writes the name as one.
fn defines(question: &str, sentence: &str) -> Option<(String, String, WordSet<String>)> {
    let all = words(sentence);
    let subject = subject(&all)?;
    let verb = all.get(subject.len)?.lower();
    let article = all.get(subject.len + 1)?.lower();
    if !matches!(verb.as_str(), "is" | "was" | "are" | "were")
        || !matches!(article.as_str(), "a" | "an" | "the" | "one")
    {
        return None;
    }
    let name: Vec<_> =
        all.get(..subject.len)?.iter().skip_while(|word| is_determiner(&word.lower())).collect();
    let (first, last) = (name.first()?, name.last()?);
    let written = sentence.get(first.range.start as usize..last.range.end as usize)?;
    let is_name = name.iter().all(|word| word.is_name());
    // A capital at the front of the question says nothing.
    let inside = question.trim_start().split_once(' ').map_or("", |(_, rest)| rest);
    if !is_name || !holds(inside, written) {
        return None;
    }
    // What it is stands right behind: `a physician in Oslo`.
    let rest = sentence.get(all.get(subject.len + 2)?.range.start as usize..)?;
    let kind: String = rest.split_inclusive([' ', ',', '.']).take(3).collect();
    let label = sentence.chars().take(LABEL_CHARS).collect();
    Some((written.to_lowercase(), label, stems(&kind)))
}

/// Whether `text` holds `name` as whole words.
fn holds(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let after = text.get(at + name.len()..).and_then(|after| after.chars().next());
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

/// Content words of the question that the passages of a document hold.
fn covered(evidence: &Evidence, document: DocumentId, asked: &WordSet<String>) -> usize {
    let own = evidence.passages.iter().filter(|found| found.passage.document == document);
    let said: WordSet<String> = own.flat_map(|found| stems(&found.passage.text)).collect();
    asked.intersection(&said).count()
}

/// Whether the passages of one document answer the question.
fn answers(question: &extract::Question<'_>, evidence: &Evidence, document: DocumentId) -> bool {
    let own: Vec<_> = candidates(evidence)
        .into_iter()
        .filter(|(at, _)| evidence.document(*at) == Some(document))
        .map(|(_, candidate)| candidate)
        .collect();
    !extract::extract(question, &own).sentences.is_empty()
}

//! What kind of answer a question asks for, and whether a sentence has something of that kind.

use std::collections::HashSet;

use crate::verify::{
    align::Analysed,
    facts::{Fact, Value},
};

/// What would answer a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    /// A person or another name: `who`, `where`.
    Name,
    /// A moment: `when`, `what year`.
    Date,
    /// A quantity: `how many`, `how long`.
    Number,
    /// A cause: `why`.
    Cause,
    /// What something is or means.
    Definition,
    /// Anything else.
    Open,
}

/// What kind of answer a question asks for, by its question words wherever they stand.
pub(crate) fn expected(question: &Analysed) -> Expected {
    let words: Vec<&str> = question.tokens.iter().map(|token| token.lower.as_str()).collect();
    let has = |word: &str| words.contains(&word);
    let pair = |a: &str, seconds: &[&str]| {
        words.windows(2).any(|two| two[0] == a && seconds.contains(&two[1]))
    };
    if has("when")
        || pair("what", &["year", "date", "day", "time", "month", "century"])
        || pair("which", &["year", "date"])
    {
        Expected::Date
    } else if pair(
        "how",
        &[
            "many", "much", "long", "old", "far", "big", "tall", "often", "high", "deep", "large",
            "fast", "hot",
        ],
    ) {
        Expected::Number
    } else if has("who") || has("whose") || has("whom") || has("where") {
        Expected::Name
    } else if has("why") || has("reason") || has("cause") || has("purpose") || has("causes") {
        Expected::Cause
    } else if has("mean")
        || has("meaning")
        || has("definition")
        || pair("what", &["is", "are", "was", "does"])
    {
        Expected::Definition
    } else {
        Expected::Open
    }
}

/// Whether a sentence holds something of the expected kind that the question does not give.
pub(crate) fn fits(expected: Expected, question: &Analysed, sentence: &Analysed) -> bool {
    let asked: HashSet<&str> = question.tokens.iter().map(|token| token.lower.as_str()).collect();
    let told = |token: &str| sentence.tokens.iter().any(|other| other.lower == token);
    let new = |fact: &&Fact| {
        sentence
            .tokens
            .iter()
            .skip(fact.at)
            .take(fact.len)
            .any(|token| !asked.contains(token.lower.as_str()))
    };
    let mut facts = sentence.facts.iter().filter(new);
    match expected {
        Expected::Date => facts.any(|fact| matches!(fact.value, Value::Date { .. })),
        Expected::Number => facts.any(|fact| matches!(fact.value, Value::Number(..))),
        Expected::Name => facts.any(|fact| matches!(fact.value, Value::Name(_))),
        Expected::Cause => CAUSES.iter().any(|cause| told(cause)),
        Expected::Definition => DEFINES.iter().any(|word| told(word)),
        Expected::Open => true,
    }
}

const CAUSES: [&str; 18] = [
    "because",
    "due",
    "since",
    "result",
    "resulted",
    "caused",
    "cause",
    "causes",
    "led",
    "reason",
    "reasons",
    "therefore",
    "order",
    "so",
    "purpose",
    "allow",
    "allows",
    "prevent",
];
const DEFINES: [&str; 14] = [
    "is",
    "are",
    "was",
    "were",
    "means",
    "refers",
    "meaning",
    "called",
    "known",
    "defined",
    "term",
    "describes",
    "consists",
    "meant",
];

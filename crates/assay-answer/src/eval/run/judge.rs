//! One reply against what is known of the answer.

use std::collections::{BTreeMap, HashMap};

use super::{DocumentName, QuestionResult, Reply};
use crate::{
    ask::without_marks,
    eval::{JudgedQuestion, metric},
};

/// Documents of a ranking that count.
const RANKS: usize = 10;
/// An answer holds an expected one when it has this share of its words and all of its numbers: word
/// order and the smallest words differ between people too.
const WORDS_MIN: f64 = 0.8;

pub(super) fn judge(expected: JudgedQuestion, reply: Reply) -> QuestionResult {
    let mut judging = Judging::default();
    if let Some(error) = &reply.error {
        judging.failures.push(format!("the request failed: {error}"));
    } else if expected.not_in_sources {
        judging.measure("abstention_accuracy", f64::from(u8::from(!reply.answered)));
        if reply.answered {
            judging.failures.push("it was answered, and the sources do not hold an answer".into());
        }
    } else {
        judging.answerable(&expected, &reply);
    }
    if reply.answered && !reply.verdicts.is_empty() {
        let supported = reply.verdicts.iter().filter(|verdict| *verdict == "supported").count();
        judging.measure("supported_share", metric::share(supported, reply.verdicts.len()));
    }
    if expected.is_judged() {
        judging.measure("passed", f64::from(u8::from(judging.failures.is_empty())));
    }
    let Judging { failures, measures } = judging;
    QuestionResult { expected, reply, failures, measures }
}

#[derive(Default)]
struct Judging {
    failures: Vec<String>,
    measures: BTreeMap<String, f64>,
}

impl Judging {
    fn measure(&mut self, name: &str, value: f64) {
        self.measures.insert(name.to_owned(), value);
    }

    fn answerable(&mut self, expected: &JudgedQuestion, reply: &Reply) {
        if !expected.documents.is_empty() {
            self.ranking(&expected.documents, &reply.ranking);
        }
        if expected.is_answerable() {
            self.measure("abstention_accuracy", f64::from(u8::from(reply.answered)));
            if !reply.answered {
                self.failures.push("it was not answered, and an answer is expected".to_owned());
            }
        }
        if !expected.documents.is_empty() {
            self.citations(&expected.documents, reply);
        }
        if !expected.answers.is_empty() {
            self.answer(&expected.answers, reply);
        }
    }

    fn ranking(&mut self, expected: &[String], ranking: &[DocumentName]) {
        let relevant: HashMap<String, f64> =
            expected.iter().map(|name| (name.to_lowercase(), 1.0)).collect();
        let mut names: Vec<String> = Vec::with_capacity(ranking.len());
        for document in ranking {
            // Each expectation is met once, also when two versions of a document share its name.
            let met =
                relevant.keys().find(|name| document.is_called(name) && !names.contains(name));
            names.push(met.cloned().unwrap_or_default());
        }
        let first = names.iter().position(|name| !name.is_empty());
        self.measure("ndcg_at_10", metric::ndcg(&names, &relevant, RANKS));
        self.measure("recall_at_10", metric::recall(&names, &relevant, RANKS));
        self.measure("mrr", first.map_or(0.0, |at| 1.0 / (at + 1) as f64));
        if first.is_none_or(|at| at >= RANKS) {
            self.failures.push(format!("no expected document is among the first {RANKS} found"));
        }
    }

    fn citations(&mut self, expected: &[String], reply: &Reply) {
        let called = |name: &String| {
            reply.citations.iter().any(|citation| citation.document.is_called(name))
        };
        let cited = expected.iter().filter(|name| called(name)).count();
        self.measure("citation_recall", metric::share(cited, expected.len()));
        if !reply.answered {
            return;
        }
        let right = reply
            .citations
            .iter()
            .filter(|citation| expected.iter().any(|name| citation.document.is_called(name)));
        self.measure("citation_precision", metric::share(right.count(), reply.citations.len()));
        if cited == 0 {
            self.failures.push("it cites no expected document".to_owned());
        }
    }

    fn answer(&mut self, expected: &[String], reply: &Reply) {
        let given = if reply.answered { words(&without_marks(&reply.answer)) } else { Vec::new() };
        let expected: Vec<Vec<String>> = expected.iter().map(|answer| words(answer)).collect();
        let f1 =
            |wanted: &Vec<String>| metric::f1(common(wanted, &given), given.len(), wanted.len());
        let matches = expected.iter().any(|wanted| holds(&given, wanted));
        self.measure("answer_match", f64::from(u8::from(matches)));
        self.measure("answer_f1", expected.iter().map(f1).fold(0.0, f64::max));
        if reply.answered && !matches {
            self.failures.push("the answer does not hold the expected one".to_owned());
        }
    }
}

/// Words in lower case without articles, as SQuAD compares answers.
fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.filter(|word| !matches!(*word, "a" | "an" | "the")).map(str::to_owned).collect()
}

/// Words that both hold, counted as often as both hold them.
fn common(wanted: &[String], given: &[String]) -> usize {
    let mut left: HashMap<&String, usize> = HashMap::new();
    for word in given {
        *left.entry(word).or_default() += 1;
    }
    let found = wanted.iter().filter(|word| {
        left.get_mut(*word).is_some_and(|count| {
            let there = *count > 0;
            *count = count.saturating_sub(1);
            there
        })
    });
    found.count()
}

fn holds(given: &[String], wanted: &[String]) -> bool {
    let number = |word: &&String| word.chars().any(|c| c.is_ascii_digit());
    let numbers = wanted.iter().filter(number).all(|word| given.contains(word));
    let in_order = !wanted.is_empty() && given.windows(wanted.len()).any(|part| part == wanted);
    in_order || (numbers && metric::share(common(wanted, given), wanted.len()) >= WORDS_MIN)
}

//! What came of a file of questions: each question judged, and the figures of all.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{JudgedQuestion, metric};

mod judge;

/// A document by all that a question may call it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentName {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Where it came from.
    pub url: String,
}

impl DocumentName {
    /// Whether `name` calls this document: by id, title, address, or the end of its address from a
    /// slash on. Case does not count.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        let url = self.url.to_lowercase();
        let ends = url.strip_suffix(name.as_str()).is_some_and(|rest| rest.ends_with(['/', '\\']));
        ends || [&self.id, &self.title].iter().any(|own| own.to_lowercase() == name) || url == name
    }
}

/// A citation of an answer, in the passage that holds it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CitedQuote {
    /// The `[n]` of the answer.
    pub number: usize,
    /// The document.
    pub document: DocumentName,
    /// The words of the document, unchanged.
    pub quote: String,
    /// The passage's words in front of the quote.
    pub before: String,
    /// The passage's words after it.
    pub after: String,
    /// The verdict.
    pub verdict: String,
    /// The confidence.
    pub confidence: f32,
}

/// What the system replied to a question.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Reply {
    /// The documents that search found, best first, each once.
    pub ranking: Vec<DocumentName>,
    /// The state of the answer.
    pub state: String,
    /// Whether there is an answer.
    pub answered: bool,
    /// The answer.
    pub answer: String,
    /// Verdicts of its claims.
    pub verdicts: Vec<String>,
    /// Its citations.
    pub citations: Vec<CitedQuote>,
    /// Milliseconds of the search.
    pub search_ms: f64,
    /// Milliseconds of the answer.
    pub answer_ms: f64,
    /// Why there is no reply, when a request failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A question with its reply, judged.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct QuestionResult {
    /// The question and what is known of its answer.
    #[serde(flatten)]
    pub expected: JudgedQuestion,
    /// What came back.
    pub reply: Reply,
    /// What is wrong with it; empty when nothing is, or when nothing is known to judge it by.
    pub failures: Vec<String>,
    /// Its figures by name; only those that the question has something to say about.
    pub measures: BTreeMap<String, f64>,
}

/// A file of questions that was asked under one set of settings.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct QuestionRun {
    /// Version of Assay.
    pub version: String,
    /// The settings that were given, such as `mode=keyword`; empty for those of the server.
    pub settings: Vec<String>,
    /// The figures.
    pub figures: QuestionFigures,
    /// The questions: failures first, else in the order of the file.
    pub questions: Vec<QuestionResult>,
}

/// How a file of questions did. Every share is a mean over the questions that have something to say
/// about it, and absent when none has.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct QuestionFigures {
    /// Questions.
    pub questions: usize,
    /// Questions with an expected answer or document.
    pub answerable: usize,
    /// Questions that the sources do not answer.
    pub unanswerable: usize,
    /// Requests that failed.
    pub errors: usize,
    /// Share of the judged questions without a failure.
    pub pass_rate: Option<f64>,
    /// nDCG over the first ten documents found.
    pub ndcg_at_10: Option<f64>,
    /// Share of the expected documents among the first ten found.
    pub recall_at_10: Option<f64>,
    /// Mean of 1 / place of the first expected document; 0 when it is not found.
    pub mrr: Option<f64>,
    /// Share of an answer's citations that lie in an expected document.
    pub citation_precision: Option<f64>,
    /// Share of the expected documents that the answer cites; 0 for an abstention.
    pub citation_recall: Option<f64>,
    /// Share of an answer's claims that were found supported; needs no judgement.
    pub supported_share: Option<f64>,
    /// Share of the answers that hold an expected answer.
    pub answer_match: Option<f64>,
    /// F1 of the words of the answer against those of the expected one.
    pub answer_f1: Option<f64>,
    /// Share of the judged questions answered or declined as they should be.
    pub abstention_accuracy: Option<f64>,
    /// Share of the abstentions that were right.
    pub abstention_precision: Option<f64>,
    /// Share of the unanswerable questions that were met with an abstention.
    pub abstention_recall: Option<f64>,
    /// Milliseconds of one search.
    pub search_ms: super::Latency,
    /// Milliseconds of one answer.
    pub answer_ms: super::Latency,
}

impl QuestionRun {
    /// Judges the replies.
    #[must_use]
    pub fn new(settings: Vec<String>, replies: Vec<(JudgedQuestion, Reply)>) -> Self {
        let judged = replies.into_iter().map(|(question, reply)| judge::judge(question, reply));
        let mut questions: Vec<QuestionResult> = judged.collect();
        let figures = QuestionFigures::of(&questions);
        questions.sort_by_key(|result| result.failures.is_empty());
        Self { version: env!("CARGO_PKG_VERSION").to_owned(), settings, figures, questions }
    }
}

impl QuestionFigures {
    fn of(questions: &[QuestionResult]) -> Self {
        let mean = |name: &str| {
            let values: Vec<f64> =
                questions.iter().filter_map(|one| one.measures.get(name).copied()).collect();
            (!values.is_empty()).then(|| metric::mean(&values))
        };
        let count = |test: &dyn Fn(&QuestionResult) -> bool| {
            questions.iter().filter(|result| test(result)).count()
        };
        let share = |part: usize, all: usize| (all > 0).then(|| metric::share(part, all));
        let declined = |one: &QuestionResult| one.reply.error.is_none() && !one.reply.answered;
        let unanswerable = count(&|one| one.expected.not_in_sources);
        let rightly = count(&|one| declined(one) && one.expected.not_in_sources);
        let declined = count(&|one| declined(one) && one.expected.is_judged());
        let latency = |of: fn(&Reply) -> f64| {
            let replied = questions.iter().filter(|one| one.reply.error.is_none());
            super::Latency::of(&replied.map(|one| of(&one.reply)).collect::<Vec<_>>())
        };
        Self {
            questions: questions.len(),
            answerable: count(&|one| one.expected.is_answerable()),
            unanswerable,
            errors: count(&|one| one.reply.error.is_some()),
            pass_rate: mean("passed"),
            ndcg_at_10: mean("ndcg_at_10"),
            recall_at_10: mean("recall_at_10"),
            mrr: mean("mrr"),
            citation_precision: mean("citation_precision"),
            citation_recall: mean("citation_recall"),
            supported_share: mean("supported_share"),
            answer_match: mean("answer_match"),
            answer_f1: mean("answer_f1"),
            abstention_accuracy: mean("abstention_accuracy"),
            abstention_precision: share(rightly, declined),
            abstention_recall: share(rightly, unanswerable),
            search_ms: latency(|reply| reply.search_ms),
            answer_ms: latency(|reply| reply.answer_ms),
        }
    }
}

#[cfg(test)]
mod tests;

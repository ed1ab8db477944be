//! Does an answer cite the right sentences, and does it abstain when there is no answer?
//!
//! The passages of all questions are taken in together, and every question is asked over all of
//! them, as a user would.

use std::{collections::HashSet, path::Path};

use assay_core::{DocumentId, TenantScope};
use serde::{Deserialize, Serialize};

use super::{CorpusDocument, PerQuestion, Progress, find_file, ingest, metric, read_lines};
use crate::{Answer, AnswerError, AnswerState, Engine, Question, WriterChoice};

/// How answers did.
#[derive(Debug, Clone, Serialize)]
pub struct AnswerFigures {
    /// Share of the citations that lie in the passage which people judged to be the question's
    /// evidence, over the answered answerable questions.
    pub citation_precision: f64,
    /// Share of the answerable questions whose answer cites at least one sentence that people
    /// selected.
    pub citation_recall: f64,
    /// Share of the abstentions that were right.
    pub abstention_precision: f64,
    /// Share of the unanswerable questions that were met with an abstention.
    pub abstention_recall: f64,
    /// F1 of the cited sentences against the selected ones, mean over the answerable questions;
    /// an abstention counts 0.
    pub sentence_f1: f64,
    /// Answerable questions.
    pub answerable: usize,
    /// Unanswerable questions.
    pub unanswerable: usize,
    /// Milliseconds of one answer.
    pub latency_ms: super::Latency,
    /// Right citations, selected sentences cited and right abstention, for each question.
    #[serde(skip)]
    pub per_question: Vec<PerQuestion>,
}

#[derive(Deserialize)]
struct Line {
    input: String,
    passages: Vec<LinePassage>,
    #[serde(default)]
    output: Vec<LineOutput>,
}

#[derive(Deserialize)]
struct LinePassage {
    #[serde(default)]
    title: String,
    text: String,
}

#[derive(Deserialize)]
struct LineOutput {
    #[serde(default)]
    selected_sentences: Vec<String>,
}

/// A question with what people judged.
struct Judged {
    question: String,
    /// Documents made of its passages.
    own: Vec<DocumentId>,
    /// Sentences that people selected, in the form of [`normal`]; none when unanswerable.
    selected: HashSet<String>,
}

/// Asks every question of `answerable.jsonl` and `unanswerable.jsonl`, extractively or with the
/// model that is set up.
///
/// # Errors
/// When the data cannot be read or a question fails.
pub async fn answers(
    engine: &Engine,
    scope: &TenantScope,
    data: &Path,
    writer: WriterChoice,
    progress: Progress<'_>,
) -> Result<AnswerFigures, AnswerError> {
    let (answerable, unanswerable) = judged(engine, scope, data, progress).await?;
    let total = answerable.len() + unanswerable.len();
    let (mut right, mut cited, mut recalled) = (0, 0, 0);
    let (mut wrong_abstentions, mut right_abstentions) = (0, 0);
    let (mut f1, mut times) = (Vec::new(), Vec::new());
    let mut per_question = Vec::new();
    for (done, judged) in answerable.iter().chain(&unanswerable).enumerate() {
        let question = Question { writer, ..Question::new(&judged.question) };
        let answer = engine.ask(scope, &question).await?;
        times.push(answer.took.as_secs_f64() * 1e3);
        let abstained = answer.claims.is_empty();
        if done >= answerable.len() {
            right_abstentions += usize::from(abstained);
        } else {
            wrong_abstentions += usize::from(abstained);
            cited += answer.citations.len();
            right += own_citations(&answer, &judged.own);
            let hits = selected_citations(&answer, &judged.selected);
            recalled += usize::from(hits > 0);
            f1.push(metric::f1(hits, answer.citations.len(), judged.selected.len()));
        }
        per_question.push(measured(done, &answer, judged));
        progress("asking", done + 1, total);
    }
    Ok(AnswerFigures {
        citation_precision: metric::share(right, cited),
        citation_recall: metric::share(recalled, answerable.len()),
        abstention_precision: metric::share(
            right_abstentions,
            right_abstentions + wrong_abstentions,
        ),
        abstention_recall: metric::share(right_abstentions, unanswerable.len()),
        sentence_f1: metric::mean(&f1),
        answerable: answerable.len(),
        unanswerable: unanswerable.len(),
        latency_ms: super::Latency {
            p50: metric::percentile(&times, 0.5),
            p95: metric::percentile(&times, 0.95),
        },
        per_question,
    })
}

/// The figures of one question; citations count only where there is an answer to cite for.
fn measured(index: usize, answer: &Answer, judged: &Judged) -> PerQuestion {
    let abstained = answer.state == AnswerState::NotInSources;
    let answerable = !judged.selected.is_empty();
    let share = |part| metric::share(part, answer.citations.len());
    let right = f64::from(u8::from(abstained != answerable));
    let mut of = PerQuestion::new((index + 1).to_string(), [("abstention_accuracy", right)]);
    let mut add = |name: &str, value| of.measures.insert(name.to_owned(), value);
    if answerable {
        let hits = selected_citations(answer, &judged.selected);
        add("citation_recall", f64::from(u8::from(hits > 0)));
        add("sentence_f1", metric::f1(hits, answer.citations.len(), judged.selected.len()));
        if !abstained {
            add("citation_precision", share(own_citations(answer, &judged.own)));
        }
    }
    of
}

async fn judged(
    engine: &Engine,
    scope: &TenantScope,
    data: &Path,
    progress: Progress<'_>,
) -> Result<(Vec<Judged>, Vec<Judged>), AnswerError> {
    let mut lines: Vec<Line> = read_lines(&find_file(data, "clapnq", "answerable.jsonl")?)?;
    let answerable = lines.len();
    lines.extend(read_lines::<Line>(&find_file(data, "clapnq", "unanswerable.jsonl")?)?);
    let documents = lines
        .iter()
        .enumerate()
        .flat_map(|(number, line)| {
            line.passages.iter().enumerate().map(move |(index, passage)| CorpusDocument {
                name: format!("{number}-{index}"),
                title: passage.title.clone(),
                text: passage.text.clone(),
            })
        })
        .collect();
    let mut ids = ingest(engine, scope, documents, progress).await?.into_iter();
    let mut judged: Vec<Judged> = lines
        .into_iter()
        .map(|line| Judged {
            own: ids.by_ref().take(line.passages.len()).collect(),
            selected: line
                .output
                .iter()
                .flat_map(|output| &output.selected_sentences)
                .map(|sentence| normal(sentence))
                .collect(),
            question: line.input,
        })
        .collect();
    let unanswerable = judged.split_off(answerable);
    Ok((judged, unanswerable))
}

fn own_citations(answer: &Answer, own: &[DocumentId]) -> usize {
    let is_own = |document: &DocumentId| own.contains(document);
    answer.citations.iter().filter(|citation| is_own(&citation.passage.passage.document)).count()
}

/// Citations whose quote is a selected sentence or lies in one: the data's own sentence limits
/// differ from ours here and there.
fn selected_citations(answer: &Answer, selected: &HashSet<String>) -> usize {
    let quotes: HashSet<String> =
        answer.citations.iter().map(|citation| normal(citation.quote())).collect();
    let meets = |sentence: &&String| {
        quotes.iter().any(|quote| quote.contains(sentence.as_str()) || sentence.contains(quote))
    };
    selected.iter().filter(meets).count()
}

/// A sentence without case, spaces and punctuation.
fn normal(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

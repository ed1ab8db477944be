//! Does search find the documents that people judged relevant?

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
    time::Duration,
};

use assay_core::{Deadline, DocumentId, TenantScope};
use assay_index::fuse::{FusedHit, by_document};
use serde::{Deserialize, Serialize};

use super::{CorpusDocument, PerQuestion, Progress, find_file, ingest, metric, read_lines};
use crate::{AnswerError, Engine, SearchMode, SearchQuery};

/// Passages read for a ranking of 100 documents.
const PASSAGES: usize = 300;
/// No query of an evaluation is cut short by its budget.
const BUDGET: Duration = Duration::from_secs(60);

/// Where the corpus, the queries and the judgements are.
#[derive(Debug, Clone)]
pub struct RetrievalData {
    /// Folder with `corpus.jsonl` (`_id`, `title`, `text`).
    pub data: PathBuf,
    /// JSON Lines with `_id` and `text`.
    pub queries: PathBuf,
    /// Tab-separated: query, document, grade, under one line of headings.
    pub qrels: PathBuf,
}

/// Milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Latency {
    /// Median.
    pub p50: f64,
    /// 95 of 100 are at most this.
    pub p95: f64,
}

impl Latency {
    pub(crate) fn of(times: &[f64]) -> Self {
        Self { p50: metric::percentile(times, 0.5), p95: metric::percentile(times, 0.95) }
    }
}

/// How search did.
#[derive(Debug, Clone, Serialize)]
pub struct RetrievalFigures {
    /// nDCG over the first ten documents, mean over the queries.
    pub ndcg_at_10: f64,
    /// Recall over the first hundred.
    pub recall_at_100: f64,
    /// Of one search, the query's embedding included.
    pub latency_ms: Latency,
    /// Documents in the corpus.
    pub documents: usize,
    /// Queries with judgements.
    pub queries: usize,
    /// Which lanes took part.
    pub mode: String,
    /// The same for each query.
    #[serde(skip)]
    pub per_question: Vec<PerQuestion>,
}

#[derive(Deserialize)]
struct Line {
    #[serde(rename = "_id")]
    id: String,
    #[serde(default)]
    title: String,
    text: String,
}

/// Takes the corpus in and asks every query that has judgements.
///
/// # Errors
/// When the data cannot be read or a search fails.
pub async fn retrieval(
    engine: &Engine,
    scope: &TenantScope,
    data: &RetrievalData,
    mode: SearchMode,
    progress: Progress<'_>,
) -> Result<RetrievalFigures, AnswerError> {
    let corpus: Vec<Line> = read_lines(&find_file(&data.data, "scifact", "corpus.jsonl")?)?;
    let judgements = judgements(data)?;
    let queries: Vec<Line> = read_lines(&data.queries)?;
    let names: Vec<String> = corpus.iter().map(|line| line.id.clone()).collect();
    let documents = corpus
        .into_iter()
        .map(|line| CorpusDocument { name: line.id, title: line.title, text: line.text })
        .collect();
    let ids = ingest(engine, scope, documents, progress).await?;
    let names: HashMap<DocumentId, String> = ids.into_iter().zip(names).collect();

    let asked: Vec<&Line> =
        queries.iter().filter(|query| judgements.contains_key(&query.id)).collect();
    let (mut ndcg, mut recall, mut times) = (Vec::new(), Vec::new(), Vec::new());
    let mut per_question = Vec::new();
    for (done, query) in asked.iter().enumerate() {
        let Some(relevant) = judgements.get(&query.id) else { continue };
        let (ranking, ms) = rank(engine, scope, &query.text, mode, &names).await?;
        ndcg.push(metric::ndcg(&ranking, relevant, 10));
        recall.push(metric::recall(&ranking, relevant, 100));
        times.push(ms);
        let measures = [
            ("ndcg_at_10", metric::ndcg(&ranking, relevant, 10)),
            ("recall_at_100", metric::recall(&ranking, relevant, 100)),
            ("search_ms", ms),
        ];
        per_question.push(PerQuestion::new(&query.id, measures));
        progress("asking", done + 1, asked.len());
    }
    Ok(RetrievalFigures {
        ndcg_at_10: metric::mean(&ndcg),
        recall_at_100: metric::mean(&recall),
        latency_ms: Latency {
            p50: metric::percentile(&times, 0.5),
            p95: metric::percentile(&times, 0.95),
        },
        documents: names.len(),
        queries: asked.len(),
        mode: format!("{mode:?}").to_lowercase(),
        per_question,
    })
}

fn judgements(data: &RetrievalData) -> Result<HashMap<String, HashMap<String, f64>>, AnswerError> {
    let failure =
        |reason: String| AnswerError::EvalData { path: data.qrels.display().to_string(), reason };
    let text = std::fs::read_to_string(&data.qrels).map_err(|error| failure(error.to_string()))?;
    let mut judgements: HashMap<String, HashMap<String, f64>> = HashMap::new();
    for (number, line) in (1..).zip(text.lines()).skip(1) {
        let mut fields = line.split('\t');
        let (Some(query), Some(document), Some(grade)) =
            (fields.next(), fields.next(), fields.next())
        else {
            return Err(failure(format!("line {number} has fewer than three fields")));
        };
        let grade = grade
            .trim()
            .parse()
            .map_err(|_| failure(format!("line {number}: `{grade}` is not a grade")))?;
        judgements.entry(query.to_owned()).or_default().insert(document.to_owned(), grade);
    }
    Ok(judgements)
}

async fn rank(
    engine: &Engine,
    scope: &TenantScope,
    text: &str,
    mode: SearchMode,
    names: &HashMap<DocumentId, String>,
) -> Result<(Vec<String>, f64), AnswerError> {
    let mut query = SearchQuery::new(text);
    query.mode = mode;
    query.limit = PASSAGES;
    let outcome = engine.find(scope, &query, Deadline::after(BUDGET)).await?;
    let hits: Vec<FusedHit> = outcome
        .passages
        .iter()
        .map(|found| FusedHit {
            passage: found.passage.id,
            document: found.passage.document,
            score: found.score,
            keyword_score: found.keyword_score,
            vector_score: found.vector_score,
            keyword_part: 0.0,
            vector_part: 0.0,
            keyword_rank: None,
            vector_rank: None,
        })
        .collect();
    let mut seen = HashSet::new();
    let ranking = by_document(&hits)
        .into_iter()
        .filter_map(|hit| names.get(&hit.document).cloned())
        .filter(|name| seen.insert(name.clone()))
        .collect();
    Ok((ranking, outcome.took.as_secs_f64() * 1e3))
}

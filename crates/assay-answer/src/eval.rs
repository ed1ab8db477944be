//! The figures of search, verdicts, answers and parsing, measured through the functions that a
//! user's request takes.

use std::{
    io::BufRead,
    path::{Path, PathBuf},
    time::Duration,
};

use assay_core::{DocumentId, TenantScope};
use serde::de::DeserializeOwned;

use crate::{AnswerError, Engine, Upload};

mod answers;
mod compare;
mod gate;
mod metric;
mod parse;
mod planted;
mod questions;
mod retrieval;
mod run;
mod support;

pub use answers::{AnswerFigures, answers};
pub use compare::{Comparison, Measures, PerQuestion, compare, read_measures};
pub use gate::{Gate, GateOutcome, against_baseline, read_figures};
pub use parse::{ParseFigures, parse};
pub use planted::{Caught, Kind as ErrorKind, PlantedFigures, PlantedShare, planted};
pub use questions::{JudgedQuestion, read_questions};
pub use retrieval::{Latency, RetrievalData, RetrievalFigures, retrieval};
pub use run::{CitedQuote, DocumentName, QuestionFigures, QuestionResult, QuestionRun, Reply};
pub use support::{SupportFigures, support};

/// Uploads under way at the same time: enough to share the disk's flushes.
const UPLOADS: usize = 32;
/// Longest wait for one look at a job.
const JOB_WAIT: Duration = Duration::from_secs(10);

/// Told how far an evaluation is: what is being done, units done, units in all.
pub type Progress<'a> = &'a (dyn Fn(&str, usize, usize) + Sync);

/// A document of an evaluation corpus.
pub(crate) struct CorpusDocument {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) text: String,
}

/// Takes documents in as a user would and waits until they can be found; returns their ids in
/// order.
pub(crate) async fn ingest(
    engine: &Engine,
    scope: &TenantScope,
    documents: Vec<CorpusDocument>,
    progress: Progress<'_>,
) -> Result<Vec<DocumentId>, AnswerError> {
    use futures_util::{StreamExt, TryStreamExt};
    let total = documents.len();
    let done = std::sync::atomic::AtomicUsize::new(0);
    let ids = futures_util::stream::iter(documents.into_iter().map(|document| {
        let done = &done;
        async move {
            let upload = Upload {
                bytes: html(&document).into_bytes(),
                name: format!("{}.html", document.name),
                ..Upload::default()
            };
            let accepted = engine.receive(scope, upload).await?;
            if let Some(task) = accepted.task {
                let ended = |job: &Option<crate::Job>| {
                    job.as_ref().is_none_or(|job| job.record.state.is_finished())
                };
                while !ended(&engine.job(scope, task, JOB_WAIT).await?) {}
            }
            let done = done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
            progress("ingesting", done, total);
            Ok::<_, AnswerError>(accepted.document)
        }
    }))
    .buffered(UPLOADS)
    .try_collect()
    .await?;
    engine.settle(scope).await?;
    Ok(ids)
}

/// The document as a page: the one format whose escaping keeps every character of a text.
fn html(document: &CorpusDocument) -> String {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let (title, text) = (escape(&document.title), escape(&document.text));
    format!(
        "<!doctype html><html><head><meta charset=\"utf-8\"><title>{title}</title></head>\
         <body><h1>{title}</h1><p>{text}</p></body></html>"
    )
}

/// `file` below `data`, or below `data/{folder}` for callers who name the folder above.
pub(crate) fn find_file(data: &Path, folder: &str, file: &str) -> Result<PathBuf, AnswerError> {
    let places = [data.join(file), data.join(folder).join(file)];
    let found = places.into_iter().find(|place| place.is_file());
    found.ok_or_else(|| AnswerError::EvalData {
        path: data.join(file).display().to_string(),
        reason: "there is no such file".to_owned(),
    })
}

/// The lines of a JSON Lines file.
pub(crate) fn read_lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, AnswerError> {
    let failure =
        |reason: String| AnswerError::EvalData { path: path.display().to_string(), reason };
    let file = std::fs::File::open(path).map_err(|error| failure(error.to_string()))?;
    let mut items = Vec::new();
    for (number, line) in (1..).zip(std::io::BufReader::new(file).lines()) {
        let line = line.map_err(|error| failure(error.to_string()))?;
        if !line.trim().is_empty() {
            let item = serde_json::from_str(&line)
                .map_err(|error| failure(format!("line {number}: {error}")))?;
            items.push(item);
        }
    }
    Ok(items)
}

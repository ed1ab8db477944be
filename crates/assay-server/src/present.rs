//! From the types of the use case to the types of the wire.

use std::time::Duration;

use assay_answer::{Accepted, CheckedText, FoundPassage, LaneReport, LaneState, Outcome};
use assay_api::{
    CitationsRequest, CitationsResponse, Claim, DocumentProblem, DocumentResponse, LaneResult,
    Origin, Respelled, SearchResult, SourceCitation, UploadResponse,
};
use assay_core::{Clock, DocumentId, SystemClock, TextRange};

use crate::failure::Failure;

mod answer;
mod job;
mod search;
mod session;

pub(crate) use answer::{answer, chat_extension, piece};
pub(crate) use job::{JOB_STATES, job};
use search::explanation;
pub(crate) use search::{facet, search_settings, search_weights, tuning};
pub(crate) use session::{session, session_message};

use answer::claim;

/// The contract of `/citations/process`.
const CITATIONS_BUDGET: Duration = Duration::from_secs(2);

pub(crate) fn now() -> String {
    SystemClock.now().to_string()
}

pub(crate) fn unix_seconds() -> i64 {
    SystemClock.now_ms() / 1000
}

pub(crate) fn time(ms: i64) -> String {
    assay_core::timestamp(ms).to_string()
}

pub(crate) fn ms(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

pub(crate) fn document_id(text: &str) -> Result<DocumentId, Failure> {
    text.parse().map_err(|error: assay_core::InvalidId| Failure::bad_request(error.to_string()))
}

pub(crate) fn document_ids(texts: &[String]) -> Result<Vec<DocumentId>, Failure> {
    texts.iter().map(|text| document_id(text)).collect()
}

pub(crate) fn upload(accepted: &Accepted) -> UploadResponse {
    let outcome = match accepted.outcome {
        Outcome::New => "new",
        Outcome::Changed => "changed",
        Outcome::Unchanged => "unchanged",
    };
    UploadResponse {
        document_id: accepted.document.to_string(),
        version_id: accepted.version.to_string(),
        outcome: outcome.to_owned(),
        job_id: accepted.task.map(|task| task.to_string()),
    }
}

/// A document with the problems of its newest version, which a list leaves out.
pub(crate) fn document(
    summary: assay_answer::DocumentSummary,
    problems: Vec<assay_answer::ProblemRecord>,
    collection: String,
) -> DocumentResponse {
    let latest = summary.latest;
    DocumentResponse {
        id: summary.id.to_string(),
        collection,
        source: latest.source_key,
        name: latest.name,
        title: latest.title,
        version_id: latest.id.to_string(),
        state: latest.state.as_str().to_owned(),
        failure: latest.failure.map(|failure| failure.reason),
        problems: problems
            .into_iter()
            .map(|problem| DocumentProblem {
                code: problem.code,
                message: problem.message,
                page: problem.page,
            })
            .collect(),
        problem_count: u64::from(summary.problems),
        media_type: latest.media_type,
        size_bytes: latest.size,
        pages: latest.pages,
        passages: u64::from(summary.passages),
        received_at: time(latest.received_ms),
        parent: summary.parent.map(|parent| parent.to_string()),
        tags: summary.tags,
        metadata: summary.metadata,
        told: summary.told,
    }
}

pub(crate) fn lane(report: LaneReport) -> LaneResult {
    LaneResult {
        lane_name: report.name.to_owned(),
        status: report.state.as_str().to_owned(),
        found: report.found,
        error: report.error,
        duration_ms: ms(report.took),
        timeout_seconds: report.budget.as_secs_f64(),
        is_successful: report.state == LaneState::Completed,
        is_partial: report.state == LaneState::TimedOut && report.found > 0,
    }
}

pub(crate) fn in_time(report: &LaneReport) -> bool {
    report.state != LaneState::TimedOut
}

pub(crate) fn respelled(word: assay_answer::Respelling) -> Respelled {
    Respelled { asked: word.asked, taken: word.taken }
}

pub(crate) fn search_result(found: FoundPassage) -> SearchResult {
    let passage = found.passage;
    SearchResult {
        title: passage.title.unwrap_or(passage.name),
        url: passage.source_key,
        snippet: passage.text,
        provider: "assay".to_owned(),
        relevance: found.score,
        passage_id: passage.id.to_string(),
        document_id: passage.document.to_string(),
        version_id: passage.version.to_string(),
        page: passage.page,
        origin: passage.origin.map(origin),
        heading_path: passage.heading_path,
        start: passage.chars.0 as usize,
        end: passage.chars.1 as usize,
        keyword_score: found.keyword_score,
        vector_score: found.vector_score,
        joined: found.parts.iter().map(ToString::to_string).collect(),
        more: found.more.into_iter().map(search_result).collect(),
        explanation: found.explanation.map(|explained| Box::new(explanation(*explained))),
    }
}

fn origin(origin: assay_core::Origin) -> Origin {
    match origin {
        assay_core::Origin::Cells { sheet, range } => Origin::Cells { sheet, range },
        assay_core::Origin::Bytes { start, end } => Origin::Bytes { start, end },
        assay_core::Origin::Part { path } => Origin::Part { path },
    }
}

pub(crate) fn checked_text(request: CitationsRequest, checked: CheckedText) -> CitationsResponse {
    let claims: Vec<Claim> =
        checked.claims.iter().map(|found| claim(&request.text, found)).collect();
    let citations: Vec<SourceCitation> = checked
        .citations
        .iter()
        .filter_map(|citation| {
            let source = request.sources.get(citation.source)?;
            let text = source.content.as_ref().or(source.snippet.as_ref())?;
            let (start, end) = citation.range.in_chars(text);
            Some(SourceCitation {
                number: citation.number,
                marker: format!("[{}]", citation.number),
                claim_text: claims.get(citation.claim)?.text.clone(),
                source_index: citation.source,
                source_title: source.title.clone(),
                source_url: source.url.clone(),
                source_provider: source.provider.clone(),
                snippet: citation.range.of(text).to_owned(),
                passage_start: start,
                passage_end: end,
                verdict: citation.verdict.as_str().to_owned(),
                confidence: citation.confidence,
            })
        })
        .collect();
    let ranges: Vec<TextRange> = checked.claims.iter().map(|found| found.range).collect();
    CitationsResponse {
        cited_text: cited_text(&request.text, &ranges, &claims),
        bibliography: bibliography(&request, &citations),
        confidence_scores: claims.iter().map(|claim| claim.confidence).collect(),
        processing_time_ms: ms(checked.took),
        within_budget: checked.took <= CITATIONS_BUDGET,
        status: if checked.unchecked == 0 { "success" } else { "partial" }.to_owned(),
        text: request.text,
        claims,
        citations,
    }
}

/// The text with `[n]` after every claim that a source supports in whole or in part.
fn cited_text(text: &str, ranges: &[TextRange], claims: &[Claim]) -> String {
    let mut cited = String::with_capacity(text.len() + 32);
    let mut copied = 0;
    for (range, claim) in ranges.iter().zip(claims) {
        let end = range.end as usize;
        cited.push_str(text.get(copied..end).unwrap_or(""));
        copied = end;
        if matches!(claim.verdict.as_str(), "supported" | "partial") {
            for number in &claim.citations {
                cited.push_str(&format!(" [{number}]"));
            }
        }
    }
    cited.push_str(text.get(copied..).unwrap_or(""));
    cited
}

/// The sources that are cited, each once, in the order of their first citation.
fn bibliography(request: &CitationsRequest, citations: &[SourceCitation]) -> String {
    let mut seen = Vec::new();
    let mut lines = String::new();
    for citation in citations {
        if seen.contains(&citation.source_index) {
            continue;
        }
        seen.push(citation.source_index);
        let Some(source) = request.sources.get(citation.source_index) else { continue };
        let title = if source.title.is_empty() { "Untitled" } else { &source.title };
        let place =
            if source.url.is_empty() { String::new() } else { format!(" <{}>", source.url) };
        lines.push_str(&format!("- {title}{place}\n"));
    }
    lines
}

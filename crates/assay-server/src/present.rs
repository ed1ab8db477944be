//! From the types of the use case to the types of the wire.

use std::time::Duration;

use assay_answer::{Accepted, FoundPassage, LaneReport, LaneState, Outcome};
use assay_api::{
    DocumentProblem, DocumentResponse, LaneResult, Origin, Respelled, SearchResult, UploadResponse,
};
use assay_core::{Clock, DocumentId, SystemClock};

use crate::failure::Failure;

mod answer;
mod citations;
mod guard;
mod identity;
mod job;
mod money;
mod readiness;
mod reading;
mod search;
mod session;
mod task;
mod web;

pub(crate) use answer::{answer, chat_extension, piece};
pub(crate) use citations::{Wanted, checked_text};
pub(crate) use guard::notes;
pub(crate) use identity::{
    access_list, group, group_detail, invitation, key, member, minted_key, principal, tenant,
};
pub(crate) use job::{JOB_STATES, job};
pub(crate) use money::{alert, budget, cost_summary, recount, usage};
pub(crate) use readiness::{readiness, readiness_diff, readiness_run};
pub(crate) use reading::reading;
use search::explanation;
pub(crate) use search::{facet, search_settings, search_weights, tuning};
pub(crate) use session::{found_session, session, session_message};
pub(crate) use task::{schedule, task, task_detail, webhook};
pub(crate) use web::{answered, provider_metrics, web_text};

use answer::claim;

pub(crate) fn now() -> String {
    SystemClock.now().to_string()
}

pub(crate) fn unix_seconds() -> i64 {
    SystemClock.now_ms() / 1000
}

pub(crate) fn time(ms: i64) -> String {
    assay_core::timestamp(ms).to_string()
}

/// The moment that a text such as `2026-11-21T16:00:00Z` names, in milliseconds since 1970.
pub(crate) fn moment(text: &str) -> Result<i64, Failure> {
    assay_core::parse_timestamp_ms(text).ok_or_else(|| {
        let text: String = text.chars().take(64).collect();
        Failure::bad_request(format!("`{text}` is no time such as 2026-11-21T16:00:00Z"))
    })
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
    findings: Vec<assay_answer::FindingCount>,
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
        findings: findings.into_iter().map(guard::count).collect(),
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
        error: report.error.clone(),
        duration_ms: ms(report.took),
        timeout_seconds: report.budget.as_secs_f64(),
        is_successful: report.state == LaneState::Completed,
        is_partial: report.found > 0 && report.notice().is_some(),
        providers: report.providers.into_iter().map(web::provider_result).collect(),
    }
}

pub(crate) fn in_time(report: &LaneReport) -> bool {
    report.state != LaneState::TimedOut
}

pub(crate) fn respelled(word: assay_answer::Respelling) -> Respelled {
    Respelled { asked: word.asked, taken: word.taken }
}

pub(crate) fn search_result(found: FoundPassage) -> SearchResult {
    let (passage, web) = (found.passage, found.web.as_deref());
    let findings = guard::findings(&passage);
    SearchResult {
        title: passage.title.unwrap_or(passage.name),
        url: passage.source_key,
        snippet: passage.text,
        provider: web::provider(web),
        timestamp: web.and_then(|web| web.changed_ms).map(time),
        relevance: web.map_or(found.score, |web| web.relevance),
        credibility: web.map_or(1.0, |web| web.credibility),
        recency: web.map_or(1.0, |web| web.recency),
        diversity: web.map_or(1.0, |web| web.diversity),
        attribution: web.map(web::attribution),
        passage_id: passage.id.to_string(),
        document_id: passage.document.to_string(),
        version_id: passage.version.to_string(),
        page: passage.page,
        origin: passage.origin.map(origin),
        heading_path: passage.heading_path,
        findings,
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

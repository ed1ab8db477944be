//! Public pages on the wire.

use assay_answer::{ProviderReport, ProviderState, ProviderStatus, WebOrigin, WebText};
use assay_api::{Attribution, ProviderMetrics, ProviderResult, WebTextResponse};
use assay_core::BreakerState;

use super::{ms, time};

pub(super) fn attribution(origin: &WebOrigin) -> Attribution {
    Attribution {
        author: origin.author.clone(),
        licence: origin.licence.clone(),
        fetched_at: time(origin.fetched_ms),
    }
}

/// `assay` for a file.
pub(super) fn provider(origin: Option<&WebOrigin>) -> String {
    origin.map_or("assay", |origin| origin.provider.as_str()).to_owned()
}

pub(super) fn provider_result(report: ProviderReport) -> ProviderResult {
    ProviderResult {
        provider: report.name.as_str().to_owned(),
        status: report.state.as_str().to_owned(),
        found: report.found,
        cached: report.cached,
        error: report.error,
        duration_ms: ms(report.took),
    }
}

/// The public sources that answered, by name.
pub(crate) fn answered(reports: &[ProviderReport]) -> impl Iterator<Item = String> + '_ {
    let completed = |report: &&ProviderReport| report.state == ProviderState::Completed;
    reports.iter().filter(completed).map(|report| report.name.as_str().to_owned())
}

pub(crate) fn provider_metrics(status: &ProviderStatus) -> ProviderMetrics {
    let asked = status.completed + status.failed + status.timed_out;
    ProviderMetrics {
        success_count: status.completed,
        failure_count: status.failed,
        timeout_count: status.timed_out,
        skipped_count: status.skipped,
        cached_count: status.cached,
        success_rate: (asked > 0).then(|| status.completed as f64 / asked as f64),
        circuit_state: status.breaker.as_str().to_owned(),
        retry_after_s: match status.breaker {
            BreakerState::Open(left) => Some(left.as_secs_f64()),
            BreakerState::Closed | BreakerState::HalfOpen => None,
        },
        last_error: status.last_error.clone(),
    }
}

pub(crate) fn web_text(text: WebText) -> WebTextResponse {
    WebTextResponse {
        version_id: text.version.to_string(),
        document_id: text.document.to_string(),
        provider: text.provider,
        url: text.url,
        title: text.title,
        changed_at: text.changed_ms.map(time),
        attribution: Attribution {
            author: text.author,
            licence: text.licence,
            fetched_at: time(text.fetched_ms),
        },
        text: text.text,
    }
}

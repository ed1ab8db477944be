//! Background work: showing, watching, listing, cancelling and retrying it.

use std::time::Duration;

use assay_answer::JobListing;
use assay_api::{ErrorBody, JobListParams, JobListResponse, JobParams, JobResponse};
use axum::{
    Json,
    extract::{Path, Query, WebSocketUpgrade},
    http::{HeaderMap, header::ACCEPT},
    response::{IntoResponse, Response},
};

use super::{
    socket,
    states::{self, task_id},
};
use crate::{auth::Acting, failure::Failure, present};

/// Longest wait for a job to end.
const WAIT_MS_MAX: u64 = 30_000;
/// Jobs of a page when the caller does not say how many, and at most.
const LIMIT_DEFAULT: u32 = 100;
const LIMIT_MAX: u32 = 1_000;

/// Show a job; with `wait_ms`, wait for its end first.
///
/// With `Accept: text/event-stream` or `stream=true`, an event with the job is sent now and at each
/// change, at most five a second, until the job has ended.
#[utoipa::path(
    get, path = "/v1/jobs/{id}", tag = "jobs",
    params(("id" = String, Path, description = "the job"), JobParams),
    responses(
        (status = 200, description = "the job, or a stream of events that each hold it",
         content((JobResponse = "application/json"), (String = "text/event-stream"))),
        (status = 400, body = ErrorBody, description = "`wait_ms` out of range"),
        (status = 404, body = ErrorBody),
    )
)]
pub(super) async fn show(
    app: Acting,
    Path(id): Path<String>,
    Query(params): Query<JobParams>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let task = task_id("job", &id)?;
    let wait_ms = params.wait_ms.unwrap_or(0);
    if wait_ms > WAIT_MS_MAX {
        return Err(Failure::bad_request(format!("wait_ms {wait_ms} is over {WAIT_MS_MAX}")));
    }
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let is_stream = params.stream.unwrap_or_else(|| accept.contains("text/event-stream"));
    let wait = if is_stream { Duration::ZERO } else { Duration::from_millis(wait_ms) };
    let job = app.engine.job(&app.scope(), task, wait).await?;
    let job = job.ok_or_else(|| Failure::not_found("job", &id))?;
    if is_stream {
        return Ok(states::events(states::from_now(&app, task), present::job));
    }
    Ok(Json(present::job(job)).into_response())
}

/// Follow a job over WebSocket: a message with the job now and at each change, at most five a second,
/// until it has ended.
///
/// Close codes: 1000 after its end, 1001 when the server stops, 1003 after a message to the server, which
/// takes none, 1011 when the job cannot be read.
#[utoipa::path(
    get, path = "/v1/jobs/{id}/ws", tag = "jobs",
    params(("id" = String, Path, description = "the job")),
    responses(
        (status = 101, description = "messages that each hold the job, as `GET /v1/jobs/{id}` shows it"),
        (status = 400, body = ErrorBody, description = "the request does not ask for a WebSocket"),
        (status = 404, body = ErrorBody),
        (status = 429, body = ErrorBody, description = "256 of the tenant or 1,024 of all are open"),
    )
)]
pub(super) async fn follow(
    app: Acting,
    Path(id): Path<String>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Failure> {
    let states = states::of(&app, "job", &id).await?;
    socket::follow(&app, upgrade, states, present::job)
}

/// List jobs, those accepted last first.
#[utoipa::path(
    get, path = "/v1/jobs", tag = "jobs", params(JobListParams),
    responses(
        (status = 200, body = JobListResponse),
        (status = 400, body = ErrorBody, description = "unknown state, limit out of range, `after` is not an id"),
    )
)]
pub(super) async fn list(
    app: Acting,
    Query(params): Query<JobListParams>,
) -> Result<Json<JobListResponse>, Failure> {
    let limit = params.limit.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(Failure::bad_request(format!("limit {limit} is not 1 to {LIMIT_MAX}")));
    }
    let states = match &params.state {
        Some(word) => {
            let known = present::JOB_STATES.iter().find(|(known, _)| known == word);
            let (_, states) = known.ok_or_else(|| {
                Failure::bad_request(format!("there is no job state `{word}`"))
                    .hint("the states are queued, running, done, failed, cancelled")
            })?;
            states.to_vec()
        }
        None => Vec::new(),
    };
    let after = params.after.map(|after| {
        after.parse().map_err(|_| Failure::bad_request(format!("`{after}` is not the id of a job")))
    });
    let listing =
        JobListing { states, kind: params.kind, queue: None, after: after.transpose()?, limit };
    let jobs = app.engine.jobs(&app.scope(), listing).await?;
    let jobs: Vec<JobResponse> = jobs.into_iter().map(present::job).collect();
    let next = (jobs.len() == limit as usize).then(|| jobs.last().map(|job| job.id.clone()));
    Ok(Json(JobListResponse { jobs, next: next.flatten() }))
}

/// Cancel a job: at once when it waits or has failed, within seconds when it runs.
///
/// A document that was being taken in is then failed with the reason `cancelled`; what was
/// searchable before stays so.
#[utoipa::path(
    post, path = "/v1/jobs/{id}/cancel", tag = "jobs",
    params(("id" = String, Path, description = "the job")),
    responses(
        (status = 200, body = JobResponse),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "it is done"),
    )
)]
pub(super) async fn cancel(
    app: Acting,
    Path(id): Path<String>,
) -> Result<Json<JobResponse>, Failure> {
    let job = app.engine.cancel_job(&app.scope(), task_id("job", &id)?).await?;
    Ok(Json(present::job(job)))
}

/// Let a job that failed or was cancelled run again, from the step where it ended.
#[utoipa::path(
    post, path = "/v1/jobs/{id}/retry", tag = "jobs",
    params(("id" = String, Path, description = "the job")),
    responses(
        (status = 200, body = JobResponse),
        (status = 404, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "it waits, runs or is done, or a newer version replaced its document's"),
    )
)]
pub(super) async fn retry(
    app: Acting,
    Path(id): Path<String>,
) -> Result<Json<JobResponse>, Failure> {
    let job = app.engine.retry_job(&app.scope(), task_id("job", &id)?).await?;
    Ok(Json(present::job(job)))
}

//! `GET /v1/jobs/{id}`: the state of background work.

use std::time::Duration;

use assay_api::{ErrorBody, JobParams, JobResponse};
use axum::{
    Json,
    extract::{Path, Query, State},
};

use crate::{App, failure::Failure, present};

/// Longest wait for a job to end.
const WAIT_MS_MAX: u64 = 30_000;

/// Show a job; with `wait_ms`, wait for its end first.
#[utoipa::path(
    get, path = "/v1/jobs/{id}", tag = "documents",
    params(("id" = String, Path, description = "the job"), JobParams),
    responses(
        (status = 200, body = JobResponse),
        (status = 400, body = ErrorBody, description = "`wait_ms` out of range"),
        (status = 404, body = ErrorBody),
    )
)]
pub(super) async fn show(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(params): Query<JobParams>,
) -> Result<Json<JobResponse>, Failure> {
    let task = id.parse().map_err(|_| Failure::not_found("job", &id))?;
    let wait_ms = params.wait_ms.unwrap_or(0);
    if wait_ms > WAIT_MS_MAX {
        return Err(Failure::bad_request(format!("wait_ms {wait_ms} is over {WAIT_MS_MAX}")));
    }
    let job = app.engine.job(&app.scope(), task, Duration::from_millis(wait_ms)).await?;
    let job = job.ok_or_else(|| Failure::not_found("job", &id))?;
    Ok(Json(present::job(job)))
}
